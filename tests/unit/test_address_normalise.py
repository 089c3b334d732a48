"""Bringing written addresses into one form; numbers; names of towns taken apart."""

from __future__ import annotations

import unicodedata

import pytest

from kyodo_geo.addresses import clean, fold_name, koaza_key, official, spelling, split_town
from kyodo_geo.addresses.normalise import MAX_LENGTH, fold
from kyodo_geo.addresses.numerals import kanji_value, read_number, to_kanji
from kyodo_geo.addresses.tail import BAN, BANCHI, CHOME, GO, JIWARI, Number, read_tail


@pytest.mark.parametrize("hyphen", list("-‐‑‒–—―−－─━﹣ー"))
def test_every_hyphen_between_numbers_is_one(hyphen: str) -> None:
    assert clean(f"みたけ3{hyphen}12{hyphen}1") == "みたけ3-12-1"


def test_the_long_vowel_mark_in_a_word_stays() -> None:
    assert clean("みたけ3-12-1 ハイツﾐﾀｹﾏﾝｼｮﾝ") == "みたけ3-12-1 ハイツミタケマンション"
    assert clean("流通センター北1ー2") == "流通センター北1-2"


def test_the_numeral_one_is_a_hyphen_only_between_arabic_digits() -> None:
    assert clean("みたけ3一12一1") == "みたけ3-12-1"
    assert clean("みたけ一丁目一番") == "みたけ一丁目一番"


def test_invisible_characters_and_spaces() -> None:
    assert clean("\ufeff盛岡市\u200b みたけ\u00a0\u3000３－１\t\x00") == "盛岡市 みたけ 3-1"
    assert clean(" \t\n") == ""
    assert clean("葛\U000e0100巻") == "葛巻"


def test_decomposed_kana_are_composed() -> None:
    assert clean(unicodedata.normalize("NFD", "緑が丘")) == "緑が丘"


def test_long_text_is_cut_so_that_it_can_be_told() -> None:
    assert len(clean("あ" * 1_000_000)) == MAX_LENGTH + 1
    assert len(clean("\ufdfa" * 10_000)) == MAX_LENGTH + 1  # one sign that stands for eighteen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("靑山町", "青山町"), ("澤田", "沢田"), ("髙松", "高松"), ("繫", "繋"), ("藪川", "薮川"), ("土渕", "土淵"),
        ("上犾森", "上犹森"), ("みたけ", "ミタケ"), ("みたけ", "ﾐﾀｹ"), ("緑が丘", "緑ケ丘"), ("緑ヶ丘", "緑ケ丘"),
        ("大ケ生", "大が生"), ("つつじが丘", "つつじケ丘"), ("中ノ橋通", "中の橋通り"), ("中之橋通", "中ノ橋通"),
        ("三ッ割", "三ツ割"), ("五兵ヱ新田", "五兵エ新田"), ("山﨑", "山崎"), ("廣瀨", "広瀬"), ("舘市", "館市"),
    ],
)  # fmt: skip
def test_variants_of_a_character_are_one(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"), [("茶畑", "茶畠"), ("簗川", "梁川"), ("永井", "長井"), ("もりおか市", "もりおけ市")]
)
def test_other_characters_are_other_places(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


def test_folding_remembers_where_it_came_from() -> None:
    folded = fold("本町通り3 みたけ荘")
    assert folded.text == "本町通3 ミタケ荘"
    assert folded.shown(folded.text.index("ミ")) == "みたけ荘"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三", 3),
        ("十", 10),
        ("二十四", 24),
        ("百六", 106),
        ("百七十三", 173),
        ("千二百", 1200),
        ("二四", 24),
        ("一〇", 10),
    ],
)
def test_kanji_numbers(text: str, value: int) -> None:
    assert kanji_value(text) == value


@pytest.mark.parametrize("text", ["", "二四十", "十百", "〇十", "一二三四五六"])
def test_kanji_that_make_no_number(text: str) -> None:
    assert kanji_value(text) is None


def test_numbers_of_more_than_five_digits_are_none() -> None:
    assert read_number("123456", 0) is None
    assert read_number("12345-", 0) == (12345, 5)


@pytest.mark.parametrize("number", range(1, 100))
def test_kanji_numbers_are_written_and_read_alike(number: int) -> None:
    assert kanji_value(to_kanji(number)) == number


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3-12-1", (Number(3), Number(12), Number(1))),
        ("3丁目12番1号", (Number(3, CHOME), Number(12, BAN), Number(1, GO))),
        ("三丁目十二番一号", (Number(3, CHOME), Number(12, BAN), Number(1, GO))),
        ("第24地割10番地1", (Number(24, JIWARI), Number(10, BANCHI), Number(1))),
        ("24割10ノ1", (Number(24, JIWARI), Number(10), Number(1))),
        ("2チヨウメ13-1", (Number(2, CHOME), Number(13), Number(1))),
        ("甲114-1", (Number(114, None, "甲"), Number(1))),
        ("12A-3", (Number(12, None, "A"), Number(3))),
        ("二又5", ()),
        ("第2ビル", ()),
        ("5F", ()),
        ("3号棟", ()),
        ("ビル3", ()),
    ],
)
def test_number_chains(text: str, numbers: tuple[Number, ...]) -> None:
    assert read_tail(text, 0).numbers == numbers


@pytest.mark.parametrize(
    ("text", "shown"),
    [("甲114", "甲114"), ("ニ3番地", "ニ3"), ("12A", "12A"), ("甲12A", "甲12A"), ("12甲", "12甲")],
)
def test_letters_of_a_lot_stay_where_they_were_written(text: str, shown: str) -> None:
    assert str(read_tail(text, 0).numbers[0]) == shown


def test_what_follows_the_numbers_is_left() -> None:
    tail = read_tail("3-12-1 305号室", 0)
    assert (tail.numbers[-1], "3-12-1 305号室"[tail.rest_from :], tail.set_off) == (
        Number(1),
        "305号室",
        True,
    )


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("みたけ三丁目", ("ミタケ", 3, None)), ("みたけ3丁目", ("ミタケ", 3, None)), ("下飯岡第8地割", ("下飯岡", None, 8)),
        ("大字下飯岡八地割", ("下飯岡", None, 8)),
        ("下飯岡第一〇地割", ("下飯岡", None, 10)), ("十二丁目", ("十二丁目", None, None)),
        ("三ツ割", ("三ツ割", None, None)), ("野々市市", ("野々市市", None, None)), ("北一条西二丁目", ("北一条西", 2, None)),
    ],
)  # fmt: skip
def test_names_of_towns(name: str, parts: tuple[str, int | None, int | None]) -> None:
    found = split_town(name)
    assert (found.oaza, found.chome, found.jiwari) == parts


def test_written_forms() -> None:
    assert official("みたけ", chome=12) == "みたけ十二丁目"
    assert official("下飯岡", jiwari=8) == "下飯岡第8地割"
    assert spelling("みたけ3丁目") == "みたけ三丁目"
    assert spelling("大字下飯岡八地割") == "下飯岡第8地割"
    assert spelling("本町通") == "本町通"
    assert koaza_key("字鶴塚") == koaza_key("鶴塚") == "鶴塚"
    assert koaza_key(None) == ""
