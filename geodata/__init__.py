"""PostGIS and files: schema, migrations, queries, readers, generations. All SQL lives here."""
