"""Links of the answers: absolute, with the prefix the service is mounted under, and with what chose the data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request

from api.services import services_of

PREFIX = "/ogc"
QUERYABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
SORTABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/sortables"
SCHEMA_REL = "http://www.opengis.net/def/rel/ogc/1.0/schema"
SCHEMES = frozenset({"http", "https"})
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Links:
    """`base`: scheme, host and mount of the service. `kept`: parameters every link carries on (municipality, as_of)."""

    base: str
    kept: Mapping[str, str] = field(default_factory=dict)
    mount: str = ""

    def url(self, path: str = "", query: Mapping[str, Any] | None = None) -> str:
        """Address of `path` below /ogc (already percent-encoded), with `query` behind what is kept."""
        asked = {**self.kept, **{k: v for k, v in (query or {}).items() if v is not None}}
        return f"{self.base}{PREFIX}{path}" + (f"?{urlencode(asked, quote_via=quote)}" if asked else "")

    def beside(self, path: str) -> str:
        """Address of a page or file outside /ogc, of the same municipality."""
        code = self.kept.get("municipality")
        return f"{self.base}{path}" + (f"?municipality={code}" if code else "")

    def on_pages(self) -> Links:
        """The same as pages write them: without scheme and host, so that a page works under every name we have."""
        return replace(self, base=self.mount)


def links_of(request: Request, kept: Mapping[str, Any]) -> Links:
    """Links as the sender of the request can follow them.

    The host is the setting `base_url`, else the one asked for, which `KnownHosts` has looked at.
    """
    settings = services_of(request).settings
    base = settings.public_url
    host = request.headers.get("host", "")
    if settings.base_url is None and _HOST.fullmatch(host) and request.url.scheme in SCHEMES:
        base = f"{request.url.scheme}://{host}"
    mounted = quote(str(request.scope.get("root_path", "")).rstrip("/"))
    return Links(base + mounted, {k: str(v) for k, v in kept.items() if v is not None}, mounted)


def link(rel: str, href: str, media_type: str | None = None, title: str | None = None) -> dict[str, str]:
    """One link object."""
    found = {"rel": rel, "href": href}
    if media_type is not None:
        found["type"] = media_type
    if title is not None:
        found["title"] = title
    return found


def segment(value: str) -> str:
    """An id as one segment of a path."""
    return quote(value, safe="")
