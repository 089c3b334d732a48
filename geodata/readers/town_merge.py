"""One gazetteer from the rows of several publishers: which rows are the same place, and what each adds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from geodata.readers.reading import SOURCE, Reading
from kyodo_geo.addresses import koaza_key, split_town

MADE_ID = "t"
FORMER_WARD = re.compile(r"(?P<ward>.+?)区(?P<rest>.+)")

Town = dict[str, Any]
Printed = tuple[str, str | None]
Plain = tuple[str, int | None, int | None]


def merged(reading: Reading, towns: list[Town]) -> list[Town]:
    """Each place once, in the order of first appearance; later rows add what the earlier lack.

    Rows of one file are the same place only when they are written the same: 永井 and 大字永井, or the 小字 い and イ,
    may lie far apart. Between files one spelling may stand for another (上太田三枚橋 as one town and as 小字 三枚橋 of
    上太田) where neither file knows a second place that could be meant.
    """
    spellings: dict[tuple[str, Plain], set[Printed]] = {}
    for town in towns:
        spellings.setdefault((town[SOURCE], _plain(town)), set()).add(_printed(town))
    found: dict[Printed, Town] = {}
    alike: dict[Plain, list[Printed]] = {}
    for town in towns:
        printed, plain = _printed(town), _plain(town)
        others = alike.setdefault(plain, [])
        if printed not in found and len(others) == 1 and len(spellings[town[SOURCE], plain]) == 1:
            printed = others[0]
        known = found.get(printed)
        if known is None:
            found[printed] = town
            others.append(printed)
            continue
        if known[SOURCE] == town[SOURCE]:
            reading.report.add(
                "duplicates", file=town[SOURCE], row=int(town["_row"]), name=town["name"], koaza=town["koaza"]
            )
        _add(known, town)
    return list(found.values())


def with_former_wards(towns: list[Town]) -> list[Town]:
    """Names under an abolished ward (玉山区芋田, 玉山区永井) given as aliases to today's (芋田, 玉山永井)."""
    known: dict[Plain, list[Town]] = {}
    for town in towns:
        known.setdefault(_plain(town), []).append(town)
    living = []
    for town in towns:
        heir = _heir(town, known)
        if heir is None:
            living.append(town)
            continue
        joint = "字" if town["koaza"] else ""
        former = town["name"] + joint + (town["koaza"] or "")
        _add_aliases(heir, former, *town["aliases"])
        _add_former(heir, former, town)
        # The list may hold 玉山区永井 with its 小字 only; the 大字 itself was called so too.
        parents = known.get(_plain({**heir, "koaza": None}), [])
        if town["koaza"] and len(parents) == 1:
            _add_aliases(parents[0], town["name"])
            _add_former(parents[0], town["name"], {"valid_from": None, "valid_to": None})
    return living


def _heir(town: Town, known: dict[Plain, list[Town]]) -> Town | None:
    """Today's place of a name under a ward: with the ward's name in front where there is one, else without."""
    name, chome, jiwari = _plain(town)
    match = FORMER_WARD.fullmatch(name)
    if match is None:
        return None
    for today in (match["ward"] + match["rest"], match["rest"]):
        heirs = known.get((today, chome, jiwari), [])
        if heirs:
            return heirs[0] if len(heirs) == 1 else None
    return None


def _printed(town: Town) -> Printed:
    return town["name"], town["koaza"]


def _plain(town: Town) -> Plain:
    """The name in comparable parts, whatever its spelling and wherever it is cut into town and 小字."""
    parts = split_town(town["name"])
    return parts.oaza + koaza_key(town["koaza"]), parts.chome, parts.jiwari


def _add(known: dict[str, Any], town: dict[str, Any]) -> None:
    """What `town` knows more than `known`."""
    abolished = town["valid_to"] is not None and known["valid_to"] is None
    for column in ("kana", "postal_code", "geom", "valid_from"):
        if known[column] is None:
            known[column] = town[column]
    if known["valid_to"] is not None and town["valid_to"] is None:
        known["valid_to"] = None
    if known["town_id"].startswith(f"{MADE_ID}-") and not town["town_id"].startswith(f"{MADE_ID}-"):
        known["town_id"] = town["town_id"]
    other = town["name"] + (
        f"字{town['koaza']}" if town["koaza"] and not known["koaza"] else town["koaza"] or ""
    )
    _add_aliases(known, other, *town["aliases"])
    if abolished and other in known["aliases"]:
        _add_former(known, other, town)
    for former in town["former_names"]:
        _add_former(known, former["name"], former)


def _add_former(town: Town, name: str, days: Mapping[str, Any]) -> None:
    """A former name with its days as JSON has them; what one file leaves open another may know."""
    known = next((former for former in town["former_names"] if former["name"] == name), None)
    if known is None:
        known = {"name": name, "valid_from": None, "valid_to": None}
        town["former_names"].append(known)
    for end in ("valid_from", "valid_to"):
        if known[end] is None and days[end] is not None:
            known[end] = str(days[end])


def _add_aliases(town: Town, *aliases: str) -> None:
    for alias in aliases:
        if alias != town["name"] + (town["koaza"] or "") and alias not in town["aliases"]:
            town["aliases"].append(alias)
