"""The course of a return, from a round's start to the data it became part of."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from kyodo_geo.errors import ConflictError


class ReturnState(StrEnum):
    """Where a return stands."""

    NOT_SENT = "not-sent"
    SENT = "sent"
    RECEIVED = "received"
    CHECKED = "checked"
    SENT_BACK = "sent-back"
    APPROVED = "approved"
    FED = "fed"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def answered(self) -> bool:
        """Whether answers of the association stand there that nobody has sent back."""
        return self in ANSWERED

    @property
    def open_to_association(self) -> bool:
        """Whether the association may still answer or correct."""
        return self in (ReturnState.NOT_SENT, ReturnState.SENT, ReturnState.RECEIVED, ReturnState.SENT_BACK)


class Came(StrEnum):
    """How the answers came."""

    WORKBOOK = "workbook"
    WEB = "web"
    PAPER = "paper"

    @property
    def label(self) -> str:
        return {"workbook": "Excel", "web": "ウェブ", "paper": "紙（職員が入力）"}[self.value]


_LABELS: Mapping[ReturnState, str] = {
    ReturnState.NOT_SENT: "未送付",
    ReturnState.SENT: "回答待ち",
    ReturnState.RECEIVED: "受付済み",
    ReturnState.CHECKED: "確認済み",
    ReturnState.SENT_BACK: "差し戻し",
    ReturnState.APPROVED: "承認済み",
    ReturnState.FED: "反映済み",
}
ANSWERED = frozenset({ReturnState.RECEIVED, ReturnState.CHECKED, ReturnState.APPROVED, ReturnState.FED})
UNANSWERED = frozenset({ReturnState.NOT_SENT, ReturnState.SENT, ReturnState.SENT_BACK})

_NEXT: Mapping[ReturnState, frozenset[ReturnState]] = {
    ReturnState.NOT_SENT: frozenset({ReturnState.SENT, ReturnState.RECEIVED}),
    ReturnState.SENT: frozenset({ReturnState.SENT, ReturnState.RECEIVED}),
    ReturnState.RECEIVED: frozenset(
        {ReturnState.RECEIVED, ReturnState.CHECKED, ReturnState.SENT_BACK, ReturnState.APPROVED}
    ),
    ReturnState.CHECKED: frozenset({ReturnState.RECEIVED, ReturnState.SENT_BACK, ReturnState.APPROVED}),
    ReturnState.SENT_BACK: frozenset({ReturnState.SENT, ReturnState.RECEIVED}),
    # What was approved by mistake, or has changed since it was fed, begins anew; it is fed once more then.
    ReturnState.APPROVED: frozenset({ReturnState.SENT_BACK, ReturnState.FED}),
    ReturnState.FED: frozenset({ReturnState.SENT_BACK}),
}


def check_step(now: ReturnState, wanted: ReturnState) -> None:
    """Raise ConflictError unless the step may be taken."""
    if wanted not in _NEXT[now]:
        raise ConflictError(
            f"この回答は「{now.label}」のため、「{wanted.label}」にできません。"
            + (
                "直すときは、先に差し戻してください。"
                if now in (ReturnState.APPROVED, ReturnState.FED)
                else ""
            )
        )
