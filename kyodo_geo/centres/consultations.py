"""Counts of consultations by centre and topic as everybody may read them: nothing small can be seen or worked out.

The database withholds by the same rule (`kyodo.consultation_counts`, migration 0056); a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kyodo_geo.small_counts import THRESHOLD

CITY = ""
"""In place of a centre or a topic: all of them."""

Key = tuple[str, str]
"""Centre and topic."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is counted of one consultation: the centre and one to three topics."""

    body: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of one fiscal year. None: withheld; a key that is missing: none.

    `quality`: that of the least believable record behind it.
    """

    fiscal_year: int
    counts: Mapping[Key, int | None]
    quality: str = "real"

    @property
    def total(self) -> int | None:
        """Consultations of the year; one with several topics counts once."""
        return self.counts.get((CITY, CITY), 0)

    def of(self, body: str, topic: str) -> int | None:
        return self.counts.get((body, topic), 0)

    def of_centre(self, body: str, topics: Iterable[str]) -> int | None:
        """Mentions at a centre over these topics, where all of them are told: the sum tells nothing new."""
        found = [self.of(body, topic) for topic in topics]
        return None if None in found else sum(count for count in found if count is not None)


def shown(consultations: Iterable[Said]) -> dict[Key, int | None]:
    """The table of one year.

    Two kinds of figures add up to others: the topics of the city to all mentions, and the centres of a topic to that
    topic. In each list `_withheld` takes out what is small and what would give it away; the centres of a withheld topic
    are withheld with it, and the number of the year where every figure is 1. Centres have no totals: with the topics' they
    would make a second sum over the same figures.
    """
    rows = list(consultations)
    cells: dict[Key, int] = {}
    for row in rows:
        for topic in row.topics:
            cells[row.body, topic] = cells.get((row.body, topic), 0) + 1
    by_topic: dict[str, dict[str, int]] = {topic: {} for topic in sorted({topic for _, topic in cells})}
    for (body, topic), count in sorted(cells.items()):
        by_topic[topic][body] = count
    topics = {topic: (sum(centres.values()), len(centres)) for topic, centres in by_topic.items()}
    hidden_topics = _withheld(topics)
    found: dict[Key, int | None] = {}
    if rows:
        small = len(rows) < THRESHOLD or set(cells.values()) == {1}
        found[CITY, CITY] = None if small else len(rows)
    for topic, centres in by_topic.items():
        found[CITY, topic] = None if topic in hidden_topics else topics[topic][0]
        hidden = _withheld({body: (size, 1) for body, size in centres.items()})
        hidden = frozenset(centres) if topic in hidden_topics else hidden
        found |= {(body, topic): None if body in hidden else size for body, size in centres.items()}
    return found


def _withheld(figures: Mapping[str, tuple[int, int]]) -> frozenset[str]:
    """Of figures that add up to one that is told, those to withhold; each with the least it can be: the rows it is made of.

    Stricter than that of membership rates (`kyodo_geo.membership.withheld`): readers see which rows are withheld, so that
    withheld figures that add up to no more than their number are known to be 1 each. The smallest others join them until
    they are more, and at least `THRESHOLD` (of equal ones that which stands first).
    """
    hidden = {key for key, (size, least) in figures.items() if size < THRESHOLD or size == least}
    if not hidden:
        return frozenset()
    for key in sorted((key for key in figures if key not in hidden), key=lambda key: figures[key][0]):
        size, least = (sum(figures[hid][place] for hid in hidden) for place in (0, 1))
        if size >= THRESHOLD and size > least:
            break
        hidden.add(key)
    return frozenset(hidden)
