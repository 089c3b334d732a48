"""Activity cases, handbooks and subsidies of others."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.schemas.common import Credit, FeatureCollection, QualityName, Schema


class CasePhoto(Schema):
    """A photo of a case."""

    url: str = Field(description="横 960 画素までの JPEG", examples=["/cases/c1/photos/1-960.jpg"])
    alt: str = Field(description="代替テキスト")
    credit: str = Field(description="撮影者・提供者")


class Case(Schema):
    """One published activity case. How to reach those who did it: through the city."""

    id: str
    title: str
    summary: str
    theme: str = Field(examples=["care"])
    theme_label: str
    district_no: int
    district: str | None
    body: str = Field(description="取り組んだ団体")
    association_id: str | None
    done_year: int = Field(description="取り組んだ年度（始まりの西暦）")
    story: str | None = Field(description="取り組みの内容（段落の間は空の行）")
    worked: str | None = Field(description="うまくいったこと")
    hard: str | None = Field(description="大変だったこと")
    place_name: str | None
    origin: Literal["wa", "meeting", "exchange", "visit", "other"] | None
    origin_note: str | None
    published_on: date | None
    changed_at: datetime
    photos: list[CasePhoto]
    page: str = Field(examples=["/cases/c1"])
    quality: QualityName
    source: str | None


class Cases(FeatureCollection[Case]):
    """Cases that fit; a case of which only the district is told has no geometry."""

    municipality: str
    whole: int = Field(description="条件を付けないときの件数")


class Handbook(Schema):
    """A handbook; `newer_id` names the one that replaces it."""

    id: str
    title: str
    audience: str = Field(description="だれのため")
    edition: str | None
    issued_on: date
    publisher: str
    topics: str | None
    summary: str | None
    link: str | None
    old: bool = Field(description="新しい版があるか、使われなくなった")
    newer_id: str | None
    retired_on: date | None
    changed_at: datetime
    quality: QualityName
    source: str | None


class Handbooks(Schema):
    """All handbooks."""

    municipality: str
    dataset: Credit
    count: int
    handbooks: list[Handbook]


class Subsidy(Schema):
    """A subsidy of somebody else."""

    id: str
    title: str
    giver_kind: Literal["national", "prefecture", "city", "foundation", "other"]
    giver: str
    applicants: str = Field(description="応募できる団体")
    purpose: str = Field(description="使いみち")
    amount: str | None
    rate: str | None
    opens_on: date | None
    closes_on: date | None = Field(description="締切の日（この日まで）")
    phase: Literal["soon", "open", "coming", "always", "ended"] = Field(
        description="soon 締切間近 / open 受付中 / coming これから / always 随時 / ended 終了"
    )
    themes: str | None
    link: str | None
    contact: str | None
    checked_on: date = Field(description="募集のページを確かめた日")
    changed_at: datetime
    quality: QualityName
    source: str | None


class Subsidies(Schema):
    """Subsidies in the order of their deadlines."""

    municipality: str
    dataset: Credit
    count: int
    subsidies: list[Subsidy]
