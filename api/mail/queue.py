"""Working through the mail that is due: what the queues of tickets and of yearly returns share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Generic, Protocol, TypeVar

from api import logs
from api.mail.sending import TIMEOUT_S, MailNotTakenError, MailRefusedError, send
from api.mail.server import MailServer, mail_server
from api.settings import Settings
from geodata.database import Audience, Connection, Database
from kyodo_geo.errors import InputError

MOST_PER_RUN = 200


class Due(Protocol):
    """A mail that is due; `attempts` with the present one."""

    @property
    def attempts(self) -> int: ...


N = TypeVar("N", bound=Due)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mail and its address. `taken` is done in the transaction that marks it sent."""

    mail: EmailMessage
    to: str
    taken: Callable[[Connection], None] = lambda conn: None


@dataclass(frozen=True, slots=True)
class Queue(Generic[N]):
    """Where mail waits. `prepare` raises InputError for a mail that cannot be written; `named` is what the log says of one."""

    claim: Callable[[Connection, str], N | None]
    settle: Callable[[Connection, str, N, str], None]
    skip_all: Callable[[Connection, str], int]
    most_attempts: int
    prepare: Callable[[MailServer, N], Prepared]
    named: Callable[[N], str]


def send_due(
    database: Database, settings: Settings, queue: Queue[N], *, timeout_s: float = TIMEOUT_S
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
            return {"skipped": queue.skip_all(conn, code)}
    for _ in range(MOST_PER_RUN):
        with database.write(Audience.STAFF) as conn:
            notice = queue.claim(conn, code)
        if notice is None:
            break
        state = _one(database, code, server, queue, notice, timeout_s)
        done[state] += 1
        if state == "put-off":
            break
    return dict(done)


def _one(
    database: Database, code: str, server: MailServer, queue: Queue[N], notice: N, timeout_s: float
) -> str:
    ready: Prepared | None = None
    try:
        ready = queue.prepare(server, notice)
        send(server, ready.mail, ready.to, timeout_s=timeout_s)
        state = "sent"
    except InputError:
        state = "skipped"
    except MailRefusedError as error:
        state = "failed"
        logs.SERVICE.warning("%s given up: %s", queue.named(notice), error)
    except MailNotTakenError as error:
        state = "failed" if notice.attempts >= queue.most_attempts else "put-off"
        logs.SERVICE.warning("%s %s: %s", queue.named(notice), state, error)
    if state != "put-off":
        with database.write(Audience.STAFF) as conn:
            if state == "sent" and ready is not None:
                ready.taken(conn)
            queue.settle(conn, code, notice, state)
    return state
