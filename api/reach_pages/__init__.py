"""Pages of reach: the list of facilities, gaps, closing. Made of arrays that a job keeps ready (`geodata.reach_arrays`)."""
