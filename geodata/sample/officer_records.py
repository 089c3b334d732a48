"""Invented officers of the sample (取組15, 16), marked as such; nobody has a name."""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.sample import facts
from geodata.sample.buildings import SAMPLE
from geodata.sample.draws import Draws

Row = dict[str, Any]

_OFFICES = ("見本第一課（架空）", "見本第二課（架空）", "見本第三課（架空）")
_PHONE = "000-000-0002"
_COORDINATED = (5, 14, 27)
_ISSUES = (1, 6, 12, 19, 28)


def officer_records(seed: int) -> list[Row]:
    """Rows of officer: a contact officer for every district, some for an issue, three coordinators."""
    draws = Draws(seed, "officers")
    rows = [_officer(fact.no, "contact", draws.pick(_OFFICES)) for fact in facts.districts()]
    rows += [_officer(no, "issue", draws.pick(_OFFICES)) for no in _ISSUES]
    return rows + [_officer(no, "coordinator", _OFFICES[0]) for no in _COORDINATED]


def _officer(no: int, kind: str, office: str) -> Row:
    return {
        "officer_id": f"sample-{kind}-{no:02}",
        "record_no": 1,
        "district_no": no,
        "kind": kind,
        "office": office,
        "office_phone": _PHONE,
        "person_name": None,
        "valid_from": date(2025, 4, 1),
        "valid_to": None,
        **SAMPLE,
    }
