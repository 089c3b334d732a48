"""A map of shaded districts with named points as one static SVG: for paper, and side by side on a page without a script.

The classes and wordings are those of the map on the screen (`DistrictCountsSpec`); points are told apart by shape too.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from maps import patterns
from maps.district_counts import DistrictCountsSpec, Place, level
from maps.escape import safe_id, safe_text
from maps.legend import Entry
from maps.palettes import FILL_OPACITY, OUTLINE
from maps.paper import FONTS, View
from maps.paper_districts import swatch

SHAPES = ("circle", "square", "diamond", "cross", "ring")
"""Shape of the points of each group, in the order of the specification's `place_groups`."""


def paper_places(
    spec: DistrictCountsSpec, key: str, *, width: int = 640, height: int = 520, named: Sequence[int] = ()
) -> Markup:
    """The SVG, around the points where there are several, else of all districts.

    `key` makes its hatches' names its own on a page with several; points of the groups `named` bear their names.
    """
    import shapely

    safe_id(key)
    shapes = [shapely.from_geojson(item.geometry) for item in spec.districts if item.geometry]
    body: list[Markup] = []
    if shapes:
        spots = shapely.multipoints([(item.lon, item.lat) for item in spec.places])
        near = len({(item.lon, item.lat) for item in spec.places}) > 1
        view = View(
            spots.bounds if near else shapely.total_bounds(shapes),
            width,
            height,
            margin=0.1 if near else 0.02,
        )
        for district in spec.districts:
            if district.geometry:
                body.append(
                    Markup(
                        '<path d="{}" fill="{}" fill-opacity="{}" fill-rule="evenodd" stroke="{}" stroke-width="1"/>'
                    ).format(view.paths(district.geometry), _fill(spec, district.no, key), FILL_OPACITY, OUTLINE)
                )  # fmt: skip
        groups = spec.place_groups
        # What changes is drawn last, so that nothing lies over it.
        for place in sorted(spec.places, key=lambda item: (item.group, item.id)):
            x, y = view.xy(place.lon, place.lat)
            body.append(_shape(SHAPES[place.group], groups[place.group][1], x, y))
        body += _names([item for item in spec.places if item.group in named], view, width)
    label = Markup(safe_text(spec.label))  # noqa: S704 - safe_text escapes
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" viewBox="0 0 {w} {h}" width="{w}" '
        'height="{h}" font-family="{fonts}" font-size="12"><title>{label}</title>{defs}{body}</svg>'
    ).format(
        label=label, w=width, h=height, fonts=FONTS, defs=_definitions(key), body=Markup("").join(body)
    )  # fmt: skip


def point_key(spec: DistrictCountsSpec) -> list[tuple[str, Markup, int]]:
    """(wording, sample, number of points) of every group that occurs."""
    counts = [sum(item.group == at for item in spec.places) for at in range(len(spec.place_groups))]
    return [
        (words, _sample(SHAPES[at], fill), counts[at])
        for at, (words, fill) in enumerate(spec.place_groups)
        if counts[at]
    ]


def shade_key(spec: DistrictCountsSpec) -> list[tuple[str, Markup, int]]:
    """(wording, sample, number of districts) of every class, the highest first, and of districts without data."""
    words = [level(spec, district) for district in spec.districts]
    classes = list(zip(spec.shades.labels, spec.shades.fills, strict=True))[::-1]
    found = [
        (label, swatch(Entry(label, fill, words.count(label))), words.count(label)) for label, fill in classes
    ]
    missing = len(words) - sum(count for _, _, count in found)
    if missing:
        label = "データなし"
        found.append((label, swatch(Entry(label, patterns.NO_DATA, missing)), missing))
    return found


def legend_of(spec: DistrictCountsSpec) -> list[tuple[str, Markup]]:
    """(wording, sample) of every group and class, for several maps that share one legend."""
    points = [(words, _sample(SHAPES[at], fill)) for at, (words, fill) in enumerate(spec.place_groups)]
    shades = [
        (label, swatch(Entry(label, fill, 0)))
        for label, fill in list(zip(spec.shades.labels, spec.shades.fills, strict=True))[::-1]
    ]
    return [*points, *shades]


def _fill(spec: DistrictCountsSpec, no: int, key: str) -> str:
    found = spec.counted.get(no)
    if found is None or found.shade is None:
        return f"url(#{key}-missing)"
    return spec.shades.fills[found.shade]


def _definitions(key: str) -> Markup:
    return Markup(
        '<defs><pattern id="{key}-missing" width="8" height="8" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="8" height="8" fill="#ffffff"/>'
        '<rect width="2" height="8" fill="{ink}"/></pattern></defs>'
    ).format(key=key, ink=OUTLINE)


def _shape(name: str, fill: str, x: float, y: float) -> Markup:
    if name == "cross":
        return Markup(
            '<path d="M{x:.1f} {y:.1f}m-6 -6l12 12m0 -12l-12 12" stroke="#ffffff" stroke-width="6" fill="none"/>'
            '<path d="M{x:.1f} {y:.1f}m-6 -6l12 12m0 -12l-12 12" stroke="{fill}" stroke-width="3.4" fill="none"/>'
        ).format(x=x, y=y, fill=fill)
    if name == "square":
        return Markup(
            '<rect x="{:.1f}" y="{:.1f}" width="11" height="11" fill="{}" stroke="{}" stroke-width="2"/>'
        ).format(x - 5.5, y - 5.5, fill, OUTLINE)
    if name == "diamond":
        return Markup(
            '<path d="M{:.1f} {:.1f}l7.5 7.5l-7.5 7.5l-7.5 -7.5z" fill="{}" stroke="{}" stroke-width="2"/>'
        ).format(x, y - 7.5, fill, OUTLINE)
    dash = Markup(' stroke-dasharray="3 2"') if name == "ring" else Markup("")
    return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="5" fill="{}" stroke="{}" stroke-width="2"{}/>').format(
        x, y, fill, OUTLINE, dash
    )


def _sample(name: str, fill: str) -> Markup:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">{}</svg>'
    ).format(_shape(name, fill, 12, 12))


def _names(places: Sequence[Place], view: View, width: int) -> list[Markup]:
    """Names below their points, each where it covers no other."""
    found: list[Markup] = []
    taken: list[tuple[float, float, float]] = []
    for place in places:
        x, y = view.xy(place.lon, place.lat)
        half = 6.2 * len(place.name)
        x = min(max(x, half + 3), width - half - 3)
        top = y + 21
        while any(
            abs(top - other_y) < 15 and abs(x - other_x) < half + other for other_x, other_y, other in taken
        ):
            top += 15
        taken.append((x, top, half))
        found.append(
            Markup(
                '<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" stroke="#ffffff" stroke-width="4" '
                'stroke-linejoin="round" fill="#ffffff">{name}</text>'
                '<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-weight="700" fill="{ink}">{name}</text>'
            ).format(x=x, y=top, ink=OUTLINE, name=Markup(safe_text(place.name)))  # noqa: S704 - safe_text escapes
        )
    return found
