"""Records of the centres: what forms take, which counts are told, which figures follow, when a visit is due."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kyodo_geo.at_risk import Facts, Thresholds, judge
from kyodo_geo.centres.cases import CaseLine, Counted, Due, by_district, due_of, figures_words
from kyodo_geo.centres.consultations import CITY, Said, Table, shown
from kyodo_geo.centres.event_figures import HeldEvent, Sent, compare, offered
from kyodo_geo.centres.kinds import CASES, CONSULTATIONS, DISPATCHES, EVENTS, VISITS, time_of
from kyodo_geo.errors import InputError
from kyodo_geo.quality import Quality
from kyodo_geo.records import Kind, entry

KNOWN: dict[str, Any] = {
    "district": {"5": "松園"}, "association": {"a1": "見本町内会"}, "facility": {"f1": "公民館"}, "centre": {"b1": "センター"},
    "topic": {"t1": "会計", "t2": "加入", "t3": "行事"}, "case": {"c1": "見本町内会"},
}  # fmt: skip
TYPED: dict[str, dict[str, str]] = {
    "consultations": {"body_id": "b1", "held_on": "令和8年5月1日", "asker": "resident", "way": "phone", "topic_id": "t1",
                      "result": "answered", "quality": "real"},
    "events": {"title": "講座", "initiative_no": "26", "starts_on": "2026-10-01", "state": "planned", "quality": "real"},
    "risk-cases": {"association_id": "a1", "opened_on": "2026-04-01", "state": "open", "quality": "real"},
    "risk-visits": {"visited_on": "2026-05-01", "way": "visit", "heard": "役員が足りない"},
    "dispatches": {"dispatched_on": "2026-05-01", "adviser": "見本NPO", "theme": "会計", "district_no": "5", "quality": "real"},
}  # fmt: skip


def typed(kind: Kind, **more: str) -> dict[str, Any]:
    fields = {**TYPED[kind.key], **more}
    return entry(kind, lambda name: fields.get(name, ""), KNOWN)


WRONG = [
    (CONSULTATIONS, {"topic_2": "t1"}, "topic_2"), (CONSULTATIONS, {"topic_2": "t2", "topic_3": "t2"}, "topic_3"),
    (CONSULTATIONS, {"topic_3": "t2"}, "topic_2"), (CONSULTATIONS, {"association_id": "a1"}, "association_id"),
    (CONSULTATIONS, {"body_id": "b2"}, "body_id"), (CONSULTATIONS, {"minutes": "1441"}, "minutes"),
    (EVENTS, {"ends_on": "2026-09-30"}, "ends_on"), (EVENTS, {"starts_at": "25:00"}, "starts_at"),
    (EVENTS, {"starts_at": "13:30", "ends_at": "13:00"}, "ends_at"), (EVENTS, {"participants": "3"}, "participants"),
    (EVENTS, {"apply_until": "2026-10-02"}, "apply_until"), (EVENTS, {"materials_url": "http://a.example"}, "materials_url"),
    (EVENTS, {"initiative_no": "9"}, "initiative_no"),
    (CASES, {"state": "closed"}, "closed_on"), (CASES, {"closed_on": "2026-05-01"}, "closed_on"),
    (CASES, {"state": "closed", "closed_on": "2026-03-31"}, "closed_on"),
    (VISITS, {"next_on": "2026-04-30"}, "next_on"), (VISITS, {"heard": ""}, "heard"),
    (DISPATCHES, {"district_no": ""}, "district_no"), (DISPATCHES, {"hours": "0"}, "hours"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "wrong"), WRONG)
def test_what_cannot_be_is_refused_with_its_field(kind: Kind, fields: dict[str, str], wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        typed(kind, **fields)
    assert caught.value.details["field"] == wrong


def test_what_people_type_is_taken() -> None:
    found = typed(EVENTS, starts_at="９時", ends_at="12時30分", ends_on="2026-10-01")
    assert (found["starts_at"], found["ends_at"], found["ends_on"]) == ("09:00", "12:30", None)
    assert time_of("13:05", "x", "時刻") == "13:05"
    assert typed(CONSULTATIONS, asker="association", association_id="a1")["association_id"] == "a1"
    assert typed(DISPATCHES, district_no="", association_id="a1")["district_no"] is None
    assert typed(CASES, state="終了", closed_on="令和8年6月1日")["closed_on"] == date(2026, 6, 1)


def test_texts_and_names_are_personal_and_stand_in_no_list() -> None:
    personal = {
        (kind.key, field.name)
        for kind in (CONSULTATIONS, CASES, VISITS)
        for field in kind.fields
        if field.personal
    }
    assert personal == {
        ("consultations", "content"), ("risk-cases", "reason"), ("risk-cases", "person_name"), ("risk-cases", "outcome"),
        ("risk-visits", "person_name"), ("risk-visits", "heard"), ("risk-visits", "advice"), ("risk-visits", "next_step"),
    }  # fmt: skip
    assert not any(field.listed for field in CONSULTATIONS.fields if field.personal)


def test_small_counts_and_what_would_give_them_away_are_withheld() -> None:
    said = [*[Said("b1", ("t1",))] * 2, *[Said("b2", ("t1",))] * 4, *[Said("b3", ("t1", "t2"))] * 7]
    found = shown(said)
    assert found[CITY, CITY] == 13, "one with two topics counts once"
    assert (found[CITY, "t1"], found[CITY, "t2"]) == (13, 7)
    assert (found["b1", "t1"], found["b2", "t1"]) == (None, None), "4 is what 13 less 7 less 4 would tell of"
    assert (found["b3", "t1"], found["b3", "t2"]) == (7, 7)


def test_the_centres_of_a_withheld_topic_are_withheld_with_it() -> None:
    found = shown([*[Said("b1", ("t1",))] * 9, *[Said("b1", ("t2",))] * 4, *[Said("b2", ("t3",))] * 1])
    assert found[CITY, "t3"] is None and found["b2", "t3"] is None
    assert found[CITY, "t2"] is None and found["b1", "t2"] is None, "withheld to protect t3"
    assert found["b1", "t1"] == found[CITY, "t1"] == 9


def test_withheld_counts_that_could_only_be_one_each_are_withheld_with_another() -> None:
    ones = [Said(body, ("t1",)) for body in ("b1", "b2", "b3")]
    found = shown([*ones, *[Said("b4", ("t1",))] * 5])
    assert found[CITY, "t1"] == 8 and found["b4", "t1"] is None, "8 less 5 for three centres is 1 each"
    found = shown([*ones, *[Said("b4", ("t2",))] * 4, *[Said("b4", ("t3",))] * 9])
    assert found[CITY, "t1"] is None, "3 for three centres is 1 each"
    assert (found[CITY, "t2"], found[CITY, "t3"], found[CITY, CITY]) == (None, 9, 16), (
        "t1 not by subtraction either"
    )


def test_the_year_is_withheld_where_nothing_else_is_left() -> None:
    found = shown([Said("b1", ("t1",)), Said("b1", ("t2",)), Said("b2", ("t3",))])
    assert set(found.values()) == {None}, "3 for three topics is 1 each"


def test_a_centre_is_summed_up_only_where_all_is_told() -> None:
    table = Table(2026, {("b1", "t1"): 4, ("b1", "t2"): None, ("b2", "t1"): 3})
    assert table.of_centre("b1", ["t1", "t2"]) is None
    assert table.of_centre("b2", ["t1", "t2"]) == 3
    assert table.of("b2", "t2") == 0


def test_figures_follow_from_held_events_and_wait_for_those_not_entered() -> None:
    events = [
        HeldEvent("第1回", 26, 20, {1: 8, 5: 9}),
        HeldEvent("第2回", 26, None, {5: 4}, "sample"),
        HeldEvent("研修", 27, 30),
    ]
    found = offered("participants_26", events, [], city="03201", districts=[1, 5, 6])
    assert found.values == {"1": 8.0, "5": 13.0}, "district 6 is unknown, not 0"
    assert (found.ready, found.outside, found.total, found.quality) == (True, 3, 21, Quality.SAMPLE)
    waiting = offered("participants_27", events, [], city="03201", districts=[1])
    assert not waiting.ready and waiting.lacking == ("研修",)
    assert offered("events_26", events, [], city="03201", districts=[1]).values == {"03201": 2.0}
    none = offered("events_22", events, [], city="03201", districts=[1])
    assert not none.ready and none.values == {}, "no record is not 0 events"


def test_dispatches_are_counted_by_district_and_the_others_had_none() -> None:
    sent = [Sent("会計", 5), Sent("防災", 5), Sent("見守り", 1)]
    found = offered("adviser_dispatches", [], sent, city="03201", districts=[1, 5, 6])
    assert found.values == {"1": 1.0, "5": 2.0, "6": 0.0}
    lost = offered("adviser_dispatches", [], [*sent, Sent("不明", None)], city="03201", districts=[1])
    assert not lost.ready and lost.lacking == ("不明",)


def test_both_figures_stand_side_by_side() -> None:
    found = offered("participants_26", [HeldEvent("回", 26, 5, {1: 5})], [], city="03201", districts=[1, 2])
    rows = compare(found, {"1": 4.0, "2": 3.0}, [("1", "1 仁王"), ("2", "2 桜城"), ("3", "3 上田")])
    assert [(row.key, row.recorded, row.kept, row.difference) for row in rows] == [
        ("1", 5.0, 4.0, 1.0),
        ("2", None, 3.0, None),
    ]


def test_a_visit_is_late_from_the_day_after() -> None:
    today = date(2026, 11, 27)
    assert due_of("open", date(2026, 11, 26), today) is Due.LATE
    assert due_of("watching", today, today) is Due.COMING
    assert due_of("open", None, today) is due_of("closed", date(2026, 1, 1), today) is Due.NONE


def test_cases_are_counted_by_district() -> None:
    lines = [
        CaseLine(5, "open", 2), CaseLine(5, "closed", 1), CaseLine(6, "watching", 0), CaseLine(None, "open", 1),
        CaseLine(7, "closed", 0),
    ]  # fmt: skip
    assert by_district(lines) == {0: Counted(1, 1), 5: Counted(1, 3), 6: Counted(1, 0)}


def test_the_judgement_is_kept_in_words() -> None:
    facts = Facts(households=40, rate=0.8, earlier_rate=0.9, aged_share=None, people=90, earlier_people=100)
    words = figures_words(facts, judge(facts, Thresholds()), 2025)
    assert "令和7年度(2025年度)の判定：見守りが必要" in words and "世帯数：40 世帯" in words
    assert "あたるもの：世帯が少ない、加入率の低下、人口の減少（不明：高齢化）" in words
