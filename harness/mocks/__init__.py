"""Answering for who is absent: compile a contract and stub mappings once, then answer requests from plain values.

Nothing here acts: no clock, no socket, no randomness. The network server and the in-process transports
both ask the same `Mock`.
"""
