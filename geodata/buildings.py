"""Buildings known by name (物件台帳). Audience `PARTNER` with its office, or `STAFF` for the city."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.buildings import MIN_KEY, Fact, JoinsAs, building_key
from kyodo_geo.errors import InputError, NotFoundError

MOST = 20


@dataclass(frozen=True, slots=True)
class Building:
    """A building as offices see it: not who confirmed it."""

    building_id: str
    name: str
    address: str
    association_id: str | None
    joins_as: JoinsAs | None
    fee_way: str | None
    confirmed_at: datetime
    conflict: bool
    quality: str


@dataclass(frozen=True, slots=True)
class Said:
    """One confirmation as staff see it; `office_id` is empty for the city."""

    association_id: str | None
    joins_as: JoinsAs
    fee_way: str | None
    office_id: str
    confirmed_by: str
    confirmed_at: datetime


_COLUMNS = "building_id, name, address, association_id, joins_as, fee_way, confirmed_at, conflict, quality"


def _building(row: dict[str, object]) -> Building:
    joins = row["joins_as"]
    return Building(**{**row, "joins_as": JoinsAs(joins) if joins else None})  # type: ignore[arg-type]


def search(conn: Connection, municipality: str, text: str) -> list[Building]:
    """Buildings whose name is in the text, or that hold the text in their name; the closest first, at most `MOST`.

    `text` may be a name alone or an address with the name behind it.
    """
    key = building_key(text)
    if len(key) < MIN_KEY:
        return []
    rows = conn.execute(
        f"""
        SELECT {_COLUMNS} FROM named_building
        WHERE municipality_code = %(m)s AND joins_as IS NOT NULL AND length(name_key) >= %(least)s
          AND (strpos(%(key)s, name_key) > 0 OR strpos(name_key, %(key)s) > 0)
        ORDER BY name_key <> %(key)s, abs(length(name_key) - length(%(key)s)), name, address LIMIT %(most)s
        """,  # noqa: S608
        {"m": municipality, "key": key, "least": MIN_KEY, "most": MOST},
    )
    return [_building(row) for row in rows]


def building(conn: Connection, municipality: str, building_id: str) -> Building:
    """One building; raises `NotFoundError`."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM named_building WHERE municipality_code = %s AND building_id = %s",  # noqa: S608
        (municipality, building_id),
    ).fetchone()
    if row is None:
        raise NotFoundError("この建物は登録されていません。")
    return _building(row)


def conflicts(conn: Connection, municipality: str) -> list[tuple[Building, list[Said]]]:
    """Buildings whose confirmations contradict each other, oldest first, with what was said."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM named_building WHERE municipality_code = %s AND conflict "  # noqa: S608
        "ORDER BY confirmed_at, building_id LIMIT 200",
        (municipality,),
    ).fetchall()
    return [(_building(row), confirmations(conn, municipality, row["building_id"])) for row in rows]


def confirmations(conn: Connection, municipality: str, building_id: str) -> list[Said]:
    """What was said of a building, in order; an office sees its own words alone."""
    rows = conn.execute(
        "SELECT association_id, joins_as, fee_way, office_id, confirmed_by, confirmed_at FROM building_confirmation "
        "WHERE municipality_code = %s AND building_id = %s ORDER BY confirmation_no",
        (municipality, building_id),
    )
    return [Said(**{**row, "joins_as": JoinsAs(row["joins_as"])}) for row in rows]


def enter(
    conn: Connection,
    municipality: str,
    name: str,
    address: str,
    fact: Fact,
    *,
    by: str,
    doubted: bool = False,
) -> bool:
    """Confirm a building by name and address, new or known; returns whether it is now for the city to look at.

    `doubted`: the address speaks against the fact. An office's word then waits for the city as a contradiction does.
    Raises `InputError` for an association that does not exist or a fact that cannot be.
    """
    row = conn.execute(
        "SELECT enter_building(%s, %s, %s, %s, %s) AS id",
        (municipality, name, building_key(name), address, by),
    ).fetchone()
    assert row is not None
    conflict = confirm(conn, municipality, row["id"], fact, by=by)
    if not doubted:
        return conflict
    doubt = conn.execute("SELECT doubt_building(%s, %s) AS marked", (municipality, row["id"])).fetchone()
    return conflict or bool(doubt and doubt["marked"])


def confirm(conn: Connection, municipality: str, building_id: str, fact: Fact, *, by: str) -> bool:
    """Confirm a known building; returns whether there is a conflict now. Raises `InputError`, `NotFoundError`."""
    try:
        row = conn.execute(
            "SELECT confirm_building(%s, %s, %s, %s, %s, %s) AS conflict",
            (municipality, building_id, fact.association_id, fact.joins_as.value, fact.fee_way, by),
        ).fetchone()
    except psycopg.errors.ForeignKeyViolation:
        raise InputError("この町内会・自治会は登録されていません。", field="association") from None
    except psycopg.errors.CheckViolation:
        raise InputError(
            "加入する町内会・自治会がないときだけ、町内会・自治会を空にしてください。", field="association"
        ) from None
    if row is None or row["conflict"] is None:
        raise NotFoundError("この建物は登録されていません。")
    return bool(row["conflict"])


def settle(conn: Connection, municipality: str, building_id: str, fact: Fact, *, by: str) -> None:
    """The city's word ends a conflict; audience `STAFF`."""
    confirm(conn, municipality, building_id, fact, by=by)
    record(
        conn, municipality, by, "building.settle", building_id,
        {"association_id": fact.association_id, "joins_as": fact.joins_as.value},
    )  # fmt: skip


def forget(conn: Connection, municipality: str, building_id: str, *, by: str) -> None:
    """Take a building out of the register; audience `STAFF`."""
    done = conn.execute(
        "DELETE FROM named_building WHERE municipality_code = %s AND building_id = %s",
        (municipality, building_id),
    ).rowcount
    if not done:
        raise NotFoundError("この建物は登録されていません。")
    record(conn, municipality, by, "building.forget", building_id)
