"""Age classes in headings, and which of overlapping ones to keep; corners of grid squares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.ages import OLDEST, AgeLabel, finest, read_label
from kyodo_geo.errors import InputError
from kyodo_geo.mesh import LEVELS, corners


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("総数０～４歳", AgeLabel("class", "both", (0, 4))),
        ("0〜4歳", AgeLabel("class", "both", (0, 4))),
        ("０－４", AgeLabel("class", "both", (0, 4))),
        ("５歳から９歳", AgeLabel("class", "both", (5, 9))),
        ("85歳以上", AgeLabel("class", "both", (85, None))),
        ("85+", AgeLabel("class", "both", (85, None))),
        ("15歳未満", AgeLabel("class", "both", (0, 14))),
        ("７歳", AgeLabel("class", "both", (7, 7))),
        ("男　25～29歳", AgeLabel("class", "male", (25, 29))),
        ("女の総数、年齢「不詳」含む", AgeLabel("total", "female")),
        ("総数、年齢「不詳」含む", AgeLabel("total", "both")),
        ("年齢「不詳」", AgeLabel("unknown", "both")),
        ("男女計 65歳以上人口", AgeLabel("class", "both", (65, None))),
        ("2040年 75歳以上", AgeLabel("class", "both", (75, None), 2040)),
        ("2040年 総数", AgeLabel("total", "both", None, 2040)),
    ],
)
def test_headings_of_published_tables_are_understood(text: str, label: AgeLabel) -> None:
    assert read_label(text) == label


@pytest.mark.parametrize(
    "text",
    ["", "世帯数", "KEY_CODE", "T001082002", "平均年齢", "9～5歳", "200歳", "2020", "歳", "区分", "あ" * 80],
)
def test_other_headings_are_none(text: str) -> None:
    assert read_label(text) is None


@given(st.text(max_size=30))
def test_any_text_has_a_label_or_none(text: str) -> None:
    found = read_label(text)
    assert found is None or (found.ages is not None) == (found.kind == "class")


def test_a_coarser_class_goes_only_where_finer_ones_cover_it() -> None:
    five = [(age, age + 4) for age in range(0, 75, 5)]
    published = [*five, (75, None), (0, 14), (15, 64), (65, None)]
    assert finest(published) == [*five, (75, None)]
    assert finest([(0, 14), (15, 64), (65, None), (75, None)]) == [(0, 14), (15, 64), (65, None)]
    assert finest([(0, 4), (5, 9), (0, 9), (0, 14), (15, None)]) == [(0, 14), (15, None)]
    assert finest([(0, 9), (20, 29)]) == [(0, 9), (20, 29)]


def test_classes_that_cut_each_other_are_refused() -> None:
    with pytest.raises(InputError, match="重なっています"):
        finest([(0, 14), (10, 19)])


@given(st.lists(st.integers(1, 120), unique=True, max_size=8).map(sorted))
def test_the_finest_of_a_partition_and_its_unions_is_the_partition(cuts: list[int]) -> None:
    edges = [0, *cuts]
    parts = [(a, b - 1) for a, b in zip(edges, cuts, strict=False)] + [(edges[-1], None)]
    unions = [(edges[0], None)] + [(0, b - 1) for b in cuts]
    found = finest([*parts, *unions])
    assert found == parts
    assert sum((OLDEST if b is None else b) - a + 1 for a, b in found) == OLDEST + 1


@pytest.mark.parametrize(
    ("code", "box"),
    [
        # Tokyo's first-order square 5339 begins at 139° E, 35° 20' N; the third-order ones are 45" by 30".
        ("53390000", (139.0, 35 + 1 / 3, 139 + 45 / 3600, 35 + 1 / 3 + 30 / 3600)),
        ("533900001", (139.0, 35 + 1 / 3, 139 + 22.5 / 3600, 35 + 1 / 3 + 15 / 3600)),
        ("533900004", (139 + 22.5 / 3600, 35 + 1 / 3 + 15 / 3600, 139 + 45 / 3600, 35 + 1 / 3 + 30 / 3600)),
        (
            "5339000024",
            (139 + 33.75 / 3600, 35 + 1 / 3 + 7.5 / 3600, 139 + 45 / 3600, 35 + 1 / 3 + 15 / 3600),
        ),
        ("58417199", (141.125 + 9 * 45 / 3600 + 0.0, 39.25 + 9 * 30 / 3600 + 0.0, 141.25, 39.3333333333)),
    ],
)
def test_corners_by_the_standard(code: str, box: tuple[float, float, float, float]) -> None:
    west, south, east, north = corners(code)
    if code == "58417199":  # 58 → 38°40', 7 → +35'; 41 → 141°, 1 → +7'30"
        box = (141.125 + 9 * 45 / 3600, 38 + 2 / 3 + 35 / 60 + 9 * 30 / 3600, 141.25, 38 + 2 / 3 + 40 / 60)
    assert (west, south, east, north) == pytest.approx(box, abs=1e-9)


@pytest.mark.parametrize(
    "code", ["", "5841", "58418000", "58410800", "584100005", "584100000", "5841００00", "584100001112"]
)
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(InputError):
        corners(code)


def test_quarters_tile_their_square_without_a_gap() -> None:
    for size in sorted(LEVELS)[:-1]:
        whole = "58417199"[:8] + "3" * (size - 8)
        west, south, east, north = corners(whole)
        parts = [corners(f"{whole}{n}") for n in (1, 2, 3, 4)]
        assert {p[0] for p in parts} == {west, parts[1][0]} and parts[0][2] == parts[1][0]
        assert parts[0][:2] == (west, south) and parts[3][2:] == (east, north)
        assert parts[0][3] == parts[2][1]
