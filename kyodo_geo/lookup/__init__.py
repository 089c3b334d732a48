"""Address or point → neighbourhood association."""

from kyodo_geo.lookup.answers import (
    Answer,
    Basis,
    DistrictRef,
    FoundAddress,
    FoundAssociation,
    Neighbour,
    Outcome,
)
from kyodo_geo.lookup.index import LookupIndex
from kyodo_geo.lookup.memory import contradicts, recall
from kyodo_geo.lookup.named_buildings import names_asked_for
from kyodo_geo.lookup.names import NamedAssociation, Suggestion

__all__ = [
    "Answer", "Basis", "DistrictRef", "FoundAddress", "FoundAssociation", "LookupIndex", "NamedAssociation", "Neighbour",
    "Outcome", "Suggestion", "contradicts", "names_asked_for", "recall",
]  # fmt: skip
