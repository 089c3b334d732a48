"""Address or point → neighbourhood association."""

from kyodo_geo.lookup.answers import Answer, Basis, DistrictRef, FoundAddress, FoundAssociation, Outcome
from kyodo_geo.lookup.index import LookupIndex

__all__ = ["Answer", "Basis", "DistrictRef", "FoundAddress", "FoundAssociation", "LookupIndex", "Outcome"]
