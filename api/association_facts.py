"""What page, leaflet and one sheet say of an association: gathered in one place, so that all three say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.credits import credit
from geodata.queries import associations as association_queries
from geodata.queries import datasets as dataset_queries
from geodata.queries import profiles, surroundings
from geodata.queries.associations import AssociationRow
from geodata.queries.profiles import Profile
from kyodo_geo.lookup_types import Rule
from kyodo_geo.rules import describe

if TYPE_CHECKING:
    from markupsafe import Markup

    from api.answers import Reading
    from maps.paper import Here

KINDS = ("associations", "association-districts", "districts", "association-rules", "association-profiles")
NEIGHBOURS = 60


@dataclass(frozen=True, slots=True)
class AssociationFacts:
    """One association as everybody may know it. `area_lines` are its rules in normal words, in their order.

    `contacts` are published ones only; empty means that the city's office is to be asked.
    """

    row: AssociationRow
    area_lines: tuple[str, ...]
    contacts: tuple[dict[str, Any], ...]
    profile: Profile
    dataset: dict[str, Any]

    @property
    def mapped(self) -> bool:
        return self.row.geometry is not None


def gather(reading: Reading, association_id: str) -> AssociationFacts:
    """Facts of one association; raises NotFoundError."""
    row = association_queries.one(reading.conn, reading.ref, association_id)
    datasets = dataset_queries.active_datasets(reading.conn, reading.ref)
    return AssociationFacts(
        row,
        area_words(row.rules),
        tuple(contact for contact in row.contacts if contact["phone"] or contact["email"]),
        profiles.profile(reading.conn, reading.ref, association_id),
        credit(datasets, KINDS),
    )


def area_words(rules: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Rules as people write them, towns first and exceptions where they stand."""
    return tuple(dict.fromkeys(describe(Rule(association_id="", **rule)) for rule in rules))


def draw(
    reading: Reading,
    row: AssociationRow,
    *,
    width: int = 640,
    height: int = 420,
    font: float = 12.0,
    mono: bool = False,
    here: Here | None = None,
) -> Markup | None:
    """The static map of the area with what lies around it; None where no area is drawn."""
    from maps.paper import Label, PaperMapSpec, bounds_around, paper_map

    if row.geometry is None:
        return None
    box = bounds_around(row.geometry, width, height)
    others, _ = association_queries.page(reading.conn, reading.ref, bbox=box, limit=NEIGHBOURS)
    names = surroundings.names(reading.conn, reading.ref, box, reading.on)
    return paper_map(
        PaperMapSpec(
            area=row.geometry,
            title=row.name,
            neighbours=tuple(item.geometry for item in others if item.geometry and item.id != row.id),
            labels=tuple(Label(name.text, name.lon, name.lat, name.kind) for name in names),
            width=width,
            height=height,
            here=here,
            font=font,
            mono=mono,
        )
    )
