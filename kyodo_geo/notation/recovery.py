"""Tokens → tree, going on after an error: the item with the error is set aside, everything else is read."""

from __future__ import annotations

from lark.exceptions import UnexpectedToken

from kyodo_geo.notation import grammar
from kyodo_geo.notation.result import Finding, FindingKind
from kyodo_geo.notation.source import SourceText
from kyodo_geo.notation.tokens import Tok
from kyodo_geo.notation.tree import Sentences

MAX_ERRORS = 20
MAX_DEPTH = 4
_NAMES = frozenset({"NAME", "NUMBERED", "KOAZA", "BAD", "VAGUE", "FAULT"})
_TAKING_OUT = frozenset({"TADASHI", "EXCEPT", "UCHI"})
NAMED, TAKING_OUT = "named", "taking-out"
"""What a FAULT token may have swallowed: a town (what follows no longer knows its town), words that take out."""


def read_tree(source: SourceText, tokens: list[Tok]) -> tuple[Sentences, list[Finding]]:
    """The tree with `FAULT` items in the place of what the grammar refuses, and one finding for each."""
    findings: list[Finding] = []
    tokens = _too_deep(source, tokens, findings)
    while True:
        try:
            return grammar.parse(tokens), findings
        except UnexpectedToken as error:
            last = len(findings) >= MAX_ERRORS - 1
            at = _place(tokens, error)
            first, end = (0, len(tokens)) if last else _around(tokens, at)
            tokens = _set_aside(source, tokens, first, end, at, findings)


def _place(tokens: list[Tok], error: UnexpectedToken) -> int:
    tok = error.token.value
    return next((i for i, other in enumerate(tokens) if other is tok), len(tokens))


def _around(tokens: list[Tok], at: int) -> tuple[int, int]:
    """The item around token `at`: up to the separators outside all parentheses."""
    depth, first, end = 0, 0, len(tokens)
    for i, tok in enumerate(tokens):
        if tok.kind == "OPEN":
            depth += 1
        elif tok.kind == "CLOSE":
            depth = max(0, depth - 1)
        elif depth == 0 and tok.kind in ("SEP", "STOP"):
            if i < at:
                first = i + 1
            else:
                end = i
                break
    if first < end:
        return first, end
    # Something was missing between two separators or at the end: take what stands before it.
    return max(0, first - 2), max(end, min(first, len(tokens)))


def _set_aside(
    source: SourceText,
    tokens: list[Tok],
    first: int,
    end: int,
    at: int,
    findings: list[Finding],
) -> list[Tok]:
    stretch = tokens[first:end]
    words = grammar.expected(tokens[:at])
    start = stretch[0].start if stretch else 0
    stop = stretch[-1].end if stretch else len(source.plain)
    if at < len(tokens):
        shown = source.plain[tokens[at].start : tokens[at].end][:20].strip()
        place = (tokens[at].start, max(tokens[at].end, tokens[at].start + 1))
        said = f"「{shown}」はここに書けません。" if shown else "ここで続きが読めません。"
    else:
        place, said = (stop, stop), "文が途中で終わっています。"
    message = said + (f"書けるもの: {'、'.join(words)}。" if words else "")
    findings.append(source.finding(FindingKind.ERROR, message, *place, expected=words))
    return [*tokens[:first], _fault(stretch, start, stop), *tokens[end:]]


def _fault(stretch: list[Tok], start: int, stop: int) -> Tok:
    kinds = {tok.kind for tok in stretch}
    lost = [NAMED] if kinds & _NAMES else []
    if kinds & _TAKING_OUT or any(tok.kind == "FAULT" and TAKING_OUT in tok.text for tok in stretch):
        lost.append(TAKING_OUT)
    return Tok("FAULT", start, stop, " ".join(lost))


def _too_deep(source: SourceText, tokens: list[Tok], findings: list[Finding]) -> list[Tok]:
    """Parentheses within parentheses within … are refused as a whole."""
    depth = 0
    for i, tok in enumerate(tokens):
        depth = depth + 1 if tok.kind == "OPEN" else max(0, depth - 1) if tok.kind == "CLOSE" else depth
        if depth > MAX_DEPTH:
            message = "かっこの中のかっこが深すぎます。分けて書いてください。"
            findings.append(source.finding(FindingKind.ERROR, message, tok.start, tok.end))
            first, _ = _around(tokens, i)
            stretch = tokens[first:]
            return [*tokens[:first], _fault(stretch, stretch[0].start, stretch[-1].end)]
    return tokens
