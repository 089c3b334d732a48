"""Municipalities as GeoParquet: GROUND/<kind>/municipality=NNNNN/*.parquet, columns of the canonical frames, geometry WKB.

Kinds that are missing are taken as empty, except the outline. The kind `municipality` (one row: what answers say of the
office, revision, credit) is `export`'s; without it the outline's name and the prefecture of the code serve.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import shapely

from geodata.bulk import parts
from kyodo_geo.addresses.places import PREFECTURES
from kyodo_geo.errors import InputError
from kyodo_geo.lookup_types import Association, District, FormerName, Rule, Snapshot, Town
from kyodo_geo.point_table import PointTable, Row

ABOUT = "municipality"
LOOKUP = (
    "outline", "small-areas", "districts", "associations", "association-districts", "association-rules", "towns",
    "blocks", "lots",
)  # fmt: skip
COVERAGE = ("outline", "small-areas", "facilities", "halls")
BATCH = 16_384


def version(ground: Path, code: str, kinds: tuple[str, ...]) -> str:
    """Hash of everything that `kinds` of a municipality are read from."""
    files = [path for kind in (*kinds, ABOUT) for path in _files(ground, kind, code)]
    return parts.hash_of(files)[:16]


def known(ground: Path, code: str) -> bool:
    return bool(_files(ground, "outline", code))


def rows(ground: Path, kind: str, code: str) -> Iterator[dict[str, Any]]:
    """Rows of a kind, none where it is not there. Memory is that of a few thousand rows."""
    for path in _files(ground, kind, code):
        with parts.opened(path) as file:
            for batch in file.iter_batches(BATCH):
                yield from batch.to_pylist()


def snapshot(ground: Path, code: str) -> Snapshot:
    """What the lookup of a municipality is built from. Raises `InputError` when it is not in the folder."""
    about = about_of(ground, code)
    outline = _union(ground, "outline", code)
    districts = tuple(
        District(row["district_no"], row["name"], row.get("kana"), shapely.from_wkb(row["geom"]))
        for row in sorted(rows(ground, "districts", code), key=lambda row: row["district_no"])
    )
    associations = _associations(ground, code, districts)
    names = {item.association_id for item in associations}
    rules = sorted(
        rows(ground, "association-rules", code), key=lambda row: (row["association_id"], row["rule_no"])
    )
    return Snapshot(
        municipality_code=code,
        municipality_name=about["name"],
        pref_name=about["pref_name"],
        revision=about["revision"],
        generation_no=about["generation_no"],
        outline=outline,
        small_area_union=_union(ground, "small-areas", code),
        districts=districts,
        associations=associations,
        rules=tuple(_rule(row) for row in rules if row["association_id"] in names),
        towns=tuple(
            _town(row) for row in sorted(rows(ground, "towns", code), key=lambda row: row["town_id"])
        ),
        blocks=PointTable(_point(row, _block_number(row)) for row in rows(ground, "blocks", code)),
        lots=PointTable(_point(row, row["lot"]) for row in rows(ground, "lots", code)),
        neighbours=(),
        dataset=json.loads(about["dataset"]),
        phone=about["phone"] or "",
        email=about["email"] or "",
        department=about["department"] or "",
    )


def about_of(ground: Path, code: str) -> dict[str, Any]:
    """The municipality's row; raises `InputError` for one that is not in the folder."""
    if not known(ground, code):
        raise InputError(f"{ground} に、市区町村 {code} の外形（outline）がありません。", field="ground")
    own = next(rows(ground, ABOUT, code), None)
    if own is not None:
        return own
    name = next(rows(ground, "outline", code)).get("name") or code
    pref = PREFECTURES[int(code[:2]) - 1] if 1 <= int(code[:2]) <= len(PREFECTURES) else ""
    nothing = {"phone": None, "email": None, "department": None}
    return {"name": name, "pref_name": pref, "revision": 0, "generation_no": 0, "dataset": "{}", **nothing}


def _files(ground: Path, kind: str, code: str) -> list[Path]:
    return parts.files_in(ground / kind / f"municipality={code}")


def _union(ground: Path, kind: str, code: str) -> Any:
    shapes = [shapely.from_wkb(row["geom"]) for row in rows(ground, kind, code)]
    return shapely.union_all(shapes) if shapes else None


def _associations(ground: Path, code: str, districts: tuple[District, ...]) -> tuple[Association, ...]:
    """With the district the list names, else the first whose area covers a point inside, as in the database."""
    listed = {
        row["association_id"]: row["district_no"] for row in rows(ground, "association-districts", code)
    }

    def district(row: Mapping[str, Any], geom: Any) -> int | None:
        if row["association_id"] in listed or geom is None:
            return listed.get(row["association_id"])
        inside = shapely.point_on_surface(geom)
        return next(
            (item.no for item in districts if item.geom is not None and item.geom.covers(inside)), None
        )

    found = []
    for row in sorted(rows(ground, "associations", code), key=lambda row: row["association_id"]):
        geom = None if row["geom"] is None else shapely.from_wkb(row["geom"])
        # The area stays WKB, as the lookup keeps it: a geometry beside it would only cost memory.
        area = None if geom is None or geom.is_empty else row["geom"]
        found.append(
            Association(
                row["association_id"], row["name"], row.get("kana"), row["kind"], district(row, geom), area
            )
        )
    return tuple(found)


def _rule(row: Mapping[str, Any]) -> Rule:
    plain: dict[str, Any] = {name: row.get(name) for name in Rule.__dataclass_fields__}
    return Rule(**plain)


def _town(row: Mapping[str, Any]) -> Town:
    geom = None if row["geom"] is None else shapely.from_wkb(row["geom"])
    plain: dict[str, Any] = {name: row.get(name) for name in Town.__dataclass_fields__}
    former = [
        json.loads(item) if isinstance(item, str) else item for item in _listed(row.get("former_names"))
    ]
    plain.update(
        {
            "aliases": tuple(_listed(row.get("aliases"))),
            "former_names": tuple(
                FormerName(item["name"], _day(item.get("valid_from")), _day(item.get("valid_to")))
                for item in former
            ),
            "lon": None if geom is None else geom.x,
            "lat": None if geom is None else geom.y,
        }
    )
    return Town(**plain)


def _listed(value: Any) -> list[Any]:
    """A list, or its JSON."""
    return (json.loads(value) if isinstance(value, str) else value) or []


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def _block_number(row: Mapping[str, Any]) -> str:
    return f"{row['block']}-{row['house']}" if row.get("house") is not None else str(row["block"])


def _point(row: Mapping[str, Any], number: str) -> Row:
    point = shapely.from_wkb(row["geom"])
    return Row(row["town"], row.get("koaza"), number, point.x, point.y, row.get("accuracy_m"))
