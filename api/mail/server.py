"""Which mail server, as the settings say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from api.settings import Settings
from kyodo_geo.errors import InputError
from kyodo_geo.ticket_entries import EMAIL

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `tls` is implicit (smtps), starttls or none; the password never shows in `repr`."""

    host: str
    port: int
    tls: str
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


def mail_server(settings: Settings) -> MailServer | None:
    """The server, or None where no mail is to be sent.

    Raises InputError (its message names the variable) when what is set cannot be used: then nothing is sent either,
    and the staff's page says why.
    """
    if settings.smtp_url is None:
        return None
    if settings.mail_from is None or EMAIL.fullmatch(settings.mail_from) is None:
        raise InputError(
            "差出人のアドレス（KYODO_MAIL_FROM）が設定されていないか、使えません。", field="KYODO_MAIL_FROM"
        )
    try:
        parts = urlsplit(settings.smtp_url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if not parts.hostname:
        raise InputError(
            "メールのサーバー（KYODO_SMTP_URL）の書き方が正しくありません。", field="KYODO_SMTP_URL"
        )
    implicit = parts.scheme == "smtps"
    tls = "implicit" if implicit else "none" if settings.smtp_starttls == "off" else "starttls"
    user = unquote(parts.username) if parts.username else settings.smtp_user
    password = unquote(parts.password) if parts.password else _password(settings)
    if user and tls == "none" and parts.hostname not in LOOPBACK:
        raise InputError(
            "暗号化しない通信では、パスワードを送れません（KYODO_SMTP_STARTTLS）。",
            field="KYODO_SMTP_STARTTLS",
        )
    if user and not password:
        raise InputError(
            "メールのサーバーのパスワード（KYODO_SMTP_PASSWORD_FILE）が設定されていません。",
            field="KYODO_SMTP_PASSWORD_FILE",
        )
    return MailServer(
        parts.hostname,
        port or (465 if implicit else 25 if tls == "none" else 587),
        tls,
        settings.mail_from,
        user,
        password,
        settings.smtp_ca_file,
    )


def sends_mail(settings: Settings) -> bool:
    """Whether mail may be promised: a server is set and can be used."""
    try:
        return mail_server(settings) is not None
    except InputError:
        return False


def _password(settings: Settings) -> str | None:
    if settings.smtp_password_file is None:
        return settings.smtp_password
    try:
        return settings.smtp_password_file.read_text(encoding="utf-8").rstrip("\r\n") or None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "メールのパスワードのファイル（KYODO_SMTP_PASSWORD_FILE）を読めません。",
            field="KYODO_SMTP_PASSWORD_FILE",
        ) from error
