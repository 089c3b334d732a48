"""Counts of people that are too small to show: one household's wish must not be read from a table.

The rule is that of membership rates (`kyodo_geo.membership.withheld`), for tables of several figures per line: a line
with a small figure is withheld whole, because its figures add up to one of them, and with it as many others as it takes
that nothing small can be had by subtracting from the total. Those who handle the tickets see all figures.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

from kyodo_geo.membership import withheld
from kyodo_geo.roles import Role
from kyodo_geo.tickets import HANDLERS

THRESHOLD = 3
"""People or households; fewer are not shown."""

MARK = "3未満等"
"""What stands for a withheld figure, small or withheld to protect a small one: which it is would tell too much."""

Line = Mapping[str, int]
Shown = dict[str, int | str]
Key = TypeVar("Key", bound=Hashable)


def sees_all(roles: Collection[Role]) -> bool:
    """Whether somebody sees small figures: those who read the single tickets anyway."""
    return not HANDLERS.isdisjoint(roles)


def withheld_lines(lines: Mapping[Key, Line]) -> frozenset[Key]:
    """Lines of one table that must not be shown beside the total of them all."""
    columns = {name for line in lines.values() for name in line}
    found: frozenset[Key] = frozenset()
    for name in columns:
        found |= withheld({key: line.get(name, 0) for key, line in lines.items()}, THRESHOLD)
    return found


def shown_lines(lines: Mapping[Key, Line], *, also: Collection[Key] = ()) -> dict[Key, Shown]:
    """The table as it may be shown; `also`: lines to withhold because something else tells of them."""
    hidden = withheld_lines(lines) | {key for key in also if any(lines[key].values())}
    return {key: marked(line) if key in hidden else dict(line) for key, line in lines.items()}


def shown_parts(
    totals: Mapping[Key, Line], parts: Mapping[Key, Mapping[Key, Line]]
) -> dict[Key, dict[Key, Shown]]:
    """Tables whose totals stand in another table (associations of districts): parts of a withheld line are withheld."""
    hidden = withheld_lines(totals)
    return {
        key: shown_lines(lines, also=list(lines) if key in hidden else ()) for key, lines in parts.items()
    }


def shown_total(line: Line, whole: str) -> Shown:
    """A total, whose other figures add up to the one named `whole`: with a small one all of them are withheld."""
    parts = {name: number for name, number in line.items() if name != whole}
    small = any(0 < number < THRESHOLD for number in parts.values())
    if 0 < line[whole] < THRESHOLD:
        return marked(line)
    return {name: MARK if small and name in parts else number for name, number in line.items()}


def marked(line: Line | Sequence[str]) -> Shown:
    """A line without its figures."""
    return dict.fromkeys(line, MARK)
