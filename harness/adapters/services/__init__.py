"""Services underneath a tier, brought up for one run and taken away again: containers, local programs, or somebody's.

A service stands when it lets us in by its own protocol, not when a port is open. The only package that may import
testcontainers; nothing here is imported before a tier names a service.
"""
