"""The yearly return of the associations (年度更新), and the copies of circulars each of them gets."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0049_returns.sql")


def downgrade() -> None:
    run_statement(
        "DROP TABLE kyodo.circulation, kyodo.return_note, kyodo.return_feed, kyodo.return_code, kyodo.return_reminder, "
        "kyodo.association_return, kyodo.return_round"
    )
