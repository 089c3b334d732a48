"""The first schema: tables, revision and audit triggers, audience roles and their rights."""

from __future__ import annotations

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geodata.migrations.run_sql import run_sql, run_statement
from geodata.roles import ensure_roles

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# Writes to these show on pages: they bump the municipality's revision, once per transaction, at commit. Rows of
# datasets are left out: they show only through a generation.
VISIBLE = [
    "dataset",
    "generation",
    "generation_dataset",
    "association_contact",
    "named_building",
    "building",
    "facility_building",
    "room",
    "facility_year",
    "plan",
    "initiative",
    "initiative_year",
    "indicator",
    "indicator_value",
    "district_plan",
    "project",
    "area_figure",
    "body",
    "officer",
    "district_request",
    "partner",
    "partner_office",
    "referral",
]


def upgrade() -> None:
    run_statement("CREATE SCHEMA kyodo; CREATE SCHEMA kyodo_vacant")
    ensure_roles(op.get_bind())
    _tables()
    run_sql("0001_functions.sql")
    for table in VISIBLE:
        run_statement(
            f"CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.{table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision()"
        )
    run_statement(
        "CREATE CONSTRAINT TRIGGER touch_revision AFTER UPDATE OF name, pref_name, contact_department, "
        "contact_phone, contact_email, suppress_below_households ON kyodo.municipality "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();"
        "CREATE TRIGGER tell_key_change AFTER INSERT OR UPDATE OR DELETE ON kyodo.partner_key "
        "FOR EACH ROW EXECUTE FUNCTION kyodo.tell_key_change();"
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kyodo.audit "
        "FOR EACH ROW EXECUTE FUNCTION kyodo.refuse_change();"
        "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON kyodo.audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_change()"
    )
    run_sql("0001_rights.sql")


def downgrade() -> None:
    # Roles stay: other databases of the server may use them.
    run_statement("DROP SCHEMA kyodo_vacant CASCADE; DROP SCHEMA kyodo CASCADE")


