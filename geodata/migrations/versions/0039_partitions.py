"""Tables that grow with the country are kept in partitions by municipality; outlines can be searched by a point."""

from __future__ import annotations

from geodata.migrations.partitioning import partition, unite
from geodata.migrations.run_sql import run_statement

revision = "0039"
down_revision = "0037"
branch_labels = None
depends_on = None

NUMBER = 8
TABLES = (
    "kyodo.association_area",
    "kyodo.address_rule",
    "kyodo.association_district",
    "kyodo.membership",
    "kyodo.town",
    "kyodo.block",
    "kyodo.lot",
    "kyodo.small_area",
    "kyodo.facility_site",
    "kyodo.age_population",
    "kyodo.mesh_cell",
    "kyodo.area_layer",
    "kyodo.network_edge",
    "kyodo.drive_edge",
)


def upgrade() -> None:
    run_statement(
        """
        -- Guards of a table hold for what names the table; a partition named directly would pass them by.
        CREATE FUNCTION kyodo.refuse_partition() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is a partition: write to the table it belongs to', TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege';
        END $$;
        REVOKE ALL ON FUNCTION kyodo.refuse_partition() FROM PUBLIC;
        CREATE INDEX ix_outline_geom ON kyodo.outline USING gist (geom);
        """
    )
    for table in TABLES:
        partition(table, NUMBER)


def downgrade() -> None:
    for table in TABLES:
        unite(table)
    run_statement("DROP FUNCTION kyodo.refuse_partition(); DROP INDEX kyodo.ix_outline_geom")
