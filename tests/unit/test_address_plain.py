"""The shorter way of plain addresses reads as the reader does, and remembers nothing that somebody typed."""

from __future__ import annotations

import gc
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.addresses import AddressMatcher, Gazetteer
from kyodo_geo.addresses.plain import MAX_KNOWN, PlainReader
from kyodo_geo.lookup import LookupIndex
from tests.unit import test_lookup_hard_texts as hard
from tests.unit.address_forms import SURE, addresses, formal, hyphens
from tests.unit.lookup_world import TOWNS, town
from tests.unit.sample_world import lookup

HEADS = ("", "盛岡市", "岩手県盛岡市", "岩手県", "盛岡", "盛岡市 ", "玉山区")
JOINTS = ("番", "番地", "番地の", "-", "の", "ー", "号", "")
ENDS = ("", "号", "号室", " ビル", "-2", "番館", "の1")
NUMBERS = st.one_of(
    st.integers(0, 40), st.sampled_from([90, 100, 101, 305, 999, 1000, 9999, 10000, 99999])
).map(str)
AWKWARD = [
    *TOWNS,
    # A spelling that goes on with a digit, a 小字 that is a number, a town whose name ends in 字.
    town("北二十四条西"), town("北"), town("外山"), town("外山", "12地割"), town("小字"), town("通り"), town("十二"),
    town("八幡", aliases=("八幡町7番",)), town("乙部"), town("乙部三丁目"),
]  # fmt: skip


def matcher() -> AddressMatcher:
    return AddressMatcher(Gazetteer(AWKWARD, "03201"), "03201", "盛岡市", "岩手県")


MATCHER = matcher()
PLACES = list(addresses(MATCHER.gazetteer.places))
written = st.builds(
    lambda head, place, form, again, joint, first, second, end: head + re.sub(
        r"12(.*?)3", lambda found: f"{first}{joint if again else found[1]}{second}", form(place), count=1
    ) + end,
    st.sampled_from(HEADS), st.sampled_from(PLACES), st.sampled_from(list(SURE)), st.booleans(),
    st.sampled_from(JOINTS), NUMBERS, NUMBERS, st.sampled_from(ENDS),
)  # fmt: skip
named = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(HEADS),
        st.sampled_from(
            [row.name + (row.koaza or "") for row in AWKWARD] + ["みたけ3-", "みたけ3丁目", "外山12"]
        ),
        NUMBERS,
        st.sampled_from(JOINTS),
        st.one_of(st.just(""), NUMBERS),
        st.sampled_from(ENDS),
    ),
)


@given(st.one_of(written, named))
def test_any_written_address_is_read_as_in_full(text: str) -> None:
    """Twice: what the first time taught must not change the second."""
    wanted = MATCHER._match(text)
    assert MATCHER.match(text) == wanted
    assert MATCHER.match(text) == wanted


def hard_texts() -> list[str]:
    found: list[str] = []

    def gather(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            gather(list(value.keys()))
            gather(list(value.values()))
        elif isinstance(value, list | tuple | set | frozenset):
            for item in value:
                gather(item)

    for name, value in vars(hard).items():
        if name.isupper():
            gather(value)
    return found


def of_the_sample() -> list[str]:
    """Every town in its plainest form, and in one of the others."""
    places = enumerate(addresses(lookup()._addresses.matcher.gazetteer.places))
    return [
        text
        for number, place in places
        for text in (f"盛岡市{formal(place)}", hyphens(place), SURE[number % len(SURE)](place))
    ]


def test_hard_texts_and_every_town_of_the_sample_are_read_as_in_full() -> None:
    reader = lookup()._addresses.matcher
    hard_ones = hard_texts()
    assert len(hard_ones) > 150
    for text in (*of_the_sample(), *hard_ones):
        assert reader.match(text) == reader.match(text) == reader._match(text), text


def test_plain_addresses_do_take_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = matcher()
    texts = ["盛岡市みたけ三丁目5番7号", "岩手県盛岡市みたけ3-12-1", "下飯岡第8地割73番地2", "みたけ三丁目12"]
    wanted = [reader.match(text) for text in texts]
    monkeypatch.setattr(AddressMatcher, "_match", lambda self, text: pytest.fail(text))
    assert [reader.match(text) for text in texts] == wanted
    (other,) = reader.match("盛岡市みたけ三丁目11番20号").readings
    assert (other.town, other.block, other.house) == ("みたけ三丁目", "11", "20")


def test_what_the_number_decides_is_never_remembered() -> None:
    """Of a 大字 beside its 丁目 a number alone may be either; a spelling with digits may reach into the number."""
    reader = matcher()
    for text in (
        "乙部3-12",
        "乙部150-2",
        "乙部5番地",
        "外山12番地3",
        "八幡7番1号",
        "八幡町7番1号",
        "北24番1号",
    ):
        reader.match(text)
    kept = {form[0] for form, known in reader._plain._known.items() if known is not None}
    assert kept <= {"外山", "八幡"}, kept


def test_nothing_typed_stays() -> None:
    """Neither numbers nor any wording but the gazetteer's own, after thousands of questions."""
    reader = matcher()
    for number in range(1, 400):
        reader.match(f"盛岡市みたけ三丁目{number}番{4321 + number}号")
        reader.match(f"みたけ三丁目{number}番7号 秘密荘{number}")
        reader.match(f"上田字誰某{number}番地{number}")
    assert len(reader._plain._known) <= 2
    kept = repr(list(reader._plain._known.items()))
    assert "4321" not in kept and "秘密荘" not in kept and "誰某" not in kept


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kyodo_geo.addresses.plain.MAX_KNOWN", 3)
    reader = matcher()
    for row in AWKWARD:
        reader.match(f"盛岡市{row.name}12番3号")
        assert len(reader._plain._known) <= 3
    assert MAX_KNOWN < 10_000


def test_answers_are_the_same_by_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole answer, on the sample: with everything remembered, and by an index that remembers nothing."""
    texts = of_the_sample()
    first = [lookup().by_address(text) for text in texts]
    again = [lookup().by_address(text) for text in texts]
    monkeypatch.setattr(PlainReader, "read", lambda self, text: None)
    fresh = LookupIndex(lookup().snapshot)
    fresh._places._listed = lambda location: None  # type: ignore[method-assign]
    assert first == again == [fresh.by_address(text) for text in texts]
    del fresh
    gc.collect()
