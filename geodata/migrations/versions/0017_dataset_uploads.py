"""Files that staff upload in the browser to become datasets."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0017_dataset_uploads.sql")


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.dataset_upload_piece, kyodo.dataset_upload")
