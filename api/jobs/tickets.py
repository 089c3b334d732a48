"""Jobs about tickets: the mail they call for, and erasing in time. No job argument holds anything of a ticket."""

from __future__ import annotations

from collections import Counter

from api import logs
from api.clock import now
from api.mail.messages import message
from api.mail.sending import TIMEOUT_S, MailNotTakenError, MailRefusedError, send
from api.mail.server import MailServer, mail_server
from api.settings import Settings
from geodata.database import Audience, Database
from geodata.tickets import notices
from geodata.tickets.notices import Notice
from kyodo_geo.errors import InputError

MOST_PER_RUN = 200
CLOSE_AFTER_DAYS = 30
"""An answered question nobody came back to is closed after so many days, so that its time of erasing comes."""


def send_ticket_mail(
    database: Database, settings: Settings, *, timeout_s: float = TIMEOUT_S
) -> dict[str, int]:
    """Send what is due; how many were sent, skipped, failed (given up) and put off.

    After the first mail the server does not take, the run ends: the others would fare no better, and each would
    wait for the timeout.
    """
    code = settings.municipality
    done: Counter[str] = Counter()
    try:
        server = mail_server(settings)
    except InputError as error:
        logs.SERVICE.error("no mail is sent: %s", error.message)
        return {"misconfigured": 1}
    if server is None:
        with database.write(Audience.STAFF) as conn:
            return {"skipped": notices.skip_all(conn, code)}
    for _ in range(MOST_PER_RUN):
        with database.write(Audience.STAFF) as conn:
            notice = notices.claim(conn, code)
        if notice is None:
            break
        state = _one(database, settings, server, notice, timeout_s)
        done[state] += 1
        if state == "put-off":
            break
    return dict(done)


def _one(database: Database, settings: Settings, server: MailServer, notice: Notice, timeout_s: float) -> str:
    code = settings.municipality
    with database.read(Audience.STAFF) as conn:
        letter = notices.letter(conn, code, notice, staff_address=settings.mail_staff)
    try:
        mail = message(notice, letter, sender=server.sender, public_url=settings.public_url, at=now())
        send(server, mail, str(letter.to), timeout_s=timeout_s)
        state = "sent"
    except InputError:
        state = "skipped"
    except MailRefusedError as error:
        state = "failed"
        logs.SERVICE.warning("mail %s of ticket %d given up: %s", notice.kind, notice.ticket_no, error)
    except MailNotTakenError as error:
        state = "failed" if notice.attempts >= notices.MAX_ATTEMPTS else "put-off"
        logs.SERVICE.warning("mail %s of ticket %d %s: %s", notice.kind, notice.ticket_no, state, error)
    if state != "put-off":
        with database.write(Audience.STAFF) as conn:
            notices.settle(conn, code, notice, state)
    return state
