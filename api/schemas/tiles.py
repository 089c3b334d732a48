"""Answers about tiles (OGC 20-057, OGC 17-083r4)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from api.schemas.ogc import Link

TILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "タイル",
        "content": {"application/vnd.mapbox-vector-tile": {"schema": {"type": "string", "format": "binary"}}},
    },
    204: {"description": "何もない区画"},
}


class TemplatedLink(Link):
    """A link whose address has variables."""

    templated: bool | None = None


class TileMatrixSetItem(BaseModel):
    """One set in the list."""

    id: str
    title: str
    uri: str
    crs: str
    links: list[Link]


class TileMatrixSets(BaseModel):
    """The list of sets."""

    links: list[Link]
    tileMatrixSets: list[TileMatrixSetItem]  # noqa: N815 - the standard's names


class TileMatrixSet(BaseModel):
    """The definition of a set."""

    id: str
    title: str
    uri: str
    crs: str
    orderedAxes: list[str]  # noqa: N815
    wellKnownScaleSet: str  # noqa: N815
    tileMatrices: list[dict[str, Any]]  # noqa: N815


class TileSetItem(BaseModel):
    """One tile set in the list."""

    title: str
    dataType: str  # noqa: N815
    crs: str
    tileMatrixSetURI: str  # noqa: N815
    links: list[TemplatedLink]


class TileSets(BaseModel):
    """The list of tile sets."""

    links: list[Link]
    tilesets: list[TileSetItem]


class TileSet(TileSetItem):
    """A tile set with its layers and limits."""

    boundingBox: dict[str, Any] | None = None  # noqa: N815
    tileMatrixSetLimits: list[dict[str, Any]] | None = None  # noqa: N815
    layers: list[dict[str, Any]]
