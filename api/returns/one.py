"""One return for the staff: differences, doubts, the area, its history, and the entry of a paper form (blocking)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from api.credits import place_credit
from api.edit_forms import Line, Sent, history_lines
from api.returns.form import Line as Answer
from api.returns.form import area_of, clean, lines
from api.services import Services
from geodata import return_mail, returns
from geodata.database import Audience
from geodata.edits import history
from geodata.edits.history import Entry
from geodata.queries.generation import Ref, resolve
from kyodo_geo.errors import InputError
from kyodo_geo.returns import (
    QUESTIONS,
    Answers,
    Came,
    Doubt,
    ReturnState,
    Section,
    first_answers,
    read_answers,
    shown,
    typed_answers,
)
from kyodo_geo.returns.questions import question

ACTIONS = {
    "edit.return.send": "送付済みにした",
    "edit.return.remind": "回答をお願いした",
    "edit.return.receive": "回答を受け付けた",
    "edit.return.check": "確認済みにした",
    "edit.return.send-back": "差し戻した",
    "edit.return.approve": "承認した",
    "edit.return.feed": "データに反映した",
    "edit.return.code": "回答の番号を発行した",
}
WAYS = {"mail": "メール", "letter": "手紙", "phone": "電話"}
MAILS = {"pending": "送信待ち", "sent": "送信済み", "skipped": "送っていません", "failed": "送れませんでした"}
ACTORS = {"association": "町内会・自治会（ウェブ）"}
DECIDABLE = (ReturnState.RECEIVED, ReturnState.CHECKED)


@dataclass(frozen=True, slots=True)
class One:
    """What the page of a return shows. `rows`: the answers by section; without answers those that the city holds."""

    ref: Ref
    dataset: dict[str, Any]
    round: returns.Round
    row: returns.Return
    rows: list[tuple[Section, list[Answer]]]
    changed: int
    doubts: tuple[Doubt, ...]
    reminders: list[tuple[date, str, str, str]]
    history: list[Line]
    map_svg: Any
    area_lines: tuple[str, ...]

    @property
    def state(self) -> ReturnState:
        return self.row.state

    @property
    def decidable(self) -> bool:
        return self.state in DECIDABLE

    @property
    def may_send_back(self) -> bool:
        return self.decidable or self.state in (ReturnState.APPROVED, ReturnState.FED)

    @property
    def may_enter(self) -> bool:
        """Whether a paper form may be typed in."""
        return self.state.open_to_association or self.state is ReturnState.CHECKED

    @property
    def wrong(self) -> bool:
        """Whether something in it cannot be true: it cannot be approved."""
        return any(doubt.severity.name == "WRONG" for doubt in self.doubts)

    @property
    def typed(self) -> dict[str, str]:
        return typed_answers(self.row.answers or first_answers(self.row.held))


def one(services: Services, fiscal_year: int, association_id: str) -> One:
    """Raises NotFoundError."""
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        row = returns.one(conn, code, fiscal_year, association_id)
        found = returns.one_round(conn, code, fiscal_year)
        checked = returns.check(conn, ref, row)
        mails = return_mail.states(conn, code, fiscal_year)
        reminded = [
            (item["sent_on"], WAYS[item["way"]], item["created_by"],
             MAILS.get(mails.get((association_id, item["sent_on"]), ""), ""))
            for item in returns.reminders(conn, code, fiscal_year, association_id)
        ]  # fmt: skip
        told = history.history(conn, code, returns.target(fiscal_year, association_id))
        credit = place_credit(conn, ref)
    drawn, words = area_of(services, association_id)
    answers = row.answers or row.held
    return One(
        ref, credit, found, row, lines(row.held, answers, {}, {}), len(checked.differences), checked.doubts, reminded,
        _history(told), drawn, words,
    )  # fmt: skip


def _history(told: list[Entry]) -> list[Line]:
    def say(name: str, kept: Any) -> str:
        if kept is None or kept == "":
            return "（なし）"
        if name == "state":
            return ReturnState(kept).label
        return shown(question(name), kept) if name in Answers.__slots__ else str(kept)

    labels = {field.name: field.label for field in QUESTIONS} | {"state": "状態"}
    lines = history_lines(told, ACTIONS, labels, None, _note, say)
    return [replace(line, actor=ACTORS.get(line.actor, line.actor)) for line in lines]


def _note(entry: Entry) -> str:
    details = entry.details
    if details.get("touched"):
        return "（" + "・".join(question(name).label for name in details["touched"]) + "が変わりました）"
    if details.get("way"):
        return f"（{WAYS.get(details['way'], details['way'])}）"
    return f"「{details['words']}」" if details.get("words") else ""


def enter_paper(services: Services, fiscal_year: int, association_id: str, sent: Sent, version: int) -> bool:
    """Keep a paper form as it was typed in; False when the same stands there. Raises InputError (`shown`: by question)."""
    answers, wrong = read_answers(lambda name: clean(sent.text(name)))
    if wrong:
        raise InputError("まだ保存していません。下の欄を直してください。", shown=wrong)
    with services.database.write(Audience.STAFF) as conn:
        return returns.receive(
            conn, services.settings.municipality, fiscal_year, association_id, answers, came=Came.PAPER, actor=sent.actor,
            version=version,
        )  # fmt: skip
