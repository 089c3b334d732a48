"""Whoever reads may know which schema stands: `/readyz` compares it with the program's."""

from __future__ import annotations

from geodata.migrations.run_sql import run_statement

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statement("GRANT SELECT ON kyodo_schema_version TO kyodo_public")


def downgrade() -> None:
    run_statement("REVOKE SELECT ON kyodo_schema_version FROM kyodo_public")
