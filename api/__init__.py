"""Delivery: HTTP routes, command line, settings, page layouts."""
