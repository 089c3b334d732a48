"""Whether the postal code in front of an address fits the town; and a postal code without an address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from kyodo_geo.addresses.gazetteer import Gazetteer
from kyodo_geo.addresses.reading import Fit, Match, Part, Reading, Status, Use
from kyodo_geo.addresses.towns import split_town
from kyodo_geo.lookup_types import Town

_AT_END = re.compile(r"[ ,、(]*〒 ?([0-9]{3})-?([0-9]{4})\)?$")


def split_postal_code_at_end(cleaned: str) -> tuple[str, str]:
    """The text before a postal code (with its mark) that stands at the end, and that code as written, or empty."""
    if cleaned.find("〒", 1) > 0 and (found := _AT_END.search(cleaned)) is not None and found.start() > 0:
        return cleaned[: found.start()], found.group()
    return cleaned, ""


def check_postal_code(match: Match, code: str | None, at_end: str, gazetteer: Gazetteer) -> Match:
    """The match with the postal code that was written, and a note where it is known to be another town's.

    `code` stood in front (seven digits); `at_end` is one that stood at the end, as written.
    """
    if at_end:
        code = code or "".join(filter(str.isdigit, at_end))
        for reading in match.readings:
            reading.parts = (*reading.parts, Part(Use.POSTAL_CODE, at_end.strip(" ,、()")))
    if code is None:
        return match
    match = replace(match, postal_code=code)
    own = {row.postal_code for reading in match.readings for row in _rows(reading) if row.postal_code}
    if not own or code in own or _is_of_one_office(code, own, gazetteer):
        return match
    theirs = _names(gazetteer.by_postal_code.get(code, ()))
    whose = f"{theirs[0]}の番号で" if theirs else "この町・字の番号ではなく"
    note = f"郵便番号{_shown(code)}は{whose}、住所と合いません（正しくは{'・'.join(map(_shown, sorted(own)))}）。"
    if match.status is not Status.FOUND:
        return replace(match, postal_conflict=True, reason=note + match.reason)
    (reading,) = match.readings
    reading.notes = (note, *reading.notes)
    return replace(match, postal_conflict=True)


def by_postal_code(cleaned: str, code: str, rest: str, gazetteer: Gazetteer) -> Match | None:
    """Answer to a postal code without an address that could be read: its towns, as far as they are known."""
    rows = gazetteer.by_postal_code.get(code, [])
    names = _names(rows)
    if not names:
        return None
    asked = f"郵便番号{_shown(code)}の町・字は{'・'.join(names)}です。"
    if rest:
        return Match(
            Status.UNKNOWN, cleaned, reason=f"「{rest[:30]}」を読み取れません。{asked}", suggestions=tuple(names),
            unknown=rest, postal_code=code,
        )  # fmt: skip
    parts = (Part(Use.POSTAL_CODE, cleaned),)
    places = {place.key: place for name in names if (place := gazetteer.place(name)) is not None}
    readings = []
    for key, place in places.items():
        here = [name for name in names if split_town(name).oaza == key]
        one = len(here) == 1 and len(places) == 1
        readings.append(
            Reading(
                place, Fit.SEVERAL, 0, here[0] if one else None, rows[0] if one else None,
                rows[0].level if one else "oaza", options=() if one else tuple(here),
                notes=("郵便番号だけから探しました。番・号までは分かりません。",), parts=parts,
            )
        )  # fmt: skip
    status = Status.FOUND if len(names) == 1 else Status.SEVERAL
    # Several: whoever answers lists the towns, so the reason does not.
    open_ = f"郵便番号{_shown(code)}だけでは、町・字をひとつに決められません。"
    reason = asked if status is Status.FOUND else open_
    return Match(status, cleaned, tuple(readings), reason=reason, postal_code=code)


def _rows(reading: Reading) -> Iterable[Town]:
    """Rows whose postal codes may stand before the reading's address."""
    return (reading.row,) if reading.row is not None and reading.row.postal_code else reading.place.rows()


def _is_of_one_office(code: str, own: set[str], gazetteer: Gazetteer) -> bool:
    """020-8530: numbers of large offices and boxes are not in the list of towns; the first three digits are the area's."""
    return (
        code[3] == "8" and code not in gazetteer.by_postal_code and code[:3] in {other[:3] for other in own}
    )


def _names(rows: Iterable[Town]) -> list[str]:
    return list(dict.fromkeys(row.name for row in rows))


def _shown(code: str) -> str:
    return f"{code[:3]}-{code[3:]}"