def _tables() -> None:
    op.create_table(
        "municipality",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name, e.g. 盛岡市"),
        sa.Column("pref_name", sa.Text(), nullable=False, comment="Prefecture, e.g. 岩手県"),
        sa.Column(
            "plane_epsg",
            sa.Integer(),
            nullable=False,
            comment="Plane rectangular zone in which lengths and areas are measured",
        ),
        sa.Column("contact_department", sa.Text(), nullable=True, comment="Whom people may ask"),
        sa.Column("contact_phone", sa.Text(), nullable=True, comment="Its telephone"),
        sa.Column("contact_email", sa.Text(), nullable=True, comment="Its e-mail"),
        sa.Column(
            "suppress_below_households",
            sa.Integer(),
            server_default=sa.text("10"),
            nullable=False,
            comment="Rates of groups with fewer households are not shown to the public",
        ),
        sa.Column(
            "revision",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Counter bumped in the transaction of every visible write; part of every cache key",
        ),
        sa.CheckConstraint("municipality_code ~ '^[0-9]{5}$'", name=op.f("ck_municipality_code_form")),
        sa.CheckConstraint("suppress_below_households >= 0", name=op.f("ck_municipality_suppress_range")),
        sa.PrimaryKeyConstraint("municipality_code", name=op.f("pk_municipality")),
        schema="kyodo",
        comment="Municipalities served from this database",
    )
    op.create_table(
        "app_user",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "user_id", sa.Integer(), sa.Identity(always=False), nullable=False, comment="Number of the user"
        ),
        sa.Column("login", sa.Text(), nullable=False, comment="Sign-in name"),
        sa.Column("display_name", sa.Text(), nullable=False, comment="Name shown to colleagues"),
        sa.Column(
            "password_hash",
            sa.Text(),
            nullable=True,
            comment="argon2id; NULL until a password is set through a one-time link",
        ),
        sa.Column(
            "active", sa.Boolean(), server_default=sa.text("true"), nullable=False, comment="May sign in"
        ),
        sa.Column(
            "failed_attempts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Failed sign-ins since the last good one",
        ),
        sa.Column(
            "locked_until", sa.DateTime(timezone=True), nullable=True, comment="No sign-in before this time"
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When created",
        ),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True, comment="Last sign-in"),
        sa.CheckConstraint("login ~ '^[0-9A-Za-z._@+-]{1,80}$'", name=op.f("ck_app_user_login_form")),
        sa.CheckConstraint(
            "starts_with(password_hash, '$argon2id$')", name=op.f("ck_app_user_password_is_argon2id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_app_user_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "user_id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("municipality_code", "login", name="uq_app_user_login"),
        schema="kyodo",
        comment="People who sign in",
    )
    op.create_table(
        "area_figure",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "area_kind",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="district / association / city",
        ),
        sa.Column(
            "area_key", sa.Text(), autoincrement=False, nullable=False, comment="Number or id of the area"
        ),
        sa.Column("measure", sa.Text(), autoincrement=False, nullable=False, comment="Name of the measure"),
        sa.Column("fiscal_year", sa.Integer(), autoincrement=False, nullable=False, comment="Fiscal year"),
        sa.Column("value", sa.Double(), nullable=False, comment="Value"),
        sa.Column("unit", sa.Text(), nullable=False, comment="Unit"),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        sa.CheckConstraint(
            "area_kind IN ('district', 'association', 'city')", name=op.f("ck_area_figure_area_kind_known")
        ),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_area_figure_quality_known")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_area_figure_municipality",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code",
            "area_kind",
            "area_key",
            "measure",
            "fiscal_year",
            name=op.f("pk_area_figure"),
        ),
        schema="kyodo",
        comment="Further yearly figures by area (events, meetings attended, dispatches …)",
    )
    op.create_table(
        "association",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("association_id", sa.Text(), autoincrement=False, nullable=False, comment="Permanent id"),
        sa.CheckConstraint("association_id ~ '^[0-9A-Za-z_-]{1,40}$'", name=op.f("ck_association_id_form")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_association_municipality",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "association_id", name=op.f("pk_association")),
        schema="kyodo",
        comment="Permanent identity of neighbourhood associations (町内会・自治会)",
    )
    op.create_table(
        "audit",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "entry_no", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="Running number"
        ),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment="When"
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="Login, command line, or job"),
        sa.Column("action", sa.Text(), nullable=False, comment="What was done, e.g. dataset.activate"),
        sa.Column("target", sa.Text(), nullable=True, comment="On what"),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Facts; never a password, key, address looked up or vacant house's place",
        ),
        sa.Column(
            "action_kind",
            sa.Text(),
            server_default=sa.text("'change'"),
            nullable=False,
            comment="change / view / sign-in",
        ),
        sa.CheckConstraint(
            "action_kind IN ('change', 'view', 'sign-in')", name=op.f("ck_audit_action_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_audit_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "entry_no", name=op.f("pk_audit")),
        schema="kyodo",
        comment="Append-only audit log (the database refuses changes to it)",
    )
    op.create_index("ix_audit_at", "audit", ["municipality_code", "at"], unique=False, schema="kyodo")
    op.create_table(
        "building",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "building_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Permanent id (ledger number where known)",
        ),
        sa.Column("name", sa.Text(), nullable=True, comment="Name"),
        sa.Column("address", sa.Text(), nullable=True, comment="Address"),
        sa.Column("built_year", sa.Integer(), nullable=True, comment="Year built"),
        sa.Column("structure", sa.Text(), nullable=True, comment="RC / S / W … as in the ledger"),
        sa.Column("floors", sa.Integer(), nullable=True, comment="Floors above ground"),
        sa.Column("floor_area_m2", sa.Double(), nullable=True, comment="Total floor area, square metres"),
        sa.Column("seismic", sa.Text(), nullable=True, comment="built-to-code / retrofitted / not-proof"),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_building_quality_known")
        ),
        sa.CheckConstraint(
            "seismic IN ('built-to-code', 'retrofitted', 'not-proof')", name=op.f("ck_building_seismic_known")
        ),
        sa.CheckConstraint("built_year BETWEEN 1600 AND 2200", name=op.f("ck_building_built_year_range")),
        sa.CheckConstraint("floor_area_m2 > 0", name=op.f("ck_building_floor_area_range")),
        sa.CheckConstraint("floors > 0", name=op.f("ck_building_floors_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_building_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "building_id", name=op.f("pk_building")),
        schema="kyodo",
        comment="Buildings; several facilities may share one",
    )
    op.create_table(
        "dataset",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=True,
            nullable=False,
            comment="Number of the load (one sequence for all municipalities)",
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="What was loaded: outline, small-areas, districts …"
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="Name shown to people"),
        sa.Column("source", sa.Text(), nullable=False, comment="Who published it, as it must be credited"),
        sa.Column("source_url", sa.Text(), nullable=True, comment="Where it was published"),
        sa.Column("licence", sa.Text(), nullable=True, comment="Terms of use"),
        sa.Column("authority", sa.Text(), nullable=True, comment="Body responsible for the content"),
        sa.Column("as_of", sa.Date(), nullable=True, comment="Day the content describes"),
        sa.Column("quality", sa.Text(), nullable=False, comment="real / unofficial / sample"),
        sa.Column(
            "loaded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was loaded",
        ),
        sa.Column("loaded_by", sa.Text(), nullable=False, comment="Who loaded it (login or command line)"),
        sa.Column("checksum", sa.Text(), nullable=True, comment="SHA-256 of the file or files"),
        sa.Column("row_count", sa.Integer(), nullable=False, comment="Rows loaded"),
        sa.Column(
            "report",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Validation report: read, loaded, rejected, repaired, gaps …",
        ),
        sa.Column(
            "derived_from",
            sa.ARRAY(sa.Integer()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Datasets it was computed from (empty for files)",
        ),
        sa.Column(
            "base_dataset_id",
            sa.Integer(),
            nullable=True,
            comment="Active dataset whose untouched records were carried over",
        ),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_dataset_quality_known")
        ),
        sa.CheckConstraint("row_count >= 0", name=op.f("ck_dataset_row_count_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_dataset_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "dataset_id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("municipality_code", "dataset_id", "kind", name="uq_dataset_kind"),
        schema="kyodo",
        comment="One load of one kind for one municipality; immutable once loaded",
    )
    op.create_table(
        "district",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "district_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Number of the district in the plan, permanent",
        ),
        sa.CheckConstraint("district_no > 0", name=op.f("ck_district_number_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_district_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "district_no", name=op.f("pk_district")),
        schema="kyodo",
        comment="Permanent identity of community promotion districts (コミュニティ推進地区)",
    )
    op.create_table(
        "facility",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("facility_id", sa.Text(), autoincrement=False, nullable=False, comment="Permanent id"),
        sa.CheckConstraint("facility_id ~ '^[0-9A-Za-z_-]{1,40}$'", name=op.f("ck_facility_id_form")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_facility_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "facility_id", name=op.f("pk_facility")),
        schema="kyodo",
        comment="Permanent identity of facilities",
    )
    op.create_table(
        "generation",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "generation_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="1, 2, 3 … per municipality",
        ),
        sa.Column(
            "activated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it became the active one",
        ),
        sa.Column("activated_by", sa.Text(), nullable=False, comment="Who activated it"),
        sa.Column("note", sa.Text(), nullable=True, comment="Why"),
        sa.Column(
            "restored_from",
            sa.Integer(),
            nullable=True,
            comment="Generation whose set was taken over again by a roll-back",
        ),
        sa.Column(
            "retired_kinds",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Sample kinds left out by this activation",
        ),
        sa.CheckConstraint("generation_no > 0", name=op.f("ck_generation_number_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_generation_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "generation_no", name=op.f("pk_generation")),
        schema="kyodo",
        comment="Numbered set of one active dataset per kind; the highest number is the active one",
    )
    op.create_table(
        "lookup_count",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False, comment="Day"),
        sa.Column(
            "channel",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="page / api / partner / command-line",
        ),
        sa.Column(
            "outcome",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="one / several / none_here / outside_city / not_understood",
        ),
        sa.Column(
            "town",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Town found; empty where none. Never an address",
        ),
        sa.Column(
            "key_id", sa.Text(), autoincrement=False, nullable=False, comment="Partner key; empty where none"
        ),
        sa.Column("lookups", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="How many"),
        sa.Column(
            "data_faults",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="How many showed rule and area in disagreement",
        ),
        sa.CheckConstraint(
            "outcome IN ('one', 'several', 'none_here', 'outside_city', 'not_understood')",
            name=op.f("ck_lookup_count_outcome_known"),
        ),
        sa.CheckConstraint("lookups >= 0 AND data_faults >= 0", name=op.f("ck_lookup_count_count_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_lookup_count_municipality",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "day", "channel", "outcome", "town", "key_id", name=op.f("pk_lookup_count")
        ),
        schema="kyodo",
        comment="Lookups by day, outcome and town; no address, no person",
    )
    op.create_index(
        "ix_lookup_count_day", "lookup_count", ["municipality_code", "day"], unique=False, schema="kyodo"
    )
    op.create_table(
        "partner",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("partner_id", sa.Text(), autoincrement=False, nullable=False, comment="Permanent id"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name of the association of agents or company"),
        sa.Column("agreement_on", sa.Date(), nullable=True, comment="Day of the agreement"),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_partner_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "partner_id", name=op.f("pk_partner")),
        schema="kyodo",
        comment="Partners of the agreement (取組1)",
    )
    op.create_table(
        "plan",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "plan_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Version of the plan, e.g. r3-r7",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name"),
        sa.Column("first_fiscal_year", sa.Integer(), nullable=False, comment="First fiscal year"),
        sa.Column("last_fiscal_year", sa.Integer(), nullable=False, comment="Last fiscal year"),
        sa.Column("successor_of", sa.Text(), nullable=True, comment="Plan it follows"),
        sa.CheckConstraint("first_fiscal_year <= last_fiscal_year", name=op.f("ck_plan_years_order")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "successor_of"],
            ["kyodo.plan.municipality_code", "kyodo.plan.plan_id"],
            name="fk_plan_successor",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_plan_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "plan_id", name=op.f("pk_plan")),
        schema="kyodo",
        comment="Versions of the city's plan for community cooperation",
    )
    op.create_table(
        "address_rule",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column("association_id", sa.Text(), autoincrement=False, nullable=False, comment="Association"),
        sa.Column(
            "rule_no", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2 … in the order given"
        ),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="whole: all of the town; part: the ranges; except: the ranges are taken out",
        ),
        sa.Column(
            "town",
            sa.Text(),
            nullable=False,
            comment="Full name of the town, e.g. みたけ三丁目, 下飯岡第8地割",
        ),
        sa.Column("koaza", sa.Text(), nullable=True, comment="小字 within the town"),
        sa.Column("block_from", sa.Integer(), nullable=True, comment="First 番 (街区符号 or 地番)"),
        sa.Column("block_to", sa.Integer(), nullable=True, comment="Last 番"),
        sa.Column("house_from", sa.Integer(), nullable=True, comment="First 号"),
        sa.Column("house_to", sa.Integer(), nullable=True, comment="Last 号"),
        sa.CheckConstraint("kind IN ('whole', 'part', 'except')", name=op.f("ck_address_rule_kind_known")),
        sa.CheckConstraint(
            "(block_from IS NULL) = (block_to IS NULL)", name=op.f("ck_address_rule_block_pair")
        ),
        sa.CheckConstraint(
            "(house_from IS NULL) = (house_to IS NULL)", name=op.f("ck_address_rule_house_pair")
        ),
        sa.CheckConstraint("block_from <= block_to", name=op.f("ck_address_rule_block_order")),
        sa.CheckConstraint("house_from <= house_to", name=op.f("ck_address_rule_house_order")),
        sa.CheckConstraint(
            "house_from IS NULL OR block_from IS NOT NULL", name=op.f("ck_address_rule_house_needs_block")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "association_id"],
            ["kyodo.association.municipality_code", "kyodo.association.association_id"],
            name="fk_address_rule_association",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_address_rule_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "dataset_id", "association_id", "rule_no", name=op.f("pk_address_rule")
        ),
        schema="kyodo",
        comment="Which addresses belong to which association",
    )
    op.create_index(
        "ix_address_rule_town",
        "address_rule",
        ["municipality_code", "dataset_id", "town"],
        unique=False,
        schema="kyodo",
    )
    op.create_table(
        "association_area",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column("association_id", sa.Text(), autoincrement=False, nullable=False, comment="Association"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name"),
        sa.Column("kana", sa.Text(), nullable=True, comment="Reading"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="association, or building for flats with an association of their own",
        ),
        sa.Column(
            "area_text",
            sa.Text(),
            nullable=True,
            comment="The association's area in its own or the city's words",
        ),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="Area, lon/lat; NULL where only rules are known",
        ),
        sa.CheckConstraint(
            "kind IN ('association', 'building')", name=op.f("ck_association_area_kind_known")
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 200", name=op.f("ck_association_area_name_length")
        ),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_association_area_geom_valid")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "association_id"],
            ["kyodo.association.municipality_code", "kyodo.association.association_id"],
            name="fk_association_area_association",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_association_area_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "dataset_id", "association_id", name=op.f("pk_association_area")
        ),
        schema="kyodo",
        comment="Name and area of each association",
    )
    op.create_index(
        "ix_association_area_geom",
        "association_area",
        ["geom"],
        unique=False,
        schema="kyodo",
        postgresql_using="gist",
    )
    op.create_table(
        "association_contact",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("association_id", sa.Text(), autoincrement=False, nullable=False, comment="Association"),
        sa.Column("contact_no", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2 …"),
        sa.Column("role", sa.Text(), nullable=False, comment="president / office / member-desk"),
        sa.Column("name", sa.Text(), nullable=True, comment="Name of the person or desk"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Telephone"),
        sa.Column("email", sa.Text(), nullable=True, comment="E-mail"),
        sa.Column("address", sa.Text(), nullable=True, comment="Postal address"),
        sa.Column(
            "published",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The association agreed to publish this contact",
        ),
        sa.Column(
            "valid_from", sa.Date(), nullable=True, comment="First day it holds; NULL: unknown or always"
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day it no longer holds; NULL: still holds"
        ),
        sa.CheckConstraint(
            "role IN ('president', 'office', 'member-desk')", name=op.f("ck_association_contact_role_known")
        ),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to",
            name=op.f("ck_association_contact_validity_order"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "association_id"],
            ["kyodo.association.municipality_code", "kyodo.association.association_id"],
            name="fk_association_contact_association",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_association_contact_municipality",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "association_id", "contact_no", name=op.f("pk_association_contact")
        ),
        schema="kyodo",
        comment="Contacts; readers without staff rights see published rows only (row-level security)",
    )
    op.create_table(
        "association_district",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column("association_id", sa.Text(), autoincrement=False, nullable=False, comment="Association"),
        sa.Column("district_no", sa.Integer(), nullable=False, comment="District"),
        sa.ForeignKeyConstraint(
            ["municipality_code", "association_id"],
            ["kyodo.association.municipality_code", "kyodo.association.association_id"],
            name="fk_association_district_association",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_association_district_dataset",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "district_no"],
            ["kyodo.district.municipality_code", "kyodo.district.district_no"],
            name="fk_association_district_district",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "dataset_id", "association_id", name=op.f("pk_association_district")
        ),
        schema="kyodo",
        comment="The city's list association → district: the primary truth once loaded",
    )
    op.create_table(
        "block",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column(
            "block_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Running number in the file",
        ),
        sa.Column("town", sa.Text(), nullable=False, comment="Full name of the town"),
        sa.Column("koaza", sa.Text(), nullable=True, comment="小字"),
        sa.Column("block", sa.Text(), nullable=False, comment="街区符号 (番)"),
        sa.Column("house", sa.Text(), nullable=True, comment="住居番号 (号)"),
        sa.Column("accuracy_m", sa.Double(), nullable=True, comment="Radius of the point, metres"),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Geometry, lon/lat",
        ),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_block_geom_valid")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_block_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "dataset_id", "block_no", name=op.f("pk_block")),
        schema="kyodo",
        comment="Blocks and house numbers with a point",
    )
    op.create_index(
        "ix_block_town", "block", ["municipality_code", "dataset_id", "town"], unique=False, schema="kyodo"
    )
    op.create_table(
        "body",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("body_id", sa.Text(), autoincrement=False, nullable=False, comment="Permanent id"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="district-organisation / community-building / federation / centre / committee / other",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name"),
        sa.Column("district_no", sa.Integer(), nullable=True, comment="District it works in"),
        sa.Column("facility_id", sa.Text(), nullable=True, comment="Facility it stands in"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Office telephone"),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="Place, lon/lat",
        ),
        sa.Column(
            "valid_from", sa.Date(), nullable=True, comment="First day it holds; NULL: unknown or always"
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day it no longer holds; NULL: still holds"
        ),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        sa.CheckConstraint(
            "kind IN ('district-organisation', 'community-building', 'federation', 'centre', 'committee', 'other')",
            name=op.f("ck_body_kind_known"),
        ),
        sa.CheckConstraint("quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_body_quality_known")),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_body_geom_valid")),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to",
            name=op.f("ck_body_validity_order"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "district_no"],
            ["kyodo.district.municipality_code", "kyodo.district.district_no"],
            name="fk_body_district",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "facility_id"],
            ["kyodo.facility.municipality_code", "kyodo.facility.facility_id"],
            name="fk_body_facility",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_body_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "body_id", name=op.f("pk_body")),
        schema="kyodo",
        comment="District organisations, federations, civic collaboration centres, committees",
    )
    op.create_table(
        "district_area",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column(
            "district_no", sa.Integer(), autoincrement=False, nullable=False, comment="Number of the district"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name, e.g. 仁王"),
        sa.Column("kana", sa.Text(), nullable=True, comment="Reading"),
        sa.Column(
            "aliases",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Other printed forms of the name",
        ),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Geometry, lon/lat",
        ),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_district_area_geom_valid")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_district_area_dataset",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "district_no"],
            ["kyodo.district.municipality_code", "kyodo.district.district_no"],
            name="fk_district_area_district",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "dataset_id", "district_no", name=op.f("pk_district_area")
        ),
        schema="kyodo",
        comment="Name and area of each district",
    )
    op.create_index(
        "ix_district_area_geom",
        "district_area",
        ["geom"],
        unique=False,
        schema="kyodo",
        postgresql_using="gist",
    )
    op.create_table(
        "district_assignment",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column("key_code", sa.Text(), autoincrement=False, nullable=False, comment="Census KEY_CODE"),
        sa.Column("district_no", sa.Integer(), nullable=False, comment="District it is assigned to"),
        sa.Column("confidence", sa.Text(), nullable=False, comment="official / sure / likely / guess"),
        sa.CheckConstraint(
            "confidence IN ('official', 'sure', 'likely', 'guess')",
            name=op.f("ck_district_assignment_confidence_known"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_district_assignment_dataset",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "district_no"],
            ["kyodo.district.municipality_code", "kyodo.district.district_no"],
            name="fk_district_assignment_district",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "dataset_id", "key_code", name=op.f("pk_district_assignment")
        ),
        schema="kyodo",
        comment="Small area to district; the fallback while the city's association list is missing",
    )
    op.create_table(
        "district_plan",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("district_no", sa.Integer(), autoincrement=False, nullable=False, comment="District"),
        sa.Column("record_no", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2 …"),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="none / in_preparation / adopted / revised / expired"
        ),
        sa.Column(
            "title",
            sa.Text(),
            nullable=True,
            comment="Title of the community development plan (地域づくり計画)",
        ),
        sa.Column("document_url", sa.Text(), nullable=True, comment="Link to the document"),
        sa.Column(
            "stated_on",
            sa.Date(),
            nullable=True,
            comment="Day of the paper that states it; adoption dates themselves may be unknown",
        ),
        sa.Column("note", sa.Text(), nullable=True, comment="What the district does instead, remarks"),
        sa.Column(
            "valid_from", sa.Date(), nullable=True, comment="First day it holds; NULL: unknown or always"
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day it no longer holds; NULL: still holds"
        ),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        postgresql.ExcludeConstraint(
            (sa.column("municipality_code"), "="),
            (sa.column("district_no"), "="),
            (sa.text("daterange(valid_from, valid_to, '[)')"), "&&"),
            using="gist",
            name="ex_district_plan_validity",
        ),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_district_plan_quality_known")
        ),
        sa.CheckConstraint(
            "state IN ('none', 'in_preparation', 'adopted', 'revised', 'expired')",
            name=op.f("ck_district_plan_state_known"),
        ),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to",
            name=op.f("ck_district_plan_validity_order"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "district_no"],
            ["kyodo.district.municipality_code", "kyodo.district.district_no"],
            name="fk_district_plan_district",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_district_plan_municipality",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "district_no", "record_no", name=op.f("pk_district_plan")
        ),
        schema="kyodo",
        comment="State of each district's community development plan over time",
    )
    op.create_table(
        "facility_building",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("facility_id", sa.Text(), autoincrement=False, nullable=False, comment="Facility"),
        sa.Column("building_id", sa.Text(), autoincrement=False, nullable=False, comment="Building"),
        sa.Column(
            "use_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="1, 2 … when it moved out and in again",
        ),
        sa.Column(
            "floor_area_m2", sa.Double(), nullable=True, comment="Floor area it uses there, square metres"
        ),
        sa.Column(
            "valid_from", sa.Date(), nullable=True, comment="First day it holds; NULL: unknown or always"
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day it no longer holds; NULL: still holds"
        ),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        postgresql.ExcludeConstraint(
            (sa.column("municipality_code"), "="),
            (sa.column("facility_id"), "="),
            (sa.column("building_id"), "="),
            (sa.text("daterange(valid_from, valid_to, '[)')"), "&&"),
            using="gist",
            name="ex_facility_building_validity",
        ),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_facility_building_quality_known")
        ),
        sa.CheckConstraint("floor_area_m2 > 0", name=op.f("ck_facility_building_floor_area_range")),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to",
            name=op.f("ck_facility_building_validity_order"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "building_id"],
            ["kyodo.building.municipality_code", "kyodo.building.building_id"],
            name="fk_facility_building_building",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "facility_id"],
            ["kyodo.facility.municipality_code", "kyodo.facility.facility_id"],
            name="fk_facility_building_facility",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_facility_building_municipality",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "facility_id", "building_id", "use_no", name=op.f("pk_facility_building")
        ),
        schema="kyodo",
        comment="Which facility uses which building, and when (moves, merges, works)",
    )
    op.create_table(
        "facility_site",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column("facility_id", sa.Text(), autoincrement=False, nullable=False, comment="Facility"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name"),
        sa.Column("kana", sa.Text(), nullable=True, comment="Reading"),
        sa.Column("kind", sa.Text(), nullable=False, comment="地区活動センター, 市立公民館, 学校 …"),
        sa.Column("activity", sa.Boolean(), nullable=False, comment="Open to community activities"),
        sa.Column("address", sa.Text(), nullable=True, comment="Address as published"),
        sa.Column("operator", sa.Text(), nullable=True, comment="Who runs it"),
        sa.Column("capacity", sa.Integer(), nullable=True, comment="People it holds"),
        sa.Column("opened_on", sa.Date(), nullable=True, comment="First day of service"),
        sa.Column("closed_on", sa.Date(), nullable=True, comment="First day closed for good"),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Geometry, lon/lat",
        ),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_facility_site_capacity_range")),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_facility_site_geom_valid")),
        sa.CheckConstraint("opened_on < closed_on", name=op.f("ck_facility_site_service_order")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_facility_site_dataset",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "facility_id"],
            ["kyodo.facility.municipality_code", "kyodo.facility.facility_id"],
            name="fk_facility_site_facility",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "dataset_id", "facility_id", name=op.f("pk_facility_site")
        ),
        schema="kyodo",
        comment="Name, kind, address and point of each facility",
    )
    op.create_index(
        "ix_facility_site_geom",
        "facility_site",
        ["geom"],
        unique=False,
        schema="kyodo",
        postgresql_using="gist",
    )
    op.create_table(
        "facility_year",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("facility_id", sa.Text(), autoincrement=False, nullable=False, comment="Facility"),
        sa.Column("fiscal_year", sa.Integer(), autoincrement=False, nullable=False, comment="Fiscal year"),
        sa.Column("users", sa.Integer(), nullable=True, comment="Users in the year"),
        sa.Column("cost_yen", sa.BigInteger(), nullable=True, comment="Running cost in the year, yen"),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_facility_year_quality_known")
        ),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 1950 AND 2200", name=op.f("ck_facility_year_fiscal_year_range")
        ),
        sa.CheckConstraint("users >= 0 AND cost_yen >= 0", name=op.f("ck_facility_year_figures_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "facility_id"],
            ["kyodo.facility.municipality_code", "kyodo.facility.facility_id"],
            name="fk_facility_year_facility",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_facility_year_municipality",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "facility_id", "fiscal_year", name=op.f("pk_facility_year")
        ),
        schema="kyodo",
        comment="Users and cost by year",
    )
    op.create_table(
        "generation_dataset",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("generation_no", sa.Integer(), autoincrement=False, nullable=False, comment="Generation"),
        sa.Column("kind", sa.Text(), autoincrement=False, nullable=False, comment="Kind"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            nullable=False,
            comment="The dataset active for this kind in this generation",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id", "kind"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id", "kyodo.dataset.kind"],
            name="fk_generation_dataset_dataset",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "generation_no"],
            ["kyodo.generation.municipality_code", "kyodo.generation.generation_no"],
            name="fk_generation_dataset_generation",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_generation_dataset_municipality",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "generation_no", "kind", name=op.f("pk_generation_dataset")
        ),
        schema="kyodo",
        comment="Which dataset of each kind a generation consists of",
    )
    op.create_table(
        "hall",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column("hall_id", sa.Text(), autoincrement=False, nullable=False, comment="Permanent id"),
        sa.Column("association_id", sa.Text(), nullable=True, comment="Association that keeps it"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name"),
        sa.Column("address", sa.Text(), nullable=True, comment="Address"),
        sa.Column("floor_area_m2", sa.Double(), nullable=True, comment="Floor area, square metres"),
        sa.Column("built_year", sa.Integer(), nullable=True, comment="Year built"),
        sa.Column("ownership", sa.Text(), nullable=True, comment="owned / rented"),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="Geometry, lon/lat",
        ),
        sa.CheckConstraint("ownership IN ('owned', 'rented')", name=op.f("ck_hall_ownership_known")),
        sa.CheckConstraint("built_year BETWEEN 1600 AND 2200", name=op.f("ck_hall_built_year_range")),
        sa.CheckConstraint("floor_area_m2 > 0", name=op.f("ck_hall_floor_area_range")),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_hall_geom_valid")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "association_id"],
            ["kyodo.association.municipality_code", "kyodo.association.association_id"],
            name="fk_hall_association",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_hall_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "dataset_id", "hall_id", name=op.f("pk_hall")),
        schema="kyodo",
        comment="Neighbourhood halls (自治公民館)",
    )
    op.create_index("ix_hall_geom", "hall", ["geom"], unique=False, schema="kyodo", postgresql_using="gist")
    op.create_table(
        "indicator",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("plan_id", sa.Text(), autoincrement=False, nullable=False, comment="Plan"),
        sa.Column(
            "indicator_id", sa.Text(), autoincrement=False, nullable=False, comment="Id, e.g. participation"
        ),
        sa.Column("chapter", sa.Text(), nullable=False, comment="associations / districts"),
        sa.Column("kind", sa.Text(), nullable=False, comment="outcome (成果指標) / reference (参考指標)"),
        sa.Column("title", sa.Text(), nullable=False, comment="Title"),
        sa.Column("unit", sa.Text(), nullable=False, comment="Unit"),
        sa.Column("direction", sa.Text(), nullable=False, comment="up / down: which way is better"),
        sa.Column(
            "baseline_fiscal_year", sa.Integer(), nullable=False, comment="Fiscal year of the baseline"
        ),
        sa.Column("baseline", sa.Numeric(), nullable=False, comment="Value in that year"),
        sa.Column(
            "target_fiscal_year",
            sa.Integer(),
            nullable=True,
            comment="Fiscal year of the target; reference indicators have none",
        ),
        sa.Column("target", sa.Numeric(), nullable=True, comment="Target value"),
        sa.Column("measured_by", sa.Text(), nullable=True, comment="How it is measured"),
        sa.Column("sort_order", sa.Integer(), nullable=False, comment="Order of display"),
        sa.CheckConstraint(
            "(kind = 'outcome') = (target IS NOT NULL)", name=op.f("ck_indicator_outcome_has_target")
        ),
        sa.CheckConstraint(
            "chapter IN ('associations', 'districts')", name=op.f("ck_indicator_chapter_known")
        ),
        sa.CheckConstraint("direction IN ('up', 'down')", name=op.f("ck_indicator_direction_known")),
        sa.CheckConstraint("kind IN ('outcome', 'reference')", name=op.f("ck_indicator_kind_known")),
        sa.CheckConstraint(
            "(target IS NULL) = (target_fiscal_year IS NULL)", name=op.f("ck_indicator_target_pair")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "plan_id"],
            ["kyodo.plan.municipality_code", "kyodo.plan.plan_id"],
            name="fk_indicator_plan",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_indicator_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "plan_id", "indicator_id", name=op.f("pk_indicator")),
        schema="kyodo",
        comment="Outcome and reference indicators of a plan",
    )
    op.create_table(
        "initiative",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("plan_id", sa.Text(), autoincrement=False, nullable=False, comment="Plan"),
        sa.Column(
            "initiative_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Number in this plan (取組番号)",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="Title"),
        sa.Column("policy_no", sa.Integer(), nullable=False, comment="基本方針 1–4"),
        sa.Column("direction", sa.Text(), nullable=False, comment="取組の方向性"),
        sa.Column("priority", sa.Boolean(), nullable=False, comment="重点取組"),
        sa.Column("novelty", sa.Text(), nullable=True, comment="new / expanded; NULL: continued as before"),
        sa.Column("for_associations", sa.Boolean(), nullable=False, comment="Aimed at 町内会・自治会"),
        sa.Column("for_districts", sa.Boolean(), nullable=False, comment="Aimed at 地域協働"),
        sa.Column(
            "challenge",
            sa.Text(),
            nullable=False,
            comment="課題 it answers: 担い手 / 活性化 / 資金 / 施設 / 情報共有",
        ),
        sa.CheckConstraint("novelty IN ('new', 'expanded')", name=op.f("ck_initiative_novelty_known")),
        sa.CheckConstraint("initiative_no > 0", name=op.f("ck_initiative_number_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "plan_id"],
            ["kyodo.plan.municipality_code", "kyodo.plan.plan_id"],
            name="fk_initiative_plan",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_initiative_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "plan_id", "initiative_no", name=op.f("pk_initiative")),
        schema="kyodo",
        comment="Initiatives (取組) of a plan",
    )
    op.create_table(
        "lot",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column(
            "lot_no", sa.Integer(), autoincrement=False, nullable=False, comment="Running number in the file"
        ),
        sa.Column("town", sa.Text(), nullable=False, comment="Full name of the town"),
        sa.Column("koaza", sa.Text(), nullable=True, comment="小字"),
        sa.Column("lot", sa.Text(), nullable=False, comment="地番"),
        sa.Column("accuracy_m", sa.Double(), nullable=True, comment="Radius of the point, metres"),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Geometry, lon/lat",
        ),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_lot_geom_valid")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_lot_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "dataset_id", "lot_no", name=op.f("pk_lot")),
        schema="kyodo",
        comment="Lots (地番) with a point",
    )
    op.create_index(
        "ix_lot_town", "lot", ["municipality_code", "dataset_id", "town"], unique=False, schema="kyodo"
    )
    op.create_table(
        "membership",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column("association_id", sa.Text(), autoincrement=False, nullable=False, comment="Association"),
        sa.Column(
            "fiscal_year",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Fiscal year by its first calendar year: 2019 is 令和元年度",
        ),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households (denominator)"),
        sa.Column("member_households", sa.Integer(), nullable=False, comment="Member households"),
        sa.Column(
            "denominator",
            sa.Text(),
            nullable=False,
            comment="register / census / reported: where the households come from",
        ),
        sa.Column("denominator_as_of", sa.Date(), nullable=True, comment="Reference day of the denominator"),
        sa.Column("denominator_source", sa.Text(), nullable=True, comment="Its source"),
        sa.CheckConstraint(
            "denominator IN ('register', 'census', 'reported')", name=op.f("ck_membership_denominator_known")
        ),
        sa.CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name=op.f("ck_membership_fiscal_year_range")),
        sa.CheckConstraint(
            "households >= 0 AND member_households >= 0", name=op.f("ck_membership_households_range")
        ),
        sa.CheckConstraint("member_households <= households", name=op.f("ck_membership_rate_at_most_one")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "association_id"],
            ["kyodo.association.municipality_code", "kyodo.association.association_id"],
            name="fk_membership_association",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_membership_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "dataset_id", "association_id", "fiscal_year", name=op.f("pk_membership")
        ),
        schema="kyodo",
        comment="Households and member households by association and year; not public by association",
    )
    op.create_table(
        "named_building",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("building_id", sa.Text(), autoincrement=False, nullable=False, comment="Permanent id"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name of the building (物件名)"),
        sa.Column("address", sa.Text(), nullable=False, comment="Address as written"),
        sa.Column(
            "association_id",
            sa.Text(),
            nullable=True,
            comment="Association it belongs to; NULL while unknown or none",
        ),
        sa.Column(
            "joins_as",
            sa.Text(),
            nullable=True,
            comment="household / whole-building / own-association / none",
        ),
        sa.Column("fee_way", sa.Text(), nullable=True, comment="How the fee is paid"),
        sa.Column("confirmed_by", sa.Text(), nullable=False, comment="Office or desk that confirmed it"),
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When",
        ),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        sa.CheckConstraint(
            "joins_as IN ('household', 'whole-building', 'own-association', 'none')",
            name=op.f("ck_named_building_joins_as_known"),
        ),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_named_building_quality_known")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "association_id"],
            ["kyodo.association.municipality_code", "kyodo.association.association_id"],
            name="fk_named_building_association",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_named_building_municipality",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "building_id", name=op.f("pk_named_building")),
        schema="kyodo",
        comment="Buildings that agents or the city confirmed once (物件台帳)",
    )
    op.create_table(
        "officer",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("officer_id", sa.Text(), autoincrement=False, nullable=False, comment="Permanent id"),
        sa.Column("district_no", sa.Integer(), nullable=False, comment="District"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="contact (地域窓口担当) / issue (地域課題担当) / coordinator (専任職員)",
        ),
        sa.Column("office", sa.Text(), nullable=False, comment="Department"),
        sa.Column("office_phone", sa.Text(), nullable=True, comment="Telephone of the department"),
        sa.Column(
            "person_name", sa.Text(), nullable=True, comment="Name of the member of staff; never public"
        ),
        sa.Column(
            "valid_from", sa.Date(), nullable=True, comment="First day it holds; NULL: unknown or always"
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day it no longer holds; NULL: still holds"
        ),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        postgresql.ExcludeConstraint(
            (sa.column("municipality_code"), "="),
            (sa.column("officer_id"), "="),
            (sa.column("district_no"), "="),
            (sa.text("daterange(valid_from, valid_to, '[)')"), "&&"),
            using="gist",
            name="ex_officer_validity",
        ),
        sa.CheckConstraint("kind IN ('contact', 'issue', 'coordinator')", name=op.f("ck_officer_kind_known")),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_officer_quality_known")
        ),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to",
            name=op.f("ck_officer_validity_order"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "district_no"],
            ["kyodo.district.municipality_code", "kyodo.district.district_no"],
            name="fk_officer_district",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_officer_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "officer_id", name=op.f("pk_officer")),
        schema="kyodo",
        comment="Members of city staff in charge of a district",
    )
    op.create_table(
        "outline",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column(
            "part_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="1, 2 … (enclaves are parts of their own)",
        ),
        sa.Column("name", sa.Text(), nullable=True, comment="Name in the file"),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Geometry, lon/lat",
        ),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_outline_geom_valid")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_outline_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "dataset_id", "part_no", name=op.f("pk_outline")),
        schema="kyodo",
        comment="Outline of the municipality",
    )
    op.create_table(
        "partner_office",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("office_id", sa.Text(), autoincrement=False, nullable=False, comment="Permanent id"),
        sa.Column("partner_id", sa.Text(), nullable=False, comment="Partner"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name of the office"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Telephone"),
        sa.Column("email", sa.Text(), nullable=True, comment="E-mail"),
        sa.Column("closed_on", sa.Date(), nullable=True, comment="Day the office left the agreement"),
        sa.ForeignKeyConstraint(
            ["municipality_code", "partner_id"],
            ["kyodo.partner.municipality_code", "kyodo.partner.partner_id"],
            name="fk_partner_office_partner",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_partner_office_municipality",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "office_id", name=op.f("pk_partner_office")),
        schema="kyodo",
        comment="Offices of partners",
    )
    op.create_table(
        "project",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("project_id", sa.Text(), autoincrement=False, nullable=False, comment="Permanent id"),
        sa.Column("district_no", sa.Integer(), nullable=False, comment="District"),
        sa.Column("fiscal_year", sa.Integer(), nullable=False, comment="Fiscal year"),
        sa.Column("title", sa.Text(), nullable=False, comment="Title"),
        sa.Column("theme", sa.Text(), nullable=True, comment="Theme"),
        sa.Column("grant_yen", sa.BigInteger(), nullable=True, comment="Grant, yen"),
        sa.Column("participants", sa.Integer(), nullable=True, comment="Participants"),
        sa.Column(
            "counts_as_project",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Counts for the indicator 地域づくり事業の件数",
        ),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_project_quality_known")
        ),
        sa.CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name=op.f("ck_project_fiscal_year_range")),
        sa.CheckConstraint("grant_yen >= 0 AND participants >= 0", name=op.f("ck_project_figures_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "district_no"],
            ["kyodo.district.municipality_code", "kyodo.district.district_no"],
            name="fk_project_district",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_project_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "project_id", name=op.f("pk_project")),
        schema="kyodo",
        comment="Community development projects (地域づくり事業)",
    )
    op.create_table(
        "register_population",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column(
            "area_kind",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="city / district / small-area / town",
        ),
        sa.Column(
            "area_key",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Code, number or name of the area",
        ),
        sa.Column(
            "as_of",
            sa.Date(),
            autoincrement=False,
            nullable=False,
            comment="Reference day of the resident register",
        ),
        sa.Column("people", sa.Integer(), nullable=True, comment="Registered people"),
        sa.Column("households", sa.Integer(), nullable=True, comment="Registered households"),
        sa.CheckConstraint(
            "area_kind IN ('city', 'district', 'small-area', 'town')",
            name=op.f("ck_register_population_area_kind_known"),
        ),
        sa.CheckConstraint("households >= 0", name=op.f("ck_register_population_households_range")),
        sa.CheckConstraint("people >= 0", name=op.f("ck_register_population_people_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_register_population_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code",
            "dataset_id",
            "area_kind",
            "area_key",
            "as_of",
            name=op.f("pk_register_population"),
        ),
        schema="kyodo",
        comment="Resident-register (住民基本台帳) population",
    )
    op.create_table(
        "room",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("facility_id", sa.Text(), autoincrement=False, nullable=False, comment="Facility"),
        sa.Column("room_no", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2 …"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name"),
        sa.Column("area_m2", sa.Double(), nullable=True, comment="Floor area, square metres"),
        sa.Column("capacity", sa.Integer(), nullable=True, comment="People it holds"),
        sa.Column(
            "valid_from", sa.Date(), nullable=True, comment="First day it holds; NULL: unknown or always"
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day it no longer holds; NULL: still holds"
        ),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        sa.CheckConstraint("quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_room_quality_known")),
        sa.CheckConstraint("area_m2 > 0", name=op.f("ck_room_area_range")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_room_capacity_range")),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to",
            name=op.f("ck_room_validity_order"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "facility_id"],
            ["kyodo.facility.municipality_code", "kyodo.facility.facility_id"],
            name="fk_room_facility",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_room_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "facility_id", "room_no", name=op.f("pk_room")),
        schema="kyodo",
        comment="Rooms that groups can use",
    )
    op.create_table(
        "session",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "session_hash",
            sa.LargeBinary(),
            autoincrement=False,
            nullable=False,
            comment="SHA-256 of the cookie's token",
        ),
        sa.Column("user_id", sa.Integer(), nullable=False, comment="User"),
        sa.Column("csrf_token", sa.Text(), nullable=False, comment="Token every form must carry"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Sign-in",
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last request",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="Absolute end"),
        sa.CheckConstraint("octet_length(session_hash) = 32", name=op.f("ck_session_hash_length")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "user_id"],
            ["kyodo.app_user.municipality_code", "kyodo.app_user.user_id"],
            name="fk_session_user",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_session_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "session_hash", name=op.f("pk_session")),
        schema="kyodo",
        comment="Server-side sessions",
    )
    op.create_index("ix_session_expires", "session", ["expires_at"], unique=False, schema="kyodo")
    op.create_table(
        "sign_in_link",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "token_hash",
            sa.LargeBinary(),
            autoincrement=False,
            nullable=False,
            comment="SHA-256 of the link's token",
        ),
        sa.Column("user_id", sa.Integer(), nullable=False, comment="User"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When made",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="When it ends"),
        sa.Column(
            "used_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was used; a link works once",
        ),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_sign_in_link_hash_length")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "user_id"],
            ["kyodo.app_user.municipality_code", "kyodo.app_user.user_id"],
            name="fk_sign_in_link_user",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_sign_in_link_municipality",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "token_hash", name=op.f("pk_sign_in_link")),
        schema="kyodo",
        comment="One-time links to sign in and set a password",
    )
    op.create_table(
        "small_area",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column(
            "key_code",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Census KEY_CODE, 9 or 11 digits, text",
        ),
        sa.Column("name", sa.Text(), nullable=True, comment="S_NAME; not unique"),
        sa.Column("people", sa.Integer(), nullable=True, comment="People in the census year"),
        sa.Column("households", sa.Integer(), nullable=True, comment="Households in the census year"),
        sa.Column(
            "area_m2",
            sa.Double(),
            nullable=False,
            comment="Area in the plane zone, square metres; not the official figure",
        ),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Geometry, lon/lat",
        ),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_small_area_geom_valid")),
        sa.CheckConstraint("households >= 0", name=op.f("ck_small_area_households_range")),
        sa.CheckConstraint("people >= 0", name=op.f("ck_small_area_people_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_small_area_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "dataset_id", "key_code", name=op.f("pk_small_area")),
        schema="kyodo",
        comment="Census small areas (小地域) with people and households",
    )
    op.create_index(
        "ix_small_area_geom", "small_area", ["geom"], unique=False, schema="kyodo", postgresql_using="gist"
    )
    op.create_table(
        "town",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column(
            "town_id", sa.Text(), autoincrement=False, nullable=False, comment="Key within the gazetteer"
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Full name of the town with 丁目 or 地割, without 小字"
        ),
        sa.Column("koaza", sa.Text(), nullable=True, comment="小字"),
        sa.Column("oaza", sa.Text(), nullable=False, comment="大字 or 町 it belongs to (its parent)"),
        sa.Column("chome", sa.Integer(), nullable=True, comment="丁目 number"),
        sa.Column("jiwari", sa.Integer(), nullable=True, comment="地割 number"),
        sa.Column("kana", sa.Text(), nullable=True, comment="Reading"),
        sa.Column("postal_code", sa.Text(), nullable=True, comment="Seven digits"),
        sa.Column("level", sa.Text(), nullable=False, comment="oaza / chome / jiwari / koaza"),
        sa.Column(
            "aliases",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Other and former spellings",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True, comment="First day of the name"),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="First day after its abolition"),
        sa.Column(
            "accuracy_m",
            sa.Double(),
            nullable=True,
            comment="Radius around the point within which an address of the town lies, metres",
        ),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="Geometry, lon/lat",
        ),
        sa.CheckConstraint("level IN ('oaza', 'chome', 'jiwari', 'koaza')", name=op.f("ck_town_level_known")),
        sa.CheckConstraint("postal_code ~ '^[0-9]{7}$'", name=op.f("ck_town_postal_code_form")),
        sa.CheckConstraint("accuracy_m >= 0", name=op.f("ck_town_accuracy_range")),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_town_geom_valid")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_town_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "dataset_id", "town_id", name=op.f("pk_town")),
        schema="kyodo",
        comment="Gazetteer of towns (町丁・字)",
    )
    op.create_index(
        "ix_town_name", "town", ["municipality_code", "dataset_id", "name"], unique=False, schema="kyodo"
    )
    op.create_table(
        "user_role",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False, comment="User"),
        sa.Column("role", sa.Text(), autoincrement=False, nullable=False, comment="Role"),
        sa.Column(
            "scope",
            sa.Text(),
            nullable=True,
            comment="District number, association or office the role is limited to",
        ),
        sa.Column(
            "granted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When granted",
        ),
        sa.Column("granted_by", sa.Text(), nullable=False, comment="Who granted it"),
        sa.CheckConstraint(
            "role IN ('partner', 'counter', 'association_officer', 'federation', 'centre_staff', 'district_officer', 'advisory', 'planner', 'facility_staff', 'administrator')",
            name=op.f("ck_user_role_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "user_id"],
            ["kyodo.app_user.municipality_code", "kyodo.app_user.user_id"],
            name="fk_user_role_user",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_user_role_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "user_id", "role", name=op.f("pk_user_role")),
        schema="kyodo",
        comment="Roles of users",
    )
    op.create_table(
        "vacant_house",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "dataset_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Dataset (one load) the row came with",
        ),
        sa.Column("house_id", sa.Text(), autoincrement=False, nullable=False, comment="Id in the survey"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="survey (staff only) / consented (named recipients) / listed (public)",
        ),
        sa.Column("rank", sa.Text(), nullable=True, comment="Survey rank A–D"),
        sa.Column("address", sa.Text(), nullable=False, comment="Address"),
        sa.Column("structure", sa.Text(), nullable=True, comment="Structure"),
        sa.Column("floors", sa.Integer(), nullable=True, comment="Floors"),
        sa.Column("floor_area_m2", sa.Double(), nullable=True, comment="Floor area, square metres"),
        sa.Column("largest_room_m2", sa.Double(), nullable=True, comment="Largest room, square metres"),
        sa.Column("built_year", sa.Integer(), nullable=True, comment="Year completed"),
        sa.Column("confirmed_on", sa.Date(), nullable=True, comment="Day of 建築確認"),
        sa.Column("seismic", sa.Text(), nullable=True, comment="diagnosed / retrofitted"),
        sa.Column(
            "road_access", sa.Boolean(), nullable=True, comment="Reachable by a road that meets the law"
        ),
        sa.Column("hazard", sa.Text(), nullable=True, comment="Hazard area it lies in"),
        sa.Column("owner_willing", sa.Boolean(), nullable=True, comment="Owner is willing to let"),
        sa.Column(
            "consented_to",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Recipients the owner named in writing",
        ),
        sa.Column("consented_on", sa.Date(), nullable=True, comment="Day of the written consent"),
        sa.Column(
            "geom",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="Geometry, lon/lat",
        ),
        sa.CheckConstraint("rank IN ('A', 'B', 'C', 'D')", name=op.f("ck_vacant_house_rank_known")),
        sa.CheckConstraint(
            "seismic IN ('diagnosed', 'retrofitted')", name=op.f("ck_vacant_house_seismic_known")
        ),
        sa.CheckConstraint(
            "state <> 'consented' OR (consented_on IS NOT NULL AND cardinality(consented_to) > 0)",
            name=op.f("ck_vacant_house_consent_is_written"),
        ),
        sa.CheckConstraint(
            "state IN ('survey', 'consented', 'listed')", name=op.f("ck_vacant_house_state_known")
        ),
        sa.CheckConstraint("built_year BETWEEN 1600 AND 2200", name=op.f("ck_vacant_house_built_year_range")),
        sa.CheckConstraint(
            "floor_area_m2 > 0 AND largest_room_m2 > 0", name=op.f("ck_vacant_house_area_range")
        ),
        sa.CheckConstraint("geom IS NULL OR ST_IsValid(geom)", name=op.f("ck_vacant_house_geom_valid")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            ["kyodo.dataset.municipality_code", "kyodo.dataset.dataset_id"],
            name="fk_vacant_house_dataset",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "dataset_id", "house_id", name=op.f("pk_vacant_house")),
        schema="kyodo_vacant",
        comment="Vacant-house records in three states with different readers",
    )
    op.create_index(
        "ix_vacant_house_geom",
        "vacant_house",
        ["geom"],
        unique=False,
        schema="kyodo_vacant",
        postgresql_using="gist",
    )
    op.create_table(
        "district_request",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("request_no", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2 …"),
        sa.Column("district_no", sa.Integer(), nullable=False, comment="District"),
        sa.Column("officer_id", sa.Text(), nullable=True, comment="Officer who passed it on"),
        sa.Column("received_on", sa.Date(), nullable=False, comment="Day received"),
        sa.Column("text", sa.Text(), nullable=False, comment="What the district asks for"),
        sa.Column("state", sa.Text(), nullable=False, comment="received / passed-on / answered / closed"),
        sa.Column("answer", sa.Text(), nullable=True, comment="Answer"),
        sa.Column("closed_on", sa.Date(), nullable=True, comment="Day closed"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When recorded",
        ),
        sa.CheckConstraint(
            "state IN ('received', 'passed-on', 'answered', 'closed')",
            name=op.f("ck_district_request_state_known"),
        ),
        sa.CheckConstraint("closed_on >= received_on", name=op.f("ck_district_request_dates_order")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "district_no"],
            ["kyodo.district.municipality_code", "kyodo.district.district_no"],
            name="fk_district_request_district",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "officer_id"],
            ["kyodo.officer.municipality_code", "kyodo.officer.officer_id"],
            name="fk_district_request_officer",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_district_request_municipality",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "request_no", name=op.f("pk_district_request")),
        schema="kyodo",
        comment="A district's request passed on by its officer (取次, 取組15)",
    )
    op.create_table(
        "indicator_value",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("plan_id", sa.Text(), autoincrement=False, nullable=False, comment="Plan"),
        sa.Column("indicator_id", sa.Text(), autoincrement=False, nullable=False, comment="Indicator"),
        sa.Column("fiscal_year", sa.Integer(), autoincrement=False, nullable=False, comment="Fiscal year"),
        sa.Column("value", sa.Numeric(), nullable=False, comment="Measured value, in the indicator's unit"),
        sa.Column("sample_size", sa.Integer(), nullable=True, comment="Answers, where it is a survey"),
        sa.Column("low", sa.Numeric(), nullable=True, comment="Lower end of the 95 % interval"),
        sa.Column("high", sa.Numeric(), nullable=True, comment="Upper end of the 95 % interval"),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_indicator_value_quality_known")
        ),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 1950 AND 2200", name=op.f("ck_indicator_value_fiscal_year_range")
        ),
        sa.CheckConstraint("low <= value AND value <= high", name=op.f("ck_indicator_value_interval_order")),
        sa.CheckConstraint("sample_size > 0", name=op.f("ck_indicator_value_sample_size_range")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "plan_id", "indicator_id"],
            ["kyodo.indicator.municipality_code", "kyodo.indicator.plan_id", "kyodo.indicator.indicator_id"],
            name="fk_indicator_value_indicator",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_indicator_value_municipality",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "plan_id", "indicator_id", "fiscal_year", name=op.f("pk_indicator_value")
        ),
        schema="kyodo",
        comment="Values by fiscal year",
    )
    op.create_table(
        "initiative_year",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("plan_id", sa.Text(), autoincrement=False, nullable=False, comment="Plan"),
        sa.Column("initiative_no", sa.Integer(), autoincrement=False, nullable=False, comment="Initiative"),
        sa.Column("fiscal_year", sa.Integer(), autoincrement=False, nullable=False, comment="Fiscal year"),
        sa.Column("record", sa.Text(), nullable=False, comment="What was done"),
        sa.Column("evidence_url", sa.Text(), nullable=True, comment="Link to evidence"),
        sa.Column(
            "quality",
            sa.Text(),
            server_default=sa.text("'real'"),
            nullable=False,
            comment="real / unofficial / sample",
        ),
        sa.Column("source", sa.Text(), nullable=True, comment="Where the value was taken from"),
        sa.CheckConstraint(
            "quality IN ('real', 'unofficial', 'sample')", name=op.f("ck_initiative_year_quality_known")
        ),
        sa.CheckConstraint(
            "fiscal_year BETWEEN 1950 AND 2200", name=op.f("ck_initiative_year_fiscal_year_range")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "plan_id", "initiative_no"],
            [
                "kyodo.initiative.municipality_code",
                "kyodo.initiative.plan_id",
                "kyodo.initiative.initiative_no",
            ],
            name="fk_initiative_year_initiative",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_initiative_year_municipality",
        ),
        sa.PrimaryKeyConstraint(
            "municipality_code", "plan_id", "initiative_no", "fiscal_year", name=op.f("pk_initiative_year")
        ),
        schema="kyodo",
        comment="Yearly record of each initiative",
    )
    op.create_table(
        "partner_key",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column(
            "key_id",
            sa.Text(),
            autoincrement=False,
            nullable=False,
            comment="Public prefix of the key, for finding it",
        ),
        sa.Column(
            "key_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the whole key (256 random bits); the key itself is not kept",
        ),
        sa.Column("office_id", sa.Text(), nullable=True, comment="Office it was issued to"),
        sa.Column("label", sa.Text(), nullable=False, comment="What it is used for"),
        sa.Column(
            "scopes",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{lookup}'"),
            nullable=False,
            comment="What it may do",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When issued",
        ),
        sa.Column("created_by", sa.Text(), nullable=False, comment="Who issued it"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True, comment="When it ends"),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True, comment="When it was revoked"),
        sa.CheckConstraint("octet_length(key_hash) = 32", name=op.f("ck_partner_key_hash_length")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "office_id"],
            ["kyodo.partner_office.municipality_code", "kyodo.partner_office.office_id"],
            name="fk_partner_key_office",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["kyodo.municipality.municipality_code"],
            name="fk_partner_key_municipality",
        ),
        sa.PrimaryKeyConstraint("municipality_code", "key_id", name=op.f("pk_partner_key")),
        sa.UniqueConstraint("key_hash", name="uq_partner_key_hash"),
        schema="kyodo",
        comment="Keys for programs of partners; shown once, stored hashed",
    )
    op.create_table(
        "referral",
        sa.Column("municipality_code", sa.Text(), nullable=False, comment="Local government code, 5 digits"),
        sa.Column("ticket_no", sa.Integer(), autoincrement=False, nullable=False, comment="Ticket number"),
        sa.Column("office_id", sa.Text(), nullable=True, comment="Office that asks"),
        sa.Column("association_id", sa.Text(), nullable=True, comment="Association the question is about"),
        sa.Column("question", sa.Text(), nullable=False, comment="The question"),
        sa.Column("state", sa.Text(), nullable=False, comment="received / passed-on / answered / closed"),
        sa.Column("answer", sa.Text(), nullable=True, comment="The answer"),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When received",
        ),
        sa.Column("due_on", sa.Date(), nullable=True, comment="Answer due"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True, comment="When closed"),
        sa.CheckConstraint(
            "state IN ('received', 'passed-on', 'answered', 'closed')", name=op.f("ck_referral_state_known")
        ),
        sa.CheckConstraint("closed_at >= received_at", name=op.f("ck_referral_dates_order")),
        sa.ForeignKeyConstraint(
            ["municipality_code", "association_id"],
            ["kyodo.association.municipality_code", "kyodo.association.association_id"],
            name="fk_referral_association",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code", "office_id"],
            ["kyodo.partner_office.municipality_code", "kyodo.partner_office.office_id"],
            name="fk_referral_office",
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["kyodo.municipality.municipality_code"], name="fk_referral_municipality"
        ),
        sa.PrimaryKeyConstraint("municipality_code", "ticket_no", name=op.f("pk_referral")),
        schema="kyodo",
        comment="A partner's question to the city (取次, 取組1)",
    )
