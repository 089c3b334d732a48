"""Events and counts of consultations."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.schemas.common import Credit, QualityName, Schema


class Event(Schema):
    """A published event of the plan's initiatives."""

    id: str
    initiative_no: int = Field(description="その年度の計画での取組の番号", examples=[26])
    initiative: str
    title: str
    fiscal_year: int
    starts_on: date
    ends_on: date | None = Field(description="最後の日。1 日だけなら null")
    starts_at: str | None = Field(description="始まる時刻（HH:MM）", examples=["13:30"])
    ends_at: str | None
    facility_id: str | None
    facility: str | None
    place: str | None = Field(description="会場（言葉）")
    lon: float | None = Field(description="会場の施設の経度（度）")
    lat: float | None = Field(description="会場の施設の緯度（度）")
    district_no: int | None = Field(description="対象の地区。市全体なら null")
    district: str | None
    audience: str | None = Field(description="対象の人")
    capacity: int | None = Field(description="定員（人）")
    apply_until: date | None = Field(description="申込みの締切")
    apply_how: str | None
    state: Literal["planned", "held", "cancelled"]
    theme: str | None
    materials_url: str | None
    participants: int | None = Field(
        description="参加者の合計（人）。不明のときと、伏せているとき（3 人に満たないか、そのような催しの数がわかるとき）は null"
    )
    quality: QualityName
    source: str | None


class Events(Schema):
    """Events by day."""

    municipality: str
    dataset: Credit
    quality: QualityName
    quality_label: str
    count: int
    events: list[Event]


class Centre(Schema):
    """A civic collaboration centre."""

    id: str
    name: str


class Topic(Schema):
    """What is consulted about."""

    id: str
    label: str
    current: bool = Field(description="今も使っている内容か")


class ConsultationCount(Schema):
    """Consultations about a topic; in the whole city where `centre_id` is null."""

    centre_id: str | None
    topic_id: str
    count: int | None = Field(description="件数。少ないために伏せたものは null")
    withheld: bool


class ConsultationYear(Schema):
    """Counts of one fiscal year. What is not listed is 0."""

    fiscal_year: int
    total: int | None = Field(
        description="相談の件数。内容がいくつあっても 1 件と数える。少ないために伏せたものは null"
    )
    quality: QualityName
    counts: list[ConsultationCount]


class ConsultationCounts(Schema):
    """Counts of consultations by centre, topic and year."""

    municipality: str
    dataset: Credit
    quality: QualityName
    quality_label: str
    centres: list[Centre]
    topics: list[Topic]
    years: list[ConsultationYear]
