"""Mail about tickets, handed to real mail servers on loopback: what it says, whom it reaches, and that none is lost."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.jobs.app import queue
from api.jobs.purging import purge
from api.jobs.tasks import register
from api.jobs.tickets import send_ticket_mail
from api.mail.messages import message
from api.mail.server import mail_server
from api.settings import Settings
from geodata import tickets
from geodata.database import Audience, Database
from geodata.tickets.notices import CUSTOMER_ANSWERED, STAFF_NEW, Letter, Notice
from kyodo_geo.errors import InputError
from kyodo_geo.ticket_entries import Referral
from kyodo_geo.tickets import State
from tests.api import city
from tests.api.mail_servers import Post, certificate, knows, mail_server_running
from tests.api.test_jobs import play
from tests.fixtures_db import DatabaseUrls

CODE = city.CODE
CUSTOMER = "himitsu.hanako@example.jp"
SECRETS = ("ヒミツ花子", CUSTOMER, "019-111-2222", "秘密の質問です", "秘密の回答です")
QUESTION = Referral(SECRETS[3], "a11", SECRETS[0], SECRETS[2], CUSTOMER, consent=True)
AT = datetime(2027, 3, 5, 3, 0, tzinfo=UTC)


@pytest.fixture
def db(town: DatabaseUrls) -> Iterator[Database]:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        conn.execute("INSERT INTO partner VALUES ('03201', 'p', '協会')")
        conn.execute(
            "INSERT INTO partner_office (municipality_code, office_id, partner_id, name, email) "
            "VALUES ('03201', 'o1', 'p', '店', 'office@example.jp')"
        )
    database = Database(town.app, max_size=3)
    yield database
    database.close()


Configure = Callable[..., Settings]


@pytest.fixture
def configure(town: DatabaseUrls, settings_for: Callable[..., Settings]) -> Configure:
    def make(port: int, **values: Any) -> Settings:
        given = {
            "smtp_url": f"smtp://127.0.0.1:{port}",
            "smtp_starttls": "off",
            "mail_from": "kyodo@city.example.jp",
            "mail_staff": "desk@city.example.jp",
            "base_url": "https://kyodo.example.jp",
        }
        return settings_for(town, **{**given, **values})

    return make


def ask(db: Database, office: str | None = None, entry: Referral = QUESTION) -> int:
    with db.write(Audience.PARTNER, office=office or "") as conn:
        channel = tickets.Channel("partner" if office else "page", office)
        return tickets.enter_referral(conn, CODE, entry, channel, due_on=date(2027, 3, 12))


def answer(db: Database, no: int) -> None:
    with db.write(Audience.STAFF) as conn:
        tickets.change_state(conn, CODE, no, State.ANSWERED, version=1, actor="planner", answer=SECRETS[4])


def states(town: DatabaseUrls) -> dict[str, tuple[str, int]]:
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute("SELECT kind, state, attempts FROM kyodo.ticket_notice").fetchall()
    return {kind: (state, attempts) for kind, state, attempts in rows}


def make_due(town: DatabaseUrls) -> None:
    """As if the time until the next try had passed."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.ticket_notice SET next_try_at = now()")


def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_new_ticket_tells_the_staff_its_number_and_nothing_personal(
    db: Database, configure: Configure
) -> None:
    no = ask(db)
    with mail_server_running(Post()) as post:
        assert send_ticket_mail(db, configure(post.port)) == {"sent": 1}
        assert send_ticket_mail(db, configure(post.port)) == {}, "once"
    [(to, mail)] = post.taken
    assert to == ["desk@city.example.jp"]
    assert mail["Subject"] == f"【盛岡市】新しい取次 {no} 番を受け付けました"
    assert mail["From"].addresses[0].addr_spec == "kyodo@city.example.jp"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert f"https://kyodo.example.jp/staff/tickets/{no}" in text
    assert [secret for secret in SECRETS if secret in text + str(mail["Subject"])] == []


def test_an_answer_tells_office_the_number_and_the_customer_the_answer(
    db: Database, configure: Configure
) -> None:
    no = ask(db, "o1")
    answer(db, no)
    with mail_server_running(Post()) as post:
        assert send_ticket_mail(db, configure(post.port)) == {"sent": 3}
    by_recipient = {to[0]: mail.get_content() for to, mail in post.taken}
    assert set(by_recipient) == {"desk@city.example.jp", "office@example.jp", CUSTOMER}
    assert f"/partner/tickets/{no}" in by_recipient["office@example.jp"]
    assert [secret for secret in SECRETS if secret in by_recipient["office@example.jp"]] == []
    assert SECRETS[4] in by_recipient[CUSTOMER] and "任意" in by_recipient[CUSTOMER]
    assert SECRETS[0] not in by_recipient[CUSTOMER] and SECRETS[3] not in by_recipient[CUSTOMER]


