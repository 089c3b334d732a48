"""Scenarios: sets of actions by year on the city's facilities, and what they do to cost, capacity and reach.

Pure functions on what `kyodo_geo.assets` and `kyodo_geo.reach` give; begin with `effects.py`. docs/SCENARIOS.md has the
choices made. Nothing is imported here: `actions` needs no numpy.
"""
