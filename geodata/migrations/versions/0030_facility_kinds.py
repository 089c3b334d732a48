"""Walking network, people by age, mesh cells; the day of 建築確認 of halls."""

from __future__ import annotations

from geodata.migrations.generational import add_geometry, keep_activated
from geodata.migrations.run_sql import run_sql, run_statement

revision = "0030"
down_revision = "0021"
branch_labels = None
depends_on = None


SHAPES = {
    "network_edge": ("LineString", "Geometry, lon/lat"),
    "mesh_cell": ("Polygon", "Grid square, lon/lat"),
}
TABLES = ("network_edge", "age_population", "mesh_cell")


def upgrade() -> None:
    run_sql("0030_facility_kinds.sql")
    for table, (kind, comment) in SHAPES.items():
        add_geometry(table, kind, comment)
    for table in TABLES:
        keep_activated(table)


def downgrade() -> None:
    run_statement(
        "DROP TABLE kyodo.mesh_cell, kyodo.age_population, kyodo.network_edge;"
        "ALTER TABLE kyodo.hall DROP COLUMN confirmed_on"
    )
