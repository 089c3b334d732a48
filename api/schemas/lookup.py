"""The lookup's question and answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.params import Address, DataParams, Day, Latitude, Longitude, refuse
from api.schemas.associations import DistrictRef
from api.schemas.common import Credit, Schema
from kyodo_geo.crs import looks_swapped


def one_question(address: str | None, lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None):
        raise refuse("経度 lon と緯度 lat は、両方を指定してください")
    if (address is None) == (lon is None):
        raise refuse("住所 address か、経度 lon と緯度 lat の、どちらか一方を指定してください")


def not_swapped(value: Any) -> Any:
    """Before the limits are checked: 「90 以下」 alone would not tell anybody that the two were exchanged."""
    try:
        lon, lat = float(value["lon"]), float(value["lat"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return value
    if looks_swapped(lon, lat):
        raise refuse(
            "経度 lon と緯度 lat が逆になっていないか確かめてください（例 lon=141.1527、lat=39.7036）"
        )
    return value


class Question(BaseModel):
    """An address, or a point."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Address | None = None
    lon: Annotated[Longitude | None, Field(strict=True)] = None
    lat: Annotated[Latitude | None, Field(strict=True)] = None
    municipality: str | None = Field(default=None, pattern=r"^[0-9]{5}$", examples=["03201"])
    as_of: Day | None = Field(
        default=None,
        description="この日の終わりに有効だったデータで答える。指定しなければ今",
        examples=[date(2200, 1, 1)],
    )

    _order = model_validator(mode="before")(not_swapped)

    @model_validator(mode="after")
    def _check(self) -> Self:
        one_question(self.address, self.lon, self.lat)
        return self


class LookupParams(DataParams):
    """The same in the address line, for programs."""

    address: Address | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None

    _order = model_validator(mode="before")(not_swapped)

    @model_validator(mode="after")
    def _check(self) -> Self:
        one_question(self.address, self.lon, self.lat)
        return self


class FoundAddress(Schema):
    """What the address was understood as; null for a part that was not found."""

    normalised: str | None
    municipality: str | None
    town: str | None
    koaza: str | None
    block: str | None
    house: str | None
    level: str | None = Field(description="どこまで分かったか")
    lon: float | None
    lat: float | None
    accuracy_m: float | None = Field(description="位置の誤差の目安（m）")
    confidence: float | None = Field(
        description="町・字が正しい割合の実測（0〜1）。実測のない読み取り方は null"
    )


class LookupContact(BaseModel):
    """Whom to ask: the association's published contact, else the city."""

    model_config = ConfigDict(extra="allow")


class FoundAssociation(Schema):
    """An association that may be the one."""

    id: str
    name: str
    basis: Literal["rule", "area", "memory"] = Field(
        description="rule は住所の範囲、area は区域の図形、memory は物件台帳の登録による（memory は会員店の鍵だけ）"
    )
    confidence: float | None = Field(
        description="町内会・自治会が正しい割合の実測（0〜1）。実測のない場合は null"
    )
    reason: str = Field(description="候補とした理由（日本語）")
    district: DistrictRef | None
    contact: LookupContact | None


class NearAssociation(Schema):
    """An association near a place that has none. Not a candidate."""

    id: str
    name: str
    district: DistrictRef | None
    distance_m: float | None = Field(description="区域までのおよその距離（m）。分からないときは null")
    same_town: bool = Field(description="同じ町・字に住所の範囲を持つ")


class KnownBuilding(Schema):
    """What the register of buildings says; only for keys of offices."""

    name: str
    address: str
    association_id: str | None
    joins_as: Literal["household", "whole-building", "own-association", "none"]
    joins_as_label: str = Field(description="入会のしかた（日本語）")
    fee_way: str | None = Field(description="会費の払い方")
    conflict: bool = Field(description="登録に食い違いがあり、市が確かめている")


class LookupAnswer(Schema):
    """The outcome, in words and for programs."""

    outcome: Literal["one", "several", "none_here", "outside_city", "not_understood"]
    address: FoundAddress | None
    associations: list[FoundAssociation]
    neighbours: list[NearAssociation] = Field(
        description="`none_here` のとき、近くの町内会・自治会（5 件まで）"
    )
    district: DistrictRef | None
    dataset: Credit | None
    message: str = Field(description="結果と次にすること（日本語）")
    buildings: list[KnownBuilding] = Field(
        default_factory=list, description="物件台帳にある建物。会員店の鍵で、台帳にあるときだけ入る"
    )
