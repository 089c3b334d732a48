"""Features of the OGC API: one source of rows per collection, one way to ask for them."""