def test_the_subject_travels_encoded(db: Database) -> None:
    letter = Letter("desk@city.example.jp", None, "盛岡市", "市民協働推進課", "019-626-7535")
    raw = message(
        Notice(7, STAFF_NEW, 1), letter, sender="k@city.example.jp", public_url="https://x.example.jp", at=AT
    ).as_bytes()
    assert raw.isascii()
    assert b"Subject: =?utf-8?" in raw


@pytest.mark.parametrize(
    "to", ["a@example.jp\r\nBcc: b@example.jp", "a@example.jp, b@example.jp", "a@example.jp\n", "", None]
)
def test_an_address_that_is_more_than_one_is_refused(to: str | None) -> None:
    letter = Letter(to, "回答", "盛岡市", None, None)
    with pytest.raises(InputError):
        message(Notice(7, CUSTOMER_ANSWERED, 1), letter, sender="k@city.example.jp", public_url="", at=AT)


def test_an_answer_with_header_lines_stays_in_the_body(db: Database, configure: Configure) -> None:
    no = ask(db)
    text = "はい。\nBcc: evil@example.jp\n\n.\nSubject: x"
    with db.write(Audience.STAFF) as conn:
        tickets.change_state(conn, CODE, no, State.ANSWERED, version=1, actor="planner", answer=text)
    with mail_server_running(Post()) as post:
        send_ticket_mail(db, configure(post.port))
    to, mail = post.taken[1]
    assert (to, mail["Bcc"], len(mail.get_all("Subject"))) == ([CUSTOMER], None, 1)
    assert text in mail.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize("trouble", ["down", "slow", "busy", "starttls refused"])
