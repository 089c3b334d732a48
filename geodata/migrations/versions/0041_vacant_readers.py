"""Vacant houses for those who may read them beside the staff: the listed ones for everybody, the consented for whom the
owner named; and when that ends.
"""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0041_vacant_readers.sql")


def downgrade() -> None:
    run_statement(
        "REVOKE SELECT ON kyodo.association FROM kyodo_auth;"
        "DROP FUNCTION kyodo.consented_houses(text, bytea);"
        "DROP FUNCTION kyodo.listed_houses(text);"
        "DROP FUNCTION kyodo_vacant.ended(text, text, text, date);"
        "DROP TABLE kyodo_vacant.disclosure_end"
    )
