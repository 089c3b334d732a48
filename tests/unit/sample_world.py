"""The bundled sample, generated once for all unit tests, and as the lookup sees it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd
import shapely

from geodata.sample.generate import Sample, build_sample
from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup_types import Association, Block, District, Rule, Snapshot, Town
from kyodo_geo.point_table import PointTable, Row


@lru_cache(maxsize=1)
def sample() -> Sample:
    return build_sample()


def rows(kind: str) -> list[dict[str, Any]]:
    """Rows of a frame; whatever is missing is None."""
    frame = sample().frames[kind]
    return [
        {name: None if _missing(value) else value for name, value in zip(frame.columns, row, strict=True)}
        for row in frame.itertuples(index=False, name=None)
    ]


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(**{name: value for name, value in row.items() if name != "rule_no"})
        for row in rows("association-rules")
    )


@lru_cache(maxsize=1)
def lookup() -> LookupIndex:
    """The lookup of the sample, built as the service builds it from the database."""
    districts = {row["association_id"]: row["district_no"] for row in rows("association-districts")}
    return LookupIndex(
        Snapshot(
            municipality_code="03201",
            municipality_name="盛岡市",
            pref_name="岩手県",
            revision=1,
            generation_no=1,
            outline=rows("outline")[0]["geom"],
            small_area_union=shapely.union_all([row["geom"] for row in rows("small-areas")]),
            districts=tuple(
                District(row["district_no"], row["name"], row["kana"], row["geom"])
                for row in rows("districts")
            ),
            associations=tuple(
                Association(
                    row["association_id"],
                    row["name"],
                    row["kana"],
                    row["kind"],
                    districts[row["association_id"]],
                    row["geom"],
                )
                for row in rows("associations")
            ),
            rules=rules(),
            towns=tuple(_town(row) for row in rows("towns")),
            blocks=tuple(_block(row) for row in rows("blocks")),
            neighbours=(),
            dataset={},
            phone="",
            department="",
            lots=PointTable(_lot(row) for row in rows("lots")),
        )
    )


def _town(row: dict[str, Any]) -> Town:
    point = row.pop("geom")
    row.pop("valid_from")
    return Town(**{**row, "aliases": tuple(row["aliases"])}, lon=point.x, lat=point.y)


def _block(row: dict[str, Any]) -> Block:
    point = row.pop("geom")
    return Block(**row, lon=point.x, lat=point.y)


def _lot(row: dict[str, Any]) -> Row:
    return Row(row["town"], row["koaza"], row["lot"], row["geom"].x, row["geom"].y, row["accuracy_m"])
