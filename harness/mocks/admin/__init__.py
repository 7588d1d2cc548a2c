"""WireMock's admin API over one mock: pure, so that whoever serves the mock only carries requests to it."""
