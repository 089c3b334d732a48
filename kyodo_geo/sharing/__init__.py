"""What neighbourhoods learn from each other: activity cases, handbooks, subsidies of others (取組6, 8, 22, 23, 25)."""
