"""Answers below /ogc. The standards let servers add members; ours are named."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.common import Credit, Geometry


class Link(BaseModel):
    """A link (RFC 8288)."""

    rel: str
    href: str
    type: str | None = None
    title: str | None = None


class Landing(BaseModel):
    """Landing page."""

    title: str
    description: str
    links: list[Link]


class Conformance(BaseModel):
    """Conformance classes."""

    conformsTo: list[str]  # noqa: N815 - the standard's name
    links: list[Link]


class Collection(BaseModel):
    """One collection."""

    id: str
    title: str
    description: str
    keywords: list[str]
    itemType: Literal["feature", "record"]  # noqa: N815
    extent: dict[str, Any]
    crs: list[str] | None = Field(default=None, description="答えられる座標参照系の URI")
    storageCrs: str | None = None  # noqa: N815
    links: list[Link]


class Collections(BaseModel):
    """All collections."""

    links: list[Link]
    collections: list[Collection]


class Feature(BaseModel):
    """One feature; `properties` are described by the collection's schema."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry | None
    properties: dict[str, Any]
    links: list[Link] | None = None


class Features(BaseModel):
    """One page of features."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    links: list[Link]
    timeStamp: str  # noqa: N815
    numberMatched: int | None = Field(default=None, description="条件に合う件数（数えたとき）")  # noqa: N815
    numberReturned: int  # noqa: N815
    dataset: Credit
    municipality: str


class JsonSchema(BaseModel):
    """A JSON Schema document."""

    type: Literal["object"]
    title: str
    properties: dict[str, Any]


class Definition(BaseModel):
    """An OpenAPI 3.0 document."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]


class Record(BaseModel):
    """One record (OGC API Records, record core)."""

    type: Literal["Feature"]
    id: str
    conformsTo: list[str]  # noqa: N815
    time: dict[str, Any] | None
    geometry: Geometry | None
    properties: dict[str, Any]
    links: list[Link]


class RecordList(BaseModel):
    """One page of records."""

    type: Literal["FeatureCollection"]
    features: list[Record]
    links: list[Link]
    timeStamp: str  # noqa: N815
    numberMatched: int  # noqa: N815
    numberReturned: int  # noqa: N815
    dataset: Credit
    municipality: str
