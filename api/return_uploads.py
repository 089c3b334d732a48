"""Filled workbooks of the yearly return on their way in: each file has its result line, and is kept whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from api.form_uploads import Read, read_forms
from api.return_workbooks import KIND, mark_of
from geodata import returns
from geodata.database import Audience, Connection, Database
from kyodo_geo.errors import KyodoError
from kyodo_geo.form_sheets import Filled
from kyodo_geo.returns import QUESTIONS, Came, ReturnState, read_answers, says_nothing

LABELS = {
    "received": "受け付けました",
    "same": "前と同じ内容です",
    "other": "前の回答と違います",
    "empty": "未記入です",
    "refused": "受け付けられません",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file. `verdict`: received / same / other (answered otherwise before: kept as it was) / empty (wholly blank) /
    refused; `words` say why.
    """

    file: str
    verdict: str
    words: str
    association_id: str | None = None
    name: str | None = None

    @property
    def label(self) -> str:
        return LABELS[self.verdict]


def receive_uploaded(
    db: Database,
    code: str,
    fiscal_year: int,
    files: Sequence[tuple[str, IO[bytes]]],
    *,
    actor: str,
    replace: bool = False,
) -> list[Outcome]:
    """Read an upload (workbooks or ZIPs of them) and keep what can be kept (blocking, some seconds).

    With `replace` answers that came otherwise before give way. Each file is a transaction of its own. Raises
    FileFormatError for too large an upload, NotFoundError without a round.
    """
    with db.read(Audience.STAFF) as conn:
        secret = returns.form_key(conn, code, fiscal_year)
    labels = {field.name: field.label for field in QUESTIONS}
    found = read_forms(files, kind=KIND, round_=str(fiscal_year), secret=secret, labels=labels)
    return [_kept(db, code, fiscal_year, item, actor, replace) for item in found]


def _kept(db: Database, code: str, fiscal_year: int, item: Read, actor: str, replace: bool) -> Outcome:
    if item.filled is None:
        return Outcome(item.name, "refused", item.refused or "")
    try:
        with db.write(Audience.STAFF) as conn:
            return _receive(conn, code, fiscal_year, item.name, item.filled, actor, replace)
    except KyodoError as error:
        return Outcome(item.name, "refused", error.message, item.filled.key)


def _receive(
    conn: Connection, code: str, fiscal_year: int, file: str, filled: Filled, actor: str, replace: bool
) -> Outcome:
    row = returns.one(conn, code, fiscal_year, filled.key)
    answers, wrong = read_answers(lambda name: filled.answers.get(name, ""))
    if wrong:
        return Outcome(file, "refused", "".join(wrong.values()), row.association_id, row.name)
    if says_nothing(answers, row.held):
        words = "どの欄も空のため、何も変えていません。"
        return Outcome(file, "empty", words, row.association_id, row.name)
    answered = row.answers is not None and row.state is not ReturnState.SENT_BACK
    if answered and row.answers != answers and mark_of(row) != filled.mark and not replace:
        came = row.came_by.label if row.came_by else ""
        words = f"先に{came}で届いた回答を残しました。替えるときは「前の回答を置き換える」を選んで、もう一度読み込みます。"
        return Outcome(file, "other", words, row.association_id, row.name)
    draft = row.draft is not None
    kept = returns.receive(
        conn,
        code,
        fiscal_year,
        row.association_id,
        answers,
        came=Came.WORKBOOK,
        actor=actor,
        version=row.version,
    )
    words = "ウェブで入力の途中だった内容は、この回答に替わりました。" if kept and draft else ""
    return Outcome(file, "received" if kept else "same", words, row.association_id, row.name)
