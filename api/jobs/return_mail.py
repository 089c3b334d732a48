"""Sends the mail that reminders of yearly returns call for. No job argument holds anything of a return."""

from __future__ import annotations

from collections import Counter

from api import logs
from api.clock import now, today
from api.mail.return_reminder import reminder
from api.mail.sending import TIMEOUT_S, MailNotTakenError, MailRefusedError, send
from api.mail.server import MailServer, mail_server
from api.returns.codes import code_until
from api.settings import Settings
from geodata import return_mail, returns
from geodata.database import Audience, Database
from geodata.return_mail import Notice
from kyodo_geo.errors import InputError

MOST_PER_RUN = 200
BY = "job"


def send_return_mail(
    database: Database, settings: Settings, *, timeout_s: float = TIMEOUT_S
) -> dict[str, int]:
    """Send what is due; how many were sent, skipped, failed (given up) and put off. One the server does not take ends the run."""
    code = settings.municipality
    done: Counter[str] = Counter()
    try:
        server = mail_server(settings)
    except InputError as error:
        logs.SERVICE.error("no mail is sent: %s", error.message)
        return {"misconfigured": 1}
    if server is None:
        with database.write(Audience.STAFF) as conn:
            return {"skipped": return_mail.skip_all(conn, code)}
    for _ in range(MOST_PER_RUN):
        with database.write(Audience.STAFF) as conn:
            notice = return_mail.claim(conn, code)
        if notice is None:
            break
        state = _one(database, settings, server, notice, timeout_s)
        done[state] += 1
        if state == "put-off":
            break
    return dict(done)


def _one(database: Database, settings: Settings, server: MailServer, notice: Notice, timeout_s: float) -> str:
    code, on = settings.municipality, today()
    with database.write(Audience.STAFF) as conn:
        to = return_mail.recipient(conn, code, notice, on)
    until = code_until(to.due_on)
    # Made for this mail alone, so that none has to be kept; a mail that is tried again has another one. It opens the return
    # once the server has taken the mail: until then the code on paper does.
    fresh = returns.new_code()
    try:
        mail = reminder(
            notice,
            to,
            fresh,
            until=until.date(),
            sender=server.sender,
            public_url=settings.public_url,
            at=now(),
        )
        send(server, mail, str(to.to), timeout_s=timeout_s)
        state = "sent"
    except InputError:
        state = "skipped"
    except MailRefusedError as error:
        state = "failed"
        logs.SERVICE.warning("mail of a return given up: %s", error)
    except MailNotTakenError as error:
        state = "failed" if notice.attempts >= return_mail.MAX_ATTEMPTS else "put-off"
        logs.SERVICE.warning("mail of a return %s: %s", state, error)
    if state != "put-off":
        with database.write(Audience.STAFF) as conn:
            if state == "sent":
                returns.keep_code(
                    conn, code, notice.fiscal_year, notice.association_id, fresh, until=until, actor=BY
                )
            return_mail.settle(conn, code, notice, state)
    return state
