"""`make soak`: a service of its own under mixed traffic for minutes, with an import and an analysis in between.

What must hold: no answer of 500 or above, flat memory of every process after the warm-up, and lookups that stay quick
while files are imported and a siting is solved. Writes docs/SOAK.md.
"""
