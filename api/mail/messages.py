"""Tickets' mail in words. Only the customer's own mail holds anything but number and link."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from geodata.tickets.notices import CUSTOMER_ANSWERED, OFFICE_ANSWERED, STAFF_NEW, Letter, Notice
from kyodo_geo.errors import InputError
from kyodo_geo.ticket_entries import EMAIL

SENDER_NAME = "協働まちづくりマップ"
_MAILS = {
    STAFF_NEW: ("staff_new.txt", "新しい取次 {no} 番を受け付けました", "/staff/tickets/{no}"),
    OFFICE_ANSWERED: (
        "office_answered.txt",
        "取次 {no} 番に回答または結果があります",
        "/partner/tickets/{no}",
    ),
    CUSTOMER_ANSWERED: ("customer_answered.txt", "お問い合わせ {no} 番への回答", ""),
}


@cache
def templates() -> Environment:
    """The texts of all mails."""
    return Environment(
        loader=PackageLoader("api", "templates/mail"),
        autoescape=False,  # noqa: S701 - plain text, nothing reads it as HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def message(notice: Notice, letter: Letter, *, sender: str, public_url: str, at: datetime) -> EmailMessage:
    """The mail to one recipient. Raises InputError for an address that could be more than one address.

    The message id depends on ticket and kind alone, so that a mail that was sent twice is known as the same.
    """
    if letter.to is None or EMAIL.fullmatch(letter.to) is None:
        raise InputError("宛先のアドレスが使えません。")
    template, subject, link = _MAILS[notice.kind]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = address_of(sender, f"{letter.municipality} {SENDER_NAME}")
    mail["To"] = address_of(letter.to)
    mail["Subject"] = f"【{letter.municipality}】{subject.format(no=notice.ticket_no)}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<kyodo-ticket-{notice.ticket_no}-{notice.kind}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    text = (
        templates()
        .get_template(template)
        .render(
            no=notice.ticket_no,
            link=public_url + link.format(no=notice.ticket_no) if link else "",
            answer=letter.answer or "",
            municipality=letter.municipality,
            department=(letter.department or "担当窓口").removeprefix(letter.municipality).strip(),
            phone=letter.phone or "",
        )
    )
    mail.set_content(text, charset="utf-8", cte="base64")
    return mail


def address_of(address: str, name: str = "") -> Address:
    """A mailbox for a header."""
    # In its two parts: as one text, addresses with dots at odd places (Japanese carriers gave them out) are refused.
    user, _, domain = address.rpartition("@")
    return Address(name, user, domain)
