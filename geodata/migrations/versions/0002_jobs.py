"""Tables of the job queue (procrastinate), in a schema of their own."""

from __future__ import annotations

from procrastinate.schema import SchemaManager

from geodata.migrations.run_sql import run_statement

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The queue's own definition, from the pinned version of the library; it names no schema itself.
    run_statement("CREATE SCHEMA kyodo_jobs; SET LOCAL search_path = kyodo_jobs, public")
    run_statement(SchemaManager.get_schema())
    run_statement(
        "SET LOCAL search_path = public;"
        "REVOKE ALL ON SCHEMA kyodo_jobs FROM PUBLIC;"
        "GRANT USAGE ON SCHEMA kyodo_jobs TO kyodo_loader, kyodo_auth;"
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA kyodo_jobs TO kyodo_loader, kyodo_auth;"
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA kyodo_jobs TO kyodo_loader, kyodo_auth;"
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA kyodo_jobs TO kyodo_loader, kyodo_auth"
    )


def downgrade() -> None:
    run_statement("DROP SCHEMA kyodo_jobs CASCADE")
