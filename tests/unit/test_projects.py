"""Projects per 1,000 people and circles whose area follows the count."""

from __future__ import annotations

import pytest

from kyodo_geo.projects import circle_radius, format_rate, per_thousand, rate_class, rate_legend_rows
from maps.build import build_map
from maps.planner_specs import ProjectFigures, ProjectsSpec
from maps.specs import District, FacilityPoint, Overlays
from tests.unit.maps_world import district, facility, features_of, styles_of


def test_a_rate_needs_people() -> None:
    assert per_thousand(2, 4000) == 0.5
    assert per_thousand(0, 4000) == 0
    assert per_thousand(2, 0) is None
    assert per_thousand(2, None) is None


def test_a_rate_is_classed_as_it_is_shown() -> None:
    assert (format_rate(0.1951), rate_class(0.1951)) == ("0.20", 2)
    assert (format_rate(0.1949), rate_class(0.1949)) == ("0.19", 1)
    assert rate_class(None) is None


def test_four_times_the_projects_have_twice_the_radius() -> None:
    assert circle_radius(4) == pytest.approx(2 * circle_radius(1))
    assert circle_radius(0) == 0


def test_every_district_is_in_the_legend_once() -> None:
    assert sum(row.count for row in rate_legend_rows([0.0, 0.3, 2.0, None])) == 4


def drawn(**changes: object) -> ProjectsSpec:
    districts: tuple[District, ...] = tuple(district(no) for no in (1, 2, 3))
    points: tuple[FacilityPoint, ...] = (facility(),)
    facts = {
        "districts": districts,
        "fiscal_year": 2019,
        "projects": {1: ProjectFigures(4, 500_000, 1, 30), 2: ProjectFigures(1, None, 1)},
        "overlays": Overlays(points),
    }
    return ProjectsSpec(**{**facts, **changes})  # type: ignore[arg-type]


def test_table_popup_and_circles_say_the_same() -> None:
    built = build_map(drawn())
    features = {f["id"]: f["properties"] for f in features_of(built, "districts")}
    texts = [[cell.text for cell in row.cells[:4]] for row in built.table.rows]
    assert texts == [
        ["4", "4.00", "1.0件以上", "500,000（ほか 1 件は不明）"],
        ["1", "1.00", "1.0件以上", "不明"],
        ["0", "0.00", "0.1件未満", "0"],
    ]
    assert [features[no]["count"] for no in (1, 2, 3)] == ["4 件", "1 件", "0 件"]
    assert [f["id"] for f in features_of(built, "projects")] == [1, 2]
    radii = {no: style["radius"] for no, style in styles_of(built, "projects").items()}
    assert radii[1] == pytest.approx(2 * radii[2])


def test_layers_are_switched_by_what_the_map_is_about() -> None:
    assert [(layer, on) for layer, _, on in build_map(drawn()).toggles] == [
        ("projects", True),
        ("facilities", False),
    ]  # type: ignore[misc]


def test_a_year_without_records_is_unknown_and_not_zero() -> None:
    built = build_map(drawn(projects={}, known=False))
    assert {row.cells[0].text for row in built.table.rows} == {"データなし"}
    assert built.figures == ()
