"""Sheets of an association: facts and words into the HTML that becomes a PDF."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup

from api.association_facts import AssociationFacts, draw, gather
from api.paper.serve import is_test_address
from api.paper.words import HTML_LANG, WORDS, plain, spell

if TYPE_CHECKING:
    from api.answers import Reading

Form = Literal["a4", "receipt", "receipt58", "building"]


@dataclass(frozen=True, slots=True)
class Layout:
    """Template and map of a form; `count_as` is its name in the counters, `area_lines` how many fit."""

    label: str
    template: str
    count_as: str
    width: int
    height: int
    font: float
    area_lines: int
    mono: bool = False
    paper: str = ""


LAYOUTS: dict[str, Layout] = {
    "a4": Layout("A4", "paper/leaflet.html", "a4", 690, 300, 13.0, 8),
    "building": Layout("掲示・全戸配布用（A4）", "paper/leaflet.html", "building", 690, 300, 13.0, 8),
    "receipt": Layout("レシート 80 mm", "paper/receipt.html", "receipt", 272, 230, 10.0, 8, True, "80mm"),
    "receipt58": Layout("レシート 58 mm", "paper/receipt.html", "receipt", 181, 170, 9.0, 8, True, "58mm"),
}
LANGUAGES = {"ja": "日本語", "easy": "やさしい日本語", "en": "English"}


def leaflet(
    reading: Reading, association_id: str, form: str, lang: str, origin: str, *, counted: bool
) -> str:
    """HTML of a leaflet; raises NotFoundError. `counted`: handed out, not a preview."""
    facts = gather(reading, association_id)
    layout = LAYOUTS[form]
    words = WORDS[lang]
    drawn = draw(
        reading, facts.row, width=layout.width, height=layout.height, font=layout.font, mono=layout.mono
    )
    return reading.services.pages.render(
        layout.template,
        path=f"/associations/{association_id}",
        ref=reading.ref,
        dataset=facts.dataset,
        **common(facts, drawn, origin),
        lang=lang,
        html_lang=HTML_LANG[lang],
        words=words,
        spell=spell,
        plain=plain,
        layout=layout,
        building=form == "building",
        preview=not counted,
        printed_on=reading.on,
    )


def common(facts: AssociationFacts, drawn: Markup | None, origin: str) -> dict[str, Any]:
    """What every sheet about an association shows."""
    address = f"{origin}/associations/{facts.row.id}"
    return {
        "facts": facts,
        "row": facts.row,
        "map_url": as_data(drawn) if drawn is not None else None,
        "page_address": address,
        "qr_url": as_data(qr(address)),
        "test_address": is_test_address(address),
    }


def qr(address: str) -> Markup:
    """The code as SVG with its quiet zone; error correction M: a fold or a stamp may cover a seventh of it."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=4, xmldecl=False, scale=4)
    return Markup(out.getvalue().decode())  # noqa: S704 - made of squares by the library; the address is no text in it


def as_data(svg: Markup) -> str:
    """A picture within the page: a sheet fetches nothing."""
    return "data:image/svg+xml;base64," + base64.b64encode(str(svg).encode()).decode()
