"""Vacant houses as neighbourhood halls, for the staff whose work needs them: page, files, map, the sheet of a house."""
