"""Pages of siting: the form of the question, the runs, and what a run's kept result says in tables, maps and files."""
