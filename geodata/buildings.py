"""Buildings known by name (物件台帳). Audience `PARTNER` with its office, or `STAFF` for the city."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.building_names import HOME_IN_ADDRESS, refusal
from kyodo_geo.buildings import MIN_KEY, Fact, JoinsAs, Remembered, building_key
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

    @property
    def remembered(self) -> Remembered:
        """As the lookup uses it; of a confirmed building alone."""
        assert self.joins_as is not None
        return Remembered(
            self.name, self.address, self.association_id, self.joins_as, self.fee_way, self.conflict
        )


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


def remembered(conn: Connection, municipality: str, keys: Collection[str]) -> dict[str, list[Remembered]]:
    """Confirmed buildings by exactly these keys of their names, for the lookup."""
    if not keys:
        return {}
    return _by_key(
        conn.execute(f"{_REMEMBERED} AND name_key = ANY(%s) {_IN_ORDER}", (municipality, list(keys)))
    )


def all_remembered(conn: Connection, municipality: str) -> dict[str, list[Remembered]]:
    """Every confirmed building by the key of its name: for files of addresses."""
    return _by_key(conn.execute(f"{_REMEMBERED} {_IN_ORDER}", (municipality,)))


_REMEMBERED = (
    "SELECT name_key, name, address, association_id, joins_as, fee_way, conflict FROM named_building "
    "WHERE municipality_code = %s AND joins_as IS NOT NULL"
)
_IN_ORDER = "ORDER BY name, address, building_id"


def _by_key(rows: Iterable[dict[str, Any]]) -> dict[str, list[Remembered]]:
    found: dict[str, list[Remembered]] = {}
    for row in rows:
        key = row["name_key"]
        facts = {name: value for name, value in row.items() if name != "name_key"}
        found.setdefault(key, []).append(Remembered(**{**facts, "joins_as": JoinsAs(row["joins_as"])}))
    return found


def names_beginning(conn: Connection, municipality: str, text: str, limit: int) -> list[str]:
    """Names of confirmed buildings that begin with a text, for suggestions."""
    key = building_key(text)
    if len(key) < MIN_KEY:
        return []
    rows = conn.execute(
        "SELECT name FROM named_building WHERE municipality_code = %s AND joins_as IS NOT NULL "
        "AND starts_with(name_key, %s) GROUP BY name ORDER BY min(length(name_key)), name LIMIT %s",
        (municipality, key, limit),
    )
    return [row["name"] for row in rows]


def unfit(conn: Connection, municipality: str) -> list[Building]:
    """Buildings entered before names were looked at, whose name reads like a home or a room; audience `STAFF`."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM named_building WHERE municipality_code = %s AND NOT name_vouched "  # noqa: S608
        "AND (names_a_home(name) OR names_a_room(name) OR names_a_home(address)) ORDER BY name, building_id LIMIT 200",
        (municipality,),
    )
    return [_building(row) for row in rows]


def settled(conn: Connection, municipality: str, limit: int) -> list[Building]:
    """Buildings without a conflict, the latest first, to be compared with what rules and areas say now."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM named_building WHERE municipality_code = %s AND joins_as IS NOT NULL "  # noqa: S608
        "AND NOT conflict ORDER BY confirmed_at DESC, building_id LIMIT %s",
        (municipality, limit),
    )
    return [_building(row) for row in rows]


def vouch(conn: Connection, municipality: str, building_id: str, *, by: str) -> None:
    """The city says that the name is the building's own; audience `STAFF`. Raises `NotFoundError`."""
    done = conn.execute(
        "UPDATE named_building SET name_vouched = true WHERE municipality_code = %s AND building_id = %s",
        (municipality, building_id),
    ).rowcount
    if not done:
        raise NotFoundError("この建物は登録されていません。")
    record(conn, municipality, by, "building.vouch", building_id)


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
    vouched: bool = False,
    audited: bool = False,
) -> bool:
    """Confirm a building by name and address, new or known; returns whether it is now for the city to look at.

    `doubted`: the address speaks against the fact. An office's word then waits for the city as a contradiction does.
    `vouched`: the city says that a name that reads like a home or a room is the building's own; of an office it is
    not heard. `audited`: somebody of the staff enters it (audience `STAFF`); of offices the statements themselves tell.
    Raises `InputError` for a name that may not be kept, an association that does not exist or a fact that
    cannot be.
    """
    try:
        row = conn.execute(
            "SELECT enter_building(%s, %s, %s, %s, %s, %s) AS id",
            (municipality, name, building_key(name), address, by, vouched),
        ).fetchone()
    except psycopg.errors.CheckViolation:
        raise InputError(refusal(name) or HOME_IN_ADDRESS, field="name") from None
    assert row is not None
    conflict = confirm(conn, municipality, row["id"], fact, by=by)
    if audited:
        facts = {"association": fact.association_id, "joins_as": fact.joins_as.value}
        record(conn, municipality, by, "building.enter", row["id"], facts)
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
