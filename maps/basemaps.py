"""What lies under a map: nothing, tiles from a file on this server, or tiles of the Geospatial Information Authority.

Only with the last does a request leave the host. A `Basemap` is a plain value.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from kyodo_geo.errors import InputError
from maps.credit_text import credit


@dataclass(frozen=True, slots=True)
class Basemap:
    """`url` is a Leaflet tile template or None; `credit` is trusted HTML, shown while tiles are on.

    Tiles exist from `min_zoom` to `native_zoom`; further in, up to `max_zoom`, the last ones are enlarged. Outside
    `bounds` (west, south, east, north) nothing is asked for.
    """

    profile: str
    url: str | None = None
    credit: Markup = field(default_factory=Markup)
    min_zoom: int = 5
    max_zoom: int = 18
    native_zoom: int = 18
    bounds: tuple[float, float, float, float] | None = None


NONE = Basemap("none")

GSI = Basemap(
    "gsi",
    "https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png",
    Markup('<a href="https://maps.gsi.go.jp/development/ichiran.html">地理院タイル（淡色地図）</a>'),
)

_PROFILES = {basemap.profile: basemap for basemap in (NONE, GSI)}

LOCAL = "local"
NEAR = 18
"""Zoom at which a house can be told from its neighbour: reached with the tiles of any file, enlarged if need be."""


def basemap(profile: str) -> Basemap:
    """The basemap of a settings profile that needs no file; raises `InputError` for another one."""
    try:
        return _PROFILES[profile]
    except KeyError:
        raise InputError(
            f"背景地図「{profile}」は使えません。none（無地）、gsi（地理院タイル）、local（サーバーのファイル）の"
            "どれかを指定してください。",
            field="basemap",
        ) from None


def local_basemap(
    url: str,
    attribution: str,
    min_zoom: int,
    native_zoom: int,
    bounds: tuple[float, float, float, float] | None = None,
) -> Basemap:
    """The basemap of a file on this server, whose `attribution` (text or HTML, untrusted) is the credit.

    Raises `InputError` when the attribution says nothing that can be shown.
    """
    shown = credit(attribution)
    if not shown:
        raise InputError("背景地図の出典の文がありません。", field="basemap")
    return Basemap(LOCAL, url, shown, min_zoom, max(NEAR, native_zoom), native_zoom, bounds)
