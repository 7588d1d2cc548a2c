"""The guard: one process in front of every engine and browser, through which everything leaves for a tier.

It knows the allowed servers by name and by the address it looked up once, asks rules/guarding.py about every
request, keeps rate and concurrency over all tools together, marks what it lets through, and holds the tier's
credentials, so that engines never do. It ends all traffic when it is told to, when the stop file appears, when the
tier's window closes, or when the harness has not been heard of for three seconds.
"""
