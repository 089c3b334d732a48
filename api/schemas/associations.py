"""Neighbourhood associations, as everybody may see them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas.common import FeaturePage, Schema, SingleFeature


class DistrictRef(Schema):
    """District by number and name."""

    no: int
    name: str


class AssociationProperties(Schema):
    """One association (町内会・自治会)."""

    id: str
    name: str
    kana: str | None
    kind: Literal["association", "building"] = Field(description="building は集合住宅だけの自治会")
    area_text: str | None = Field(description="区域を記した言葉")
    district: DistrictRef | None
    district_basis: Literal["list", "area"] | None = Field(description="地区の根拠: 市の一覧 / 区域の重なり")


class Contact(Schema):
    """A contact the association agreed to publish."""

    role: Literal["president", "office", "member-desk"]
    name: str | None
    phone: str | None
    email: str | None
    address: str | None


class AddressRule(Schema):
    """Which addresses belong to it: the whole town, part of it, or an exception. Ranges hold both ends."""

    kind: Literal["whole", "part", "except"]
    town: str
    koaza: str | None
    block_from: int | None
    block_to: int | None
    house_from: int | None
    house_to: int | None


class AssociationDetail(AssociationProperties):
    """The same with contacts and rules."""

    contacts: list[Contact]
    rules: list[AddressRule]


class Associations(FeaturePage[AssociationProperties]):
    """A page of associations."""

    municipality: str


class Association(SingleFeature[AssociationDetail]):
    """One association."""

    municipality: str
