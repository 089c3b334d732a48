"""Referrals for programs: the question, the receipt, the list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.params import Identifier, Integer, Params
from api.schemas.common import Schema
from kyodo_geo.ticket_entries import (
    MAX_EMAIL,
    MAX_NAME,
    MAX_PHONE,
    MAX_QUESTION,
    Referral,
    line,
    paragraphs,
    phone_of,
)


class Customer(BaseModel):
    """Whom to answer; only with their consent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(default=None, max_length=MAX_NAME, description="氏名", examples=["山田 花子"])
    phone: str | None = Field(default=None, max_length=MAX_PHONE, description="電話番号")
    email: str | None = Field(
        default=None,
        max_length=MAX_EMAIL,
        description="回答を送るメールアドレス（市がメールを設定しているときだけ送られる）",
    )


class NewReferral(BaseModel):
    """A question to the city."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(min_length=1, max_length=MAX_QUESTION, description="質問。個人の情報は書かない")
    association_id: Identifier | None = Field(default=None, description="質問の対象の町内会・自治会")
    customer: Customer | None = Field(
        default=None, description="回答を直接届ける相手。同意（consent）があるときだけ送る"
    )
    consent: Annotated[
        bool, Field(strict=True, description="お客様が、氏名・連絡先を市に渡すことに同意した")
    ] = False

    def entry(self) -> Referral:
        """The same as the form's entry, cleaned alike."""
        customer = self.customer or Customer()
        return Referral(
            paragraphs(self.question),
            self.association_id,
            line(customer.name or ""),
            phone_of(customer.phone or ""),
            line(customer.email or ""),
            self.consent,
        )


class Receipt(Schema):
    """The number to keep."""

    ticket_no: int = Field(description="取次の番号")


class TicketState(Schema):
    """One ticket of the office; nothing of the customer."""

    ticket_no: int
    kind: Literal["referral", "wish"] = Field(description="質問の取次（referral）か加入の取次（wish）")
    state: Literal["received", "passed-on", "answered", "closed", "joined", "declined", "withdrawn"]
    state_label: str
    association_id: str | None
    association: str | None
    received_at: datetime
    due_on: date | None = Field(description="回答または結果の期限")
    closed_at: datetime | None
    answer: str | None = Field(description="回答。まだのとき、消去したあとは null")


class Tickets(Schema):
    """A page of the list, newest first."""

    tickets: list[TicketState]
    next: int | None = Field(description="続きの位置。次の要求の cursor に渡す")


class TicketListParams(Params):
    """Where the list goes on."""

    cursor: Annotated[Integer, Field(ge=1, le=2_147_483_647)] | None = Field(
        default=None, description="続きの位置。前の答えの `next` の値をそのまま渡す", examples=[1000]
    )
