"""Which actions can follow each other, what two versions differ in, and that tables of actions come back as they went."""

from __future__ import annotations

import io
from datetime import date
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.look_child import looked
from api.looking import Looked
from api.scenario_edit import files, rows
from api.scenario_pages.inputs import closed_from
from geodata.batch.files import open_source
from geodata.sample import facts
from geodata.scenarios import Action, Scenario
from kyodo_geo.errors import InputError
from kyodo_geo.facility_terms import ACTIONS
from kyodo_geo.scenarios.actions import faults as computed
from kyodo_geo.scenarios.changes import changed
from kyodo_geo.scenarios.rules import Place, faults, new_faults, remarks
from tests.unit.sample_world import sample

PLACES = {
    "a": Place("a", "甲館", floor_area_m2=1000.0),
    "b": Place("b", "乙館", opened_on=date(2031, 4, 1)),
    "c": Place("c", "丙館", closed_on=date(2030, 4, 1), floor_area_m2=500.0),
    "d": Place("d", "丁館", closures=((date(2029, 6, 1), date(2030, 6, 1)),)),
}


def found(*actions: Action) -> list[tuple[int, str]]:
    return [(fault.at, fault.field) for fault in faults(actions, PLACES, 2027, 40)]


@pytest.mark.parametrize(
    ("actions", "wrong"),
    [
        ([Action(2027, "a", "長寿命化"), Action(2040, "a", "建替"), Action(2066, "a", "廃止・除却")], []),
        ([Action(2026, "a", "継続")], [(0, "year")]),
        ([Action(2067, "a", "継続")], [(0, "year")]),
        ([Action(2030, "x", "継続")], [(0, "facility_id")]),
        ([Action(2030, "a", "廃止・除却"), Action(2031, "a", "継続")], [(1, "year")]),
        ([Action(2031, "a", "大規模改修"), Action(2030, "a", "譲渡")], [(0, "year")]),
        ([Action(2030, "a", "集約化", "d"), Action(2032, "a", "廃止・除却")], []),
        ([Action(2030, "a", "転用"), Action(2032, "a", "譲渡"), Action(2033, "a", "廃止・除却")], [(2, "year")]),
        ([Action(2030, "a", "転用"), Action(2032, "a", "大規模改修")], [(1, "year")]),
        ([Action(2030, "a", "廃止・除却"), Action(2030, "a", "大規模改修")], [(1, "action")]),
        ([Action(2030, "a", "建替"), Action(2030, "a", "建替")], [(1, "action")]),
        ([Action(2030, "a", "集約化")], [(0, "into_facility")]),
        ([Action(2030, "a", "集約化", "b")], [(0, "into_facility")]),
        ([Action(2032, "a", "集約化", "b")], []),
        ([Action(2031, "a", "集約化", "c")], [(0, "into_facility")]),
        ([Action(2029, "a", "集約化", "d")], [(0, "into_facility")]),
        ([Action(2030, "a", "集約化", "d"), Action(2030, "d", "譲渡")], [(0, "into_facility")]),
        ([Action(2030, "a", "集約化", "d"), Action(2031, "d", "譲渡")], []),
        ([Action(2032, "a", "集約化", "b"), Action(2032, "b", "集約化", "a")], [(0, "into_facility"), (1, "into_facility")]),
        ([Action(2030, "a", "継続", "d")], [(0, "into_facility")]),
        ([Action(2030, "a", "集約化", "a")], [(0, "into_facility")]),
        ([Action(2030, "a", "建替（縮小）")], [(0, "floor_area_m2")]),
        ([Action(2030, "a", "建替（縮小）", None, 1000.0)], [(0, "floor_area_m2")]),
        ([Action(2030, "a", "建替（縮小）", None, 999.0)], []),
        ([Action(2032, "b", "建替（縮小）", None, 9999.0)], []),
        ([Action(2030, "a", "廃止・除却", None, 10.0)], [(0, "floor_area_m2")]),
        ([Action(2030, "c", "継続")], [(0, "year")]),
        ([Action(2030, "b", "継続")], [(0, "year")]),
    ],
)  # fmt: skip
def test_what_can_follow_what(actions: list[Action], wrong: list[tuple[int, str]]) -> None:
    assert found(*actions) == wrong


