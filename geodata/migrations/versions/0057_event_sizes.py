"""Small numbers of participants of an event, and of an initiative's year, are withheld from the public role itself."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0057_event_sizes.sql")


def downgrade() -> None:
    run_sql("0057_event_sizes_down.sql")
