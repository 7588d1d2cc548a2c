"""The worker of a walkthrough: pytest drives the demonstration, a person somewhere else watches and says when.

It knows no browser of the person's and no network: it speaks to the walkthrough server through one socket file.
Frames go out, words of command come in; whatever the person should not see is covered before a frame is made.
"""
