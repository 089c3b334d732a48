"""Roads for cars, bus lines with their stops and departures."""

from __future__ import annotations

from geodata.migrations.generational import add_geometry, keep_activated
from geodata.migrations.run_sql import run_sql, run_statement

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


SHAPES = {
    "drive_edge": ("LineString", "Geometry, lon/lat"),
    "bus_call": ("Point", "Geometry, lon/lat"),
}
TABLES = ("drive_edge", "bus_call")


def upgrade() -> None:
    run_sql("0035_modes.sql")
    for table, (kind, comment) in SHAPES.items():
        add_geometry(table, kind, comment)
    for table in TABLES:
        keep_activated(table)


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.bus_call, kyodo.drive_edge")
