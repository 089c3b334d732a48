"""Texts that name several addresses, asked of the sample's lookup: all of them count, or nothing is answered."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.address_lists import Several, judge_several, several
from bench.observed import sample_world
from tests.unit.sample_world import lookup


def _asked(every: int) -> tuple[Counter[tuple[str, str]], list[str]]:
    counted: Counter[tuple[str, str]] = Counter()
    wrong = []
    for case in several(sample_world(), every):
        answer = lookup().by_address(case.text)
        verdict = judge_several(case, answer.outcome.value, [found.id for found in answer.associations])
        counted[case.group, verdict] += 1
        if verdict == "wrong":
            wrong.append(f"{case.text} ({case.group}): {answer.outcome} {answer.message}")
    return counted, wrong


def _judge(every: int) -> None:
    counted, wrong = _asked(every)
    assert wrong == []
    groups = {group for group, _ in counted}
    assert groups == {
        "list of blocks", "range of blocks", "list of houses", "range of houses", "two addresses", "elsewhere too", "a building",
    }  # fmt: skip
    for group in groups - {"elsewhere too"}:
        # Refusing is honest, but of no help: it stays rare.
        assert counted[group, "refused"] <= 0.02 * sum(n for (of, _), n in counted.items() if of == group), (
            group
        )


def test_no_text_with_several_addresses_leads_to_a_wrong_association() -> None:
    _judge(every=5)


@pytest.mark.full
def test_no_text_of_the_whole_sample_leads_to_a_wrong_association() -> None:
    _judge(every=1)


def test_the_judge_tells_wrong_from_right() -> None:
    counted, _ = _asked(40)
    assert counted["list of blocks", "right"] > 0
    first = next(
        case for case in several(sample_world(), 1) if case.truths and len({t.only for t in case.truths}) > 1
    )
    only = first.truths[0].only if first.truths else None
    assert only is not None
    assert judge_several(first, "one", [only]) == "wrong"
    assert judge_several(Several("", None, "", ""), "one", [only]) == "wrong"
