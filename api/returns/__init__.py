"""Pages of the yearly return: the association's own form, and what staff do with the returns."""
