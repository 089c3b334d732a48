"""Which form an answer takes: `f=`, else the header Accept (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException

from kyodo_geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Format:
    """`name` is the value of `f`; `media_types` are those that ask for it, the one it is sent as first."""

    name: str
    label: str
    media_types: tuple[str, ...]

    @property
    def media_type(self) -> str:
        return self.media_types[0]


JSON = Format("json", "JSON", ("application/json",))
GEOJSON = Format("json", "GeoJSON", ("application/geo+json", "application/json"))
SCHEMA = Format("json", "JSON Schema", ("application/schema+json", "application/json"))
OPENAPI = Format(
    "json",
    "OpenAPI 3.0",
    ("application/vnd.oai.openapi+json;version=3.0", "application/vnd.oai.openapi+json", "application/json"),
)
HTML = Format("html", "HTML", ("text/html", "application/xhtml+xml"))
HTML_UTF8 = "text/html; charset=utf-8"


def choose(name: str | None, accept: str, formats: Sequence[Format]) -> Format:
    """The format asked for by name, else the most wanted one, else the first.

    Raises `InputError` for a name that is not served here, HTTP 406 where the header accepts none of them.
    """
    if name is not None:
        for known in formats:
            if known.name == name:
                return known
        names = "、".join(dict.fromkeys(known.name for known in formats))
        raise InputError(f"「f」は {names} のどれかで指定してください。", field="f")
    best: tuple[float, int, int] | None = None
    found: Format | None = None
    for media, quality, specific in _ranges(accept):
        for place, known in enumerate(formats):
            rank = (quality, specific, -place)
            if quality > 0 and _takes(media, known) and (best is None or rank > best):
                best, found = rank, known
    if found is None:
        raise HTTPException(406)
    return found


def _takes(media: str, known: Format) -> bool:
    if media == "*/*":
        return True
    names = [name.partition(";")[0] for name in known.media_types]
    if media.endswith("/*"):
        return any(name.startswith(media[:-1]) for name in names)
    return media in names


def _ranges(accept: str) -> list[tuple[str, float, int]]:
    """(media range, quality 0–1, how specific it is) of each part; nothing said is anything."""
    found = []
    for part in accept.lower().split(","):
        name, *options = (piece.strip() for piece in part.split(";"))
        if not name:
            continue
        quality = 1.0
        for option in options:
            if option.startswith("q="):
                try:
                    quality = min(1.0, max(0.0, float(option[2:])))
                except ValueError:
                    quality = 0.0
        found.append((name, quality, 0 if name == "*/*" else 1 if name.endswith("/*") else 2))
    return found or [("*/*", 1.0, 0)]
