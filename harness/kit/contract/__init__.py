"""Asking a system whether it keeps its contract, with Schemathesis as a library in a process of its own.

Its command line gives whole bodies of everything or a summary without statuses per
operation, and leaves nothing where it is killed. Here every scenario becomes one short
line as soon as it ends: which operation answered what, and what each failure was about.
"""
