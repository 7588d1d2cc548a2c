"""A tiny payment provider that the order hub takes money through."""
