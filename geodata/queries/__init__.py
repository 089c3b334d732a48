"""Reads, straight to SQL: each function takes a connection and a `Ref` and returns plain rows."""
