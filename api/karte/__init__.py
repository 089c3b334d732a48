"""Sections of a 施設カルテ, by what they tell of: place and buildings, use, outlook, and what staff see besides."""
