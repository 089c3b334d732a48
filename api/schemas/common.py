"""Shapes shared by all answers: the credit, problems, GeoJSON."""

from __future__ import annotations

from datetime import date
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

QualityName = Literal["real", "unofficial", "sample"]
P = TypeVar("P", bound=BaseModel)


class Schema(BaseModel):
    """Closed: a member that is not documented here must not be sent."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class DatasetPart(Schema):
    """One dataset that went into the answer."""

    dataset_id: int
    kind: str = Field(description="データの種類", examples=["districts"])
    title: str
    source: str = Field(description="出典")
    licence: str = Field(description="利用条件")
    authority: str = Field(description="内容に責任を持つ機関")
    as_of: date | None = Field(description="時点。不明は null")
    quality: QualityName
    quality_label: str


class Credit(Schema):
    """Source, terms, date and quality of the whole answer; `quality` is that of its worst part."""

    title: str | None
    source: str = Field(description="出典（複数なら「、」でつなぐ）")
    licence: str
    authority: str
    as_of: date | None = Field(description="主なデータの時点")
    quality: QualityName = Field(description="real / unofficial / sample。混ざるときは最も低いもの")
    quality_label: str = Field(description="画面と同じ表示", examples=["見本データ（架空）"])
    parts: list[DatasetPart]


class FieldError(Schema):
    """One value that cannot be used."""

    field: str = Field(examples=["query.fiscal_year"])
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details; further members are facts about this failure."""

    type: str = Field(description="種類。/api に説明がある", examples=["/api#bad-request"])
    title: str
    status: int
    detail: str = Field(description="どうすればよいか（日本語）")
    instance: str
    request_id: str = Field(description="お問い合わせ番号。応答の見出し X-Request-ID と同じ")
    errors: list[FieldError] | None = None


class Geometry(BaseModel):
    """GeoJSON geometry, longitude and latitude in degrees (WGS 84), 6 digits."""

    type: Literal["Point", "MultiPolygon", "Polygon"]
    coordinates: list[Any]


class Feature(Schema, Generic[P]):
    """GeoJSON feature."""

    type: Literal["Feature"]
    id: int | str
    geometry: Geometry | None
    properties: P


class SingleFeature(Schema, Generic[P]):
    """GeoJSON feature that stands alone, with its credit."""

    type: Literal["Feature"]
    id: int | str
    dataset: Credit
    geometry: Geometry | None
    properties: P


class FeatureCollection(Schema, Generic[P]):
    """GeoJSON feature collection with its credit."""

    type: Literal["FeatureCollection"]
    dataset: Credit
    count: int = Field(description="この答えにある件数")
    features: list[Feature[P]]


class FeaturePage(FeatureCollection[P], Generic[P]):
    """One page of a long list."""

    next: str | None = Field(description="続きがあれば、次の `cursor` に渡す値")
    links: list[dict[str, str]] = Field(description="`rel: next` の完全な道筋")
