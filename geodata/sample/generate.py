"""`build_sample`: the whole sample in memory, the same for the same seed on every machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.sample import (
    ages,
    agreement_records,
    areas,
    asset_records,
    buildings,
    canonical,
    centre_records,
    district_records,
    facility_records,
    grant_records,
    houses,
    network,
    officer_records,
    people,
    plan_records,
    points,
    rules,
    sharing_records,
    support_records,
)
from geodata.sample.associations import Layout, build_associations
from geodata.sample.claims import Claims, build_claims
from geodata.sample.ground import Ground, build_ground
from geodata.sample.streets import Streets, build_streets
from kyodo_geo.crs import WGS84

SEED = 3201

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """`frames`: kind → canonical frame; `records`: table → rows of dated records.

    The last four are what the frames were made from; tests and docs/SAMPLE.md look up the deliberate cases there.
    """

    frames: dict[str, pd.DataFrame]
    records: dict[str, list[Row]]
    ground: Ground = field(repr=False)
    streets: Streets = field(repr=False)
    layout: Layout = field(repr=False)
    claims: Claims = field(repr=False)

    def checksum(self, kind: str) -> str:
        """SHA-256 of a frame's canonical bytes."""
        return canonical.sha256(canonical.frame_bytes(self.frames[kind]))

    def fingerprint(self) -> str:
        """SHA-256 of everything."""
        parts = [canonical.frame_bytes(self.frames[kind]) for kind in sorted(self.frames)]
        parts += [canonical.record_bytes(self.records[table]) for table in sorted(self.records)]
        return canonical.sha256(b"\n\n".join(parts))


def build_sample(seed: int = SEED) -> Sample:
    """Generate the sample (about two seconds)."""
    ground = build_ground(seed)
    streets = build_streets(seed, ground)
    layout = build_associations(seed, ground, streets)
    claims = build_claims(seed, ground, streets, layout)
    households = people.households_by_cell(seed, layout, ground)
    small_areas = people.small_area_rows(seed, ground, households)
    rule_rows = rules.build_rules(streets, layout, claims)
    blocks = points.block_rows(seed, ground, streets, claims)
    aged = district_records.aged_records(seed)
    walking = network.network_rows(seed, ground)
    rows: dict[str, list[Row]] = {
        "outline": areas.outline_rows(ground),
        "small-areas": small_areas,
        "register-population": people.register_rows(seed, ground, small_areas),
        "district-assignment": areas.assignment_rows(ground),
        "association-districts": areas.association_district_rows(layout, claims),
        "districts": areas.district_rows(ground),
        "associations": areas.association_rows(ground, streets, layout, claims, rule_rows, blocks),
        "association-rules": rule_rows,
        "membership": people.membership_rows(seed, layout, claims, households),
        "facilities": buildings.facility_rows(),
        "halls": houses.hall_rows(seed, ground, streets, layout, claims),
        "vacant-houses": houses.vacant_rows(seed, ground, streets, layout),
        "towns": points.town_rows(ground, streets),
        "blocks": blocks,
        "lots": points.lot_rows(seed, ground, streets),
        "walk-network": walking,
        "drive-network": network.drive_rows(seed, walking),
        "age-population": ages.age_rows(seed, ground, small_areas, aged),
    }
    plans = plan_records.plan_records()
    support = support_records.support_records(seed, rows["halls"])
    built = facility_records.with_book_values(seed, buildings.building_records(seed))
    records = {
        **plans,
        "district_plan": district_records.with_later_states(plans["district_plan"]),
        "project": district_records.project_records(seed),
        "area_figure": [
            *aged,
            *support["area_figure"],
            *agreement_records.agreement_records(seed),
            *grant_records.grant_figures(seed),
        ],
        **built,
        **facility_records.use_records(seed, built),
        "facility_profile": facility_records.profile_records(seed, built["building"]),
        **asset_records.asset_records(seed, built["building"]),
        "body": plan_records.body_records(),
        "association_contact": plan_records.contact_records(layout),
        "named_building": plan_records.named_building_records(layout, streets, claims),
        "officer": officer_records.officer_records(seed),
        "activity_case": sharing_records.case_rows(),
        "handbook": sharing_records.handbook_rows(),
        "subsidy_notice": sharing_records.notice_rows(),
        "hall_subsidy": support["hall_subsidy"],
        "grant_rule": grant_records.grant_records(),
        **centre_records.centre_records(
            seed,
            [row["body_id"] for row in plan_records.body_records() if row["kind"] == "centre"],
            [row["association_id"] for row in rows["associations"]][::60],
            [row["facility_id"] for row in rows["facilities"]],
        ),
    }
    frames = {kind: _frame(of_kind) for kind, of_kind in rows.items()}
    return Sample(frames, records, ground, streets, layout, claims)


_WHOLE_NUMBERS = (
    "chome",
    "jiwari",
    "block_from",
    "block_to",
    "house_from",
    "house_to",
    "built_year",
    "floors",
    "age_to",
)


def _frame(rows: list[Row]) -> pd.DataFrame:
    """Columns in the order of the rows; missing text is None, and numbers that may be missing stay whole."""
    columns: dict[str, Any] = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if name in _WHOLE_NUMBERS:
            columns[name] = pd.array(values, dtype="Int64")
        elif any(value is None or isinstance(value, str | list) for value in values):
            numeric = any(isinstance(value, float) for value in values)
            columns[name] = pd.Series(values, dtype="float64" if numeric else "object")
        elif name != "geom":
            columns[name] = values
    if "geom" not in rows[0]:
        return pd.DataFrame(columns)
    columns["geom"] = gpd.GeoSeries([row["geom"] for row in rows], crs=WGS84)
    return gpd.GeoDataFrame(columns, geometry="geom", crs=WGS84)[list(rows[0])]
