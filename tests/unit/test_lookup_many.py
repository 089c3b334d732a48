"""The decision for texts that say more than one address, or another place than the address."""

from __future__ import annotations

import pytest

from kyodo_geo.lookup import LookupIndex, Outcome
from kyodo_geo.lookup_types import Rule
from tests.unit.lookup_world import snapshot
from tests.unit.test_lookup_address import ask, ids

MITAKE = (
    Rule("C1", "part", "みたけ一丁目", block_from=1, block_to=10),
    Rule("C2", "part", "みたけ一丁目", block_from=11, block_to=20),
)


def test_blocks_of_one_association_are_one() -> None:
    answer = ask("みたけ一丁目2番・3番", *MITAKE)
    assert (answer.outcome, ids(answer)) == (Outcome.ONE, {"C1": "rule"})
    assert "住所が2件書かれています。" in answer.message
    assert "どれも同じ" in answer.message
    assert (answer.address.town, answer.address.block, answer.address.lon) == ("みたけ一丁目", None, None)


@pytest.mark.parametrize(
    "text", ["みたけ一丁目10番・11番", "みたけ1-9〜12", "みたけ1-10または11", "みたけ1-10-2、みたけ1-11-1"]
)
def test_blocks_of_two_associations_are_several(text: str) -> None:
    answer = ask(text, *MITAKE)
    assert answer.outcome is Outcome.SEVERAL
    assert set(ids(answer)) == {"C1", "C2"}
    assert answer.associations[0].reason.startswith("みたけ一丁目")
    assert all(found.confidence is None for found in answer.associations)


def test_a_block_without_association_among_others_is_said() -> None:
    answer = LookupIndex(snapshot(MITAKE, associations=snapshot().associations[:0])).by_address(
        "みたけ1-10・30"
    )
    assert answer.outcome is Outcome.NONE_HERE


@pytest.mark.parametrize("text", ["みたけ1-2-3の隣", "みたけ1-2-3東側の空き地", "みたけ1-2-3ほか2筆"])
def test_a_place_beside_the_address_is_never_one(text: str) -> None:
    answer = ask(text, *MITAKE)
    assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, {"C1": "rule"})
    assert "この番地だけとは限りません。" in answer.message
    assert answer.associations[0].confidence is None


def test_another_city_in_the_text_is_not_understood() -> None:
    answer = ask("みたけ1-2-3、仙台市青葉区1-1", *MITAKE)
    assert answer.outcome is Outcome.NOT_UNDERSTOOD
    assert "仙台市青葉区1-1" in answer.message
    assert answer.associations == ()
