"""Answers about the service itself."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas.common import Schema


class Health(Schema):
    """The process lives."""

    status: Literal["ok"]


class Readiness(Schema):
    """Whether this process can answer, and if not, why."""

    status: Literal["ok", "read-only", "unavailable"]
    reasons: list[str] = Field(description="答えられないこととその理由（日本語）。すべてに答えられるときは空")
    warnings: list[str] = Field(description="答えられるが、運用する人に見てほしいこと（日本語）")
    municipality: str
    revision: int | None = Field(description="検索に使っているデータの版")
    generation_no: int | None
