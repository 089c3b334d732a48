"""Pages of the centres' work: events, counts of consultations, associations at risk."""
