"""The database, version by version. A released step is never edited."""
