"""Words of the codes in closed vocabularies, for the pages: filters want the code, people the word."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kyodo_geo.collections import Property

_OF_ITS_OWN: Mapping[str, Mapping[str, str]] = {
    "kind": {"association": "町内会・自治会", "building": "集合住宅だけの自治会"},
    "district_basis": {"list": "市の一覧", "area": "区域の重なり"},
    "level": {"oaza": "大字・町", "chome": "丁目", "jiwari": "地割", "koaza": "小字"},
}


@cache
def _vocabularies() -> tuple[Mapping[str, str], ...]:
    """What the rest of the service calls them; imported for the first page, not at the start."""
    from api.draft_words import CONFIDENCE
    from api.karte.place import SEISMIC
    from api.reach_pages.hall_tables import OWNERSHIP
    from api.vacant_houses import words as houses
    from geodata.edits.contacts import ROLES
    from kyodo_geo.plan_states import LABELS as PLANS
    from kyodo_geo.quality import LABELS as QUALITIES
    from maps.membership import DENOMINATORS

    plans = {state.value: label for state, label in PLANS.items()}
    qualities = {quality.value: label for quality, label in QUALITIES.items()}
    return (
        plans, qualities, CONFIDENCE, ROLES, SEISMIC, OWNERSHIP, houses.STATES, houses.SEISMIC, DENOMINATORS,
        *_OF_ITS_OWN.values(),
    )  # fmt: skip


def words_of(p: Property) -> Mapping[str, str]:
    """Code → word of a property; empty where its values are words themselves, or anything."""
    options = set(p.options)
    return next((known for known in _vocabularies() if options and options <= known.keys()), {})


def with_code(p: Property, code: str) -> str:
    """A value in words with its code beside it; the value as it stands where it is no code."""
    word = words_of(p).get(code)
    return f"{word}［{code}］" if word is not None else code


def told(p: Property) -> list[tuple[str, str | None]]:
    """(code, word or None) of everything the property can be, in its order."""
    words = words_of(p)
    return [(option, words.get(option)) for option in p.options]
