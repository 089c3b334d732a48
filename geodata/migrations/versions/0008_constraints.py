"""Constraints that hold what they promise."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GEOMETRIES = [
    "kyodo.association_area",
    "kyodo.block",
    "kyodo.body",
    "kyodo.district_area",
    "kyodo.facility_site",
    "kyodo.hall",
    "kyodo.lot",
    "kyodo.outline",
    "kyodo.small_area",
    "kyodo.town",
    "kyodo_vacant.vacant_house",
]
FIGURES = {
    "kyodo.area_figure": ["value"],
    "kyodo.block": ["accuracy_m"],
    "kyodo.building": ["floor_area_m2"],
    "kyodo.facility_building": ["floor_area_m2"],
    "kyodo.hall": ["floor_area_m2"],
    "kyodo.indicator": ["baseline", "target"],
    "kyodo.indicator_value": ["value", "low", "high"],
    "kyodo.lot": ["accuracy_m"],
    "kyodo.room": ["area_m2"],
    "kyodo.small_area": ["area_m2"],
    "kyodo.town": ["accuracy_m"],
    "kyodo_vacant.vacant_house": ["floor_area_m2", "largest_room_m2"],
}
GENERATIONAL = [
    *(table for table in GEOMETRIES if table != "kyodo.body"),
    "kyodo.address_rule",
    "kyodo.association_district",
    "kyodo.district_assignment",
    "kyodo.membership",
    "kyodo.register_population",
]
TRIGGERS = [("INSERT", "NEW"), ("UPDATE", "OLD"), ("UPDATE", "NEW"), ("DELETE", "OLD")]
JAPANESE_ORDER = {
    "association_area": ["name", "kana"],
    "body": ["name"],
    "district_area": ["name", "kana"],
    "facility_site": ["name", "kana"],
    "hall": ["name"],
    "named_building": ["name"],
    "outline": ["name"],
    "small_area": ["name"],
    "town": ["name", "koaza", "oaza", "kana"],
}
FORMERLY = "geom IS NULL OR ST_IsValid(geom)"
IN_JAPAN = (
    "geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_XMin(geom) >= 122 AND ST_YMin(geom) >= 20 "
    "AND ST_XMax(geom) <= 154.5 AND ST_YMax(geom) <= 46)"
)


def upgrade() -> None:
    run_sql("0008_officers.sql")
    _geometry(IN_JAPAN)
    for table, columns in FIGURES.items():
        for column in columns:
            run_statement(
                f"ALTER TABLE {table} ADD CONSTRAINT ck_{table.partition('.')[2]}_{column}_finite "
                f"CHECK ({column} > '-Infinity' AND {column} < 'Infinity')"
            )
    run_statement(
        "COMMENT ON COLUMN kyodo.area_figure.unit IS 'Unit; a rate is a share of one';"
        "ALTER TABLE kyodo.area_figure ADD CONSTRAINT ck_area_figure_rate_range "
        "CHECK (unit <> 'rate' OR value BETWEEN 0 AND 1)"
    )
    _collate("ja-x-icu")
    run_sql("0008_former_names.sql")
    run_sql("0008_immutable.sql")
    for table in GENERATIONAL:
        for change, side in TRIGGERS:
            run_statement(
                f"CREATE TRIGGER activated_{change.lower()}_{side.lower()} AFTER {change} ON {table} "
                f"REFERENCING {side} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_activated()"
            )


def _collate(collation: str) -> None:
    for table, columns in JAPANESE_ORDER.items():
        changes = ", ".join(f'ALTER COLUMN {column} TYPE text COLLATE "{collation}"' for column in columns)
        run_statement(f"ALTER TABLE kyodo.{table} {changes}")


def _geometry(check: str) -> None:
    for table in GEOMETRIES:
        name = f"ck_{table.partition('.')[2]}_geom_valid"
        run_statement(f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} CHECK ({check})")


def downgrade() -> None:
    for table in GENERATIONAL:
        for change, side in TRIGGERS:
            run_statement(f"DROP TRIGGER activated_{change.lower()}_{side.lower()} ON {table}")
    run_statement("DROP INDEX kyodo.ix_generation_dataset_dataset; DROP FUNCTION kyodo.refuse_activated()")
    run_statement("ALTER TABLE kyodo.town DROP COLUMN former_names")
    _collate("default")
    run_statement(
        "COMMENT ON COLUMN kyodo.area_figure.unit IS 'Unit';"
        "ALTER TABLE kyodo.area_figure DROP CONSTRAINT ck_area_figure_rate_range"
    )
    for table, columns in FIGURES.items():
        for column in columns:
            run_statement(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table.partition('.')[2]}_{column}_finite")
    _geometry(FORMERLY)
    run_sql("0008_officers_down.sql")
