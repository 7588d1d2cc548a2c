"""Pairs of contracts, one change each, and what is said of it."""
