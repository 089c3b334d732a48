"""Whatever a 告示 looks like: of the person in it nothing comes out, and their home is nobody's area."""

from __future__ import annotations

import csv
import json
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geodata.readers.notices import read_notices
from kyodo_geo.errors import KyodoError
from tests.unit.readers.files import load
from tests.unit.readers.hostile_notices import AREAS, HOMES, HOUSES, NAMES, PHONES, SECRETS, Hostile, files
from tests.unit.readers.test_area_words import CONTEXT, everything, rows, rules

HERE = CONTEXT | {"municipality_name": "盛岡市"}
SHARED = Path(__file__).parents[4] / "shared" / "data" / "formats" / "association_area_notations.csv"
FREE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def outcome(path: Path, **options: Any) -> tuple[str, list[tuple[Any, ...]]]:
    """All that a load shows, stores or raises; and its rules."""
    try:
        result = rules(path, context=HERE, **options)
    except KyodoError as error:
        return f"{error.message} {error.details} {''.join(traceback.format_exception_only(error))}", []
    return everything(result), rows(result)


def assert_nobody(shown: str, found: list[tuple[Any, ...]], secrets: tuple[str, ...] = SECRETS) -> None:
    shown = shown + json.dumps(found, ensure_ascii=False, default=str)
    assert not [secret for secret in secrets if secret in shown]
    assert not [row for row in found if set(HOUSES) & set(row[5:])]


@settings(suppress_health_check=FREE, max_examples=150, deadline=None)
@given(files)
@example(Hostile("名称　みたけ町内会\n区域　みたけ三丁目\n盛岡市みたけ四丁目98番76号\n鬼瓦権左衛門", "utf-8"))
@example(Hostile("名称　みたけ町内会\n区域　みたけ三丁目1番から4番まで　盛岡市みたけ四丁目98番76号", "utf-8"))
@example(Hostile("名称　みたけ町内会\n鬼瓦権左衛門\n区域　みたけ三丁目", "cp932"))
def test_nothing_of_a_person_comes_out(tmp_path: Path, hostile: Hostile) -> None:
    path = tmp_path / "k.txt"
    path.write_bytes(hostile.content)
    assert_nobody(*outcome(path, format="kokuji-text"))


@pytest.mark.parametrize("line", [*NAMES, *HOMES, *PHONES])
def test_each_line_below_an_area_refuses_the_row_and_says_only_where(tmp_path: Path, line: str) -> None:
    path = tmp_path / "k.txt"
    path.write_text(
        f"名称　みたけ町内会\n区域\nみたけ三丁目1番から4番まで\n{line}\n\n名称　上田町内会\n区域　上田\n",
        "utf-8",
    )
    shown, found = outcome(path, format="kokuji-text")
    assert_nobody(shown, found)
    assert [row[0] for row in found if row[0] == "a2"], "another association of the file is read all the same"
    assert [row[5:7] for row in found if row[0] == "a1"] in ([], [(1, 4)])


@settings(suppress_health_check=FREE, max_examples=60, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.sampled_from(HOMES),
    st.sampled_from(PHONES),
    st.permutations(range(3)),
    st.booleans(),
)
def test_cells_of_a_list(
    tmp_path: Path, name: str, home: str, phone: str, order: list[int], listed: bool
) -> None:
    """Persons in the cell of the area, of the name and of the number: columns slip."""
    cells = [[name, home, phone][i] for i in order]
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [
                ["町内会番号", "町内会名", "区域", "会長名"],
                ["a1", "みたけ町内会", f"みたけ三丁目1番\n{cells[0]} {cells[1]}", name],
                [cells[2], cells[0], "上田", name],
                ["", cells[1], "上田", name],
                ["a2", "", "上田7番", name],
            ]
        )
    shown, found = outcome(path, **({"format": "association-list"} if listed else {}))
    assert_nobody(shown, found)
    assert ("a2", 1, "part", "上田", None, 7, 7, None, None) in found


@pytest.mark.parametrize("line", [f"佐藤 {NAMES[0][2:]}", HOMES[0], PHONES[0], f"会長 {NAMES[0]}"])
def test_areas_that_everybody_sees_keep_no_person(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [
                ["町内会番号", "町内会名", "区域"],
                ["a1", "城北", f"上田1番\n{line}"],
                ["a2", "上田", "上田2番"],
            ]
        )
    result = load("associations", path, context=HERE)
    assert_nobody(everything(result), [])
    assert result.frame["area_text"].tolist() == [None, "上田2番"]
    assert any("（2 行目）" in note for note in result.report.notes)


