"""Sends the mail that reminders of yearly returns call for. No job argument holds anything of a return."""

from __future__ import annotations

from api.clock import now, today
from api.mail.queue import Prepared, Queue, send_due
from api.mail.return_reminder import reminder
from api.mail.sending import TIMEOUT_S
from api.mail.server import MailServer
from api.returns.codes import code_until
from api.settings import Settings
from geodata import return_mail, returns
from geodata.database import Audience, Connection, Database
from geodata.return_mail import Notice

BY = "job"


def send_return_mail(
    database: Database, settings: Settings, *, timeout_s: float = TIMEOUT_S
) -> dict[str, int]:
    """Send what is due, as `send_due`."""
    code = settings.municipality

    def prepare(server: MailServer, notice: Notice) -> Prepared:
        with database.write(Audience.STAFF) as conn:
            to = return_mail.recipient(conn, code, notice, today())
        until = code_until(to.due_on)
        # Made for this mail alone, so that none has to be kept; a mail that is tried again has another one. It opens the
        # return once the server has taken the mail: until then the code on paper does.
        fresh = returns.new_code()

        def taken(conn: Connection) -> None:
            returns.keep_code(
                conn, code, notice.fiscal_year, notice.association_id, fresh, until=until, actor=BY
            )

        mail = reminder(
            notice,
            to,
            fresh,
            until=until.date(),
            sender=server.sender,
            public_url=settings.public_url,
            at=now(),
        )
        return Prepared(mail, str(to.to), taken)

    queue = Queue(
        return_mail.claim, return_mail.settle, return_mail.skip_all, return_mail.MAX_ATTEMPTS, prepare,
        lambda notice: "mail of a return",
    )  # fmt: skip
    return send_due(database, settings, queue, timeout_s=timeout_s)
