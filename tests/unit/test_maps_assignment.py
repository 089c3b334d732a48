"""The map of small areas: one feature each, colours that tell neighbours apart, names that stay texts."""

from __future__ import annotations

import json

from maps.assignment import COLOURS, AssignmentSpec, SmallArea, build, district_colours
from maps.palettes import MISSING
from maps.specs import District

HOSTILE = "<img src=x onerror=alert(1)></script>`'\""


def square(x: int, y: int) -> str:
    west, south, step = 141.0 + x * 0.01, 39.0 + y * 0.01, 0.01
    ring = [
        [west, south],
        [west + step, south],
        [west + step, south + step],
        [west, south + step],
        [west, south],
    ]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def grid(size: int) -> list[SmallArea]:
    """A chessboard of districts of one small area each."""
    return [
        SmallArea(f"K{x}{y}", f"町{x}{y}", x * size + y + 1, square(x, y))
        for x in range(size)
        for y in range(size)
    ]


def test_touching_districts_differ() -> None:
    areas = grid(6)
    found = district_colours(areas)
    for x in range(6):
        for y in range(6):
            for dx, dy in ((1, 0), (0, 1), (1, 1)):
                if x + dx < 6 and y + dy < 6:
                    assert found[x * 6 + y + 1] != found[(x + dx) * 6 + y + dy + 1]
    assert set(found.values()) <= set(COLOURS) and MISSING not in COLOURS


def test_every_small_area_is_there_and_hostile_names_stay_texts() -> None:
    areas = (*grid(2), SmallArea("K99", HOSTILE, None, square(5, 5)), SmallArea("K98", "形なし", 1, None))
    built = build(AssignmentSpec(areas=areas, districts=(District(1, HOSTILE, geometry=square(0, 0)),)))
    for area in areas[:-1]:
        assert f'"{area.key_code}"' in built.script
    assert "<img" not in built.script and "</script" not in built.script
    assert 'data-layers="small districts"' in built.html.replace("outline ", "")
    assert "地区なし" in built.legend and "1 か所" in built.legend


def test_equal_areas_give_equal_bytes() -> None:
    spec = AssignmentSpec(areas=tuple(grid(3)), districts=())
    assert build(spec).script == build(spec).script
