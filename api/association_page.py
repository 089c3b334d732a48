"""The page of one association, to which the code on its leaflet leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.association_facts import draw, gather
from api.paper.sheets import LANGUAGES, LAYOUTS
from api.paper.words import JA

if TYPE_CHECKING:
    from api.answers import Reading


def html(reading: Reading, association_id: str) -> str:
    """The whole page; raises NotFoundError. The map is part of it: it needs no script and prints."""
    facts = gather(reading, association_id)
    return reading.services.pages.render(
        "association.html",
        path=f"/associations/{association_id}",
        ref=reading.ref,
        dataset=facts.dataset,
        facts=facts,
        row=facts.row,
        map_svg=draw(reading, facts.row, width=480, height=350, font=12.0),
        home=reading.ref.municipality_code == reading.services.settings.municipality,
        words=JA,
        forms=[(name, layout.label) for name, layout in LAYOUTS.items()],
        languages=list(LANGUAGES.items()),
    )
