"""Every day: whether the chain of the audit log holds, and its head for keeping outside; keys that are about to end."""

from __future__ import annotations

import os
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from api import logs
from api.clock import now
from api.mail.sending import MailNotTakenError, MailRefusedError, send
from api.mail.server import mail_server
from api.settings import Settings
from geodata import audit_chain, partner_keys
from geodata.audit_chain import Finding
from geodata.database import Audience, Database
from geodata.partner_keys import PartnerKey
from kyodo_geo.errors import InputError

REMIND_DAYS = 30


def check_audit(database: Database, settings: Settings) -> Finding:
    """Walk along the chain, write down what it came to, and hand its head out: log, file, mail."""
    code = settings.municipality
    with database.write(Audience.AUTH) as conn:
        # No bound on the time of a statement, as reads of the service have: the log may be long.
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = audit_chain.verify(conn, code)
        soon = partner_keys.keys(conn, code, ending_within_days=REMIND_DAYS)
    with database.write(Audience.AUTH) as conn:
        audit_chain.note_check(conn, code, found, by="job")
    if found.broken is None:
        logs.SERVICE.info("audit chain of %s holds: %d entries, head %s", code, found.entries, found.head)
    else:
        logs.SERVICE.error(
            "audit chain of %s is broken at %s (entry %s)", code, found.chain_no, found.entry_no
        )
    if settings.audit_head_file is not None:
        _keep(settings, found)
    if settings.mail_staff is not None:
        _mail(settings, found, soon)
    return found


def _keep(settings: Settings, found: Finding) -> None:
    """One line at the end of the file, on the disk before this returns."""
    mark = "" if found.broken is None else "# broken "
    line = f"{mark}{now().isoformat(timespec='seconds')} {settings.municipality} {found.head}\n"
    try:
        path = os.open(str(settings.audit_head_file), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(path, line.encode())
            os.fsync(path)
        finally:
            os.close(path)
    except OSError as error:
        logs.SERVICE.error("head of the audit chain not kept: %s", logs.failure(error))


def _mail(settings: Settings, found: Finding, soon: list[PartnerKey]) -> None:
    try:
        server = mail_server(settings)
        if server is None or settings.mail_staff is None:
            return
        send(server, letter(settings, found, soon), settings.mail_staff)
    except (InputError, MailNotTakenError, MailRefusedError) as error:
        logs.SERVICE.warning("daily mail not sent: %s", logs.failure(error))


def letter(settings: Settings, found: Finding, soon: list[PartnerKey]) -> EmailMessage:
    """The daily mail to the staff: the head, what is broken, and which keys end soon. No person is named."""
    mail = EmailMessage(policy=SMTP)
    sender = str(settings.mail_from)
    mail["From"], mail["To"] = sender, str(settings.mail_staff)
    holds = found.broken is None
    mail["Subject"] = (
        "【協働まちづくりマップ】監査の記録の控え" if holds else "【重要】監査の記録が壊れています"
    )
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = make_msgid("kyodo-audit", sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    lines = [
        f"監査の記録 {found.entries:,} 件を検査しました。"
        + ("異常はありません。" if holds else "異常があります。")
    ]
    if not holds:
        where = "" if found.chain_no is None else f"（鎖の {found.chain_no} 番）"
        lines += [
            f"{found.broken}{where}",
            "運用手引きの「漏えいなどが起きたら」に従い、すぐに調べてください。",
        ]
    lines += [
        "",
        f"先頭（番号:ハッシュ）: {found.head}",
        "このメールは、記録が書き換えられていないことの控えになります。消さずに保存してください。",
    ]
    if soon:
        lines += ["", f"{REMIND_DAYS} 日以内に使えなくなる鍵（{settings.public_url}/staff/keys）:"]
        lines += [f"・{key.prefix}…　{key.expires_at:%Y-%m-%d}" for key in soon if key.expires_at is not None]
    mail.set_content("\n".join(lines) + "\n", charset="utf-8", cte="base64")
    return mail
