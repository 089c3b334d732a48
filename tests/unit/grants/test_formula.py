"""Formulas as planners write them: what they mean, what is refused and in which words, and that text is never run."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.errors import InputError
from kyodo_geo.grants.formula import (
    FUNCTIONS,
    MAX_TEXT,
    Binary,
    Call,
    CannotCalculateError,
    Name,
    Node,
    Number,
    names_in,
    read,
    value,
    written,
)

KNOWN = dict.fromkeys(("世帯数", "会員世帯数", "対象経費"), "")
FIGURES = {"世帯数": Fraction(150), "会員世帯数": Fraction(120), "対象経費": Fraction(123_457)}


def worth(text: str) -> Fraction:
    return value(read(text, KNOWN, field="f"), FIGURES)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("5,000円", 5_000),
        ("会員世帯数 × 300円", 36_000),
        ("会員世帯数＊３００", 36_000),
        ("会員世帯数×300+5,000", 41_000),
        ("5000 - 会員世帯数 × 10", 3_800),
        ("(世帯数 − 会員世帯数) × 100円", 3_000),
        ("対象経費 × 1/2", Fraction(123_457, 2)),
        ("対象経費 × 50％", Fraction(123_457, 2)),
        ("対象経費 ÷ 3 × 3", 123_457),
        ("小さい方(対象経費 × 1/2、50,000円)", 50_000),
        ("大きい方（会員世帯数、世帯数）", 150),
        ("切り捨て(対象経費、1,000円)", 123_000),
        ("切り上げ(対象経費、1000)", 124_000),
        ("100 - 30 - 20", 50),
        ("0.5 × 3", Fraction(3, 2)),
    ],
)
def test_a_formula_means_what_it_says(text: str, amount: int | Fraction) -> None:
    assert worth(text) == amount


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "式を入力してください"),
        ("会員世帯数 ×", "途中で終わって"),
        ("会員世帯数 × × 3", "9 文字目「× 3」から読めません"),
        ("人口 × 3", "「人口」は使えません。使えるのは、世帯数、会員世帯数、対象経費 です"),
        ("300世帯数", "6 文字目"),
        ("1,23円", "2 文字目"),
        ("小さい方(3)", "2 つを書いて"),
        ("小さい方(3、4、5)", "2 つを書いて"),
        ("(" * 9 + "1" + ")" * 9, "8 重まで"),
        ("1+" * 101 + "1", "200 文字以内"),
        ("-5", "1 文字目"),
        ("__import__('os')", "から読めません"),
        ("会員世帯数.real", "から読めません"),
        ("2 ** 3", "から読めません"),
        ("世帯数 = 3", "から読めません"),
        ("１\u0000", "から読めません"),
    ],
)
def test_what_is_no_formula_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words.replace("(", r"\(")) as refused:
        read(text, KNOWN, field="part-1-formula")
    assert refused.value.details["field"] == "part-1-formula"


def test_unknown_figures_divisions_by_nothing_and_giants_have_no_value() -> None:
    node = read("会員世帯数 × 対象経費 ÷ 世帯数", KNOWN, field="f")
    with pytest.raises(CannotCalculateError, match="会員世帯数、対象経費が分かりません"):
        value(node, {"世帯数": Fraction(3)})
    with pytest.raises(CannotCalculateError, match="0 で割る"):
        value(node, {**FIGURES, "世帯数": Fraction(0)})
    with pytest.raises(CannotCalculateError, match="大きく"):
        worth("999999999999 × 999999999999")
    with pytest.raises(CannotCalculateError, match="単位が 0"):
        worth("切り捨て(5、世帯数 - 世帯数)")


def test_a_formula_is_written_with_its_figures() -> None:
    node = read("小さい方(会員世帯数*300円、(世帯数-会員世帯数)×5)", KNOWN, field="f")
    assert written(node) == "小さい方(会員世帯数 × 300円、(世帯数 - 会員世帯数) × 5)"
    assert written(node, {"会員世帯数": "120世帯"}).startswith("小さい方(会員世帯数（120世帯）× 300円、")
    assert list(names_in(node)) == ["会員世帯数", "世帯数"]


NUMBERS = st.builds(
    lambda whole, unit: Number(Fraction(whole) / (100 if unit == "%" else 1), str(whole), unit),
    st.integers(0, 99_999), st.sampled_from(["", "円", "世帯", "%"]),
)  # fmt: skip
NODES: st.SearchStrategy[Node] = st.recursive(
    NUMBERS | st.sampled_from([Name(name) for name in KNOWN]),
    lambda inner: (
        st.builds(Binary, st.sampled_from("+-×÷"), inner, inner)
        | st.builds(lambda function, a, b: Call(function, (a, b)), st.sampled_from(FUNCTIONS), inner, inner)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(NODES)
def test_what_is_written_reads_back_as_the_same(node: Node) -> None:
    text = written(node)
    if len(text) <= MAX_TEXT:
        assert read(text, KNOWN, field="f") == node


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_formula_or_refused_in_words(text: str) -> None:
    try:
        node = read(text, KNOWN, field="f")
    except InputError as refused:
        assert refused.message
    else:
        assert set(names_in(node)) <= set(KNOWN)
