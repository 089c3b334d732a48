"""A figure with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A figure: where it was taken from, and the day or year that it is of."""

    value: int
    source: str
    as_of: str
