"""An area in words → rules: the tree read from left to right, each number with the town said last."""

from __future__ import annotations

from kyodo_geo.addresses.gazetteer import Gazetteer
from kyodo_geo.notation.items import Items
from kyodo_geo.notation.places import Towns
from kyodo_geo.notation.recovery import read_tree
from kyodo_geo.notation.result import MAX_RULES, MAX_TEXT, Finding, FindingKind, Notation, Piece
from kyodo_geo.notation.scopes import Outcome, Said, contradictions, read_sentences
from kyodo_geo.notation.source import SourceText
from kyodo_geo.notation.tokens import tokenise


def read_notation(
    text: str, *, association_id: str = "", gazetteer: Gazetteer | None = None, municipality: str = ""
) -> Notation:
    """Rules of the area in words, with everything that is no exact rule as findings.

    With a gazetteer towns are looked up (another spelling becomes the official name, an unknown town no rule);
    `municipality` is a name that may stand before towns. Never raises; time grows linearly with the text.
    """
    source = SourceText(text[: MAX_TEXT + 1])
    # A single sign may stand for many letters (㍿, ﷺ).
    if len(text) > MAX_TEXT or len(source.plain) > 2 * MAX_TEXT:
        message = f"長すぎます（{len(text):,}文字）。{MAX_TEXT:,}文字以内に分けてください。"
        return Notation((), (source.finding(FindingKind.ERROR, message, 0, min(1, len(source.plain))),))
    tree, findings = read_tree(source, tokenise(source, gazetteer))
    items = Items(source, Towns(gazetteer, municipality), association_id, findings)
    done, _ = read_sentences(tree, Said(), items, within=False)
    contradictions(done, items)
    return _result(source, done, items.findings)


def _result(source: SourceText, done: list[Outcome], findings: list[Finding]) -> Notation:
    pieces = []
    for outcome in done:
        if outcome.rules:
            start, end = source.original(outcome.start), source.original_end(outcome.start, outcome.end)
            pieces.append(Piece(start, end, source.text[start:end], tuple(outcome.rules)))
    number = sum(len(piece.rules) for piece in pieces)
    if number > MAX_RULES:
        message = f"規則が多すぎます（{number:,}件）。{MAX_RULES:,}件以内に分けてください。"
        findings = [*findings, source.finding(FindingKind.ERROR, message, 0, len(source.plain))]
        pieces = []
    return Notation(tuple(pieces), tuple(sorted(findings, key=lambda finding: (finding.start, finding.end))))
