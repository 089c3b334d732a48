"""Old names of towns: found, and said since when the town is called otherwise, as far as the gazetteer knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kyodo_geo.lookup import LookupIndex, Outcome
from kyodo_geo.lookup.confidence import town_confidence
from kyodo_geo.lookup_types import FormerName, Rule, Town
from tests.unit.lookup_world import TOWNS, at, snapshot, town


def formerly(of: Town, *names: FormerName, aliases: tuple[str, ...] = ()) -> Town:
    return replace(of, former_names=names, aliases=aliases)


FROM_1965 = FormerName("八幡小路", date(1889, 4, 1), date(1965, 10, 1))
HACHIMAN = formerly(town("八幡町", place=(0.5, 0.5)), FROM_1965, aliases=("八幡小路", "八幡横丁"))
IMODA = formerly(
    town("芋田", place=(0.5, 1.5)), FormerName("玉山区芋田", date(2006, 1, 10), date(2016, 1, 1))
)
MUDO = formerly(
    town("芋田", "武道", place=(0.5, 1.5)), FormerName("玉山区芋田字武道", None, date(2016, 1, 1))
)
SAKANA = formerly(town("杜陵一丁目", place=(0.5, 0.5)), FormerName("肴町一丁目"), FormerName("新馬町二丁目"))


def message(text: str) -> str:
    towns = (*TOWNS, HACHIMAN, IMODA, MUDO, SAKANA)
    return LookupIndex(snapshot(towns=[row for row in towns if row.lon is not None])).by_address(text).message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("盛岡市八幡小路5-1", "「八幡小路」は昭和40年10月1日(1965年10月1日)から八幡町です。"),
        ("盛岡市玉山区芋田12", "「玉山区芋田」は平成28年1月1日(2016年1月1日)から芋田です。"),
        ("玉山区芋田字武道12", "「玉山区芋田字武道」は平成28年1月1日(2016年1月1日)から芋田字武道です。"),
        ("肴町1-2-3", "「肴町一丁目」は杜陵一丁目の以前の名前です。"),
    ],
)
def test_an_old_name_is_found_and_dated(text: str, said: str) -> None:
    assert said in message(text)


@pytest.mark.parametrize("text", ["八幡町5-1", "八幡横丁5-1", "芋田12", "杜陵1-2-3"])
def test_todays_name_and_other_spellings_have_no_such_note(text: str) -> None:
    assert "以前の名前" not in message(text)
    assert "から八幡町です" not in message(text)
    assert "から芋田" not in message(text)


def test_an_old_name_without_an_alias_of_its_own_is_found() -> None:
    bare = replace(HACHIMAN, aliases=())
    rules = (Rule("C1", "whole", "八幡町"),)
    answer = LookupIndex(snapshot(rules, towns=(bare,))).by_address("八幡小路5-1")
    assert (answer.outcome, answer.address.town, answer.address.lon) == (
        Outcome.ONE, "八幡町", at(0.5, 0.5)[0],
    )  # fmt: skip
    assert answer.address.confidence == town_confidence("other_name"), "a note on the name is no doubt"


def test_an_old_name_with_another_number_is_not_read_as_todays_of_that_number() -> None:
    """新馬町二丁目 is part of 杜陵一丁目 today: 新馬町1 was somewhere else, and 2 is no 丁目 of 杜陵."""
    two = replace(SAKANA, former_names=(FormerName("新馬町二丁目"),))
    index = LookupIndex(snapshot(towns=(*TOWNS, two, town("杜陵二丁目", place=(1.5, 0.5)))))
    for text in ("新馬町1-2-3", "新馬町二丁目2-3"):
        assert index.by_address(text).outcome is Outcome.NOT_UNDERSTOOD


def test_a_day_before_the_eras_is_written_plainly() -> None:
    old = replace(HACHIMAN, former_names=(FormerName("八幡小路", None, date(1860, 5, 1)),))
    answer = LookupIndex(snapshot(towns=(old,))).by_address("八幡小路5-1")
    assert "「八幡小路」は1860年5月1日から八幡町です。" in answer.message
