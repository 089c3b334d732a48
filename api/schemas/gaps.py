"""Who is out of reach: every figure by city, district or cell."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Credit, Schema


class GapColumn(Schema):
    """A figure's key, what it is called, and its decimals."""

    key: str
    label: str
    numeric: bool
    digits: int


class GapRow(Schema):
    """One group of people; `figures` by the keys of the columns, null where there is none."""

    key: str = Field(description="city、地区の番号、none（地区の外）、または小地域・メッシュの番号")
    name: str
    figures: dict[str, float | str | None]


class GapsAnswer(Schema):
    """The figures of one year and what they stand on."""

    municipality: str
    year: int
    year_label: str
    supply: str
    by: str
    by_label: str
    ready: bool = Field(description="false: 道のりの計算が終わっておらず、直線距離×1.3 の値")
    demand: str = Field(description="人口の単位: areas 小地域 / mesh 地域メッシュ")
    projection: str = Field(description="将来の人口: table 読み込んだ推計 / cohort コーホート変化率")
    assumptions: list[str] = Field(description="数値の前提")
    columns: list[GapColumn]
    rows: list[GapRow]
    dataset: Credit
