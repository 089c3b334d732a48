"""The plan's progress: one reading of it (`report`), its tables (`tables`), and those as files and on paper."""
