"""Cursor paging: the last id of a page is where the next one begins, whatever changes in between."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from api.params import PageParams


def page_members(path: str, params: PageParams, following: str | None) -> dict[str, Any]:
    """`next` and `links` of one page."""
    if following is None:
        return {"next": None, "links": []}
    asked = params.model_dump(exclude_none=True, mode="json") | {"cursor": following}
    return {
        "next": following,
        "links": [{"rel": "next", "type": "application/geo+json", "href": f"{path}?{urlencode(asked)}"}],
    }
