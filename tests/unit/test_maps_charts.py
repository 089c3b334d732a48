"""Charts: the numbers of the table, described in words, told apart without colour, safe, and the same every time."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from coloraide import Color

from maps.chart_svg import LOOKS
from maps.charts import BuiltChart, Chart, Series, axis_marks, bar_chart, line_chart
from tests.unit.maps_world import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
YEARS = ("R1", "R2", "R3", "R4")


def chart(*series: Series, **values: object) -> Chart:
    given = {"id": "rate", "title": "加入率の推移", "x": YEARS, "unit": "%", "digits": 1, **values}
    return Chart(series=series or (Series("仁王", (87.5, 86.0, 85.25, 84.0)),), **given)  # type: ignore[arg-type]


def tree(built: BuiltChart) -> ElementTree.Element:
    return ElementTree.fromstring(str(built.svg))


def circles(built: BuiltChart) -> list[tuple[float, float]]:
    return [(float(dot.get("cx")), float(dot.get("cy"))) for dot in tree(built).iter(f"{SVG}circle")]  # type: ignore[arg-type]


def written(built: BuiltChart, name: str) -> list[str]:
    return [text.text or "" for text in tree(built).iter(f"{SVG}text") if text.get("class") == name]


def test_points_lie_where_the_axis_says() -> None:
    built = line_chart(chart(Series("仁王", (80, 85, 90, 82.5)), bounds=(80, 90)))
    heights = [y for _, y in circles(built)]
    low, middle, high, quarter = heights
    assert (low - middle) == pytest.approx(middle - high, abs=0.2)
    assert (low - quarter) == pytest.approx((low - high) / 4, abs=0.2)
    steps = [x for x, _ in circles(built)]
    assert steps[1] - steps[0] == pytest.approx(steps[3] - steps[2], abs=0.2)


def test_a_year_without_a_value_breaks_the_line_and_is_named_in_the_table() -> None:
    built = line_chart(chart(Series("仁王", (87.5, None, 86, 85), absent=("", "非公表", "", ""))))
    (line,) = re.findall(r'<path d="([^"]+)" fill="none" stroke="#1f5fa8" stroke-width="2.5"', built.svg)
    assert len(re.findall(r"[ML]", line)) == 2, "R3 to R4; R1 stands alone"
    assert len(circles(built)) == 3
    assert built.table.rows[1] == ("R2", ("非公表",))
    assert "値のない年度が 1 つ" in built.summary


def test_a_target_is_bridged_and_its_gaps_are_empty_cells() -> None:
    built = line_chart(
        chart(Series("実績", (45.2, None, 47, None)), Series("目標", (45.2, None, None, 56.5), kind="target"))
    )
    assert re.search(rf'stroke="{LOOKS["target"].colour}"[^>]*stroke-dasharray="2 4"', built.svg)
    assert [cells[1] for _, cells in built.table.rows] == ["45.2 %", "", "", "56.5 %"]


def test_title_and_description_name_the_image() -> None:
    root = tree(line_chart(chart()))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "rate-title"
    assert root.find(f"{SVG}title").text == "加入率の推移"  # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text == "仁王：R1に 87.5 %、R4に 84.0 %。"  # type: ignore[union-attr]


def test_table_chart_and_description_round_alike_and_half_up() -> None:
    built = line_chart(chart())
    assert written(built, "chart-value") == ["87.5", "86.0", "85.3", "84.0"]
    assert [cells for _, cells in built.table.rows] == [("87.5 %",), ("86.0 %",), ("85.3 %",), ("84.0 %",)]


def test_hostile_texts_are_texts() -> None:
    given = chart(
        Series(HOSTILE, (1, 2, 3, 4)), Series("市", (1, 2, 3, 4), "compare"), title=HOSTILE, unit=HOSTILE
    )
    built = line_chart(given)
    root = tree(built)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "rect",
        "path",
        "circle",
        "text",
    }
    assert not any(name.startswith("on") or name == "style" for node in root.iter() for name in node.attrib)
    assert root.find(f"{SVG}title").text == HOSTILE  # type: ignore[union-attr]
    assert "<img" not in built.legend and "<script" not in built.legend


@pytest.mark.parametrize("build", [line_chart, bar_chart])
def test_nothing_of_the_library_but_the_drawing_remains(build: object) -> None:
    given = chart(Series("仁王", (1, 2, 3, 4), spans=((0.5, 1.5), None, None, None)))
    first, second = build(given), build(given)  # type: ignore[operator]
    assert first == second, "the same bytes every time"
    assert not re.search(r"pygal|style|script|<!--|\bhttps?://(?!www\.w3\.org/2000/svg)", first.svg)


def test_series_differ_by_dash_and_point_as_well_as_by_colour() -> None:
    looks = list(LOOKS.values())
    assert len({look.dash for look in looks}) == len({look.shape for look in looks}) == len(looks)
    for look in looks:
        assert Color(look.colour).contrast("#ffffff", method="wcag21") >= 4.5
    built = line_chart(chart(Series("仁王", (1, 2, 3, 4)), Series("市", (4, 3, 2, 1), "compare")))
    assert built.legend.count("<li>") == 2
    assert "市" in built.legend


def test_bars_stand_on_zero_and_have_the_heights_of_their_values() -> None:
    built = bar_chart(chart(Series("交付額", (100, 0, None, 50)), unit="千円", digits=0))
    bars = re.findall(
        r'<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="#1f5fa8"', built.svg
    )
    (top, full), (_, none), (half_top, half) = [tuple(map(float, bar)) for bar in bars]
    assert none == 0 and half == pytest.approx(full / 2, abs=0.2)
    assert top + full == pytest.approx(half_top + half, abs=0.2)
    assert written(built, "chart-value") == ["100", "0", "50"]
    assert written(built, "chart-mark")[0] == "（千円）"
    assert not built.note


def test_an_axis_that_does_not_begin_at_zero_says_so() -> None:
    assert line_chart(chart()).note == "縦軸は 0 ではなく 84% から始まっています。"
    assert line_chart(chart(bounds=(0, 100))).note == ""


@pytest.mark.parametrize(
    ("low", "high", "whole", "marks"),
    [
        (0, 100, True, [0, 25, 50, 75, 100]),
        (0, 3, True, [0, 1, 2, 3]),
        (83.3, 87.5, False, [82, 84, 86, 88]),
        (5, 5, True, [4, 5, 6]),
        (0, 0, True, [0, 1]),
        (0, 1_234_567, True, [0, 500_000, 1_000_000, 1_500_000]),
    ],
)
def test_marks_are_round_and_hold_the_values(
    low: float, high: float, whole: bool, marks: list[float]
) -> None:
    assert axis_marks(low, high, whole=whole) == marks


def test_without_any_value_there_is_a_table_and_no_drawing() -> None:
    built = line_chart(chart(Series("仁王", (None,) * 4)))
    assert built.empty
    assert built.summary == "仁王：データなし。"
    assert [cells for _, cells in built.table.rows] == [("データなし",)] * 4
    assert line_chart(chart(Series("仁王", ()), x=())).empty


def test_long_marks_leave_out_some_of_themselves_but_no_point() -> None:
    years = tuple(f"令和{n}年度" for n in range(1, 19))
    built = line_chart(chart(Series("仁王", tuple(float(n) for n in range(18))), x=years))
    assert len(circles(built)) == 18
    shown = [text for text in written(built, "chart-mark") if text.startswith("令和")]
    assert 3 <= len(shown) < 18
    assert written(built, "chart-value") == ["0.0", "17.0"], "too many to write beside every point"


@pytest.mark.parametrize(
    "wrong",
    [
        {"series": Series("a", (1, 2))},
        {"series": Series("a", (1, 2, 3, float("nan")))},
        {"series": Series("a", (1, 2, 3, 4), spans=((0, 1),))},
        {"id": 'x"><script>'},
        {"rows": ("一",)},
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, object]) -> None:
    series = wrong.pop("series", Series("a", (1, 2, 3, 4)))
    with pytest.raises(ValueError):
        line_chart(chart(series, **wrong))  # type: ignore[arg-type]
