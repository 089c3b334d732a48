"""What people write into the forms of tickets: cleaned, bounded, and refused field by field.

Personal fields are kept only with consent: without it they are refused, not dropped in silence.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_QUESTION = 2000
MAX_ANSWER = 4000
MAX_NOTE = 500
MAX_NAME = 80
MAX_PHONE = 30
MAX_EMAIL = 120
MAX_ADDRESS = 200

# ASCII only and no quoted forms: nothing that could end a header line. Dots at odd places are allowed, because
# Japanese mobile carriers gave such addresses out.
EMAIL = re.compile(
    r"[0-9A-Za-z.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?\.)+[A-Za-z]{2,24}"
)
PHONE = re.compile(r"\+?[0-9][0-9() -]{7,28}[0-9]")
_DASHES = re.compile(r"[‐‑‒–—―−ー－]")

CONSENT_MISSING = (
    "連絡先などを書いたときは、取り扱いへの同意が必要です。同意しないときは、その欄を空にしてください。"
)


@dataclass(frozen=True, slots=True)
class Referral:
    """A question to the city. Personal fields are None when not given."""

    question: str
    association_id: str | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    consent: bool = False

    @property
    def personal(self) -> bool:
        """Whether anything says who asks."""
        return any((self.name, self.phone, self.email))


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish to join an association; the person agreed in writing."""

    association_id: str
    name: str | None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    consent: bool = False


def line(text: str) -> str | None:
    """One line: full-width letters as plain ones, blanks run together; None when empty."""
    return " ".join(unicodedata.normalize("NFKC", text).split()) or None


def paragraphs(text: str) -> str:
    """Several lines as written, with plain line ends and without blanks around."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def phone_of(text: str) -> str | None:
    """A telephone number with plain hyphens; None when empty."""
    plain = line(text)
    return None if plain is None else _DASHES.sub("-", plain)


def unusable(text: str | None, *, lines: bool = False) -> bool:
    """Whether the text holds what databases and mail cannot: control characters, lone surrogates."""
    return any(
        unicodedata.category(char) in ("Cc", "Cs") and not (lines and char in "\n\t") for char in text or ""
    )


def referral_errors(entry: Referral) -> dict[str, str]:
    """Field → Japanese sentence for everything that has to be mended; empty when the entry can be taken."""
    errors: dict[str, str] = {}
    if not entry.question:
        errors["question"] = "質問を書いてください。"
    elif len(entry.question) > MAX_QUESTION:
        errors["question"] = f"質問は {MAX_QUESTION:,} 文字以内で書いてください。"
    elif unusable(entry.question, lines=True):
        errors["question"] = "質問に、使えない文字（制御文字など）が含まれています。"
    errors |= _person_errors(entry.name, entry.phone, entry.email)
    if entry.personal and not entry.consent:
        errors["consent"] = CONSENT_MISSING
    return errors


def wish_errors(entry: Wish) -> dict[str, str]:
    """The same for a wish to join."""
    errors: dict[str, str] = {}
    if not entry.association_id:
        errors["association"] = "加入を希望する町内会・自治会を選んでください。"
    if not entry.name:
        errors["name"] = "お名前を書いてください。"
    if not entry.phone and not entry.email:
        errors["phone"] = "電話番号かメールアドレスの、どちらかを書いてください。"
    if len(entry.address or "") > MAX_ADDRESS or unusable(entry.address):
        errors["address"] = f"住所は {MAX_ADDRESS} 文字以内で書いてください。"
    errors |= _person_errors(entry.name, entry.phone, entry.email)
    if not entry.consent:
        errors["consent"] = (
            "取り扱いに同意するときだけ、受け付けられます。同意しないときは、窓口へお電話ください。"
        )
    return errors


def _person_errors(name: str | None, phone: str | None, email: str | None) -> dict[str, str]:
    errors = {}
    if len(name or "") > MAX_NAME or unusable(name):
        errors["name"] = f"お名前は {MAX_NAME} 文字以内で書いてください。"
    if phone and (len(phone) > MAX_PHONE or PHONE.fullmatch(phone) is None):
        errors["phone"] = "電話番号を確かめてください（例 019-626-7535）。"
    if email and (len(email) > MAX_EMAIL or EMAIL.fullmatch(email) is None):
        errors["email"] = "メールアドレスを確かめてください（例 hanako@example.jp）。"
    return errors


def text_errors(field: str, text: str, most: int) -> dict[str, str]:
    """The same for one free text of the staff (answer, note)."""
    if len(text) > most:
        return {field: f"{most:,} 文字以内で書いてください。"}
    if unusable(text, lines=True):
        return {field: "使えない文字（制御文字など）が含まれています。"}
    return {}
