"""The map of a siting run: classes of the small areas, places by what becomes of them, hostile names as text."""

from __future__ import annotations

import re

from maps.build import build_map
from maps.siting import BREAKS, Chosen, SitingSpec, Spot, labels
from maps.tables import Cell, Column, Row, Table

HOSTILE = "<img src=x onerror=alert(1)></script>${window.x=1}`"


def spec(name: str = "一") -> SitingSpec:
    metres = (0.0, 499.9, 500.0, 1999.0, 2000.0, None)
    return SitingSpec(
        label="答え", summary="",
        districts=(),
        spots=tuple(Spot(f"s{at}", 141.0 + at / 100, 39.0, 100 * at, m) for at, m in enumerate(metres)),
        places=(
            Chosen("f-1", name, 141.0, 39.1, "kept", "残す", ("残す",)),
            Chosen("a-1", "二", 141.1, 39.1, "opened", "新しく開く", ("新しく開く",)),
        ),
        details=("区分",),
        table=Table("場所", "場所", (Column("state", "区分"),), (Row("f-1", name, (Cell("残す"),)),), layer="places"),
    )  # fmt: skip


def test_every_small_area_is_in_one_class_of_the_legend() -> None:
    legend = str(build_map(spec()).legend)
    counts = dict(re.findall(r'data-class="([a-z0-9-]+)".*?data-count="(\d+)"', legend))
    assert counts == {
        "class-0": "2",
        "class-1": "1",
        "class-2": "0",
        "class-3": "1",
        "class-4": "1",
        "missing": "1",
    }
    assert 'data-sum="6"' in legend and "行けない" in legend
    assert labels()[0] == "500 m 未満" and labels()[-1] == "2,000 m 以上" and len(labels()) == len(BREAKS) + 1
    assert "場所：新しく開く" in legend and "場所：残す" in legend and "なくせる" not in legend


def test_what_is_opened_lies_on_top_and_equal_answers_give_equal_bytes() -> None:
    script = build_map(spec()).script
    assert script.rindex('"f-1"') < script.rindex('"a-1"')
    assert build_map(spec()).script == script


def test_hostile_names_are_text() -> None:
    built = build_map(spec(HOSTILE))
    assert (
        "<img" not in built.script and "</script>" not in built.script and "${window" not in str(built.html)
    )
