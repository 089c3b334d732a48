"""Two plans side by side: whatever lines are entered, nothing of either plan is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.plan_items import PlanItem
from kyodo_geo.plan_mapping import UNDECIDED, Mapping, fates, problems, side_by_side

OLD = [PlanItem("r3-r7", "initiative", str(no)) for no in range(1, 6)] + [
    PlanItem("r3-r7", "indicator", "rate")
]
NEW = [PlanItem("r8-r12", "initiative", str(no)) for no in range(1, 5)] + [
    PlanItem("r8-r12", "indicator", "share")
]


def goes(old: PlanItem | None, new: PlanItem | None, relation: str, **more: bool) -> Mapping:
    return Mapping(old, new, relation, **more)


@st.composite
def lines(draw: st.DrawFn) -> list[Mapping]:
    found = []
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(["new", "end", "continue", "improve", "merge", "split"]))
        old = None if kind == "new" else draw(st.sampled_from(OLD))
        new = None if kind == "end" else draw(st.sampled_from(NEW))
        found.append(Mapping(old, new, kind, draw(st.booleans())))
    return list(dict.fromkeys(found))


@given(lines())
def test_every_item_of_both_plans_stands_in_the_table_and_every_line_too(held: list[Mapping]) -> None:
    rows = side_by_side(OLD, NEW, held)
    assert {row.old for row in rows if row.old} == set(OLD)
    assert {row.new for row in rows if row.new} == set(NEW)
    assert all(row.old or row.new for row in rows)
    assert {line for line in held if line.old} <= {row.line for row in rows}


@given(lines())
def test_without_a_complaint_every_old_item_has_a_fate_and_every_new_one_an_origin(
    held: list[Mapping],
) -> None:
    if problems(OLD, NEW, held):
        return
    assert all(fate.lines and fate.words != UNDECIDED for fate in fates(OLD, held))
    assert {line.new for line in held if line.new} == set(NEW)
    assert all(row.line is not None for row in side_by_side(OLD, NEW, held))


@given(lines(), st.sampled_from(OLD))
def test_an_old_item_that_nobody_speaks_of_is_always_told(held: list[Mapping], lost: PlanItem) -> None:
    without = [line for line in held if line.old != lost]
    told = problems(OLD, NEW, without)
    assert told and lost.key in told[0]


def test_contradictions_are_told() -> None:
    one, two = OLD[0], NEW[0]
    cases = [
        ([goes(one, None, "end"), goes(one, two, "continue")], "「終了」なのに続き先があります"),
        ([goes(one, two, "split")], "「分割」なのに続き先が 1 つだけ"),
        ([goes(None, two, "new"), goes(one, two, "continue")], "「新規」なのに前の計画からの続き"),
        ([goes(one, two, "merge")], "「統合」なのに元が 1 つだけ"),
        ([goes(one, two, "merge", same_measure=True), goes(OLD[1], two, "merge", same_measure=True)], "測り方が同じものを 1 つ"),
    ]  # fmt: skip
    for held, words in cases:
        assert any(words in told for told in problems([one, OLD[1]], [two], held)), words
    whole = [goes(one, two, "merge"), goes(OLD[1], two, "merge")]
    assert problems([one, OLD[1]], [two], whole) == []
