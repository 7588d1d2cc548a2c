"""The walkthrough server: workers on one side by a socket file, a person's browser on the other by 127.0.0.1.

`WalkServer` opens a session for each demonstration job and gives a link to it that works once. A portal embeds a
session by that link; whoever has none sees nothing.
"""
