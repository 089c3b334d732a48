"""What of an area's text may be repeated in a report, and what in it is no area but somebody's home.

Sources that name persons (告示, a city's list) are quoted only where every word is known: a name nobody knows may be a
person's. Numbers of houses are never repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kyodo_geo.addresses.gazetteer import Gazetteer
from kyodo_geo.notation import words
from kyodo_geo.notation.places import Doubt, Towns
from kyodo_geo.notation.result import Finding, FindingKind
from kyodo_geo.notation.source import SourceText
from kyodo_geo.notation.tokens import BANCHI, Tok, tokenise

_KNOWN_WORDS = frozenset(
    {"SEP", "STOP", "OPEN", "CLOSE", "TADASHI", "EXCEPT", "WHOLE", "PART", "RANGE", "MADE", "EACH", "UCHI"}
)
_GOES_ON = frozenset({"NUM", "BLOCK", "HOUSE", "RANGE", "MADE", "HYPHEN", "NO", "UNIT", "CLOSE"})
"""A line that begins with these continues the one above: 98番⏎76号."""
_UNQUOTED = {
    FindingKind.ERROR: "この書き方は読めません。",
    FindingKind.UNCERTAIN: "住所の番号では正確に決まりません。区域の図で確かめてください。",
    FindingKind.UNKNOWN: "町・字の一覧にない言葉か、書けない番号があります。",
    FindingKind.WARNING: "読み取った範囲を確かめてください。",
}
_WHY = "（個人の名前や住所のおそれがあるため、文は示しません）"


def quotable(text: str, gazetteer: Gazetteer | None, municipality: str = "", *, blocks: bool = False) -> bool:
    """Whether the text consists of known towns and words of the notation, without a number of a house.

    Numbers of blocks only with `blocks`: in a text broken anywhere they may belong to somebody's address.
    """
    if gazetteer is None:
        return False
    towns = Towns(gazetteer, municipality)
    plain = words.VAGUE.sub("、", SourceText(text).plain)
    for tok in tokenise(SourceText(plain), gazetteer):
        if tok.kind == "NAME":
            if not _known(towns, tok.text):
                return False
        elif tok.kind == "BLOCK" and blocks and tok.unit != BANCHI:
            continue
        elif tok.kind not in _KNOWN_WORDS and tok.kind != "NUMBERED":
            return False
    return True


def unquoted(finding: Finding) -> Finding:
    """The finding with its place and kind alone."""
    return replace(
        finding, message=_UNQUOTED[finding.kind] + _WHY, text="", excerpt="", expected=(), suggestions=()
    )


def homes(text: str, gazetteer: Gazetteer | None) -> list[int]:
    """Lines (from 1) that are one single address: 盛岡市みたけ四丁目98番76号, 上田48番地, みたけ4-98-76 〇〇ビル101.

    An address broken over two lines counts at the first. An area seldom has a line for one house, a person's always.
    """
    source = SourceText(text)
    found = []
    for number, tokens in _lines(source, tokenise(source, gazetteer)):
        while tokens and tokens[-1].kind in ("SEP", "STOP"):
            tokens = tokens[:-1]
        kinds = {tok.kind for tok in tokens}
        several = any(tok.kind == "SEP" and tok.text for tok in tokens)
        if several or kinds & {"RANGE", "MADE", "EXCEPT", "ONWARD", "UPTO", "EACH"}:
            continue
        if kinds & {"HOUSE", "NO", "HYPHEN"} or any(tok.unit == BANCHI for tok in tokens):
            found.append(number)
    return found


def _lines(source: SourceText, tokens: list[Tok]) -> Iterator[tuple[int, list[Tok]]]:
    """Tokens line by line and apart where a space sets off a name; a line that merely continues is joined."""
    held: list[Tok] = []
    number = current = 1
    for tok in tokens:
        line = source.plain.count("\n", 0, tok.start) + 1
        if tok.kind == "SEP" and tok.text == "\n":
            continue
        apart = line != current and not (tok.kind in _GOES_ON and held and held[-1].kind != "SEP")
        if held and (apart or (tok.kind == "SEP" and not tok.text)):
            yield number, held
            held, number = [], line
        elif not held:
            number = line
        current = line
        held.append(tok)
    if held:
        yield number, held


def _known(towns: Towns, name: str) -> bool:
    try:
        towns.find(name)
    except Doubt as doubt:
        return doubt.kind is FindingKind.UNKNOWN and bool(doubt.suggestions) and "1つに" in doubt.message
    return True
