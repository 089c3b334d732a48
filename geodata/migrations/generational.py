"""What the migrations of the facility kinds (0030, 0035) do alike. They have run: this stays as it is."""

from __future__ import annotations

from geodata.migrations.run_sql import run_statement
from kyodo_geo.crs import WGS84


def add_geometry(table: str, kind: str, comment: str) -> None:
    """A checked and indexed column `geom`. Here, because numbers of coordinate systems stand in kyodo_geo/crs.py alone."""
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


def keep_activated(table: str) -> None:
    """Rows of a dataset that a generation names are refused any change."""
    for change, side in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        run_statement(
            f"CREATE TRIGGER activated_{change.lower()}_{side.lower()} AFTER {change} ON kyodo.{table} "
            f"REFERENCING {side} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_activated()"
        )