STEPS = st.lists(
    st.builds(
        Action, st.integers(2025, 2040), st.sampled_from("abcdx"), st.sampled_from(ACTIONS),
        st.none() | st.sampled_from("abcd"), st.none() | st.sampled_from([400.0, 2000.0]),
    ),
    max_size=4,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_what_an_editor_may_save_has_effects(actions: list[Action]) -> None:
    names = {key: place.name for key, place in PLACES.items()}
    closed = {key: closed_from(place.closed_on) for key, place in PLACES.items() if place.closed_on}
    if not faults(actions, PLACES, 2027, 10):
        assert computed(actions, names, closed, base=2027, horizon=10) == []


def test_old_faults_do_not_keep_anybody_from_putting_others_right() -> None:
    bad = [Action(2026, "a", "継続"), Action(2030, "x", "継続")]
    before = faults(bad, PLACES, 2027, 40)
    assert new_faults(before, faults(bad[1:], PLACES, 2027, 40)) == []
    (fault,) = new_faults(before, faults([*bad, Action(2031, "a", "集約化", "c")], PLACES, 2027, 40))
    assert fault.at == 2 and "丙館" in fault.message


def test_what_cannot_be_checked_is_said() -> None:
    (told,) = remarks([Action(2030, "a", "建替"), Action(2032, "b", "建替（縮小）", None, 5.0)], PLACES)
    assert "乙館" in told
    assert "1 件もありません" in remarks([], PLACES)[0]


def test_the_samples_scenarios_can_be() -> None:
    records = sample().records
    places = {centre.facility_id: Place(centre.facility_id, centre.name) for centre in facts.centres()}
    fields = ("year", "facility_id", "action", "into_facility", "floor_area_m2", "cost_yen", "note")
    for scenario in records["scenario"]:
        steps = [
            Action(**{name: row[name] for name in fields})
            for row in records["scenario_action"]
            if row["scenario_id"] == scenario["scenario_id"]
        ]
        assert steps and faults(steps, places, scenario["base_year"], scenario["horizon"]) == []


# -- differences -----------------------------------------------------------------------------------------------

A, B, C = Action(2030, "a", "長寿命化"), Action(2031, "b", "建替"), Action(2040, "a", "譲渡")


def test_differences_pair_what_belongs_together() -> None:
    later, other = Action(2033, "a", "長寿命化"), Action(2031, "b", "転用")
    told = changed([A, B, C], [C, later, other, Action(2035, "c", "継続")])
    assert [(item.kind, item.before, item.after) for item in told] == [
        ("changed", B, other), ("changed", A, later), ("added", None, Action(2035, "c", "継続")),
    ]  # fmt: skip
    assert changed([A, B], [B, A]) == []
    assert [item.kind for item in changed([A, A], [A])] == ["removed"]


# -- tables ----------------------------------------------------------------------------------------------------

NAMES = {"a": "甲館", "b": "=乙館", "c": "同名館", "d": "同名館"}
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
ROWS = st.lists(
    st.builds(
        Action,
        st.integers(1950, 2200), st.sampled_from(list(NAMES)), st.sampled_from(ACTIONS), st.sampled_from([None, *NAMES]),
        st.none() | st.decimals(1, 99_999, places=2).map(float), st.none() | st.integers(0, 10**10),
        st.none() | st.builds("{}{}".format, st.sampled_from(["", "=", "'=", "''+a", "-", "@", "'"]), TEXT),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def scenario(actions: list[Action]) -> Scenario:
    return Scenario(
        "s", 3, "=題名", "課", "理由", "draft", 2027, 40, {}, None, None, "sample", None, tuple(actions)  # type: ignore[arg-type]
    )  # fmt: skip


def looked_here(stream: IO[bytes], name: str, *, most: int) -> Looked:
    """What the child does, without a process for each of a hundred tables (tests/api/test_looking.py has the child)."""
    return Looked(**looked(open_source(stream, name, max_rows=most), whole=True))


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_csv_and_workbooks_come_back_as_they_went(actions: list[Action]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "look", looked_here)
        come_back_as_they_went(actions)


def come_back_as_they_went(actions: list[Action]) -> None:
    from unicodedata import normalize

    kept = [
        Action(a.year, a.facility_id, a.action, a.into_facility, a.floor_area_m2, a.cost_yen, a.note and normalize("NFC", a.note))
        for a in actions
    ]  # fmt: skip
    for body, name in (
        (files.to_csv(scenario(kept), NAMES), "x.csv"),
        (files.to_xlsx(scenario(kept), NAMES), "x.xlsx"),
    ):
        assert files.read(io.BytesIO(body), name, NAMES) == kept, name


def test_no_cell_of_a_file_is_a_formula() -> None:
    import openpyxl

    body = files.to_csv(scenario([Action(2030, "b", "継続", note="=1+1!A")]), NAMES).decode()
    assert ",'=乙館," in body and ",'=1+1!A," in body and "'=題名" in body
    book = openpyxl.load_workbook(
        io.BytesIO(files.to_xlsx(scenario([Action(2030, "b", "継続", note="=1+1!A")]), NAMES))
    )
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells} and "=1+1!A" in [cell.value for cell in cells]


HEAD = "年度\t施設\t行動\t移す先\t実施後の延床面積\t事業費\t備考"


def test_a_pasted_table_is_read_as_people_write_it() -> None:
    text = f"{HEAD}\n令和12年度\t甲館\t建替（縮小）\t\t６００㎡\t1,200,000円\tまず\n2031\ta\t継続"
    assert rows.pasted(text, NAMES) == [
        Action(2030, "a", "建替（縮小）", None, 600.0, 1_200_000, "まず"), Action(2031, "a", "継続"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2030\t同名館\t継続", "いくつもあります"), ("2030\t無い館\t継続", "登録されていません"),
        ("2030\t甲館\t爆破", "行動を選んで"), ("いつか\t甲館\t継続", "年度として読めません"),
        ("2030\t甲館\t継続\t\t-5", "延床面積"), ("2030\t甲館\t継続\t\t\t1.5", "事業費"),
        ("2030\t\t継続", "施設を選んで"), ("2030\t甲館\t継続\t\t\t\t\tX", "見出しより多い"),
    ],
)  # fmt: skip
def test_what_a_table_cannot_say_is_refused_with_its_row(line: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        rows.pasted(f"{HEAD}\n{line}", NAMES)
    assert caught.value.message.startswith("2 行目：") and caught.value.details["field"] == "rows"


@pytest.mark.parametrize(
    ("head", "words"),
    [("年度\t施設\t何か", "何か"), ("年度\t行動", "施設番号"), ("年度\t施設\t行動\t年", "年")],
)
def test_headings_are_asked_for(head: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        rows.pasted(f"{head}\n2030\ta\t継続", NAMES)
