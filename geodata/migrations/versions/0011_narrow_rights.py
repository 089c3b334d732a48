"""Homes and rooms stay out of the register; partners write no more than their forms hold; scopes of keys hold."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0011_names.sql")
    run_sql("0011_partner_rights.sql")


def downgrade() -> None:
    run_sql("0011_down.sql")
