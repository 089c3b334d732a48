"""Districts and small areas."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.schemas.common import Feature, FeatureCollection, FeaturePage, QualityName, Schema, SingleFeature


class DistrictQuality(Schema):
    """How far each of the values may be believed; null where there is no value."""

    geometry: QualityName | None
    population: QualityName | None
    membership_rate: QualityName | None
    plan_adopted: QualityName | None


class DistrictProperties(Schema):
    """One community promotion district (コミュニティ推進地区). Unknown values are null, never 0."""

    no: int
    name: str
    kana: str | None
    kana_confirmed: bool | None = Field(description="よみを資料で確かめてあるか。よみがなければ null")
    aliases: list[str]
    plan_adopted: bool | None = Field(description="地域づくり計画を策定しているか。不明は null")
    plan_state: Literal["none", "in_preparation", "adopted", "revised", "expired"] | None
    plan_stated_on: date | None = Field(
        description="状態の始まりの日が不明なとき、その状態を記した資料の日付"
    )
    population: int | None = Field(description="国勢調査の人口")
    households: int | None = Field(description="国勢調査の世帯数")
    membership_rate: float | None = Field(ge=0, le=1, description="加入率（0〜1）。加入世帯数 ÷ 世帯数")
    member_households: int | None = Field(description="加入世帯数")
    rate_households: int | None = Field(description="加入率の分母にした世帯数")
    denominators: list[str] = Field(description="分母の種類: register / census / reported")
    denominator_as_of: date | None
    suppressed: bool = Field(description="世帯数が少ないため、加入率を公開していない")
    fiscal_year: int | None = Field(description="加入率の年度（始まりの西暦）")
    associations: int = Field(description="町内会・自治会の数")
    area_m2: float = Field(description="平面直角座標で測った面積（m²）。公式の面積ではない")
    parts: int = Field(description="区域が何か所に分かれているか")
    quality: DistrictQuality


class CityMembership(Schema):
    """The whole city in the same fiscal year."""

    fiscal_year: int
    households: int | None
    member_households: int | None
    membership_rate: float | None


class Districts(FeatureCollection[DistrictProperties]):
    """All districts of a municipality."""

    municipality: str
    fiscal_year: int | None
    fiscal_years: list[int] = Field(description="加入率のある年度")
    city: CityMembership | None


class District(SingleFeature[DistrictProperties]):
    """One district."""

    municipality: str


class SmallAreaProperties(Schema):
    """One census small area (小地域)."""

    key_code: str
    name: str | None
    population: int | None
    households: int | None
    area_m2: float
    district_no: int | None
    confidence: Literal["official", "sure", "likely", "guess"] | None = Field(
        description="地区の割り当ての確かさ: official / sure / likely / guess"
    )


class SmallAreas(FeaturePage[SmallAreaProperties]):
    """A page of small areas."""

    municipality: str


__all__ = ["District", "Districts", "Feature", "SmallAreas"]
