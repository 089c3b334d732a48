"""Search by name and postal code, and completions while typing."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup.names import name_order
from kyodo_geo.lookup_types import Association
from tests.unit.lookup_world import TOWNS, snapshot, town


def association(key: str, name: str, kana: str | None = None) -> Association:
    return Association(key, name, kana, "association", 1, None)


NAMED = (
    association("M1", "みたけ三丁目第1町内会", "みたけさんちょうめだいいちちょうないかい"),
    association("M2", "みたけ三丁目第2自治会"),
    association("M3", "みたけ町内会", "みたけちょうないかい"),
    association("S1", "繋温泉自治会", "つなぎおんせんじちかい"),
    association("A1", "青山一区町内会"),
)
INDEX = LookupIndex(
    snapshot(
        associations=NAMED,
        towns=(
            *(replace(t, postal_code="0200122") if "みたけ" in t.name else t for t in TOWNS),
            town("みたけ十丁目"),
        ),
    )
)


def found(text: str, limit: int = 20) -> list[str]:
    return [item.id for item in INDEX.search_names(text, limit)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("みたけ町内会", ["M3"]),
        ("みたけ", ["M3", "M1", "M2"]),
        ("ミタケ", ["M3", "M1", "M2"]),
        ("みたけ3丁目第一", ["M1"]),
        ("みたけ３丁目　第２", ["M2"]),
        ("三丁目 自治会", ["M2"]),
        ("つなぎ", ["S1"]),
        ("ﾂﾅｷﾞｵﾝｾﾝ", ["S1"]),
        ("繫温泉", ["S1"]),
        ("温泉", ["S1"]),
        ("青山1区", ["A1"]),
        ("", []),
        ("　", []),
        ("みたけ四丁目", []),
        ("<script>", []),
    ],
)
def test_associations_by_name(text: str, ids: list[str]) -> None:
    assert found(text) == ids


def test_an_address_that_is_an_associations_name_is_said_to_be_one() -> None:
    answer = INDEX.by_address("みたけ3丁目第一町内会")
    assert answer.message.startswith("「みたけ三丁目第1町内会」は町内会・自治会の名前です。")
    assert answer.outcome is INDEX.by_address("みたけ三丁目").outcome, "the outcome's rules are the same"
    for text in ("みたけ三丁目第1町内会館", "みたけ三丁目", "みたけ"):
        assert "名前です" not in INDEX.by_address(text).message


def test_the_answer_carries_district_and_contact_and_keeps_the_limit() -> None:
    (first,) = INDEX.search_names("みたけ", 1)
    assert first.as_dict() == {
        "id": "M3",
        "name": "みたけ町内会",
        "kana": "みたけちょうないかい",
        "district": {"no": 1, "name": "仁王"},
        "contact": first.contact,
    }
    assert first.contact["of"] == "city"


@pytest.mark.parametrize("text", ["0200122", "020-0122", "〒020-0122", "０２０－０１２２", " 020 0122 "])
def test_towns_of_a_postal_code(text: str) -> None:
    assert INDEX.towns_of_postal_code(text) == ("みたけ一丁目", "みたけ二丁目", "みたけ三丁目")


@pytest.mark.parametrize("text", ["", "020", "0209999", "020-01221", "みたけ", "020-0122みたけ"])
def test_what_is_no_postal_code_of_the_city_has_no_towns(text: str) -> None:
    assert INDEX.towns_of_postal_code(text) == ()


def test_towns_come_before_associations_and_in_the_order_of_their_numbers() -> None:
    shown = [suggestion.text for suggestion in INDEX.suggest("みた")]
    assert shown[:4] == ["みたけ一丁目", "みたけ二丁目", "みたけ三丁目", "みたけ十丁目"]
    assert set(shown[4:]) == {"みたけ町内会", "みたけ三丁目第1町内会", "みたけ三丁目第2自治会"}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ミタケ", "みたけ一丁目"),
        ("みたけ3", "みたけ三丁目"),
        ("みたけ３丁", "みたけ三丁目"),
        ("盛岡市みたけ二", "みたけ二丁目"),
        ("岩手県盛岡市みたけ2", "みたけ二丁目"),
        ("あおやま", "青山町"),
        ("渋民", "渋民"),
        ("渋民字", "渋民字鶴塚"),
        ("渋民鶴", "渋民字鶴塚"),
        ("岩手公園", "内丸"),
        ("下飯岡第8", "下飯岡第8地割"),
        ("つなぎ", "繋温泉自治会"),
        ("", None),
        ("盛岡市", None),
        ("みたけ三丁目12番1号", None),
        ("山田太郎", None),
    ],
)
def test_completions(text: str, first: str | None) -> None:
    shown = INDEX.suggest(text)
    assert (shown[0].text if shown else None) == first


NAMES = {item.name for item in NAMED} | {"渋民字鶴塚"}


@given(st.text(max_size=60) | st.text("みたけ三丁目渋民字ミタケ3青山町盛岡市", max_size=8))
def test_nothing_but_names_of_the_city_ever_comes_back(text: str) -> None:
    _only_names_of_the_city(text)


@pytest.mark.parametrize("text", ["みた", "渋民", "青山", "つなぎ", "ミタケ3"])
def test_names_that_do_come_back_are_the_citys(text: str) -> None:
    """The same where there is something to say: what is drawn at random mostly finds nothing."""
    assert _only_names_of_the_city(text) > 0


def _only_names_of_the_city(text: str) -> int:
    shown = INDEX.suggest(text)
    for suggestion in shown:
        known = suggestion.text in NAMES or any(
            suggestion.text in (t.name, f"{t.name}字{t.koaza}") for t in INDEX.snapshot.towns
        )
        assert known
    assert {item.name for item in INDEX.search_names(text)} <= {item.name for item in NAMED}
    assert set(INDEX.towns_of_postal_code(text)) <= {town.name for town in INDEX.snapshot.towns}
    return len(shown)


def test_a_city_of_two_thousand_towns_is_suggested_quickly() -> None:
    """The best of some: how long the machine was busy with others is not measured."""
    towns = [town(f"見本{'東西南北'[n % 4]}{n}町{chome}丁目") for n in range(400) for chome in range(1, 6)]
    names = [association(f"N{n}", f"見本{n}町内会") for n in range(400)]
    index = LookupIndex(snapshot(associations=names, towns=towns))
    for text in ("見", "見本", "見本東", "盛岡市見本西1", "さ"):
        assert min(_seconds(index, text) for _ in range(20)) < 0.001, text


def _seconds(index: LookupIndex, text: str) -> float:
    begin = time.perf_counter()
    index.suggest(text)
    return time.perf_counter() - begin


def test_names_are_sorted_by_their_numbers() -> None:
    names = [
        "内丸第10町内会",
        "みたけ三丁目自治会",
        "みたけ一丁目第2町内会",
        "みたけ十丁目",
        "みたけ一丁目第1町内会",
        "内丸第2町内会",
    ]
    assert sorted(names, key=name_order) == [
        "みたけ一丁目第1町内会", "みたけ一丁目第2町内会", "みたけ三丁目自治会", "みたけ十丁目", "内丸第2町内会", "内丸第10町内会",
    ]  # fmt: skip
