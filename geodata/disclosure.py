"""Everything that is stored about one person, for a request of disclosure (開示請求): by name, telephone, e-mail or login.

Tickets, contacts, buildings and members of staff are read as `STAFF`, accounts and the log of lookups as `AUTH`: no role
of the database may read both. A text is found whatever its width, case and spaces; telephones whatever their dashes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import InputError

MOST = 5_000
"""Rows of one place; more of one person would be a fault."""


@dataclass(frozen=True, slots=True)
class Held:
    """One row that is stored: in which table, which number, and its filled columns."""

    place: str
    number: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A table that may name people: `texts` are compared with what is asked for, `shown` is given out."""

    label: str
    table: str
    number: str
    texts: tuple[str, ...]
    shown: tuple[str, ...]
    within: tuple[str, ...] = ()
    """Free texts, in which it may stand anywhere."""
    inside: tuple[str, ...] = ()
    """JSON, of which some text is compared as a whole."""


STAFF_PLACES = (
    Place(
        "質問の取次", "referral", "ticket_no", ("customer_name", "customer_phone", "customer_email", "asked_by"),
        (
            "ticket_no", "received_at", "channel", "office_id", "asked_by", "customer_name", "customer_phone",
            "customer_email", "consent_at", "question", "answer", "state", "closed_at", "erased_at",
        ),
        ("question", "answer"),
    ),
    Place(
        "加入の取次", "join_wish", "ticket_no", ("name", "phone", "email", "address", "asked_by"),
        (
            "ticket_no", "received_at", "channel", "office_id", "asked_by", "association_id", "name", "phone", "email",
            "address", "purpose", "consent_at", "state", "closed_at", "erased_at",
        ),
    ),
    Place(
        "取次の経過", "ticket_event", "ticket_no", ("actor",), ("ticket_no", "event_no", "at", "actor", "state", "note"),
        ("note",),
    ),
    Place(
        "町内会・自治会の連絡先", "association_contact", "association_id", ("name", "phone", "email", "address"),
        ("association_id", "contact_no", "role", "name", "phone", "email", "address", "published", "valid_from", "valid_to"),
    ),
    Place(
        "地域担当職員", "officer", "officer_id", ("person_name",),
        ("officer_id", "record_no", "district_no", "kind", "office", "person_name", "valid_from", "valid_to"),
    ),
    Place(
        "年度更新の回答", "association_return", "association_id", ("name", "changed_by", "decided_by"),
        (
            "fiscal_year", "association_id", "name", "prefilled", "draft", "answers", "state", "came_by", "received_at",
            "changed_by", "decided_by", "sent_back_words", "erased_at",
        ),
        ("sent_back_words",), ("prefilled", "answers", "draft"),
    ),
    Place(
        "年度更新からの連絡", "return_note", "association_id", ("done_by",),
        ("fiscal_year", "association_id", "about", "words", "created_at", "done_at", "done_by"), ("words",),
    ),
    Place(
        "回覧文書の届け先", "circulation", "association_id", ("to_name", "to_phone", "to_address"),
        ("association_id", "fiscal_year", "copies", "to_name", "to_phone", "to_address", "source"),
    ),
    Place(
        "補助金の案件の連絡先", "grant_case", "case_no", ("contact_name", "contact_phone", "entered_by"),
        ("case_no", "scheme", "fiscal_year", "applicant", "contact_name", "contact_phone", "entered_by", "entered_at"),
        ("applicant", "papers"),
    ),
    Place(
        "補助金の案件の手続き", "grant_step", "case_no", ("entered_by",),
        ("case_no", "step_no", "deed", "day", "words", "answered", "entered_by", "entered_at"), ("words", "answered"),
    ),
    Place(
        "見守りの記録", "risk_case", "case_id", ("person_name",),
        ("case_id", "association_id", "opened_on", "person_name", "state", "reason", "outcome", "closed_on"),
        ("reason", "outcome"),
    ),
    Place(
        "見守りの訪問と助言", "risk_visit", "visit_id", ("person_name",),
        ("visit_id", "case_id", "visited_on", "way", "person_name", "heard", "advice", "next_step"),
        ("heard", "advice", "next_step"),
    ),
    Place(
        "センターの相談", "consultation", "consultation_id", (),
        ("consultation_id", "body_id", "held_on", "asker", "content"), ("content",),
    ),
    Place(
        "監査の記録", "audit", "entry_no", ("actor", "target"), ("entry_no", "at", "actor", "action", "target", "details"),
        inside=("details",),
    ),
    Place(
        "活動事例の公開への同意", "case_consent", "case_id", ("given_by", "entered_by"),
        (
            "case_id", "consent_no", "given_by", "given_on", "way", "covers_text", "covers_photos", "note", "ended_on",
            "entered_by",
        ),
        ("given_by", "note"),
    ),
    Place(
        "活動事例", "activity_case", "case_id", ("body",),
        ("case_id", "title", "summary", "body", "story", "worked", "hard", "state", "published_on", "withdrawn_on"),
        ("title", "summary", "story", "worked", "hard"),
    ),
    Place(
        "空き家を見せるのをやめた記録", "kyodo_vacant.disclosure_end", "house_id", ("created_by", "recipient"),
        ("house_id", "end_no", "recipient", "ends_on", "note", "created_at", "created_by"), ("note",),
    ),
    Place(
        "照会の回答", "inquiry_answer", "inquiry_id", ("received_by", "decided_by"),
        ("inquiry_id", "department_id", "item_no", "answer_no", "received_at", "received_by", "decided_by"), (), ("content",),
    ),
    Place(
        "会議の記録", "body_meeting", "meeting_id", (), ("meeting_id", "body", "held_on", "place"), ("minutes", "questions"),
    ),
)  # fmt: skip
# What hangs on an account, with the names it is looked for by.
_OF_USERS = "(SELECT t.*, u.login, u.display_name FROM {} t JOIN app_user u USING (municipality_code, user_id)) AS of_users"
AUTH_PLACES = (
    Place(
        "アカウント", "app_user", "user_id", ("login", "display_name"),
        ("user_id", "login", "display_name", "active", "created_at", "last_sign_in_at", "office_id"),
    ),
    Place(
        "役割", _OF_USERS.format("user_role"), "user_id", ("login", "display_name", "granted_by"),
        ("user_id", "login", "role", "scope", "granted_at", "granted_by"),
    ),
    Place(
        "サインイン", _OF_USERS.format("session"), "session_no", ("login", "display_name"),
        ("session_no", "login", "created_at", "last_seen_at", "expires_at", "via", "device", "network"),
    ),
    Place(
        "認証システムとの結び付き", _OF_USERS.format("user_identity"), "user_id",
        ("login", "display_name", "subject", "linked_by"),
        ("user_id", "login", "issuer", "subject", "linked_at", "linked_by", "last_used_at"),
    ),
    Place(
        "確認コードの登録", _OF_USERS.format("user_totp"), "user_id", ("login", "display_name"),
        ("user_id", "login", "created_at", "confirmed_at"),
    ),
    Place(
        "まとめて検索", _OF_USERS.format("batch_job"), "job_id", ("login", "display_name"),
        ("job_id", "login", "office_id", "file_name", "rows", "state", "created_at", "finished_at", "expires_at"),
        ("file_name",),
    ),
    Place(
        "会員店の事業所", "partner_office", "office_id", ("name", "phone", "email"),
        ("office_id", "partner_id", "name", "phone", "email", "closed_on"),
    ),
    Place(
        "会員店の鍵", "partner_key", "key_id", ("created_by",),
        ("key_id", "label", "office_id", "created_by", "created_at", "expires_at", "revoked_at"), ("label",),
    ),
    Place(
        "住所検索の記録", "lookup_log", "log_no", ("login",),
        ("log_no", "at", "channel", "outcome", "town", "key_id", "office_id", "login", "lookups"),
    ),
)  # fmt: skip


