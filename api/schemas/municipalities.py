"""The municipalities this service answers for."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.common import Schema


class Municipality(Schema):
    """One municipality."""

    municipality: str = Field(description="全国地方公共団体コード（5 桁）", examples=["03201"])
    name: str
    pref_name: str = Field(description="都道府県の名前")
    home: bool = Field(description="`municipality` を指定しないときに答える市か")
    generation_no: int | None = Field(description="今の世代の番号。まだデータがなければ null")
    activated_at: datetime | None = Field(description="今の世代を有効にした日時")
    revision: int = Field(description="見えるものが変わるたびに増える番号")


class NextPage(Schema):
    """Where the list goes on."""

    rel: str
    type: str
    href: str


class Municipalities(Schema):
    """A page of them, or those that hold a point."""

    total: int = Field(description="このサービスが答える市区町村の数")
    count: int = Field(description="この答えにある市区町村の数")
    municipalities: list[Municipality]
    next: str | None = Field(description="続きの `cursor`。なければ null")
    links: list[NextPage]
