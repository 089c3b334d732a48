"""Conformance tests after the abstract test suites (Annex A) of the OGC standards.

`make conformance` runs them and writes docs/CONFORMANCE.md.
"""
