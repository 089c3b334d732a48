"""What an answer carries: the agreed JSON, the mark of sample data, contacts, faults for the staff."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kyodo_geo.lookup import Answer, LookupIndex
from kyodo_geo.lookup_types import Association, Rule
from tests.unit.lookup_world import ASSOCIATIONS, OFFICE, PHONE, snapshot, square

KEYS = {"outcome", "address", "associations", "neighbours", "district", "dataset", "message"}
ADDRESS_KEYS = {
    "normalised", "municipality", "town", "koaza", "block", "house", "level", "lon", "lat", "accuracy_m",
    "confidence",
}  # fmt: skip


def ask(text: str, *rules: Rule, **changes: object) -> Answer:
    return LookupIndex(snapshot(rules, **changes)).by_address(text)  # type: ignore[arg-type]


def test_the_json_has_exactly_the_agreed_shape() -> None:
    for text in ("みたけ1-2-3", "みたけ", "東京都", "？", "仙北1-1"):
        found = ask(text, Rule("C1", "whole", "みたけ一丁目")).as_dict()
        assert set(found) == KEYS
        assert set(found["address"]) == ADDRESS_KEYS
        for association in found["associations"]:
            assert set(association) == {"id", "name", "basis", "confidence", "reason", "district", "contact"}
            assert association["confidence"] is None or 0 <= association["confidence"] < 1


@pytest.mark.parametrize("text", ["みたけ1-2-3", "みたけ", "仙北1-1", "東京都", "？"])
def test_sample_data_are_marked_in_every_outcome(text: str) -> None:
    rule = Rule("C1", "whole", "みたけ一丁目")
    assert "見本データ（架空）" in ask(text, rule, quality="sample").message
    assert "非公式" in ask(text, rule, quality="unofficial").message
    assert "見本" not in ask(text, rule).message


def test_contact_is_the_associations_own_when_published_else_the_city() -> None:
    published = replace(
        ASSOCIATIONS[0], contact={"role": "事務局", "name": "C1会館", "phone": "1", "email": None}
    )
    rule = Rule("C1", "whole", "みたけ一丁目")
    (own,) = ask("みたけ1-2-3", rule, associations=(published, *ASSOCIATIONS[1:])).associations
    assert own.contact == {
        "of": "association",
        "role": "事務局",
        "name": "C1会館",
        "phone": "1",
        "email": None,
    }
    (city,) = ask("みたけ1-2-3", rule).associations
    assert (city.contact["of"], city.contact["name"], city.contact["phone"]) == ("city", OFFICE, PHONE)


def test_unused_text_is_told_in_the_answer() -> None:
    answer = ask("みたけ1-2-3東側の空き地", Rule("C1", "whole", "みたけ一丁目"))
    assert "「東側の空き地」は使っていません" in answer.message


def test_contradictions_in_the_data_are_listed_for_staff() -> None:
    overlapping = Association("X1", "X1町内会", None, "association", 1, square(0, 0))
    rules = (
        Rule("C1", "whole", "みたけ一丁目"), Rule("C2", "part", "みたけ一丁目", None, 1, 3),
        Rule("A1", "whole", "存在しない町"), Rule("A3", "whole", "青山町"),
    )  # fmt: skip
    index = LookupIndex(snapshot(rules, associations=(*ASSOCIATIONS, overlapping)))
    found = {(fault.kind, fault.associations) for fault in index.faults}
    assert ("rule_overlap", ("C1", "C2")) in found
    assert ("unknown_town", ("A1",)) in found
    assert ("rule_outside_area", ("A3",)) in found
    assert ("area_overlap", ("C1", "X1")) in found
    assert LookupIndex(snapshot([Rule("C1", "whole", "みたけ一丁目")])).faults == ()
