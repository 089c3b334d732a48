"""Conformance tests after the abstract test suites (Annex A) of the OGC standards; `make conformance` writes docs/CONFORMANCE.md."""
