"""What lies under a map: nothing (no request leaves the host), or tiles of the Geospatial Information Authority.

A `Basemap` is a plain value, so tiles from a file on the server need no more than another value.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from kyodo_geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Basemap:
    """`url` is a Leaflet tile template or None; `credit` is our own trusted HTML, shown while tiles are on."""

    profile: str
    url: str | None = None
    credit: Markup = field(default_factory=Markup)
    min_zoom: int = 5
    max_zoom: int = 18


NONE = Basemap("none")

GSI = Basemap(
    "gsi",
    "https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png",
    Markup('<a href="https://maps.gsi.go.jp/development/ichiran.html">地理院タイル（淡色地図）</a>'),
)

_PROFILES = {basemap.profile: basemap for basemap in (NONE, GSI)}


def basemap(profile: str) -> Basemap:
    """The basemap of a settings profile; raises `InputError` for one this version cannot draw."""
    try:
        return _PROFILES[profile]
    except KeyError:
        raise InputError(
            f"背景地図「{profile}」はこの版では使えません。none（無地）か gsi（地理院タイル）を指定してください。",
            field="basemap",
        ) from None
