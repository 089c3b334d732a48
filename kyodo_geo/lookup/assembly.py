"""Associations as an answer shows them: with district, published contact or the city's, reason and confidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kyodo_geo.lookup.answers import DistrictRef, FoundAssociation, Neighbour
from kyodo_geo.lookup.confidence import association_confidence
from kyodo_geo.lookup.decision import Candidate
from kyodo_geo.lookup_types import Association, Snapshot


class Assembly:
    """Shows associations of one snapshot by their id. Read-only, safe for several threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.by_id = {item.association_id: item for item in snapshot.associations}
        self.districts = {item.no: DistrictRef(item.no, item.name) for item in snapshot.districts}
        self._office: dict[str, Any] = {
            "of": "city",
            "role": "市の窓口",
            "name": snapshot.department or snapshot.municipality_name,
            "phone": snapshot.phone or None,
            "email": snapshot.email or None,
        }

    def found(
        self, candidates: Iterable[Candidate], town: float | None = 1.0
    ) -> tuple[FoundAssociation, ...]:
        """Candidates that exist, in their order; `town`: how sure the town is."""
        shown = []
        for candidate in candidates:
            item = self.by_id.get(candidate.association_id)
            if item is None:
                continue
            shown.append(
                FoundAssociation(
                    item.association_id, item.name, candidate.basis, self.district(item), self.contact(item),
                    association_confidence(candidate.evidence, town), candidate.reason, candidate.evidence,
                )
            )  # fmt: skip
        return tuple(shown)

    def neighbour(self, key: str, distance_m: float | None, same_town: bool) -> Neighbour:
        item = self.by_id[key]
        return Neighbour(key, item.name, self.district(item), distance_m, same_town)

    def contact(self, association: Association) -> dict[str, Any]:
        """Its own published contact, else the city's office."""
        if association.contact:
            return {"of": "association", **association.contact}
        return dict(self._office)

    def district(self, association: Association) -> DistrictRef | None:
        """Its district, when it is known and has an area."""
        return None if association.district_no is None else self.districts.get(association.district_no)


def common_district(found: tuple[FoundAssociation, ...]) -> DistrictRef | None:
    """The district all candidates share."""
    districts = {association.district for association in found}
    return districts.pop() if len(districts) == 1 else None
