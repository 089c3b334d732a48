"""Jobs about tickets: the mail they call for, and erasing in time. No job argument holds anything of a ticket."""

from __future__ import annotations

from api.clock import now
from api.mail.messages import message
from api.mail.queue import Prepared, Queue, send_due
from api.mail.sending import TIMEOUT_S
from api.mail.server import MailServer
from api.settings import Settings
from geodata.database import Audience, Database
from geodata.tickets import notices
from geodata.tickets.notices import Notice

CLOSE_AFTER_DAYS = 30
"""An answered question nobody came back to is closed after so many days, so that its time of erasing comes."""


def send_ticket_mail(
    database: Database, settings: Settings, *, timeout_s: float = TIMEOUT_S
) -> dict[str, int]:
    """Send what is due, as `send_due`."""
    code = settings.municipality

    def prepare(server: MailServer, notice: Notice) -> Prepared:
        with database.read(Audience.STAFF) as conn:
            letter = notices.letter(conn, code, notice, staff_address=settings.mail_staff)
        mail = message(notice, letter, sender=server.sender, public_url=settings.public_url, at=now())
        return Prepared(mail, str(letter.to))

    queue = Queue(
        notices.claim, notices.settle, notices.skip_all, notices.MAX_ATTEMPTS, prepare,
        lambda notice: f"mail {notice.kind} of ticket {notice.ticket_no}",
    )  # fmt: skip
    return send_due(database, settings, queue, timeout_s=timeout_s)
