"""Municipalities, datasets (one load each) and generations (one set of active datasets each)."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import SCHEMA, key, metadata, one_of, opt, reference, req, table

municipality = Table(
    "municipality",
    metadata,
    Column("municipality_code", Text, primary_key=True, comment="Local government code, 5 digits"),
    req("name", Text, "Name, e.g. 盛岡市"),
    req("pref_name", Text, "Prefecture, e.g. 岩手県"),
    req("plane_epsg", Integer, "Plane rectangular zone in which lengths and areas are measured"),
    opt("contact_department", Text, "Whom people may ask"),
    opt("contact_phone", Text, "Its telephone"),
    opt("contact_email", Text, "Its e-mail"),
    req(
        "suppress_below_households",
        Integer,
        "Rates of groups with fewer households are not shown to the public",
        server_default=text("10"),
    ),
    req(
        "revision",
        BigInteger,
        "Counter bumped in the transaction of every visible write; part of every cache key",
        server_default=text("0"),
    ),
    CheckConstraint("municipality_code ~ '^[0-9]{5}$'", name="code_form"),
    CheckConstraint("suppress_below_households >= 0", name="suppress_range"),
    comment="Municipalities served from this database",
)

dataset = table(
    "dataset",
    Column(
        "dataset_id",
        Integer,
        primary_key=True,
        autoincrement=True,
        comment="Number of the load (one sequence for all municipalities)",
    ),
    req("kind", Text, "What was loaded: outline, small-areas, districts …"),
    req("title", Text, "Name shown to people"),
    req("source", Text, "Who published it, as it must be credited"),
    opt("source_url", Text, "Where it was published"),
    opt("licence", Text, "Terms of use"),
    opt("authority", Text, "Body responsible for the content"),
    opt("as_of", Date, "Day the content describes"),
    req("quality", Text, "real / unofficial / sample"),
    req("loaded_at", DateTime(timezone=True), "When it was loaded", server_default=func.now()),
    req("loaded_by", Text, "Who loaded it (login or command line)"),
    opt("checksum", Text, "SHA-256 of the file or files"),
    req("row_count", Integer, "Rows loaded"),
    req("report", JSONB, "Validation report: read, loaded, rejected, repaired, gaps …"),
    req(
        "derived_from",
        ARRAY(Integer),
        "Datasets it was computed from (empty for files)",
        server_default=text("'{}'"),
    ),
    opt("base_dataset_id", Integer, "Active dataset whose untouched records were carried over"),
    one_of("quality", "real", "unofficial", "sample"),
    CheckConstraint("row_count >= 0", name="row_count_range"),
    UniqueConstraint("municipality_code", "dataset_id", "kind", name="uq_dataset_kind"),
    comment="One load of one kind for one municipality; immutable once loaded",
)

generation = table(
    "generation",
    key("generation_no", Integer, "1, 2, 3 … per municipality"),
    req("activated_at", DateTime(timezone=True), "When it became the active one", server_default=func.now()),
    req("activated_by", Text, "Who activated it"),
    opt("note", Text, "Why"),
    opt("restored_from", Integer, "Generation whose set was taken over again by a roll-back"),
    req(
        "retired_kinds", ARRAY(Text), "Sample kinds left out by this activation", server_default=text("'{}'")
    ),
    CheckConstraint("generation_no > 0", name="number_range"),
    comment="Numbered set of one active dataset per kind; the highest number is the active one",
)

generation_dataset = table(
    "generation_dataset",
    key("generation_no", Integer, "Generation"),
    key("kind", Text, "Kind"),
    req("dataset_id", Integer, "The dataset active for this kind in this generation"),
    reference("fk_generation_dataset_generation", ["generation_no"], "generation"),
    ForeignKeyConstraint(
        ["municipality_code", "dataset_id", "kind"],
        [f"{SCHEMA}.dataset.municipality_code", f"{SCHEMA}.dataset.dataset_id", f"{SCHEMA}.dataset.kind"],
        name="fk_generation_dataset_dataset",
    ),
    Index("ix_generation_dataset_dataset", "municipality_code", "dataset_id"),
    comment="Which dataset of each kind a generation consists of",
)
