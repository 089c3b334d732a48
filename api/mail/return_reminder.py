"""The mail that reminds an association of its yearly return: the page, a new code, the last day. No name of anybody."""

from __future__ import annotations

from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from api.mail.messages import SENDER_NAME, address_of, templates
from geodata.return_mail import Notice, Recipient
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import InputError
from kyodo_geo.ticket_entries import EMAIL
from maps.text import day


def reminder(
    notice: Notice, to: Recipient, code: str, *, until: date, sender: str, public_url: str, at: datetime
) -> EmailMessage:  # fmt: skip
    """The mail. Raises InputError where there is no address, or one that could be more than one."""
    if to.to is None or EMAIL.fullmatch(to.to) is None:
        raise InputError("宛先のアドレスが使えません。")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = address_of(sender, f"{to.municipality} {SENDER_NAME}")
    mail["To"] = address_of(to.to)
    mail["Subject"] = f"【{to.municipality}】{fiscal_year_label(notice.fiscal_year)}の年度更新のお願い"
    mail["Date"] = format_datetime(at)
    host = sender.rpartition("@")[2]
    mail["Message-ID"] = (
        f"<kyodo-return-{notice.fiscal_year}-{notice.association_id}-{notice.sent_on:%Y%m%d}@{host}>"
    )
    mail["Auto-Submitted"] = "auto-generated"
    text = (
        templates()
        .get_template("return_reminder.txt")
        .render(
            association=to.association, year=fiscal_year_label(notice.fiscal_year), due=day(to.due_on), until=day(until),
            page=f"{public_url}/returns", code=code, municipality=to.municipality,
            department=(to.department or "担当窓口").removeprefix(to.municipality).strip(), phone=to.phone or "",
        )
    )  # fmt: skip
    mail.set_content(text, charset="utf-8", cte="base64")
    return mail
