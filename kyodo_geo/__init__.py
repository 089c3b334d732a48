"""The city's rules as plain Python: no database, no HTTP, no HTML (see docs/ARCHITECTURE.md)."""

__version__ = "0.1.0"
