"""Address rules of the sample: consistent with towns and areas, except where docs/SAMPLE.md says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from geodata.sample.claims import HOUSES
from geodata.sample.rules import spans
from geodata.sample.words import area_text
from kyodo_geo.crs import to_plane
from kyodo_geo.lookup import Answer
from kyodo_geo.rule_overlaps import find_overlaps
from kyodo_geo.rules import RuleBook, address_at
from tests.unit.sample_world import lookup, rows, rules, sample

CITY = "03201"
DOCS = Path(__file__).parents[2] / "docs" / "SAMPLE.md"


def ask(address: str) -> Answer:
    return lookup().by_address(address)


def found(answer: Answer) -> set[str]:
    return {item.id for item in answer.associations}


def town_name(index: int) -> str:
    return sample().streets.towns[index].fact.name


def association(index: int) -> str:
    return sample().layout.sketches[index].association_id


def test_every_town_of_a_rule_is_in_the_gazetteer() -> None:
    known = {(row["name"], row["koaza"]) for row in rows("towns")}

    assert {(rule.town, rule.koaza) for rule in rules()} <= known


def test_every_kind_of_rule_occurs() -> None:
    found_rules = rules()

    assert {rule.kind for rule in found_rules} == {"whole", "part", "except"}
    assert any(rule.koaza for rule in found_rules)
    assert any("地割" in rule.town for rule in found_rules)
    assert any(rule.kind == "part" and rule.house_from is not None for rule in found_rules)
    assert any(rule.kind == "except" and rule.house_from is not None for rule in found_rules)


def test_rules_are_numbered_from_one_and_exceptions_come_last() -> None:
    by_association: dict[str, list[tuple[int, str]]] = {}
    for row in rows("association-rules"):
        by_association.setdefault(row["association_id"], []).append((row["rule_no"], row["kind"]))

    for numbered in by_association.values():
        assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
        kinds = [kind == "except" for _, kind in numbered]
        assert kinds == sorted(kinds)


def test_each_number_is_claimed_by_the_association_of_its_cell() -> None:
    """Every 番 and 地番 of every town, against the layout; the deliberate cases have tests of their own."""
    claims, layout, streets = sample().claims, sample().layout, sample().streets
    special = {(c.town, c.number) for c in (*claims.splits, *claims.flats, *claims.moved)}
    book = RuleBook(rules())
    asked = 0
    for town, number, cell in streets.every_number():
        if (town, number) in special:
            continue
        fact = streets.towns[town].fact
        certain, possible = book.find(address_at(fact.name, fact.koaza, str(number), "1"))
        expected = {association(i) for i in layout.owners[cell] if i not in claims.without_rules}
        assert (set(certain), possible) == (expected, ()), (fact.name, number)
        asked += 1
    assert asked > 20_000


def test_block_points_lie_in_the_area_that_their_rule_names() -> None:
    """Asked block by block: the answer is `one` wherever nothing deliberate stands in the way."""
    claims, layout, streets = sample().claims, sample().layout, sample().streets
    special = {(town_name(c.town), str(c.number)) for c in (*claims.splits, *claims.flats, *claims.moved)}
    outcomes: dict[str, int] = {"one": 0, "several": 0, "none_here": 0}
    points = {(row["town"], row["block"]): row for row in rows("blocks") if row["house"] is None}
    for town, number, cell in list(streets.every_number())[::7]:
        if streets.towns[town].fact.by_lot or (town_name(town), str(number)) in special:
            continue
        assert (town_name(town), str(number)) in points
        answer = ask(f"{town_name(town)}{number}番1号")
        outcomes[answer.outcome.value] += 1
        owners = layout.owners[cell]
        expected = {0: "none_here", 1: "one", 2: "several"}[len(owners)]
        assert (answer.outcome.value, found(answer)) == (expected, {association(i) for i in owners})
    assert outcomes["one"] > 1000
    assert outcomes["none_here"] > 10


def test_circles_of_block_points_stay_inside_their_association() -> None:
    shapes = {row["association_id"]: row["geom"] for row in rows("associations") if row["geom"] is not None}
    flat = {key: to_plane(geom, CITY) for key, geom in shapes.items()}
    tree = shapely.STRtree(list(flat.values()))
    blocks = [row for row in rows("blocks") if row["house"] is None and row["accuracy_m"] == 40.0]
    circles = [to_plane(row["geom"], CITY).buffer(40) for row in blocks]
    inside = set(tree.query(circles, predicate="covered_by")[0])
    somewhere = set(tree.query([c.centroid for c in circles], predicate="within")[0])

    assert len(inside) > 0.97 * len(somewhere)


def test_a_block_shared_by_two_associations_is_told_by_its_house_number() -> None:
    assert len(sample().claims.splits) == 8
    for split in sample().claims.splits:
        place = f"{town_name(split.town)}{split.number}番"
        first, second = association(split.first), association(split.second)
        for house, owner in (
            (1, first),
            (split.last_of_first, first),
            (split.last_of_first + 1, second),
            (HOUSES, second),
        ):
            answer = ask(f"{place}{house}号")
            assert (answer.outcome.value, found(answer)) == ("one", {owner}), (place, house)
        answer = ask(place)
        assert (answer.outcome.value, found(answer)) == ("several", {first, second})


def test_flats_of_their_own_are_one_or_several_as_the_rules_around_them_say() -> None:
    ids = [row["association_id"] for row in rows("associations") if row["kind"] == "building"]
    for key, flat in zip(ids, sample().claims.flats, strict=True):
        place = f"{town_name(flat.town)}{flat.number}番"
        around = association(flat.around)
        within = ask(f"{place}{flat.first_house}号")
        beside = ask(f"{place}{flat.last_house + 1}号")
        if flat.excepted:
            assert (within.outcome.value, found(within)) == ("one", {key})
        else:
            assert (within.outcome.value, found(within)) == ("several", {key, around})
        assert not within.data_fault
        assert (beside.outcome.value, found(beside)) == ("one", {around})


def test_rules_that_contradict_the_areas_are_seen_as_faults() -> None:
    moved = sample().claims.moved

    assert [m.claimed_by is None for m in moved] == [False, False, True, True]
    for item in moved:
        answer = ask(f"{town_name(item.town)}{item.number}番1号")
        assert (answer.outcome.value, answer.data_fault) == ("several", True)
        assert association(item.stands_in) in found(answer)
        if item.claimed_by is not None:
            assert association(item.claimed_by) in found(answer)


def test_the_point_of_a_block_under_the_flats_of_the_next_block_is_not_decided() -> None:
    answer = ask("黒石野三丁目23番6号")
    flats, around = sample().claims.flats[0], association(sample().claims.flats[0].around)

    assert town_name(flats.town) == "黒石野三丁目"
    assert (answer.outcome.value, answer.data_fault) == ("several", False)
    assert around in found(answer)
    assert len(found(answer)) == 2
    assert "黒石野三丁目23番" in DOCS.read_text(encoding="utf-8")


def test_every_contradiction_of_the_sample_is_on_the_staffs_list_and_no_other() -> None:
    faults = lookup().faults
    listed = {
        (fault.kind, key): fault.text
        for fault in faults
        for key in fault.associations
        if "block" in fault.kind
    }
    expected = {
        ("block_not_listed", association(item.stands_in))
        if item.claimed_by is None
        else ("block_outside_area", association(item.claimed_by)): f"{town_name(item.town)} {item.number}番"
        for item in sample().claims.moved
    }
    assert set(listed) == set(expected)
    assert all(expected[key] in listed[key] for key in expected)
    assert {fault.kind for fault in faults} == {
        "rule_overlap", "area_overlap", "block_outside_area", "block_not_listed",
    }  # fmt: skip


def test_associations_known_by_rules_only_or_by_area_only() -> None:
    claims, layout, streets = sample().claims, sample().layout, sample().streets
    by_id = {row["association_id"]: row for row in rows("associations")}
    ruled = {rule.association_id for rule in rules()}

    def at(index: int) -> Answer:
        cell = layout.sketches[index].cells[0]
        fact = streets.towns[streets.town_of[cell]].fact
        numbers = streets.numbers(cell)
        return ask(f"{fact.name}{'字' + fact.koaza if fact.koaza else ''}{numbers[len(numbers) // 2]}-1")

    for index in claims.without_area:
        assert by_id[association(index)]["geom"] is None
        assert [(i.id, i.basis.value) for i in at(index).associations] == [(association(index), "rule")]
    for index in claims.without_rules:
        assert association(index) not in ruled
        assert by_id[association(index)]["area_text"].endswith("の一部")
        assert [(i.id, i.basis.value) for i in at(index).associations] == [(association(index), "area")]


def test_rules_collide_only_in_the_overlap_and_at_flats() -> None:
    first, second, _ = sample().layout.overlap
    meant = {tuple(sorted((association(first), association(second))))}
    ids = [row["association_id"] for row in rows("associations") if row["kind"] == "building"]
    meant |= {
        tuple(sorted((association(flat.around), key)))
        for key, flat in zip(ids, sample().claims.flats, strict=True)
        if not flat.excepted
    }

    assert {(overlap.first, overlap.second) for overlap in find_overlaps(rules())} == meant


@pytest.mark.parametrize(
    ("address", "town", "koaza"),
    [
        ("みたけ3-12-1", "みたけ三丁目", None),
        ("岩手県盛岡市みたけ３丁目１２番１号", "みたけ三丁目", None),
        ("内丸12番2号", "内丸", None),
        ("下飯岡8-48", "下飯岡第8地割", None),
        ("永井24-10-1", "永井第24地割", None),
        ("玉山永井字永井沢5", "玉山永井", "永井沢"),
        ("渋民字鶴塚55", "渋民", "鶴塚"),
        ("中太田深持9", "中太田", "深持"),
        ("仙北2-4-13", "仙北二丁目", None),
    ],
)  # fmt: skip
def test_addresses_people_write_lead_to_a_sample_association(
    address: str, town: str, koaza: str | None
) -> None:
    answer = ask(address)

    assert (answer.address.town, answer.address.koaza) == (town, koaza)
    assert answer.outcome.value == "one"


def test_the_two_nagai_are_kept_apart() -> None:
    south, north = ask("永井24-10-1"), ask("玉山永井字永井沢5")

    assert south.district is not None and south.district.no == 25
    assert north.district is not None and north.district.no == 27
    # 大字 may be written before either name, so both are offered.
    both = ask("大字永井5")
    assert both.outcome.value == "several"
    assert found(south) | found(north) <= found(both)


def test_addresses_of_the_real_centres_are_understood() -> None:
    for row in rows("facilities"):
        assert ask(row["address"]).outcome.value in ("one", "several"), row["address"]


def test_unbroken_numbers_become_ranges() -> None:
    assert spans([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]
    assert spans([]) == []


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (0, "見本三丁目1番から12番まで、14番、15番1号から20号まで"),
        (1, "見本3丁目1〜12・14番、15番（1〜20号）"),
        (2, "見本三丁目（1番〜12番、14番、15番1号〜20号）"),
    ],
)  # fmt: skip
def test_areas_are_written_in_the_notations_of_cities(style: int, text: str) -> None:
    part = {"kind": "part", "town": "見本三丁目", "koaza": None, "house_from": None, "house_to": None}
    given = [
        {**part, "block_from": 1, "block_to": 12},
        {**part, "block_from": 14, "block_to": 14},
        {**part, "block_from": 15, "block_to": 15, "house_from": 1, "house_to": 20},
    ]

    assert area_text(given, style) == text


def test_whole_towns_and_exceptions_in_words() -> None:
    whole = {
        "kind": "whole", "town": "見本", "koaza": "字名",
        "block_from": None, "block_to": None, "house_from": None, "house_to": None,
    }  # fmt: skip
    taken = {**whole, "kind": "except", "block_from": 3, "block_to": 5}

    assert area_text([whole], 0) == "見本字字名の全域"
    assert area_text([whole, taken], 0) == "見本字字名の全域（3番地から5番地までを除く）"
    assert area_text([], 0) is None


def test_the_deliberate_cases_are_listed_in_the_documentation() -> None:
    text = DOCS.read_text(encoding="utf-8")
    claims, layout = sample().claims, sample().layout
    cases = (*claims.splits, *claims.flats, *claims.moved)
    listed = [f"{town_name(case.town)}{case.number}番" for case in cases]
    listed += [
        layout.sketches[i].name for i in (*claims.without_area, *claims.without_rules, *layout.overlap[:2])
    ]

    assert [case for case in listed if case not in text] == []
