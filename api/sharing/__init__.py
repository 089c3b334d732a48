"""Pages, photos and feeds of activity cases, handbooks and subsidies of others."""
