"""Numbers to map + legend + table: folium builders, palettes, legends, escaping."""