def test_without_towns_a_name_could_be_a_town_and_nothing_is_read(tmp_path: Path) -> None:
    path = tmp_path / "k.txt"
    path.write_text(f"名称　みたけ町内会\n区域　{NAMES[0]}\n", "utf-8")
    with pytest.raises(KyodoError, match="towns") as error:
        rules(path, format="kokuji-text", context={})
    assert_nobody(error.value.message, [])


class TestWhatIsNoPersonIsStillRead:
    @pytest.mark.parametrize("order", [("名称", "区域"), ("区域", "名称")])
    def test_fields_in_any_order(self, tmp_path: Path, order: tuple[str, str]) -> None:
        values = {"名称": ("みたけ町内会", "上田町内会"), "区域": ("みたけ三丁目1番", "上田")}
        text = "".join(
            f"{label}　{values[label][i]}\n代表者の氏名　{NAMES[0]}\n" for i in range(2) for label in order
        )
        path = tmp_path / "k.txt"
        path.write_text(text, "cp932")
        assert [row[0] for row in outcome(path, format="kokuji-text")[1]] == ["a1", "a2"]

    def test_one_line(self, tmp_path: Path) -> None:
        path = tmp_path / "k.txt"
        path.write_text(
            f"１　名称　みたけ町内会　２　区域　みたけ三丁目1番　３　代表者　{NAMES[0]}\n", "utf-8"
        )
        assert [row[:4] for row in outcome(path, format="kokuji-text")[1]] == [
            ("a1", 1, "part", "みたけ三丁目")
        ]

    @pytest.mark.parametrize("mark", ["\t", "　", " | "])
    def test_a_table(self, tmp_path: Path, mark: str) -> None:
        lines = [
            ("名称", "代表者の氏名及び住所", "区域"),
            ("みたけ町内会", NAMES[0], "みたけ三丁目1番から4番まで"),
        ]
        path = tmp_path / "k.txt"
        path.write_text("\n".join(mark.join(line) for line in lines), "utf-8")
        assert [row[5:7] for row in outcome(path, format="kokuji-text")[1]] == [(1, 4)]

    def test_labels_broken_by_a_pdf(self, tmp_path: Path) -> None:
        path = tmp_path / "k.txt"
        path.write_text(
            f"名\n称 みたけ町\n内会\n区\n域 みたけ三丁目1番から\n4番まで\n代\n表者 {NAMES[0]}\n", "utf-8"
        )
        assert [(row[0], row[5], row[6]) for row in outcome(path, format="kokuji-text")[1]] == [("a1", 1, 4)]

    def test_a_change_of_the_area_gives_the_new_one(self, tmp_path: Path) -> None:
        path = tmp_path / "k.txt"
        path.write_text(
            f"名称　みたけ町内会\n区域\n変更前　みたけ一丁目\n変更後　みたけ三丁目\n代表者\n"
            f"変更前　{NAMES[0]}\n変更後　{NAMES[1]}\n",
            "utf-8",
        )
        shown, found = outcome(path, format="kokuji-text")
        assert [row[3] for row in found] == ["みたけ三丁目"]
        assert_nobody(shown, found)

    def test_a_change_of_the_representative_has_no_area_and_is_counted(self) -> None:
        lines = ["名称　みたけ町内会", "代表者", f"変更後　{NAMES[0]}", "名称　上田町内会", "区域　上田"]
        found = read_notices(lines, "k.txt")
        assert [notice.name for notice in found.found] == ["上田町内会"]
        assert found.without_area == 1

    def test_an_area_on_a_map_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "k.txt"
        path.write_text("名称　みたけ町内会\n区域　別図のとおり\n名称　上田町内会\n区域　上田\n", "utf-8")
        shown, found = outcome(path, format="kokuji-text")
        assert [row[0] for row in found] == ["a2"]
        assert "別図などで示されています" in shown

    @pytest.mark.parametrize(
        "area", [area for area in AREAS if "別図" not in area and "国道" not in area and "一部" not in area]
    )
    def test_areas(self, tmp_path: Path, area: str) -> None:
        path = tmp_path / "k.txt"
        path.write_text(f"名称　みたけ町内会\n区域\n　{area}\n代表者\n{NAMES[0]}\n", "utf-8")
        assert outcome(path, format="kokuji-text")[1]
