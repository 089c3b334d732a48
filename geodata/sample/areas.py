"""Areas as canonical rows: outline, districts, associations, and which belongs to which."""

from __future__ import annotations

from typing import Any

import shapely
from shapely import Polygon

from geodata.sample import facts
from geodata.sample.associations import Layout
from geodata.sample.claims import Claims
from geodata.sample.ground import Ground
from geodata.sample.people import key_code
from geodata.sample.plane import degrees, metric
from geodata.sample.rules import flat_id
from geodata.sample.streets import Streets
from geodata.sample.words import area_text, partly

Row = dict[str, Any]

FLAT_SIDE_M = 46.0


def outline_rows(ground: Ground) -> list[Row]:
    """Canonical row of the kind outline."""
    return [{"part_no": 1, "name": "盛岡市（簡略化した見本）", "geom": ground.outline}]


def district_rows(ground: Ground) -> list[Row]:
    """Canonical rows of the kind districts: real names on invented areas."""
    return [
        {
            "district_no": fact.no,
            "name": fact.name,
            "kana": fact.kana,
            "aliases": list(fact.aliases),
            "geom": _union(ground, ground.of_district(fact.no)),
        }
        for fact in facts.districts()
    ]


def assignment_rows(ground: Ground) -> list[Row]:
    """Canonical rows of the kind district-assignment: every cell and its district."""
    return [
        {"key_code": key_code(cell), "district_no": int(no), "confidence": "sure"}
        for cell, no in enumerate(ground.district)
    ]


def association_rows(
    ground: Ground, streets: Streets, layout: Layout, claims: Claims, rules: list[Row], blocks: list[Row]
) -> list[Row]:
    """Canonical rows of the kind associations; flats come last, each a small square around its block's point.

    Where the association around leaves the flats out by its rules, they are a hole in its area as well.
    """
    by_id: dict[str, list[Row]] = {}
    for rule in rules:
        by_id.setdefault(rule["association_id"], []).append(rule)
    rows: list[Row] = []
    for index, sketch in enumerate(layout.sketches):
        words = area_text(by_id.get(sketch.association_id, []), index % 3)
        if words is None:
            towns = sorted({int(streets.town_of[cell]) for cell in sketch.cells})
            words = partly([(streets.towns[t].fact.name, streets.towns[t].fact.koaza) for t in towns])
        area = None if index in claims.without_area else _union(ground, list(sketch.cells))
        rows.append(_row(sketch.association_id, sketch.name, sketch.kana, "association", words, area))
    points = {(row["town"], row["block"]): row["geom"] for row in blocks if row["house"] is None}
    for number, flat in enumerate(claims.flats):
        key = flat_id(layout, number)
        fact = streets.towns[flat.town].fact
        square = _square(points[fact.name, str(flat.number)])
        if flat.excepted:
            around = rows[flat.around]
            around["geom"] = shapely.normalize(shapely.difference(around["geom"], square))
        name = f"見本ハイツ{fact.name}自治会"
        kana = f"みほんはいつ{fact.kana}じちかい"
        rows.append(_row(key, name, kana, "building", area_text(by_id[key], 0), square))
    return rows


def _row(key: str, name: str, kana: str, kind: str, words: str | None, geom: Any) -> Row:
    return {
        "association_id": key,
        "name": name,
        "kana": kana,
        "kind": kind,
        "area_text": words,
        "geom": geom,
    }


def _square(point: Any) -> Polygon:
    (x, y), half = shapely.get_coordinates(metric(point))[0], FLAT_SIDE_M / 2
    return degrees(shapely.box(x - half, y - half, x + half, y + half))


def association_district_rows(layout: Layout, claims: Claims) -> list[Row]:
    """Canonical rows of the kind association-districts."""
    rows = [
        {"association_id": sketch.association_id, "district_no": sketch.district_no}
        for sketch in layout.sketches
    ]
    rows += [
        {
            "association_id": flat_id(layout, number),
            "district_no": layout.sketches[flat.around].district_no,
        }
        for number, flat in enumerate(claims.flats)
    ]
    return rows


def _union(ground: Ground, cells: list[int]) -> Any:
    return shapely.normalize(shapely.union_all(ground.cells[cells]))
