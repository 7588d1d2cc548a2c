"""The network side of mocks: an HTTP/1.1 server for one engine, its journal, and reading a mock from disk."""
