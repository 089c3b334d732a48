"""Letters and mail about the returns: whom they go to, the codes they carry, and what is written down (blocking)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.clock import today
from api.credits import place_credit
from api.paper.serve import is_test_address
from api.paper.sheets import as_data, qr
from api.services import Services
from geodata import return_mail, returns
from geodata.database import Audience, Connection
from geodata.municipalities import KNOWN
from geodata.queries.generation import resolve
from geodata.returns import Return
from kyodo_geo.errors import InputError
from kyodo_geo.labels import split_postcode
from kyodo_geo.returns import ReturnState

MOST_LETTERS = 60
"""On one print: a page takes about a tenth of a second of a process that has a minute."""
NOBODY = "選んだ町内会・自治会には、今日はもうお願いしているか、回答が届いています。何もしていません。"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A return without an answer, on the page where its letter is chosen."""

    row: Return
    mail: bool
    today: bool

    @property
    def address(self) -> bool:
        return bool(self.row.held.president_address)

    @property
    def first(self) -> bool:
        """Whether nothing was sent to it yet."""
        return self.row.state is ReturnState.NOT_SENT


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. `code` is seen on it alone."""

    name: str
    role: str
    person: str | None
    address: str | None
    code: str


def waiting(
    services: Services, fiscal_year: int, district: int | None
) -> tuple[returns.Round, list[Waiting]]:
    """Those who have not answered. Raises NotFoundError."""
    code, on = services.settings.municipality, today()
    with services.database.read(Audience.STAFF) as conn:
        found = returns.one_round(conn, code, fiscal_year)
        reachable = return_mail.with_address(conn, code, on)
        rows = returns.unanswered(conn, code, fiscal_year, district=district)
    return found, [Waiting(row, row.association_id in reachable, on in row.reminded) for row in rows]


def _wanted(rows: Sequence[Return], ids: Collection[str]) -> list[Return]:
    chosen = [row for row in rows if row.association_id in ids]
    if not chosen:
        raise InputError("町内会・自治会を選んでください。")
    return chosen


def print_letters(
    services: Services, fiscal_year: int, ids: Collection[str], *, until: datetime, actor: str, address: str
) -> str:  # fmt: skip
    """HTML of the letters, one page each: the request to those who had none yet, else a reminder, never both ways in one print.

    Each gets a new code. Whoever was reminded by letter today gets the same letter again (a printer may fail) and no second
    reminder; whoever was reminded otherwise today, or has answered meanwhile, is left out. Raises InputError.
    """
    code, on = services.settings.municipality, today()
    with services.database.write(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        found = returns.one_round(conn, code, fiscal_year)
        chosen = _wanted(returns.unanswered(conn, code, fiscal_year), ids)
        if len(chosen) > MOST_LETTERS:
            raise InputError(f"一度に印刷できる手紙は {MOST_LETTERS} 通までです。地区ごとに選んでください。")
        first = [row for row in chosen if row.state is ReturnState.NOT_SENT]
        if first and len(first) < len(chosen):
            raise InputError(
                "はじめて送る町内会・自治会と、もう送った町内会・自治会は、分けて選んでください。文面が違います。"
            )
        if first:
            returns.mark_sent(
                conn, code, fiscal_year, [row.association_id for row in first], on=on, actor=actor
            )
            going = first
        else:
            fresh = returns.remind(
                conn,
                code,
                fiscal_year,
                [row.association_id for row in chosen],
                way="letter",
                on=on,
                actor=actor,
            )
            again = return_mail.reminded_on(conn, code, fiscal_year, on, way="letter")
            going = [row for row in chosen if row.association_id in {*fresh, *again}]
        if not going:
            raise InputError(NOBODY)
        letters = [
            Letter(
                row.name, "会長", row.held.president_name, row.held.president_address,
                returns.issue(conn, code, fiscal_year, row.association_id, until=until, actor=actor),
            )
            for row in going
        ]  # fmt: skip
        credit = place_credit(conn, ref)
    known = KNOWN.get(code)
    page = f"{address}/returns"
    return services.pages.render(
        "paper/return_letter.html", path="/staff/returns", ref=ref, dataset=credit, html_lang="ja", letters=letters,
        round=found, reminder=not first, qr_url=as_data(qr(page)), page_address=page, test_address=is_test_address(page),
        split=split_postcode, ends_on=until.date(), printed_on=on,
        fax=services.settings.contact_fax or (known.contact_fax if known else None),
    )  # fmt: skip


def ask_by_mail(services: Services, fiscal_year: int, ids: Collection[str], *, actor: str) -> int:
    """Record reminders by mail and ask for the mails; returns how many. Raises InputError when there is nobody to write to."""
    code, on = services.settings.municipality, today()
    with services.database.write(Audience.STAFF) as conn:
        reachable = return_mail.with_address(conn, code, on)
        chosen = _wanted(returns.unanswered(conn, code, fiscal_year), ids)
        named = [row.association_id for row in chosen if row.association_id in reachable]
        if not named:
            raise InputError(
                "選んだ町内会・自治会には、メールアドレスの登録がありません。手紙か電話を使ってください。"
            )
        done = returns.remind(conn, code, fiscal_year, named, way="mail", on=on, actor=actor)
        if not done:
            raise InputError(NOBODY)
        return_mail.call_for(conn, code, fiscal_year, done, on)
        _now_sent(conn, code, fiscal_year, chosen, done, actor)
    return len(done)


def note_telephone(services: Services, fiscal_year: int, ids: Collection[str], *, actor: str) -> int:
    """Record that somebody rang up; returns how many. Raises InputError."""
    code, on = services.settings.municipality, today()
    with services.database.write(Audience.STAFF) as conn:
        chosen = _wanted(returns.unanswered(conn, code, fiscal_year), ids)
        done = returns.remind(
            conn, code, fiscal_year, [row.association_id for row in chosen], way="phone", on=on, actor=actor
        )
        if not done:
            raise InputError(NOBODY)
    return len(done)


def _now_sent(
    conn: Connection, code: str, fiscal_year: int, chosen: Sequence[Return], done: Collection[str], actor: str
) -> None:  # fmt: skip
    """A mail with a code is a form that went out."""
    first = [
        row.association_id
        for row in chosen
        if row.state is ReturnState.NOT_SENT and row.association_id in done
    ]
    if first:
        returns.mark_sent(conn, code, fiscal_year, first, on=today(), actor=actor)
