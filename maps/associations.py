"""What the maps of associations share. They hold figures that only staff may see: no public route draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from maps.drawing import Layer, area_style
from maps.escape import Feature
from maps.palettes import FILL_OPACITY
from maps.planner_specs import AssociationFigures
from maps.shapes import display_shapes
from maps.tables import Cell, Row
from maps.text import UNKNOWN

LAYER = "associations"
COUNTER = "団体"
LINE = 0.6
"""Width of borders: there are hundreds of areas, those of the centre a few pixels wide."""


def association_layer(
    associations: Sequence[AssociationFigures],
    describe: Callable[[AssociationFigures], Mapping[str, str]],
    fill_of: Callable[[AssociationFigures], str],
    details: Sequence[tuple[str, str]],
) -> Layer:
    """The polygons; an association of which only rules are known stands in the table alone."""
    shapes = display_shapes([item.geometry for item in associations])
    fills = {item.id: fill_of(item) for item in associations}
    features = [
        Feature(
            item.id,
            shape,
            {
                "title": item.name,
                "name": item.name,
                "district": district_of(item),
                "label_lon": item.label_lon,
                "label_lat": item.label_lat,
                "href": f"/associations/{item.id}",
                **describe(item),
            },
        )
        for item, shape in zip(associations, shapes, strict=True)
    ]
    return Layer(
        LAYER,
        features,
        lambda key: {**area_style(fills[str(key)], FILL_OPACITY), "weight": LINE},
        details=[("title", "町内会・自治会"), ("district", "地区"), *details],
        hint="hint",
    )


def district_of(item: AssociationFigures) -> str:
    """`5 松園`, or 不明."""
    return UNKNOWN if item.district_no is None else f"{item.district_no} {item.district or ''}".strip()


def association_row(item: AssociationFigures, cells: Sequence[Cell]) -> Row:
    """The row of an association: its district first."""
    district = Cell(district_of(item), item.district_no)
    return Row(
        item.id,
        item.name,
        (district, *cells),
        kana=item.kana,
        on_map=item.geometry is not None,
        href=f"/associations/{item.id}",
    )
