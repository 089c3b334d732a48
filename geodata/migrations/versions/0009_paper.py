"""For paper: optional layers (school districts, waste, shelters, floods), and what associations publish of themselves."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement
from kyodo_geo.crs import WGS84

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0009_paper.sql")
    # Here, because numbers of coordinate systems stand in kyodo_geo/crs.py alone.
    run_statement(
        f"""
        ALTER TABLE kyodo.area_layer
            ADD COLUMN geom public.geometry(Geometry, {WGS84}) NOT NULL,
            ADD CONSTRAINT ck_area_layer_geom_valid CHECK (geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)
                AND ST_XMin(geom) >= 122 AND ST_YMin(geom) >= 20 AND ST_XMax(geom) <= 154.5 AND ST_YMax(geom) <= 46)),
            ADD CONSTRAINT ck_area_layer_geom_kind CHECK (GeometryType(geom) IN ('MULTIPOLYGON', 'POINT')),
            ALTER COLUMN name TYPE text COLLATE "ja-x-icu";
        CREATE INDEX ix_area_layer_geom ON kyodo.area_layer USING gist (geom);
        COMMENT ON COLUMN kyodo.area_layer.geom IS 'Area (MultiPolygon) or place (Point), lon/lat'
        """
    )
    for table in ("area_layer", "association_profile"):
        for change, side in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            run_statement(
                f"CREATE TRIGGER activated_{change.lower()}_{side.lower()} AFTER {change} ON kyodo.{table} "
                f"REFERENCING {side} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_activated()"
            )


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.association_profile, kyodo.area_layer")
