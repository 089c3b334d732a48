"""A run as files, from the very tables of its page. Every line says what it was made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.geojson import collection, feature, point
from api.reach_pages.people import UNIT
from api.siting_pages import words
from api.support.files import table_csv

if TYPE_CHECKING:
    from api.siting_pages.view import RunView
    from maps.tables import Table


def offered(found: RunView) -> list[dict[str, str]]:
    """What the page offers."""
    base, unit = f"/facilities/siting/{found.run.run_id}", UNIT[found.asked.demand]
    return [
        {"href": f"{base}/table.csv", "label": "場所の表（CSV）", "note": "庁内限り"},
        {"href": f"{base}/points.geojson", "label": "場所（GeoJSON）", "note": "庁内限り"},
        {"href": f"{base}/table.csv?part=figures", "label": "いまと答えの比較（CSV）", "note": "庁内限り"},
        {"href": f"{base}/table.csv?part=districts", "label": "地区別の表（CSV）", "note": "庁内限り"},
        {"href": f"{base}/table.csv?part=areas", "label": f"{unit}別の表（CSV）", "note": f"すべての{unit}"},
        {"href": f"{base}/points.geojson?part=areas", "label": f"{unit}（GeoJSON）", "note": "代表点"},
    ]


def _table(found: RunView, part: str) -> Table:
    table = {
        "sites": found.sites,
        "figures": found.figures,
        "districts": found.by_district,
        "areas": found.areas,
    }[part]
    assert table is not None
    return table


def period_of(found: RunView) -> str:
    """What the figures are of, in every line: the question in short, status, gap, time of asking."""
    assert found.result is not None
    status = words.STATUS[found.result["status"]][0]
    lost = found.result["left_out"]
    without = f"・届かない所の {lost:,} 人を除く" if lost else ""
    gap = words.gap(found.result["gap"])
    return f"{found.period}・{status}（差の上限 {gap}）{without}・届く範囲 {words.reach(found.asked)}"


def table(found: RunView, part: str) -> bytes:
    """One of its tables as CSV."""
    return table_csv(_table(found, part), found.dataset, period_of(found))


def points(found: RunView, part: str) -> bytes:
    """Its places or small areas as points with the figures of their rows."""
    assert found.result is not None
    held = found.result["sites"] if part == "sites" else found.result["areas"]
    place_of: dict[Any, Any] = {item.get("id") or item["key"]: item for item in held}
    made = _table(found, part)
    features = []
    for row in made.rows:
        item = place_of[row.key]
        figures = {
            column.key: cell.value if column.numeric else cell.text
            for column, cell in zip(made.columns, row.cells, strict=True)
        }
        features.append(feature(row.key, point(item["lon"], item["lat"]), {"name": row.name, **figures}))
    return collection(
        features, found.dataset, municipality=found.ref.municipality_code, period=period_of(found),
        status=found.result["status"], objective=found.result["objective"], bound=found.result["bound"],
        gap=found.result["gap"], left_out=found.result["left_out"],
    )  # fmt: skip
