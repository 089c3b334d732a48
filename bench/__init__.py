"""Measurements, run by hand (`make bench-…`), never by the tests: times depend on the machine."""
