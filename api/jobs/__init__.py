"""Background jobs: kept in PostgreSQL (procrastinate), run by `kyodo-geo worker`."""
