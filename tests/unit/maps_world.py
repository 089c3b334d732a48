"""A city of four squares, for the tests of maps."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from kyodo_geo.plan_states import PlanRecord, PlanStanding, PlanState
from maps.specs import BuiltMap, District, FacilityPoint

HOSTILE = '<img src=x onerror="window.x=1">${window.x=1}`\'</script><script>window.x=1</script>'
STATED = date(2021, 4, 1)


def square(west: float, south: float, side: float = 1.0) -> str:
    """GeoJSON text of a square, lower left corner given."""
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def district(no: int, **figures: Any) -> District:
    """District `no` on the square (no, 0)."""
    facts: dict[str, Any] = {
        "name": f"第{no}",
        "geometry": square(no, 0),
        "label_lon": no + 0.5,
        "label_lat": 0.5,
        "people": 1000,
        "households": 400,
    }
    return District(no=no, **(facts | figures))


def standing(state: str, since: date | None = None, version: int | None = None, **facts: Any) -> PlanStanding:
    """A plan state; without a day `since` only the paper of `STATED` tells of it."""
    record = PlanRecord(1, PlanState(state), valid_from=since, stated_on=None if since else STATED, **facts)
    return PlanStanding(record, version, since is None)


def rated(no: int, rate: float | None, **figures: Any) -> District:
    """District with a membership rate of 1,000 households."""
    members = None if rate is None else round(1000 * rate)
    return district(no, membership_rate=rate, member_households=members, rate_households=1000, **figures)


def facility(name: str = "中央会館", identifier: str = "F1") -> FacilityPoint:
    return FacilityPoint(
        id=identifier, name=name, kind="会館", lon=1.5, lat=0.5, address="一丁目", capacity=None
    )


def features_of(built: BuiltMap, layer: str) -> list[dict[str, Any]]:
    """The GeoJSON features the script adds to a layer."""
    start = f"geo_json_{layer}_add("
    line = next(line for line in built.script.splitlines() if line.startswith(start))
    return json.loads(line.removeprefix(start).removesuffix(");"))["features"]


def styles_of(built: BuiltMap, layer: str) -> dict[Any, dict[str, Any]]:
    """Feature id → Leaflet style, as the script's styler would answer."""
    lines = built.script.splitlines()
    at = lines.index(f"function geo_json_{layer}_styler(feature) {{")
    styles: dict[Any, dict[str, Any]] = {}
    ids: list[Any] = []
    default: dict[str, Any] = {}
    for line in lines[at + 2 :]:
        if line.startswith("case"):
            ids = [json.loads(part.strip().removeprefix("case ")) for part in line.split(":") if part.strip()]
        elif line.startswith("default"):
            ids = []
        elif line.startswith("return"):
            style = json.loads(line.removeprefix("return ").removesuffix(";"))
            styles.update(dict.fromkeys(ids, style))
            default = style
        else:
            break
    return {feature["id"]: styles.get(feature["id"], default) for feature in features_of(built, layer)}
