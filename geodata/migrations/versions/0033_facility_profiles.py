"""Land, catchment, fee and evaluation of facilities; files of records uploaded in the browser."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0033_facility_profiles.sql")


def downgrade() -> None:
    run_statement("DROP FUNCTION kyodo.end_record_upload(text, text, integer)")
    run_statement(
        "DELETE FROM kyodo.dataset_upload WHERE target = 'records';"
        "ALTER TABLE kyodo.dataset_upload DROP CONSTRAINT ck_dataset_upload_done_has_datasets, DROP COLUMN target,"
        " ADD CONSTRAINT ck_dataset_upload_done_has_datasets"
        " CHECK ((state = 'done') = (cardinality(dataset_ids) > 0));"
        "COMMENT ON COLUMN kyodo.dataset_upload.kind IS 'Kind of dataset the files are to be read as'"
    )
    run_statement(
        "DROP TABLE kyodo.facility_profile;"
        "ALTER TABLE kyodo.facility_stage DROP COLUMN evaluation;"
        "ALTER TABLE kyodo.facility_year DROP COLUMN fee_yen"
    )
