"""The yearly inquiry about the plan's progress: pages, sheets, letters."""
