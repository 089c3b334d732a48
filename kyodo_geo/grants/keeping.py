"""Rule tables as JSON and back; what is no rule table is refused, whoever wrote it."""

from __future__ import annotations

from typing import Any

from kyodo_geo.errors import InputError
from kyodo_geo.grants.schemes import Scheme
from kyodo_geo.grants.table import (
    Band,
    Check,
    Condition,
    Part,
    ReadTable,
    Rounding,
    RuleTable,
    Way,
    Whole,
    checked,
)

FORM = 1
"""Of the JSON; a later program may have to read an earlier one."""


def as_json(table: RuleTable) -> dict[str, Any]:
    """JSON-able, with nothing left out that the table says."""
    return {
        "form": FORM,
        "parts": [_part(part) for part in table.parts],
        "whole": {
            "rounding": _rounding(table.whole.rounding),
            "least": table.whole.least,
            "most": table.whole.most,
            "cap": table.whole.cap,
            "smallest": table.whole.smallest,
        },
        "conditions": [
            {"check": found.check.value, "words": found.words, "years": found.years}
            for found in table.conditions
        ],
        "note": table.note,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "formula": part.formula,
        "by": part.by,
        "bands": [{"least": band.least, "formula": band.formula} for band in part.bands],
        "rounding": _rounding(part.rounding),
        "least": part.least,
        "most": part.most,
    }


def _rounding(rounding: Rounding) -> dict[str, Any]:
    return {"unit": rounding.unit, "way": rounding.way.value}


def table_of(kept: Any) -> RuleTable:
    """The table that JSON says; raises InputError. `read_kept` also reads its formulas."""
    try:
        if kept["form"] != FORM:
            raise InputError("このきまりは、新しい版のプログラムで作られています。")
        whole = kept["whole"]
        return RuleTable(
            tuple(
                Part(
                    _text(part["name"]), _text(part["formula"]), _text(part["by"]),
                    tuple(Band(_whole(band["least"]), _text(band["formula"])) for band in part["bands"]),
                    _read_rounding(part["rounding"]), _bound(part["least"]), _bound(part["most"]),
                )
                for part in kept["parts"]
            ),
            Whole(
                _read_rounding(whole["rounding"]), _bound(whole["least"]), _bound(whole["most"]),
                _text(whole["cap"]), _bound(whole["smallest"]),
            ),
            tuple(
                Condition(Check(found["check"]), _text(found["words"]), _bound(found["years"]))
                for found in kept["conditions"]
            ),
            _text(kept["note"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise InputError("きまりの形が正しくありません。") from None


def read_kept(scheme: Scheme, kept: Any) -> ReadTable:
    """A kept table, ready to be worked out; raises InputError."""
    return checked(scheme, table_of(kept))


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError
    return found


def _whole(found: Any) -> int:
    if not isinstance(found, int) or isinstance(found, bool):
        raise TypeError
    return found


def _bound(found: Any) -> int | None:
    return None if found is None else _whole(found)


def _read_rounding(found: Any) -> Rounding:
    return Rounding(_whole(found["unit"]), Way(found["way"]))
