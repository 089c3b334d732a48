"""The form in which measured shares are kept: a table of words, so that it reads like the one in the docs."""

from __future__ import annotations

from typing import NamedTuple


class Measured(NamedTuple):
    """How many of how many answers of a kind were right, and the confidence drawn from it."""

    right: int
    answers: int
    confidence: float


def table(text: str) -> dict[str, Measured]:
    """Figures by kind from lines of `kind right answers confidence`; thousands are set apart by commas."""
    found = {}
    for line in text.split("\n"):
        if line.strip():
            kind, right, answers, confidence = line.replace(",", "").split()
            found[kind] = Measured(int(right), int(answers), float(confidence))
    return found
