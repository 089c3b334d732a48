"""Rows between a file and a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
"""Values by column; `_source` and `_row` say where in the files they stand."""


@dataclass(frozen=True, slots=True)
class Read:
    """A row of a file as it was read: file, row as a person counts, values by field."""

    source: str
    row: int
    values: Row
