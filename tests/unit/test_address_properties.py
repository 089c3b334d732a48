"""Properties of the reader: it never raises, and what it answers stands in the text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.addresses import AddressMatcher, Gazetteer, Status, clean, fold_name
from kyodo_geo.addresses.numerals import to_kanji
from tests.unit.lookup_world import TOWNS

MATCHER = AddressMatcher(Gazetteer(TOWNS, "03201"), "03201", "盛岡市", "岩手県")
NAMES = sorted({town.name for town in TOWNS})

PIECES = """
岩手県 盛岡市 盛岡 玉山区 玉山 都南村 大字 字 第 丁目 地割 番地 番 号 の - ー ・ 〒020-0122 3 12 二 十 百 〇 甲 A ビル ( 市
町 永井 みたけ 青山町 渋民 鶴塚 滝沢市
"""
pieces = st.sampled_from([" ", "\u200b", *PIECES.split()])
jumble = st.lists(pieces, max_size=12).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(jumble, st.text(max_size=80)))
def test_any_text_gets_an_answer_with_a_basis(text: str) -> None:
    found = MATCHER.match(text)
    if found.status is Status.FOUND:
        (reading,) = found.readings
        assert reading.town in {*NAMES, "上田", "永井", "津志田"}
        # The place's name, or one of its other spellings, stands in the text.
        assert any(
            fold_name(name) in fold_name(text)
            for name in (
                reading.place.name,
                reading.place.name.removesuffix("町"),
                *_spellings(reading.place.name),
            )
        )
    elif found.status in (Status.SEVERAL, Status.MANY):
        assert (
            len({name for reading in found.readings for name in reading.names}) > 1 or len(found.readings) > 1
        )
    else:
        assert found.readings == ()
        assert found.reason or found.other


def _spellings(name: str) -> list[str]:
    kana = [town.kana for town in TOWNS if town.kana and town.name.startswith(name)]
    aliases = [alias for town in TOWNS if town.name == name for alias in town.aliases]
    digits = name.replace("三", "3").replace("一", "1").replace("八", "8")
    return [
        *kana,
        *aliases,
        digits,
        name.removeprefix("玉山"),
        name.replace("町", "まち"),
        name.replace("三枚橋", "字三枚橋"),
    ]


@settings(max_examples=150, deadline=None)
@given(chome=st.integers(1, 3), block=st.integers(1, 99), house=st.integers(1, 99), form=st.integers(0, 4))
def test_every_form_of_an_address_reads_back(chome: int, block: int, house: int, form: int) -> None:
    text = [
        f"みたけ{chome}-{block}-{house}",
        f"みたけ{chome}丁目{block}番{house}号",
        f"みたけ{to_kanji(chome)}丁目{to_kanji(block)}番{to_kanji(house)}号",
        f"盛岡市 みたけ {chome}丁目 {block}−{house}",
        f"みたけ{to_kanji(chome)}-{to_kanji(block)}-{to_kanji(house)}",
    ][form]
    (reading,) = MATCHER.match(text).readings
    assert reading.town == f"みたけ{to_kanji(chome)}丁目"
    assert (reading.block, reading.house) == (str(block), str(house))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
