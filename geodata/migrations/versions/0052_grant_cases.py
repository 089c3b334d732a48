"""Cases of grants (取組9–12) with their steps and budgets, for staff."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement
from kyodo_geo.crs import WGS84

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0052_grant_cases.sql")
    # Here, because numbers of coordinate systems stand in kyodo_geo/crs.py alone.
    run_statement(
        f"""
        ALTER TABLE kyodo.grant_case
            ADD COLUMN geom public.geometry(Point, {WGS84}),
            ADD CONSTRAINT ck_grant_case_geom_valid CHECK (geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)
                AND ST_XMin(geom) >= 122 AND ST_YMin(geom) >= 20 AND ST_XMax(geom) <= 154.5 AND ST_YMax(geom) <= 46));
        COMMENT ON COLUMN kyodo.grant_case.geom IS 'Place of the hall, lon/lat; NULL: that of the hall'
        """
    )


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.grant_budget, kyodo.grant_step, kyodo.grant_case")