def plain(text: str) -> str:
    """A text as it is compared: width, case and spaces do not count; of telephones only the digits."""
    found = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    return re.sub(r"\D", "", found) if re.fullmatch(r"\+?[\d()\-‐-―−ー]{6,20}", found) else found


_PLAIN = "lower(regexp_replace(normalize({}, NFKC), '\\s+', '', 'g'))"
_INSIDE = "EXISTS (SELECT FROM jsonb_path_query({}, 'strict $.** ? (@.type() == \"string\")') AS v WHERE {} = %(sought)s)"
_DIGITS = "regexp_replace(normalize({}, NFKC), '\\D', '', 'g')"


def about(conn: Connection, municipality: str, wanted: str, places: tuple[Place, ...]) -> list[Held]:
    """Rows of the places that name the person. Raises InputError for a text too short to tell anybody by."""
    sought = plain(wanted)
    if len(sought) < 2:
        raise InputError(
            "氏名、電話、メール、利用者名のどれかを、2 文字以上で入力してください。", field="person"
        )
    phone = sought.isdigit() and len(sought) >= 6
    found: list[Held] = []
    for place in places:
        parts = [
            f"{(_DIGITS if phone and text.endswith('phone') else _PLAIN).format(text)} = %(sought)s"
            for text in place.texts
        ]
        parts += [f"strpos({_PLAIN.format(text)}, %(sought)s) > 0" for text in place.within]
        parts += [_INSIDE.format(name, _PLAIN.format("v #>> '{}'")) for name in place.inside]
        rows = conn.execute(
            f"SELECT {', '.join(place.shown)} FROM {place.table} WHERE municipality_code = %(m)s "  # noqa: S608
            f"AND ({' OR '.join(parts)}) ORDER BY {place.number} LIMIT {MOST}",
            {"m": municipality, "sought": sought},
        )
        found += [
            Held(place.label, str(row[place.number]), {k: v for k, v in row.items() if v not in (None, "")})
            for row in rows
        ]
    return found


def note(
    conn: Connection, municipality: str, by: str, action: str, request: str, details: dict[str, Any]
) -> None:
    """Write down that an export was made: for which request, how much; never whom it was about."""
    record(conn, municipality, by, f"disclosure.{action}", request or None, details, kind="view")


def erase_account(conn: Connection, municipality: str, login: str, *, by: str) -> None:
    """Take a person out of an account that is no longer used (audience `AUTH`): name, password, roles, sessions, who they
    are at the city's services, codes.

    The login stays, because the audit log and the log of lookups name it until their time ends. Raises NotFoundError.
    """
    from geodata import accounts, identities, second_factors

    found = accounts.user(conn, municipality, login)
    accounts.set_active(conn, municipality, login, False, by=by)
    identities.unlink(conn, municipality, found.user_id, login, by=by)
    second_factors.remove(conn, municipality, found.user_id, login, by=by)
    conn.execute(
        "DELETE FROM user_role WHERE municipality_code = %s AND user_id = %s", (municipality, found.user_id)
    )
    conn.execute(
        "UPDATE app_user SET display_name = '（消去）', password_hash = NULL "
        "WHERE municipality_code = %s AND user_id = %s",
        (municipality, found.user_id),
    )
    record(conn, municipality, by, "user.erase", login)
