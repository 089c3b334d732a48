"""Vacant houses for readers who are not the staff that works on them: listed ones, and those that name the reader."""
