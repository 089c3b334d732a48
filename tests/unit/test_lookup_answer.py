"""What an answer carries: the agreed JSON, the mark of sample data, contacts, faults for the staff."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kyodo_geo.lookup import Answer, LookupIndex
from kyodo_geo.lookup_types import Association, Block, Rule
from tests.unit.lookup_world import ASSOCIATIONS, OFFICE, PHONE, TOWNS, at, snapshot, square

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


@pytest.mark.parametrize("text", ["みたけ1-2-3", "みたけ", "仙北1-1"])
def test_sample_data_are_marked_in_every_answer_about_associations(text: str) -> None:
    rule = Rule("C1", "whole", "みたけ一丁目")
    assert "見本データ（架空）" in ask(text, rule, quality="sample").message
    assert "非公式" in ask(text, rule, quality="unofficial").message
    assert "見本" not in ask(text, rule).message


@pytest.mark.parametrize("text", ["東京都", "？", "みたけ9-9-9"])
def test_an_answer_without_any_association_is_not_called_a_sample(text: str) -> None:
    answer = ask(text, quality="sample")
    assert answer.associations == ()
    assert "※" not in answer.message
    assert answer.dataset["quality"] == "sample", "programs still see on what the answer rests"


def test_a_postal_code_alone_lists_its_towns_once() -> None:
    coded = tuple(
        replace(row, postal_code="0200122" if row.name.startswith("みたけ") else None) for row in TOWNS
    )
    answer = ask("〒020-0122", Rule("C1", "whole", "みたけ一丁目"), towns=coded)
    assert answer.message.count("みたけ一丁目") == 1
    assert "だけでは、町・字をひとつに決められません。次のどれかわかりません: みたけ一丁目" in answer.message


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
    assert answer.message.count("東側の空き地") == 1


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


def test_blocks_that_contradict_the_rules_are_listed_for_staff() -> None:
    rules = (Rule("C1", "part", "みたけ一丁目", None, 1, 9), Rule("C2", "part", "みたけ一丁目", None, 30, 39))
    places = {
        "1": (0.5, 0.5), "2": (1.5, 0.5), "5": (1.6, 0.5), "6": (3.5, 0.5), "7": (1.0, 0.5),  # C1 by rule
        "20": (0.6, 0.5), "30": (1.4, 0.5), "40": (2.5, 0.5),
    }  # fmt: skip
    blocks = tuple(Block("みたけ一丁目", None, n, None, *at(*place), 40.0) for n, place in places.items())
    found = {
        (fault.kind, fault.associations): fault.text
        for fault in LookupIndex(snapshot(rules, blocks=blocks)).faults
    }
    assert found == {
        (
            "block_outside_area",
            ("C1",),
        ): "「みたけ一丁目 2番・5番・6番」は住所の範囲に入っていますが、位置は区域の図の外です。",
        (
            "block_not_listed",
            ("C1",),
        ): "「みたけ一丁目 20番」の位置は区域の図の中ですが、住所の範囲に入っていません。",
    }
