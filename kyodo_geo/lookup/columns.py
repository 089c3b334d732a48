"""An answer as columns of a table: the one place that says what stands in them.

The batch API sends them as JSON, `kyodo-geo lookup-batch` and the upload page write them beside the columns of a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kyodo_geo.lookup.answers import Answer, Outcome

COLUMNS = (
    "outcome",
    "municipality",
    "town",
    "koaza",
    "block",
    "house",
    "level",
    "lon",
    "lat",
    "accuracy_m",
    "association_id",
    "association_name",
    "basis",
    "confidence",
    "candidates",
    "message",
)
MAX_ADDRESS = 200
"""Characters of one address; longer text is no address."""

EMPTY = "住所が書かれていません。"
TOO_LONG = f"住所が長すぎます（{MAX_ADDRESS}文字まで）。"

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One association that may be the one."""

    id: str
    name: str
    basis: str

    def as_dict(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name, "basis": self.basis}


@dataclass(frozen=True, slots=True)
class Columns:
    """The values of one row in the order of `COLUMNS`; None is not known.

    `association_*`, `basis` and `confidence` are given only when there is one association without doubt;
    otherwise those that come into question stand in `candidates`.
    """

    outcome: str
    message: str
    municipality: str | None = None
    town: str | None = None
    koaza: str | None = None
    block: str | None = None
    house: str | None = None
    level: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: int | None = None
    association_id: str | None = None
    association_name: str | None = None
    basis: str | None = None
    confidence: float | None = None
    candidates: tuple[Candidate, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; candidates are a list of {id, name, basis}."""
        found = {name: getattr(self, name) for name in COLUMNS}
        return {**found, "candidates": [candidate.as_dict() for candidate in self.candidates]}

    def cells(self) -> list[Cell]:
        """One cell per column; candidates as `id name | id name`."""
        joined = " | ".join(f"{candidate.id} {candidate.name}" for candidate in self.candidates)
        return [joined or None if name == "candidates" else getattr(self, name) for name in COLUMNS]


def columns_of(answer: Answer) -> Columns:
    """The columns of an answer."""
    place = answer.address.as_dict()
    one = answer.associations[0] if answer.outcome is Outcome.ONE and answer.associations else None
    return Columns(
        outcome=answer.outcome.value,
        message=answer.message,
        **{name: place[name] for name in COLUMNS[1:10]},
        association_id=one.id if one else None,
        association_name=one.name if one else None,
        basis=one.basis.value if one else None,
        confidence=one.confidence if one else None,
        candidates=()
        if one
        else tuple(Candidate(item.id, item.name, item.basis.value) for item in answer.associations),
    )


def unusable(text: str, mark: str = "") -> Columns | None:
    """The columns of a text that cannot be asked for (empty, too long), else None.

    `mark` (`LookupIndex.mark`) ends the message, as it ends every answer made of sample data.
    """
    if not text.strip():
        return Columns(Outcome.NOT_UNDERSTOOD.value, EMPTY + mark)
    if len(text) > MAX_ADDRESS:
        return Columns(Outcome.NOT_UNDERSTOOD.value, TOO_LONG + mark)
    return None
