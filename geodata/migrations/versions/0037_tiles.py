"""Shapes in web mercator beside those in lon/lat, for vector tiles."""

from __future__ import annotations

from geodata.migrations.run_sql import run_statement
from kyodo_geo.crs import WEB_MERCATOR

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


SHAPES = {
    "outline": "MultiPolygon",
    "small_area": "MultiPolygon",
    "district_area": "MultiPolygon",
    "association_area": "MultiPolygon",
    "facility_site": "Point",
    "town": "Point",
    "area_layer": "Geometry",
    "hall": "Point",
}
SAMPLES = {
    "small_area": "hashtextextended(key_code, 0) & 31 = 0",
    "association_area": "hashtextextended(association_id, 0) & 31 = 0",
    "town": "hashtextextended(town_id, 0) & 31 = 0",
    "area_layer": "area_no & 31 = 0",
}
COMMENT = "geom in web mercator, computed by the database; for tiles"


def upgrade() -> None:
    for table, kind in SHAPES.items():
        # A shape outside the box is refused by a constraint, which speaks after this: it must not fail before.
        run_statement(
            f"""
            ALTER TABLE kyodo.{table} ADD COLUMN geom_mercator public.geometry({kind}, {WEB_MERCATOR})
                GENERATED ALWAYS AS (CASE WHEN public.ST_XMin(geom) >= 122 AND public.ST_YMin(geom) >= 20
                    AND public.ST_XMax(geom) <= 154.5 AND public.ST_YMax(geom) <= 46
                    THEN public.ST_Transform(geom, {WEB_MERCATOR}) END) STORED;
            CREATE INDEX ix_{table}_tile ON kyodo.{table} USING gist (dataset_id, geom_mercator);
            COMMENT ON COLUMN kyodo.{table}.geom_mercator IS '{COMMENT}'
            """
        )
    for table, condition in SAMPLES.items():
        run_statement(
            f"CREATE INDEX ix_{table}_tile_sample ON kyodo.{table} USING gist (dataset_id, geom_mercator) "
            f"WHERE {condition}"
        )


def downgrade() -> None:
    for table in SHAPES:
        run_statement(f"ALTER TABLE kyodo.{table} DROP COLUMN geom_mercator")
