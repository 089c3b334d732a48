"""Roads for cars, bus lines with their stops and departures."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement
from kyodo_geo.crs import WGS84

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
    # Here, because numbers of coordinate systems stand in kyodo_geo/crs.py alone.
    for table, (kind, comment) in SHAPES.items():
        run_statement(
            f"""
            ALTER TABLE kyodo.{table}
                ADD COLUMN geom public.geometry({kind}, {WGS84}) NOT NULL,
                ADD CONSTRAINT ck_{table}_geom_valid CHECK (geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)
                    AND ST_XMin(geom) >= 122 AND ST_YMin(geom) >= 20 AND ST_XMax(geom) <= 154.5
                    AND ST_YMax(geom) <= 46));
            CREATE INDEX ix_{table}_geom ON kyodo.{table} USING gist (geom);
            COMMENT ON COLUMN kyodo.{table}.geom IS '{comment}'
            """
        )
    for table in TABLES:
        for change, side in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            run_statement(
                f"CREATE TRIGGER activated_{change.lower()}_{side.lower()} AFTER {change} ON kyodo.{table} "
                f"REFERENCING {side} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_activated()"
            )


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.bus_call, kyodo.drive_edge")
