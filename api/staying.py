"""Pages of a municipality that is not the service's own: their links stay with it.

Routes that answer for any municipality take `?municipality=`. One place adds it to every link of a page, so that no
template can forget it. Pages that exist for the service's own city alone (lookup, tickets, accounts, texts about the
service) are left as they are.
"""

from __future__ import annotations

import re

STAYING = (
    r"/(?:districts(?:/[0-9]+)?|maps(?:/[a-z-]+)?|datasets|associations/[A-Za-z0-9_-]+|facilities(?:/[A-Za-z0-9_.~%-]+)?"
    r"|cases(?:/[A-Za-z0-9_-]+)?|events(?:/[A-Za-z0-9_-]+|\.csv|\.atom)?|centres/consultations(?:\.csv)?|handbooks"
    r"|subsidy-information|opendata(?:/[A-Za-z0-9_./-]+)?|ogc(?:/[A-Za-z0-9_.~%/-]+)?)?"
)
"""Paths of pages that answer for any municipality."""
_LINK = re.compile(rf'(<(?:a|link)\b[^>]*?\shref=")({STAYING})(?:\?([^"#]*))?(#[^"]*)?(")')


def stay(html: str, code: str) -> str:
    """The page with `municipality=code` in every link to a page of any municipality, feeds in the head among them.

    Forms keep it themselves.
    """

    def link(found: re.Match[str]) -> str:
        query = found[3] or ""
        if "municipality=" not in query:
            query = f"municipality={code}" + (f"&amp;{query}" if query else "")
        return f"{found[1]}{found[2]}?{query}{found[4] or ''}{found[5]}"

    return _LINK.sub(link, html)
