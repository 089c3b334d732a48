"""Hand one mail to the server. Blocking; every wait has an end."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage

from api.mail.server import MailServer

TIMEOUT_S = 20.0
PERMANENT = range(500, 600)


class MailNotTakenError(Exception):
    """The server did not take the mail; it may later. Its text names no address and quotes no server."""


class MailRefusedError(Exception):
    """The server refuses this recipient or message for good: trying again would change nothing."""


def send(server: MailServer, mail: EmailMessage, to: str, *, timeout_s: float = TIMEOUT_S) -> None:
    """Send to one recipient, whatever the headers say. Raises MailNotTakenError or MailRefusedError."""
    try:
        context = ssl.create_default_context(cafile=server.ca_file)
        if server.tls == "implicit":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=timeout_s, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=timeout_s)
        with connection:
            if server.tls == "starttls":
                connection.starttls(context=context)
            if server.user and server.password:
                connection.login(server.user, server.password)
            connection.send_message(mail, from_addr=server.sender, to_addrs=[to])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if codes and all(code in PERMANENT for code in codes):
            raise MailRefusedError("recipient refused") from None
        raise MailNotTakenError("recipient not taken now") from None
    except smtplib.SMTPDataError as error:
        if error.smtp_code in PERMANENT:
            raise MailRefusedError("message refused") from None
        raise MailNotTakenError("message not taken now") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotTakenError(type(error).__name__) from None
