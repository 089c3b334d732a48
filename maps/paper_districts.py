"""All districts on paper: one static SVG in the classes of the map on the screen, each area with its number.

The classes are told by the legend beside the picture and by the table; hatches keep them apart on a printer that
knows black and white only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kyodo_geo.classes import NO_DATA
from maps import membership, patterns, plan_adoption
from maps.escape import safe_text
from maps.legend import Entry, class_entries
from maps.palettes import FILL_OPACITY, OUTLINE
from maps.paper import FONTS, View
from maps.specs import District
from maps.text import percent

WIDTH = 640
HEIGHT = 560


@dataclass(frozen=True, slots=True)
class PaperChoropleth:
    """The picture, the lines of its legend (each with its own swatch, to be drawn by `swatch`), and what each district
    has in words: (number, name, words)."""

    svg: Markup
    entries: tuple[Entry, ...]
    places: tuple[tuple[int, str, str], ...]


def adoption(districts: Sequence[District]) -> PaperChoropleth:
    """Which districts have a plan."""
    states = [plan_adoption.state_of(district) for district in districts]
    entries = [Entry(state, fill, states.count(state)) for state, fill in plan_adoption.FILLS.items()]
    fills = [plan_adoption.FILLS[state] for state in states]
    return _drawn("地域づくり計画の策定状況の地図", districts, fills, entries, states)


def rates(districts: Sequence[District]) -> PaperChoropleth:
    """Membership rates; withheld figures are a class of their own."""
    entries = class_entries(
        [district.membership_rate for district in districts],
        [district.suppressed for district in districts],
        membership.MEMBERSHIP_BREAKS,
        membership.COLOURS,
    )
    fills = [membership.fill_of(district) for district in districts]
    words = [_rate(district) for district in districts]
    return _drawn("町内会・自治会加入率の地図", districts, fills, entries, words)


def _rate(district: District) -> str:
    if district.suppressed:
        return membership.WITHHELD_SHORT
    return NO_DATA if district.membership_rate is None else percent(district.membership_rate)


def numbered(districts: Sequence[District]) -> PaperChoropleth:
    """Where the districts lie: their borders and numbers alone."""
    return _drawn(
        "コミュニティ推進地区の位置の地図", districts, ["#ffffff"] * len(districts), [], [""] * len(districts)
    )


def swatch(entry: Entry) -> Markup:
    """A line's sample as a picture of its own: hatches are defined within it."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="36" height="24" viewBox="0 0 36 24">{}'
        '<rect x="1" y="1" width="34" height="22" fill="#ffffff"/>'
        '<rect x="1" y="1" width="34" height="22" fill="{}" fill-opacity="{}" stroke="{}" stroke-width="1.5"/></svg>'
    ).format(_definitions(), entry.fill, FILL_OPACITY, OUTLINE)


def _drawn(
    title: str,
    districts: Sequence[District],
    fills: Sequence[str],
    entries: Sequence[Entry],
    words: Sequence[str],
) -> PaperChoropleth:
    import shapely

    shapes = [shapely.from_geojson(district.geometry) for district in districts if district.geometry]
    body: list[Markup] = []
    if shapes:
        view = View(shapely.total_bounds(shapes), WIDTH, HEIGHT, margin=0.02)
        for district, fill in zip(districts, fills, strict=True):
            if district.geometry:
                body.append(
                    Markup(
                        '<path d="{}" fill="{}" fill-opacity="{}" fill-rule="evenodd" stroke="{}" stroke-width="1"/>'
                    ).format(view.paths(district.geometry), fill, FILL_OPACITY, OUTLINE)
                )
        body += [_number(view, district) for district in districts]
    svg = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" viewBox="0 0 {w} {h}" '
        'width="{w}" height="{h}" font-family="{fonts}" font-size="12"><title>{label}</title>{defs}{body}</svg>'
    ).format(
        label=Markup(safe_text(title)),  # noqa: S704 - safe_text escapes
        w=WIDTH,
        h=HEIGHT,
        fonts=FONTS,
        defs=_definitions(),
        body=Markup("").join(body),
    )
    places = tuple(
        (district.no, district.name, text) for district, text in zip(districts, words, strict=True)
    )
    return PaperChoropleth(svg, tuple(entries), places)


def _number(view: View, district: District) -> Markup:
    if district.label_lon is None or district.label_lat is None:
        return Markup("")
    x, y = view.xy(district.label_lon, district.label_lat)
    return Markup(
        '<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="#ffffff" fill-opacity="0.9"/>'
        '<text x="{x:.1f}" y="{base:.1f}" text-anchor="middle" fill="{ink}">{no}</text>'
    ).format(x=x, y=y, base=y + 4.3, ink=OUTLINE, no=district.no)


def _definitions() -> Markup:
    """The hatches, without the element that hides them on a page."""
    text = str(patterns.DEFINITIONS)
    return Markup(text[text.index("<defs>") : text.index("</svg>")])  # noqa: S704 - our own constant
