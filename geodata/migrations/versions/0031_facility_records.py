"""How facilities are used, and the state of their buildings."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


TABLES = (
    "facility_stage", "building_work", "building_inspection", "room_year", "facility_shelter", "facility_group",
    "facility_closure", "facility_opening",
)  # fmt: skip
COLUMNS = {
    "building": [
        "ledger_no",
        "use_class",
        "extendable",
        "acquired_on",
        "acquired_yen",
        "useful_life",
        "depreciated_yen",
    ],
    "facility_year": ["income_yen", "upkeep_yen", "energy_yen", "staff_yen", "open_days"],
}


def upgrade() -> None:
    run_sql("0031_facility_records.sql")


def downgrade() -> None:
    run_statement(f"DROP TABLE {', '.join(f'kyodo.{table}' for table in TABLES)}")
    for table, columns in COLUMNS.items():
        run_statement(f"ALTER TABLE kyodo.{table} {', '.join(f'DROP COLUMN {column}' for column in columns)}")
