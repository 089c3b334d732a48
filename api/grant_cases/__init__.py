"""Pages, files and papers of the cases of grants (取組9–12), for staff."""
