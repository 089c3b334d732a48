"""The maps of support and of the agreement: what each theme shows, from one reading of the figures.

Page, map, table, CSV and GeoJSON of a theme are parts of one view made here.
"""
