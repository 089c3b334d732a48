"""Old names of towns: which of them an address was written with, and since when the town is called otherwise."""

from __future__ import annotations

from functools import lru_cache

from kyodo_geo.addresses.gazetteer import ALIAS, Entry
from kyodo_geo.addresses.reading import Reading
from kyodo_geo.addresses.towns import koaza_key, split_town
from kyodo_geo.lookup_types import FormerName


def former_name(reading: Reading, entry: Entry, written: str, *, in_former_place: bool) -> FormerName | None:
    """The old name that stands at the end of `written` (folded, up to the end of the town's name), if it is one.

    `in_former_place`: a former municipality stands before the name, which is part of many old names (玉山区芋田). One
    with a known last day is preferred.
    """
    if entry.tier != ALIAS and not in_former_place:
        return None
    rows = [row for row in (reading.row, reading.place.plain) if row is not None and row.former_names]
    found = []
    for row in rows:
        koaza = koaza_key(row.koaza) if row.koaza and entry.koaza is None else ""
        whole = (written + koaza).replace("字", "")
        found += [former for former in row.former_names if whole.endswith(_key(former.name))]
    return min(found, key=lambda former: former.valid_to is None, default=None)


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return split_town(name).oaza.replace("字", "")
