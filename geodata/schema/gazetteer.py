"""Towns, blocks, house numbers, lots, and buildings known by name."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import (
    JAPANESE,
    generational,
    geometry,
    key,
    mercator,
    one_of,
    opt,
    quality_columns,
    reference,
    req,
    table,
    tile_index,
    valid_geometry,
)

town = generational(
    "town",
    key("town_id", Text, "Key within the gazetteer"),
    req("name", JAPANESE, "Full name of the town with 丁目 or 地割, without 小字"),
    opt("koaza", JAPANESE, "小字"),
    req("oaza", JAPANESE, "大字 or 町 it belongs to (its parent)"),
    opt("chome", Integer, "丁目 number"),
    opt("jiwari", Integer, "地割 number"),
    opt("kana", JAPANESE, "Reading"),
    opt("postal_code", Text, "Seven digits"),
    req("level", Text, "oaza / chome / jiwari / koaza"),
    req("aliases", ARRAY(Text), "Other and former spellings", server_default=text("'{}'")),
    req(
        "former_names",
        JSONB,
        "Former names: [{name, valid_from, valid_to}], days as YYYY-MM-DD or null where unknown",
        server_default=text("'[]'"),
    ),
    opt("valid_from", Date, "First day of the name"),
    opt("valid_to", Date, "First day after its abolition"),
    opt("accuracy_m", Double, "Radius around the point within which an address of the town lies, metres"),
    geometry("POINT", nullable=True),
    mercator("POINT"),
    valid_geometry(),
    one_of("level", "oaza", "chome", "jiwari", "koaza"),
    CheckConstraint(
        "jsonb_typeof(former_names) = 'array' AND NOT jsonb_path_exists(former_names, "
        "'$[*] ? (!exists(@.name) || @.name.type() <> \"string\")')",
        name="former_names_form",
    ),
    CheckConstraint("accuracy_m >= 0", name="accuracy_range"),
    CheckConstraint("postal_code ~ '^[0-9]{7}$'", name="postal_code_form"),
    Index("ix_town_name", "municipality_code", "dataset_id", "name"),
    tile_index("town"),
    tile_index("town", sample="hashtextextended(town_id, 0) & 31 = 0"),
    comment="Gazetteer of towns (町丁・字)",
    partitioned=True,
)

block = generational(
    "block",
    key("block_no", Integer, "Running number in the file"),
    req("town", Text, "Full name of the town"),
    opt("koaza", Text, "小字"),
    req("block", Text, "街区符号 (番)"),
    opt("house", Text, "住居番号 (号)"),
    opt("accuracy_m", Double, "Radius of the point, metres"),
    geometry("POINT"),
    valid_geometry(),
    Index("ix_block_town", "municipality_code", "dataset_id", "town"),
    comment="Blocks and house numbers with a point",
    partitioned=True,
)

lot = generational(
    "lot",
    key("lot_no", Integer, "Running number in the file"),
    req("town", Text, "Full name of the town"),
    opt("koaza", Text, "小字"),
    req("lot", Text, "地番"),
    opt("accuracy_m", Double, "Radius of the point, metres"),
    geometry("POINT"),
    valid_geometry(),
    Index("ix_lot_town", "municipality_code", "dataset_id", "town"),
    comment="Lots (地番) with a point",
    partitioned=True,
)

named_building = table(
    "named_building",
    key("building_id", Text, "Permanent id"),
    req("name", JAPANESE, "Name of the building (物件名)"),
    req(
        "name_key",
        Text,
        "Name as it is compared (kyodo_geo.buildings.building_key)",
        server_default=text("''"),
    ),
    req(
        "conflict",
        Boolean,
        "A later confirmation contradicts this one: for the staff",
        server_default=text("false"),
    ),
    req("address", Text, "Address as written"),
    opt("association_id", Text, "Association it belongs to; NULL while unknown or none"),
    opt("joins_as", Text, "household / whole-building / own-association / none"),
    opt("fee_way", Text, "How the fee is paid"),
    req("confirmed_by", Text, "Office or desk that confirmed it"),
    req("confirmed_at", DateTime(timezone=True), "When", server_default=func.now()),
    *quality_columns(),
    req(
        "name_vouched",
        Boolean,
        "The city says that this is a building's own name although it reads like a home or a room",
        server_default=text("false"),
    ),
    Index("ix_named_building_key", "municipality_code", "name_key"),
    one_of("joins_as", "household", "whole-building", "own-association", "none"),
    reference("fk_named_building_association", ["association_id"], "association"),
    comment="Buildings that agents or the city confirmed once (物件台帳)",
)

building_confirmation = table(
    "building_confirmation",
    key("building_id", Text, "Building"),
    key("confirmation_no", Integer, "1, 2 … in the order given"),
    opt("association_id", Text, "Association; NULL exactly when the building joins none"),
    req("joins_as", Text, "household / whole-building / own-association / none"),
    opt("fee_way", Text, "How the fee is paid"),
    req("office_id", Text, "Office that says so; empty: the city", server_default=text("''")),
    req("confirmed_by", Text, "Login"),
    req("confirmed_at", DateTime(timezone=True), "When", server_default=func.now()),
    one_of("joins_as", "household", "whole-building", "own-association", "none"),
    CheckConstraint("(association_id IS NULL) = (joins_as = 'none')", name="none_is_nobody"),
    reference("fk_building_confirmation_building", ["building_id"], "named_building", ondelete="CASCADE"),
    reference("fk_building_confirmation_association", ["association_id"], "association"),
    comment="Who confirmed what of a building; conflicting ones go to the staff",
)
