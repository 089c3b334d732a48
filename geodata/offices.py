"""Partners' offices and their accounts (取組1). Needs the audience `AUTH`; changes are audited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from geodata import accounts
from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.offices import OfficeRow, refused_list
from kyodo_geo.roles import Role

MAX_ACCOUNTS = 20
"""Active accounts of one office."""
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Office:
    """An office with how many people can sign in for it."""

    office_id: str
    partner_id: str
    partner: str
    name: str
    phone: str | None
    email: str | None
    closed_on: date | None
    accounts: int


@dataclass(frozen=True, slots=True)
class Member:
    """One account of an office."""

    login: str
    display_name: str
    active: bool
    has_password: bool
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entered:
    """What a list brought: numbers of offices, and the logins that are new (they need a link)."""

    new_offices: int
    changed_offices: int
    new_logins: tuple[str, ...]
    known_logins: tuple[str, ...]


_OFFICES = """
    SELECT o.office_id, o.partner_id, p.name AS partner, o.name, o.phone, o.email, o.closed_on,
           (SELECT count(*) FROM app_user u WHERE u.municipality_code = o.municipality_code
            AND u.office_id = o.office_id AND u.active)::int AS accounts
    FROM partner_office o JOIN partner p USING (municipality_code, partner_id)
    WHERE o.municipality_code = %(m)s AND (%(id)s::text IS NULL OR o.office_id = %(id)s)
    ORDER BY o.closed_on NULLS FIRST, o.office_id
"""


def offices(conn: Connection, municipality: str) -> list[Office]:
    """All offices, those that left the agreement last."""
    return [Office(**row) for row in conn.execute(_OFFICES, {"m": municipality, "id": None})]


def office(conn: Connection, municipality: str, office_id: str) -> Office:
    """One office; raises `NotFoundError`."""
    row = conn.execute(_OFFICES, {"m": municipality, "id": office_id}).fetchone()
    if row is None:
        raise NotFoundError(f"事業所「{office_id}」は登録されていません。", office_id=office_id)
    return Office(**row)


def members(conn: Connection, municipality: str, office_id: str) -> list[Member]:
    """Accounts of an office, active ones first."""
    rows = conn.execute(
        """
        SELECT login, display_name, active, password_hash IS NOT NULL AS has_password, last_sign_in_at
        FROM app_user WHERE municipality_code = %s AND office_id = %s ORDER BY active DESC, login
        """,
        (municipality, office_id),
    )
    return [Member(**row) for row in rows]


def enter(
    conn: Connection, municipality: str, partner_id: str, partner: str, rows: Iterable[OfficeRow], *, by: str
) -> Entered:
    """Enter offices and accounts of one partner; what is known already is brought up to date, nobody is removed.

    Raises `ConflictError` that names every row which cannot be entered (a login of somebody else, an office of another
    partner, one account too many): the whole list is refused.
    """
    conn.execute(
        "INSERT INTO partner (municipality_code, partner_id, name) VALUES (%s, %s, %s) "
        "ON CONFLICT (municipality_code, partner_id) DO UPDATE SET name = excluded.name",
        (municipality, partner_id, partner),
    )
    known = {item.office_id: item for item in offices(conn, municipality)}
    faults: list[str] = []
    listed: dict[str, OfficeRow] = {}
    new_logins: list[str] = []
    known_logins: list[str] = []
    rows = list(rows)
    for row in rows:
        listed.setdefault(row.office_id, row)
    for row in listed.values():
        other = known.get(row.office_id)
        if other is not None and other.partner_id != partner_id:
            faults.append(f"事業所番号「{row.office_id}」は、ほかの団体の事業所です。")
            continue
        conn.execute(
            """
            INSERT INTO partner_office (municipality_code, office_id, partner_id, name, phone, email)
            VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (municipality_code, office_id) DO UPDATE SET name = excluded.name,
                phone = coalesce(excluded.phone, partner_office.phone),
                email = coalesce(excluded.email, partner_office.email), closed_on = NULL
            """,
            (municipality, row.office_id, partner_id, row.name, row.phone, row.email),
        )
    for row in rows:
        try:
            # A savepoint each: a row that fails leaves the others to be tried, so that all faults are told at once.
            with conn.transaction():
                if _known(conn, municipality, row):
                    known_logins.append(row.login)
                    continue
                add_member(conn, municipality, row.office_id, row.login, row.person, by=by)
                new_logins.append(row.login)
        except (ConflictError, InputError, NotFoundError) as error:
            faults.append(f"利用者名「{row.login}」: {error.message}")
    if faults:
        raise ConflictError(refused_list(faults))
    changed = [row.office_id for row in listed.values() if row.office_id in known]
    record(
        conn, municipality, by, "office.enter", partner_id,
        {"offices": sorted(listed), "new_logins": new_logins},
    )  # fmt: skip
    return Entered(len(listed) - len(changed), len(changed), tuple(new_logins), tuple(known_logins))


def _known(conn: Connection, municipality: str, row: OfficeRow) -> bool:
    found = conn.execute(
        "SELECT office_id FROM app_user WHERE municipality_code = %s AND login = %s",
        (municipality, row.login),
    ).fetchone()
    if found is None:
        return False
    if found["office_id"] != row.office_id:
        raise ConflictError(f"利用者名「{row.login}」は、ほかの人が使っています。別の名前にしてください。")
    return True


def add_member(
    conn: Connection, municipality: str, office_id: str, login: str, display_name: str, *, by: str
) -> None:
    """A new account of an office, without a password; raises `ConflictError`, `InputError`, `NotFoundError`."""
    if len(display_name) > MAX_NAME:
        raise InputError("名前は 100 文字以内にしてください。", field="display_name")
    held = office(conn, municipality, office_id)
    if held.closed_on is not None:
        raise ConflictError("この事業所は協定から離れています。", office_id=office_id)
    if held.accounts >= MAX_ACCOUNTS:
        raise ConflictError(
            f"1 つの事業所で使えるアカウントは {MAX_ACCOUNTS} までです。使わないものを停止してください。"
        )
    user = accounts.add_user(conn, municipality, login, display_name, {Role.PARTNER}, by=by)
    conn.execute(
        "UPDATE app_user SET office_id = %s WHERE municipality_code = %s AND user_id = %s",
        (office_id, municipality, user.user_id),
    )


def stop_member(conn: Connection, municipality: str, office_id: str, login: str, *, by: str) -> None:
    """Stop an account of this office (hand-over); raises `NotFoundError` when it is not one of them."""
    if login not in {member.login for member in members(conn, municipality, office_id)}:
        raise NotFoundError(f"この事業所に、利用者「{login}」はいません。", login=login)
    accounts.set_active(conn, municipality, login, False, by=by)


def close(conn: Connection, municipality: str, office_id: str, on: date, *, by: str) -> int:
    """An office leaves the agreement: its accounts and keys stop at once. Returns how many accounts.

    What it asked and what it handed out stays counted.
    """
    office(conn, municipality, office_id)
    conn.execute(
        "UPDATE partner_office SET closed_on = %s WHERE municipality_code = %s AND office_id = %s",
        (on, municipality, office_id),
    )
    active = [member.login for member in members(conn, municipality, office_id) if member.active]
    for login in active:
        accounts.set_active(conn, municipality, login, False, by=by)
    conn.execute(
        "UPDATE partner_key SET revoked_at = now() WHERE municipality_code = %s AND office_id = %s "
        "AND revoked_at IS NULL",
        (municipality, office_id),
    )
    record(conn, municipality, by, "office.close", office_id, {"on": on.isoformat(), "logins": active})
    return len(active)
