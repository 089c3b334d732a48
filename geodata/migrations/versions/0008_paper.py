"""For paper: optional layers (school districts, waste, shelters, floods), and what associations publish of themselves."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement
from kyodo_geo.crs import WGS84

revision = "0008"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0008_paper.sql")
    # Here, because numbers of coordinate systems stand in kyodo_geo/crs.py alone.
    run_statement(
        f"""
        ALTER TABLE kyodo.area_layer
            ADD COLUMN geom public.geometry(Geometry, {WGS84}) NOT NULL,
            ADD CONSTRAINT ck_area_layer_geom_valid CHECK (geom IS NULL OR public.ST_IsValid(geom)),
            ADD CONSTRAINT ck_area_layer_geom_kind CHECK (public.GeometryType(geom) IN ('MULTIPOLYGON', 'POINT'));
        CREATE INDEX ix_area_layer_geom ON kyodo.area_layer USING gist (geom);
        COMMENT ON COLUMN kyodo.area_layer.geom IS 'Area (MultiPolygon) or place (Point), lon/lat'
        """
    )


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.association_profile, kyodo.area_layer")
