"""The pages of the public facilities, one beside the other: the row of links that each of them begins with."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

LIST, GAPS, CLOSING = "/facilities", "/facilities/gaps", "/facilities/closing"
COSTS, SCENARIOS = "/facilities/costs", "/facilities/scenarios"


def doors(municipality: str | None, assumed: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """[{href, path, label, keeps}]; `assumed` is what the three pages of reach are asked with.

    Costs and scenarios have assumptions of their own: they carry on nothing but the municipality (`keeps` is False).
    """
    place = {"municipality": municipality} if municipality else {}
    reach = place if assumed is None else assumed
    pages = (
        (LIST, "施設の一覧", True),
        (GAPS, "届かない人", True),
        (CLOSING, "閉じたときの影響", True),
        (COSTS, "更新費用", False),
        (SCENARIOS, "公共施設の案", False),
    )
    return [
        {
            "href": f"{path}?{urlencode(given)}" if (given := reach if keeps else place) else path,
            "path": path,
            "label": label,
            "keeps": keeps,
        }
        for path, label, keeps in pages
    ]
