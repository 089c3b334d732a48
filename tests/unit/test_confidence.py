"""Confidence: measured shares with a cautious bound, never falling with better evidence, silent where nothing was measured.

Of answers given with 0.95 or more at least 99 % must be right.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.calibrate import FALLING, RISING, held_out, reliability, table_of, wilson_low
from bench.observed import Observed, sample_associations, towns, yaizu_associations
from kyodo_geo.addresses import Fit, Reading
from kyodo_geo.addresses.gazetteer import ALIAS, LOOSE, NAME, Place
from kyodo_geo.lookup import Answer, LookupIndex
from kyodo_geo.lookup.calibration import ASSOCIATIONS, TOWNS
from kyodo_geo.lookup.confidence import (
    TOWN_KINDS,
    area_kind,
    association_confidence,
    rule_kind,
    town_confidence,
    town_kind,
)
from kyodo_geo.lookup_types import Block, Rule
from tests.unit.lookup_world import TOWNS as SQUARE_TOWNS
from tests.unit.lookup_world import at, snapshot, town

SURE, RIGHT = 0.95, 0.99
MITAKE = Rule("C1", "whole", "みたけ一丁目")


def ask(text: str, *rules: Rule, **changes: object) -> Answer:
    return LookupIndex(snapshot(rules, **changes)).by_address(text)  # type: ignore[arg-type]


# -- the table


@pytest.mark.parametrize("table", [TOWNS, ASSOCIATIONS])
def test_no_figure_is_surer_than_its_count_allows(table) -> None:
    for kind, measured in table.items():
        assert 0 <= measured.right <= measured.answers
        assert 0 <= measured.confidence <= wilson_low(measured.right, measured.answers) + 1e-4, kind
        assert measured.confidence < 1


@pytest.mark.parametrize("chain", [*RISING, *(list(reversed(kinds)) for kinds in FALLING)])
def test_better_evidence_is_never_less_sure(chain) -> None:
    for table in (TOWNS, ASSOCIATIONS):
        figures = [table[kind].confidence for kind in chain if kind in table]
        assert figures == sorted(figures)


def test_every_kind_that_is_called_sure_was_right_99_times_of_100() -> None:
    for measured in (*TOWNS.values(), *ASSOCIATIONS.values()):
        if measured.confidence >= SURE:
            assert measured.right >= RIGHT * measured.answers


def test_the_bound_is_that_of_wilson() -> None:
    assert wilson_low(0, 0) == wilson_low(0, 50) == 0
    assert wilson_low(24, 24) == pytest.approx(24 / (24 + 3.8415), abs=1e-4)
    assert wilson_low(50, 100) == pytest.approx(0.4038, abs=1e-4)


def test_a_table_made_of_counts_is_cautious_and_in_order() -> None:
    seen = [Observed("as_registered", n != 0, "", "") for n in range(100)]
    seen += [Observed("other_name", True, "", "") for _ in range(1000)]
    table = table_of(seen)
    assert (table["as_registered"].right, table["as_registered"].answers) == (99, 100)
    assert table["other_name"].confidence == table["as_registered"].confidence < 0.95


def test_held_out_answers_are_judged_by_the_other_groups() -> None:
    # One group is always wrong: judged by the others it is called sure, and the curve must show that.
    seen = [
        Observed("as_registered", group != 3, f"group {group}", "x")
        for group in range(10)
        for _ in range(100)
    ]
    judged = held_out(seen)
    assert len(judged) == 1000
    wrong = [confidence for confidence, right, _ in judged if not right]
    assert len(wrong) == 100
    assert min(wrong) > max(c for c, right, _ in judged if right) - 1e-9
    assert sum(n for source, _, n, _, _ in reliability(judged) if source == "計") == 1000


# -- what the lookup says


def test_the_kind_of_a_reading() -> None:
    place = Place("青山町", "青山町")
    plain = {"place": place, "fit": Fit.FULL, "tier": NAME, "town": "青山町", "row": None, "level": "oaza"}
    changes = [
        ({}, "as_registered"), ({"tier": ALIAS}, "other_name"), ({"literal": False}, "other_name"),
        ({"tier": LOOSE}, "loose_name"), ({"fit": Fit.LOWER}, "part_missing"),
        ({"notes": ("小字が書かれていません。",)}, "part_missing"), ({"unused": "東側"}, "left_over"),
    ]  # fmt: skip
    for change, kind in changes:
        assert town_kind(Reading(**{**plain, **change})) == kind  # type: ignore[arg-type]
    assert {kind for _, kind in changes} == set(TOWN_KINDS)


def test_depth_is_measured_in_accuracies() -> None:
    assert [area_kind(m, 100) for m in (-90, -40, -1, 10, 50, 90)] == [f"several/area/{n}" for n in range(6)]
    assert rule_kind(9) == rule_kind(5)


def test_one_is_given_with_the_confidence_of_town_and_association() -> None:
    answer = ask("みたけ1-2-3", MITAKE)
    assert answer.address.confidence == town_confidence("as_registered")
    assert answer.associations[0].confidence == association_confidence(
        "one/rule/town", answer.address.confidence
    )
    assert answer.associations[0].confidence >= SURE
    doubted = ask("みたけ1-2-3(旧4番)", MITAKE)
    assert doubted.associations[0].confidence < answer.associations[0].confidence


def test_a_point_has_no_town_and_the_confidence_of_its_area() -> None:
    answer = LookupIndex(snapshot()).by_point(*at(0.5, 0.5))
    assert answer.address.confidence is None
    assert answer.associations[0].confidence == ASSOCIATIONS["one/area/point"].confidence


def test_the_accuracy_a_device_states_has_not_been_measured() -> None:
    answer = LookupIndex(snapshot()).by_point(*at(0.5, 0.5), accuracy_m=20.0)
    assert (answer.outcome.value, answer.associations[0].confidence) == ("one", None)


def test_of_several_by_area_the_deeper_is_surer() -> None:
    near = town("小杉山", place=(0.93, 0.5), accuracy_m=300)  # 120 m inside C1
    answer = ask("小杉山1", towns=(*SQUARE_TOWNS, near))
    by_id = {found.id: found.confidence for found in answer.associations}
    assert by_id["C1"] > 0.5 > by_id["C2"]


def test_nothing_is_said_where_nothing_was_measured() -> None:
    disagreeing = ask("みたけ1-2-3", Rule("A3", "whole", "みたけ一丁目"))
    claimed_twice = ask("みたけ1-2-3", MITAKE, Rule("C2", "whole", "みたけ一丁目"))
    open_town = ask("みたけ", MITAKE)
    on_border = LookupIndex(snapshot()).by_point(*at(1.0, 0.5))
    house = ask("みたけ1-2-3", MITAKE, blocks=(Block("みたけ一丁目", None, "2", "3", *at(1.0, 0.5), 12.0),))
    for answer in (disagreeing, claimed_twice, open_town, on_border, house):
        assert answer.outcome.value == "several"
        assert {found.confidence for found in answer.associations} == {None}


# -- against the truth


def _share(observed: list[Observed], table) -> tuple[int, float]:
    sure = [item.right for item in observed if item.kind in table and table[item.kind].confidence >= SURE]
    return len(sure), sum(sure) / len(sure)


def test_sure_associations_are_right_on_the_generator() -> None:
    answers, share = _share(list(sample_associations(every=40)), ASSOCIATIONS)
    assert answers > 500
    assert share >= RIGHT


@pytest.mark.shared
def test_sure_associations_are_right_on_real_areas(shared_data: Path) -> None:
    answers, share = _share(list(yaizu_associations(shared_data)), ASSOCIATIONS)
    assert answers >= 400
    assert share >= RIGHT


@pytest.mark.shared
@pytest.mark.full
def test_sure_towns_are_right_on_the_shared_tables(shared_data: Path) -> None:
    answers, share = _share(list(towns(shared_data)), TOWNS)
    assert answers > 4000
    assert share >= RIGHT


@pytest.mark.shared
def test_sure_towns_are_right_in_morioka(shared_data: Path) -> None:
    answers, share = _share(list(towns(shared_data, national=False)), TOWNS)
    assert answers > 500
    assert share >= RIGHT
