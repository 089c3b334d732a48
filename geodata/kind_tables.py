"""Which table holds which kind of dataset, and by which key its rows are told apart."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from kyodo_geo.errors import InputError
from kyodo_geo.kinds import AREA_LAYERS, KIND_NAMES, PLANNING_LAYERS


@dataclass(frozen=True, slots=True)
class KindTable:
    """`key` tells rows apart within a dataset; `identity` is the table of permanent ids, if any.

    `by_shape`: rows have no name of their own, so that two datasets are compared by their shapes.
    """

    table: str
    key: tuple[str, ...]
    identity: str | None = None
    running: str | None = None
    carries_over: bool = False
    by_shape: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the canonical frame, in table order: without municipality, dataset, running number, computed ones."""
        return tuple(name for name in _columns()[self.table] if name != self.running)

    @property
    def has_geometry(self) -> bool:
        return "geom" in self.columns


@functools.cache
def _columns() -> dict[str, list[str]]:
    """Columns by table, as `geodata.frame_columns` took them from the schema."""
    found: dict[str, list[str]] = json.loads(
        (Path(__file__).parent / "frame_columns.json").read_text(encoding="utf-8")
    )
    return found


KIND_TABLES: dict[str, KindTable] = {
    "outline": KindTable("kyodo.outline", ("part_no",)),
    "small-areas": KindTable("kyodo.small_area", ("key_code",)),
    "register-population": KindTable(
        "kyodo.register_population", ("area_kind", "area_key", "as_of"), carries_over=True
    ),
    "district-assignment": KindTable("kyodo.district_assignment", ("key_code",), identity="district"),
    "association-districts": KindTable("kyodo.association_district", ("association_id",)),
    "districts": KindTable("kyodo.district_area", ("district_no",), identity="district"),
    "associations": KindTable("kyodo.association_area", ("association_id",), identity="association"),
    "association-rules": KindTable("kyodo.address_rule", ("association_id", "rule_no")),
    "membership": KindTable("kyodo.membership", ("association_id", "fiscal_year"), carries_over=True),
    "facilities": KindTable("kyodo.facility_site", ("facility_id",), identity="facility"),
    "halls": KindTable("kyodo.hall", ("hall_id",)),
    "vacant-houses": KindTable("kyodo_vacant.vacant_house", ("house_id",)),
    "towns": KindTable("kyodo.town", ("town_id",)),
    "blocks": KindTable("kyodo.block", ("block_no",), running="block_no"),
    "lots": KindTable("kyodo.lot", ("lot_no",), running="lot_no"),
    "association-profiles": KindTable("kyodo.association_profile", ("association_id",)),
    "walk-network": KindTable("kyodo.network_edge", ("edge_no",), running="edge_no"),
    "drive-network": KindTable("kyodo.drive_edge", ("edge_no",), running="edge_no"),
    "bus-timetable": KindTable("kyodo.bus_call", ("pattern_no", "seq")),
    "age-population": KindTable("kyodo.age_population", ("area_kind", "area_key", "year", "age_from")),
    "mesh-population": KindTable("kyodo.mesh_cell", ("mesh_code", "year")),
    **{kind: KindTable("kyodo.area_layer", ("area_no",), running="area_no") for kind in AREA_LAYERS},
    **{
        kind: KindTable("kyodo.area_layer", ("area_no",), running="area_no", by_shape=True)
        for kind in PLANNING_LAYERS
    },
}

IDENTITY_KEYS = {"district": "district_no", "association": "association_id", "facility": "facility_id"}


def kind_table(kind: str) -> KindTable:
    """Table of `kind`; raises `InputError` naming the known kinds."""
    try:
        return KIND_TABLES[kind]
    except KeyError:
        known = "、".join(f"{name}（{KIND_NAMES[name]}）" for name in KIND_TABLES)
        raise InputError(f"データの種類「{kind}」はありません。使える種類: {known}", field="kind") from None