def test_a_server_in_trouble_loses_nothing(
    db: Database, town: DatabaseUrls, configure: Configure, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    ask(db)
    answer(db, ask(db))
    bad = Post(slow=trouble == "slow", answer="451 try later" if trouble == "busy" else "250 OK")
    caplog.set_level(logging.DEBUG)
    with mail_server_running(bad):
        port = closed_port() if trouble == "down" else bad.port
        values = {"smtp_starttls": "required"} if trouble == "starttls refused" else {}
        assert send_ticket_mail(db, configure(port, **values), timeout_s=0.5) == {"put-off": 1}, (
            "one, then it ends"
        )
    assert bad.taken == []
    make_due(town)
    with mail_server_running(Post()) as good:
        assert send_ticket_mail(db, configure(good.port)) == {"sent": 3}
    assert {state for state, _ in states(town).values()} == {"sent"}
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail")]
    assert any("put-off" in line for line in ours)
    assert [line for line in ours if "@" in line or any(secret in line for secret in SECRETS)] == []


def test_a_worker_killed_after_sending_sends_the_same_mail_again(
    db: Database, town: DatabaseUrls, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(db)

    class Killed(BaseException):
        """No `except` of ours catches it, as none catches a kill."""

    def die(*_: object) -> None:
        raise Killed

    with mail_server_running(Post()) as post:
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr("geodata.tickets.notices.settle", die)
            send_ticket_mail(db, configure(post.port))
        assert send_ticket_mail(db, configure(post.port)) == {}, "put off first"
        make_due(town)
        assert send_ticket_mail(db, configure(post.port)) == {"sent": 1}
    first, second = (mail for _, mail in post.taken)
    assert first["Message-ID"] == second["Message-ID"], "so that a reader knows it as one"


def test_a_recipient_that_does_not_exist_is_given_up_and_others_are_sent(
    db: Database, town: DatabaseUrls, configure: Configure
) -> None:
    answer(db, ask(db, "o1"))
    with mail_server_running(Post(refuse=(CUSTOMER,))) as post:
        assert send_ticket_mail(db, configure(post.port)) == {"sent": 2, "failed": 1}
    assert states(town)[CUSTOMER_ANSWERED] == ("failed", 1)


def test_after_many_tries_it_is_given_up(db: Database, town: DatabaseUrls, configure: Configure) -> None:
    ask(db)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.ticket_notice SET attempts = 13")
    assert send_ticket_mail(db, configure(closed_port()), timeout_s=0.5) == {"failed": 1}
    assert states(town)[STAFF_NEW] == ("failed", 14)


def test_starttls_with_user_and_password_from_a_file(
    db: Database, configure: Configure, tmp_path: Path
) -> None:
    context, trusted = certificate(tmp_path)
    secret = tmp_path / "password"
    secret.write_text("very-secret\n", encoding="utf-8")
    ask(db)
    options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    with mail_server_running(Post(), authenticator=knows("kyodo", "very-secret"), **options) as post:
        settings = configure(
            post.port,
            smtp_starttls="required",
            smtp_user="kyodo",
            smtp_password_file=secret,
            smtp_ca_file=trusted,
        )
        assert "very-secret" not in repr(settings) + repr(mail_server(settings))
        assert send_ticket_mail(db, settings) == {"sent": 1}


def test_a_certificate_nobody_vouches_for_is_not_trusted(
    db: Database, configure: Configure, tmp_path: Path
) -> None:
    context, _ = certificate(tmp_path)
    ask(db)
    with mail_server_running(Post(), tls_context=context) as post:
        assert send_ticket_mail(db, configure(post.port, smtp_starttls="required")) == {"put-off": 1}
    assert post.taken == []


def test_encryption_from_the_first_byte(db: Database, configure: Configure, tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    ask(db)
    with mail_server_running(Post(), ssl_context=context) as post:
        settings = configure(post.port, smtp_url=f"smtps://127.0.0.1:{post.port}", smtp_ca_file=trusted)
        assert send_ticket_mail(db, settings) == {"sent": 1}


def test_where_no_server_is_set_nothing_waits_for_one(
    db: Database, town: DatabaseUrls, configure: Configure
) -> None:
    ask(db)
    assert send_ticket_mail(db, configure(1, smtp_url=None)) == {"skipped": 1}
    with mail_server_running(Post()) as post:
        assert send_ticket_mail(db, configure(post.port)) == {}, "switching it on later sends no old news"
    assert post.taken == []


@pytest.mark.parametrize(
    "values",
    [
        {"mail_from": None},
        {"smtp_url": "smtp://mail.example.jp", "smtp_user": "kyodo", "smtp_password": "x"},
        {"smtp_url": "smtp://user@127.0.0.1"},
        {"smtp_url": "smtp://127.0.0.1:port"},
        {"smtp_user": "kyodo", "smtp_password_file": Path("/nonexistent/password")},
    ],
)
def test_settings_that_cannot_work_send_nothing_and_lose_nothing(
    db: Database, town: DatabaseUrls, configure: Configure, values: dict[str, Any]
) -> None:
    ask(db)
    with pytest.raises(InputError, match="KYODO_"):
        mail_server(configure(25, **values))
    assert send_ticket_mail(db, configure(25, **values)) == {"misconfigured": 1}
    assert states(town)[STAFF_NEW] == ("pending", 0)


def test_the_queue_sends_and_its_arguments_name_nobody(
    db: Database, town: DatabaseUrls, configure: Configure
) -> None:
    answer(db, ask(db, "o1"))

    with mail_server_running(Post()) as post:
        settings = configure(post.port)

        async def scene() -> None:
            app = queue(settings)
            register(app, settings, db)
            async with app.open_async():
                await app.configure_task("send_ticket_mail").defer_async(timestamp=0)
                await app.configure_task("purge").defer_async(timestamp=0)
                await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

        play(scene())
        # The queue sends the daily mail of the audit log too, should the test run just after its time.
        assert len([mail for _, mail in post.taken if "監査の記録" not in mail["Subject"]]) == 3
    with psycopg.connect(town.superuser) as conn:
        jobs = str(conn.execute("SELECT task_name, args FROM kyodo_jobs.procrastinate_jobs").fetchall())
    assert "send_ticket_mail" in jobs
    assert [secret for secret in SECRETS if secret in jobs] == []


def test_erased_meanwhile_means_no_mail(db: Database, configure: Configure) -> None:
    no = ask(db)
    answer(db, no)
    with db.write(Audience.STAFF) as conn:
        tickets.erase(conn, CODE, no, actor="planner")
    with mail_server_running(Post()) as post:
        assert send_ticket_mail(db, configure(post.port)) == {"sent": 1}
    assert [to for to, _ in post.taken] == [["desk@city.example.jp"]]


def test_the_nightly_job_closes_and_erases(db: Database, town: DatabaseUrls, configure: Configure) -> None:
    no = ask(db)
    answer(db, no)
    settings = configure(25, ticket_retention_days=7)

    def nightly() -> tuple[int, int]:
        done = purge(db, settings)
        return done["tickets-closed"], done["tickets"]

    assert nightly() == (0, 0)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.ticket_event SET at = now() - interval '31 days'")
    assert nightly() == (1, 0)
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.referral SET received_at = now() - interval '99 days', closed_at = now() - interval '8 days'"
        )
    assert nightly() == (0, 1)
