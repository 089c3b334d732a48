"""Layers of vector tiles: which table, which few columns, and the SQL that makes one layer of one tile.

A tile shows; what there is to read of a feature is asked for by its id. So a layer carries its id, its name and what
maps colour by: columns of the layer's own row, all of which everybody may read who may read the layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kyodo_geo.kinds import AREA_LAYERS, PLANNING_LAYERS
from kyodo_geo.tile_grid import BUFFER, EXTENT, MOST_FEATURES

SIMPLE_BELOW = 14
"""Zooms below it get shapes without bends of less than two units, half a pixel of a tile drawn 1024 pixels wide."""
WORLD_M = 40_075_016.685578488
"""Side of the square of web mercator, its metres."""


@dataclass(frozen=True, slots=True)
class TileLayer:
    """`columns`: property → column. `number`: the column of whole numbers that is the feature's id, if it has one.

    `sample`: condition of a partial index that holds for about one row in 32; None for layers that never grow.
    `dated`: rows hold for a time (`opened_on` to `closed_on`), so that a tile is one of a day.
    """

    kind: str
    table: str
    columns: Mapping[str, str]
    number: str | None = None
    sample: str | None = None
    dated: bool = False


def _areas(kind: str) -> TileLayer:
    return TileLayer(
        kind, "area_layer", {"area_no": "area_no", "name": "name", "detail": "detail"}, "area_no", "t.area_no & 31 = 0"
    )  # fmt: skip


def _sample(column: str) -> str:
    return f"hashtextextended(t.{column}, 0) & 31 = 0"


TILE_LAYERS: dict[str, TileLayer] = {
    "outline": TileLayer("outline", "outline", {"part_no": "part_no", "name": "name"}, "part_no"),
    "small-areas": TileLayer(
        "small-areas",
        "small_area",
        {"key_code": "key_code", "name": "name", "people": "people", "households": "households"},
        sample=_sample("key_code"),
    ),
    "districts": TileLayer(
        "districts", "district_area", {"no": "district_no", "name": "name"}, "district_no"
    ),
    "associations": TileLayer(
        "associations",
        "association_area",
        {"association_id": "association_id", "name": "name", "kind": "kind"},
        sample=_sample("association_id"),
    ),
    **{kind: _areas(kind) for kind in (*AREA_LAYERS, *PLANNING_LAYERS)},
    "towns": TileLayer(
        "towns",
        "town",
        {"town_id": "town_id", "name": "name", "koaza": "koaza", "level": "level"},
        sample=_sample("town_id"),
    ),
    "facilities": TileLayer(
        "facilities",
        "facility_site",
        {"facility_id": "facility_id", "name": "name", "kind": "kind", "activity": "activity"},
        dated=True,
    ),
    "halls": TileLayer("halls", "hall", {"hall_id": "hall_id", "name": "name"}),
}
"""By collection, the lowest first. Vacant houses are not among them: each reading of those is written down, one by one."""


def tile_query(layer_id: str, *, sample: bool) -> str:
    """One statement giving the layer's bytes: $1 municipality, $2 dataset, $3 zoom, $4 column, $5 row (, $6 day).

    The dataset is a number that has been looked up: compared with a function's result, no index would be used.
    MATERIALIZED, because a shape that is only wanted where it is not NULL would be made twice.
    """
    layer = TILE_LAYERS[layer_id]
    columns = ", ".join(f"t.{column} AS {name}" for name, column in layer.columns.items())
    number = f", t.{layer.number} AS feature_no" if layer.number else ""
    conditions = ["t.municipality_code = $1::text", "t.dataset_id = $2::int", "t.geom_mercator && grid.reach"]
    if sample and layer.sample:
        conditions.append(layer.sample)
    if layer.dated:
        conditions.append("daterange(t.opened_on, t.closed_on, '[)') @> $6::date")
    return f"""
        WITH grid AS MATERIALIZED (
            SELECT ST_TileEnvelope($3::int, $4::int, $5::int) AS square,
                   ST_TileEnvelope($3::int, $4::int, $5::int, margin => {BUFFER / EXTENT}) AS reach,
                   CASE WHEN $3::int < {SIMPLE_BELOW} THEN 2 * {WORLD_M} / {EXTENT} / (1 << $3::int) END AS bend
        ), feature AS MATERIALIZED (
            SELECT {columns}{number}, ST_AsMVTGeom(
                CASE WHEN grid.bend IS NULL THEN t.geom_mercator ELSE ST_Simplify(t.geom_mercator, grid.bend, true) END,
                grid.square, {EXTENT}, {BUFFER}, true) AS shape
            FROM {layer.table} t, grid
            WHERE {" AND ".join(conditions)}
            LIMIT {MOST_FEATURES}
        )
        SELECT ST_AsMVT(feature.*, '{layer_id}', {EXTENT}, 'shape'{", 'feature_no'" if layer.number else ""})
        FROM feature WHERE shape IS NOT NULL
    """  # noqa: S608
