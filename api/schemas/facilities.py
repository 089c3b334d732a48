"""Public facilities with their buildings, rooms and yearly figures."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from api.schemas.common import FeatureCollection, QualityName, Schema


class Building(Schema):
    """A building the facility uses."""

    id: str
    name: str | None
    built_year: int | None
    structure: str | None
    floors: int | None
    floor_area_m2: float | None
    used_area_m2: float | None = Field(description="この施設が使う床面積")
    seismic: str | None
    quality: QualityName
    source: str | None


class Room(Schema):
    """A room groups can use."""

    no: int
    name: str
    area_m2: float | None
    capacity: int | None
    quality: QualityName
    source: str | None


class FacilityYear(Schema):
    """Figures of one fiscal year."""

    fiscal_year: int
    users: int | None
    cost_yen: int | None
    quality: QualityName
    source: str | None


class FacilityProperties(Schema):
    """One facility in service on the day asked for."""

    id: str
    name: str
    kana: str | None
    kind: str
    activity: bool = Field(description="地域活動に使えるか")
    address: str | None
    operator: str | None
    capacity: int | None
    opened_on: date | None
    closed_on: date | None
    buildings: list[Building]
    rooms: list[Room]
    years: list[FacilityYear]


class Facilities(FeatureCollection[FacilityProperties]):
    """Facilities of a municipality."""

    municipality: str
