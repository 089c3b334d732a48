"""The rules of the inquiry: what an answer is, when somebody has to choose, and what is kept then."""

from __future__ import annotations

from datetime import date

import pytest

from kyodo_geo.body_kinds import carried, overdue
from kyodo_geo.errors import InputError
from kyodo_geo.evaluation import DEFAULT_SCALE, Grade, check_decision, counted, scale_of
from kyodo_geo.inquiry import ItemState, kind_of, lines_for, merged, read, sides, state_of, texts
from kyodo_geo.plan_items import PlanItem

OUT = {"record": "前の言葉", "evidence": [], "self_evaluation": None, "difficulties": None, "next_year": None}


def typed(**texts: str):
    return lambda name: texts.get(name, "")


def test_an_answer_reads_back_as_it_was_written() -> None:
    answer = read(
        "initiative",
        typed(
            record="した。\r\n12 件",
            self_evaluation="計画どおり",
            evidence_title_1="表",
            evidence_number_1="協 1",
        ),
    )
    assert answer["record"] == "した。\n12 件" and answer["self_evaluation"] == "as_planned"
    assert answer["evidence"] == [{"title": "表", "url": None, "number": "協 1"}]
    again = texts("initiative", answer)
    assert read("initiative", lambda name: again.get(name, "")) == answer
    assert (
        read("initiative", typed()) == {}
        and read("indicator", typed()) == {}
        and read("question", typed()) == {}
    )
    assert (
        lines_for({}) == 3
        and lines_for({"evidence": [{}] * 4}) == 5
        and lines_for({"evidence": [{}] * 10}) == 10
    )


def test_zero_is_an_answer_and_the_day_goes_into_the_source() -> None:
    answer = read("indicator", typed(value="0", source="庁内調査", as_of="R8.3.31"))
    assert answer["value"] == 0 and answer["source"] == "庁内調査（令和8年3月31日(2026年3月31日)時点）"
    with pytest.raises(InputError) as refused:
        read("indicator", typed(source="庁内調査"))
    assert refused.value.details["field"] == "value"


def test_nobody_chooses_where_the_page_did_not_change_and_the_answers_agree() -> None:
    answer = {**OUT, "record": "新しい言葉"}
    assert state_of(OUT, OUT, "initiative", {}, accepted=False) is ItemState.NONE
    assert state_of(OUT, OUT, "initiative", {1: answer, 2: dict(answer)}, accepted=False) is ItemState.READY
    assert state_of(OUT, OUT, "initiative", {}, accepted=True) is ItemState.ACCEPTED
    kept = merged(sides("initiative", OUT, OUT, {1: answer}), lambda name: "")
    assert kept["record"] == "新しい言葉"


def test_a_change_on_the_page_and_other_words_of_a_second_sheet_want_a_choice() -> None:
    one, two, now = {**OUT, "record": "一"}, {**OUT, "record": "二"}, {**OUT, "record": "画面"}
    for out, kept, answers in ((OUT, now, {1: one}), (OUT, OUT, {1: one, 2: two})):
        assert state_of(out, kept, "initiative", answers, accepted=False) is ItemState.CONFLICT
        with pytest.raises(InputError) as refused:
            merged(sides("initiative", out, kept, answers), lambda name: "")
        assert refused.value.details["field"] == "record"
    assert state_of(OUT, now, "initiative", {1: dict(now)}, accepted=False) is ItemState.READY, (
        "both say the same"
    )
    chosen = merged(sides("initiative", OUT, now, {1: one}), lambda name: "1" if name == "record" else "")
    assert chosen["record"] == "一"
    with pytest.raises(InputError):
        merged(sides("initiative", OUT, now, {1: one}), lambda name: "7" if name == "record" else "")


def test_names_of_items() -> None:
    item = PlanItem.of("r3-r7/initiative/9")
    assert (item.kind, item.number, str(item), kind_of(str(item))) == (
        "initiative",
        9,
        "r3-r7/initiative/9",
        "initiative",
    )
    assert kind_of("question/1") == "question"
    for wrong in ("r3-r7/initiative/x", "r3-r7/9", "r3-r7/initiative/0", "../initiative/1", ""):
        with pytest.raises(InputError):
            PlanItem.of(wrong)


def test_actions_are_carried_until_they_are_settled_and_told_once_more_then() -> None:
    def action(what: str, held_on: date, settled_on: date | None = None, body: str = "liaison"):
        state = "done" if settled_on else "open"
        return {
            "what": what,
            "body": body,
            "held_on": held_on,
            "due_on": None,
            "state": state,
            "settled_on": settled_on,
        }

    may, july, october = date(2026, 5, 20), date(2026, 7, 20), date(2026, 10, 20)
    every = [
        action("まだ", may), action("七月の後", may, date(2026, 8, 1)), action("七月の前", may, date(2026, 6, 1)),
        action("別の会議", may, body="advisers"), action("七月に", july), action("同じ日", october),
    ]  # fmt: skip
    assert [one["what"] for one in carried(every, "liaison", october)] == ["まだ", "七月の後", "七月に"]
    assert overdue({"due_on": may, "state": "open"}, july) and not overdue(
        {"due_on": may, "state": "done"}, july
    )


def test_a_scale_is_the_city_s_own() -> None:
    assert scale_of("Ａ　とてもよい\nB: ふつう\n") == (Grade("A", "とてもよい"), Grade("B", "ふつう"))
    for wrong in ("A よい", "A よい\nA わるい", "よい\nわるい", ""):
        with pytest.raises(InputError):
            scale_of(wrong)
    assert [count for _, count in counted([Grade(*one) for one in DEFAULT_SCALE], ["A", "C", "A"])] == [
        2,
        0,
        1,
        0,
    ]
    with pytest.raises(InputError, match="2、3"):
        check_decision([1, 2, 3], {1}, "会議")
