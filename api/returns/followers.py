"""Where the figures of a round are used next: pages of other parts, linked where they are there.

The seam for those parts: a page that works with the fed figures adds its line here.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.access_table import ACCESS


@dataclass(frozen=True, slots=True)
class Follower:
    """A page that goes on from here."""

    href: str
    label: str


_KNOWN = (
    ("/maps/membership", "/maps/membership?fiscal_year={year}", "加入率の地図（公開）"),
    ("/staff/maps/membership", "/staff/maps/membership?fiscal_year={year}", "加入率の地図（庁内）"),
    ("/staff/grants/runs", "/staff/grants/runs", "協働推進奨励金の計算"),
    ("/staff/documents", "/staff/documents", "会長あて文書の台帳"),
    ("/staff/returns/{fiscal_year}/labels", "/staff/returns/{year}/labels", "宛名ラベル"),
)


def followers(fiscal_year: int) -> list[Follower]:
    """Those that this application has."""
    return [
        Follower(href.format(year=fiscal_year), label)
        for route, href, label in _KNOWN
        if ("GET", route) in ACCESS
    ]
