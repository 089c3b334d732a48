"""The one sheet: the answer to a question as a PDF for the customer. The question lives as long as the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api import lookup_sheet
from api.paper.sheets import as_data, common

if TYPE_CHECKING:
    from api.answers import Reading
    from kyodo_geo.lookup.answers import Answer


def sheet(reading: Reading, answer: Answer, chosen: str | None, origin: str) -> str:
    """HTML of the sheet for an answer about a place in the city."""
    found = answer.as_dict()
    ids = {item["id"]: item for item in found["associations"]}
    only = chosen if chosen in ids else (next(iter(ids)) if found["outcome"] == "one" else None)
    extras = lookup_sheet.extras(
        reading, answer, only if found["outcome"] != "one" else None, width=690, height=260, font=13.0
    )
    coded: dict[str, Any] = {"qr_url": None, "page_address": None, "test_address": False}
    if extras.facts is not None:
        coded = common(extras.facts, None, origin)
    coded["map_url"] = as_data(extras.map_svg) if extras.map_svg is not None else None
    return reading.services.pages.render(
        "paper/answer.html",
        path="/lookup",
        ref=reading.ref,
        dataset=found["dataset"],
        html_lang="ja",
        answer=found,
        outcome=found["outcome"],
        item=ids[only] if only else None,
        sheet=extras,
        printed_on=reading.on,
        **coded,
    )
