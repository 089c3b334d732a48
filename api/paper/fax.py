"""取次票: the sheet an office without the web page fills in by hand and sends to the city by fax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.association_facts import gather
from geodata.municipalities import KNOWN

if TYPE_CHECKING:
    from api.answers import Reading


def sheet(reading: Reading, association_id: str | None) -> str:
    """HTML of the sheet, blank or with the association filled in; raises NotFoundError."""
    facts = gather(reading, association_id) if association_id else None
    known = KNOWN.get(reading.ref.municipality_code)
    return reading.services.pages.render(
        "paper/fax.html",
        path="/fax-sheet.pdf",
        ref=reading.ref,
        dataset=facts.dataset if facts else None,
        html_lang="ja",
        row=facts.row if facts else None,
        fax=reading.services.settings.contact_fax or (known.contact_fax if known else None),
        printed_on=reading.on,
    )
