"""Rounds of the inquiry about the plan's progress, as the audience `STAFF`."""
