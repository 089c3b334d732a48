"""The form of a rule table: rows of fields → table, and a table → what stands in the fields.

Fields: `part-1-name`, `-formula`, `-by`, `-unit`, `-way`, `-least`, `-most`, `part-1-band-1-least`, `-formula`;
`condition-1-check`, `-words`, `-years`; `whole-unit`, `-way`, `-least`, `-most`, `-cap`, `-smallest`; `note`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import InputError
from kyodo_geo.grants.formula import MAX_TEXT, MAX_VALUE
from kyodo_geo.grants.table import (
    MAX_BANDS,
    MAX_CONDITIONS,
    MAX_PARTS,
    MAX_YEARS,
    UNITS,
    Band,
    Check,
    Condition,
    Part,
    Rounding,
    RuleTable,
    Way,
    Whole,
)

Typed = Mapping[str, str]
MOST_FIELDS = 20 + MAX_PARTS * (8 + 2 * MAX_BANDS) + 4 * MAX_CONDITIONS
_PART = ("name", "formula", "by", "unit", "way", "least", "most")
_BAND = ("least", "formula")
_CONDITION = ("check", "words", "years")
_CHOSEN = frozenset({"unit", "way", "check"})
"""Selects always say something: they make no row."""


def moved_up(typed: Typed) -> dict[str, str]:
    """The fields without empty rows between: what errors name is then what the form shows."""
    found = {name: text for name, text in typed.items() if not name.startswith(("part-", "condition-"))}
    place = 0
    for number in range(1, MAX_PARTS + 1):
        at = f"part-{number}"
        bands = _rows(typed, f"{at}-band", MAX_BANDS, _BAND)
        fields = {name: typed.get(f"{at}-{name}", "") for name in _PART}
        if not bands and not _filled(fields):
            continue
        place += 1
        found |= {f"part-{place}-{name}": text for name, text in fields.items()}
        for row, band in enumerate(bands, start=1):
            found |= {f"part-{place}-band-{row}-{name}": text for name, text in band.items()}
    for row, fields in enumerate(_rows(typed, "condition", MAX_CONDITIONS, _CONDITION), start=1):
        found |= {f"condition-{row}-{name}": text for name, text in fields.items()}
    return found


def _rows(typed: Typed, at: str, most: int, names: tuple[str, ...]) -> list[dict[str, str]]:
    rows = [{name: typed.get(f"{at}-{number}-{name}", "") for name in names} for number in range(1, most + 1)]
    return [row for row in rows if _filled(row)]


def _filled(fields: Typed) -> bool:
    return any(text.strip() for name, text in fields.items() if name not in _CHOSEN)


def shape(typed: Typed) -> tuple[list[int], int]:
    """(bands of each row of the sum, conditions) that the fields hold, for a form with room for more."""
    parts = []
    for number in range(1, MAX_PARTS + 1):
        if any(name.startswith(f"part-{number}-") for name in typed):
            parts.append(len(_rows(typed, f"part-{number}-band", MAX_BANDS, _BAND)))
    return parts, len(_rows(typed, "condition", MAX_CONDITIONS, _CONDITION))


def table(typed: Typed) -> RuleTable:
    """The table that the (moved up) fields say; raises InputError with `field`. `checked` has yet to read its formulas."""
    text = lambda name: typed.get(name, "")  # noqa: E731
    parts, conditions = [], []
    bands, many = shape(typed)
    for number, rows in enumerate(bands, start=1):
        at = f"part-{number}"
        parts.append(
            Part(
                _line(text, f"{at}-name", "行の名前", 30), _line(text, f"{at}-formula", "式", MAX_TEXT),
                _line(text, f"{at}-by", "段階を分ける数値", MAX_TEXT),
                tuple(_band(text, f"{at}-band-{row}") for row in range(1, rows + 1)), _rounding(text, at),
                _yen(text, f"{at}-least", "下限"), _yen(text, f"{at}-most", "上限"),
            )
        )  # fmt: skip
    for number in range(1, many + 1):
        at = f"condition-{number}"
        check = Check(
            entries.choice(text(f"{at}-check"), f"{at}-check", "条件の種類", [one.value for one in Check])
        )
        years = entries.whole(text(f"{at}-years"), f"{at}-years", "年数", most=MAX_YEARS, unit="年")
        conditions.append(Condition(check, _line(text, f"{at}-words", "条件の言葉", 200), years))
    return RuleTable(
        tuple(parts),
        Whole(
            _rounding(text, "whole"), _yen(text, "whole-least", "下限"), _yen(text, "whole-most", "上限"),
            _line(text, "whole-cap", "上限の式", MAX_TEXT), _yen(text, "whole-smallest", "交付しない額"),
        ),
        tuple(conditions),
        entries.words(text("note"), "note", "説明", most=1_000) or "",
    )  # fmt: skip


Text = Callable[[str], str]


def _line(text: Text, name: str, label: str, most: int) -> str:
    return entries.line(text(name), name, label, most=most) or ""


def _yen(text: Text, name: str, label: str) -> int | None:
    return entries.whole(text(name), name, label, most=MAX_VALUE, unit="円")


def _band(text: Text, at: str) -> Band:
    least = entries.whole(text(f"{at}-least"), f"{at}-least", "段階の始まり", most=MAX_VALUE)
    if least is None:
        raise InputError(
            "段階の始まりの数を入力してください。いちばん下の段階は 0 です。", field=f"{at}-least"
        )
    return Band(least, _line(text, f"{at}-formula", "段階の式", MAX_TEXT))


def _rounding(text: Text, at: str) -> Rounding:
    unit = entries.choice(
        text(f"{at}-unit") or "1", f"{at}-unit", "端数処理の単位", [str(unit) for unit in UNITS]
    )
    way = entries.choice(
        text(f"{at}-way") or Way.DOWN.value, f"{at}-way", "端数処理", [one.value for one in Way]
    )
    return Rounding(int(unit), Way(way))


def typed_of(rule: RuleTable) -> dict[str, str]:
    """A table as it stands in its fields."""
    found = {**_whole_typed(rule.whole), "note": rule.note}
    for number, part in enumerate(rule.parts, start=1):
        at = f"part-{number}"
        found |= {
            f"{at}-name": part.name, f"{at}-formula": part.formula, f"{at}-by": part.by,
            f"{at}-unit": str(part.rounding.unit), f"{at}-way": part.rounding.way.value,
            f"{at}-least": _text(part.least), f"{at}-most": _text(part.most),
        }  # fmt: skip
        for row, band in enumerate(part.bands, start=1):
            found |= {f"{at}-band-{row}-least": str(band.least), f"{at}-band-{row}-formula": band.formula}
    for number, condition in enumerate(rule.conditions, start=1):
        found |= {
            f"condition-{number}-check": condition.check.value, f"condition-{number}-words": condition.words,
            f"condition-{number}-years": _text(condition.years),
        }  # fmt: skip
    return found


def _whole_typed(whole: Whole) -> dict[str, str]:
    return {
        "whole-unit": str(whole.rounding.unit), "whole-way": whole.rounding.way.value, "whole-least": _text(whole.least),
        "whole-most": _text(whole.most), "whole-cap": whole.cap, "whole-smallest": _text(whole.smallest),
    }  # fmt: skip


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
