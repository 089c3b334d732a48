"""Counts of consultations by centre and topic as everybody may read them: nothing small can be seen or worked out.

The database withholds by the same rule (`kyodo.consultation_counts`, migration 0056); a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kyodo_geo.membership import withheld
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
    topic. In each list `withheld` takes out what is small and what would give it away; the centres of a withheld topic
    are withheld with it. Centres have no totals: with the topics' they would make a second sum over the same figures.
    """
    rows = list(consultations)
    cells: dict[Key, int] = {}
    for row in rows:
        for topic in row.topics:
            cells[row.body, topic] = cells.get((row.body, topic), 0) + 1
    topics: dict[str, int] = {}
    for (_, topic), count in sorted(cells.items()):
        topics[topic] = topics.get(topic, 0) + count
    topics = dict(sorted(topics.items()))
    hidden_topics = withheld(topics, THRESHOLD)
    found: dict[Key, int | None] = {}
    if rows:
        found[CITY, CITY] = None if len(rows) < THRESHOLD else len(rows)
    for topic, count in topics.items():
        found[CITY, topic] = None if topic in hidden_topics else count
        centres = {body: size for (body, about), size in sorted(cells.items()) if about == topic}
        hidden = centres.keys() if topic in hidden_topics else withheld(centres, THRESHOLD)
        found |= {(body, topic): None if body in hidden else size for body, size in centres.items()}
    return found
