"""Map pages and the lookup in a frame on the city's own site: which addresses, for which sites, and what to paste there.

Framed pages are pages of their own below /embed: compact, the same for everybody, without cookies, and with every link out
of them in a new tab, because the pages they lead to let nobody frame them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from api.settings import Settings

MAPS = ("plan-adoption", "membership", "projects", "facility-coverage")
LOOKUP = "/embed/lookup"
FRAMED = frozenset({LOOKUP, *(f"/embed/maps/{name}" for name in MAPS)})
"""The only addresses that another site's page may frame."""

_ORIGIN = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")
_HERE = re.compile(r"http://(?:localhost|127\.0\.0\.1)(?::[0-9]{1,5})?")
SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox"
"""What a frame needs: our scripts and files (of our origin), the form, and links that open the full page in a tab of its own.

Not: top navigation, downloads, modals, pointer lock.
"""
_ANCHOR = re.compile(r'<a\b([^>]*?)\shref="([^"]*)"([^>]*)>')
_REPLACED = re.compile(r'\s(?:rel="[^"]*"|download)')


def origin(text: str) -> str:
    """A site as browsers name it; raises ValueError for anything but https://host[:port] (or a trial on this machine)."""
    found = text.strip().lower().removesuffix("/")
    if not _ORIGIN.fullmatch(found) and not _HERE.fullmatch(found):
        raise ValueError("not an origin")
    return found


def outward(html: str) -> str:
    """The page with every link that leaves it opening a new tab that knows nothing of this one; places on it stay here."""

    def link(found: re.Match[str]) -> str:
        before, href, after = found.groups()
        if "target=" in before + after:
            return found[0]
        if href.startswith("#"):
            return f'<a{before} href="{href}"{after} target="_self">'
        before, after = (_REPLACED.sub("", part) for part in (before, after))
        return f'<a{before} href="{href}"{after} target="_blank" rel="noopener noreferrer">'

    return _ANCHOR.sub(link, html)


MAP_HEIGHT, LOOKUP_HEIGHT = 900, 560
"""Pixels: map and legend, or field and answer, of a frame 320 px wide; what is longer scrolls inside."""


def snippet(
    settings: Settings, path: str, title: str, asked: Mapping[str, object] | None = None
) -> str | None:
    """HTML to paste into a page of another site; None unless some site may frame the page.

    `asked`: what the page was asked for (year, day, radius), to be kept.
    """
    if not settings.embed_origins:
        return None
    address = f"{settings.public_url}{path}{'?' + urlencode(asked) if asked else ''}"
    height = LOOKUP_HEIGHT if path == LOOKUP else MAP_HEIGHT
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="100%" height="{height}" loading="lazy" '
        f'sandbox="{SANDBOX}" referrerpolicy="no-referrer" style="border:0"></iframe>'
    )
