"""Scenarios: versions of sets of actions by year. Staff see all; everybody else the published version of each.

Reading needs the audience of the reader (the database shows the public what is published); writing needs `STAFF`.
A version is never changed: saving makes the next one, from the version the editor had before them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.facility_terms import ACTIONS, MOVES
from kyodo_geo.scenarios.actions import Action

__all__ = ["Action", "Scenario", "publish", "save", "scenario", "scenarios", "versions", "withdraw"]

MAX_ACTIONS = 500
MAX_TITLE, MAX_REASON, MAX_NOTE = 200, 2_000, 500
GONE = "この案はありません。"
CHANGED = "ほかの職員が先に保存しました（第{}版）。内容を比べてから、もう一度保存してください。"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One version of a scenario. Logins are None for readers who may not see them."""

    scenario_id: str
    version: int
    title: str
    author: str
    reason: str
    state: str
    base_year: int
    horizon: int
    basis: dict[str, Any]
    created_at: datetime
    published_at: datetime | None
    quality: str
    source: str | None
    actions: tuple[Action, ...] = ()

    @property
    def last_year(self) -> int:
        return self.base_year + self.horizon - 1


_COLUMNS = (
    "scenario_id, version, title, author, reason, state, base_year, horizon, basis, created_at, published_at, quality, "
    "source"
)


def scenarios(conn: Connection, municipality: str) -> list[Scenario]:
    """The newest version of each scenario that the reader may see, without its actions, by id."""
    rows = conn.execute(
        f"""
        SELECT DISTINCT ON (scenario_id) {_COLUMNS} FROM scenario WHERE municipality_code = %s
        ORDER BY scenario_id, version DESC
        """,  # noqa: S608 - our own names
        (municipality,),
    )
    return [Scenario(**row) for row in rows]


def versions(conn: Connection, municipality: str, scenario_id: str) -> list[Scenario]:
    """Versions that the reader may see, newest first, without their actions."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM scenario WHERE municipality_code = %s AND scenario_id = %s ORDER BY version DESC",  # noqa: S608
        (municipality, scenario_id),
    )
    return [Scenario(**row) for row in rows]


def scenario(conn: Connection, municipality: str, scenario_id: str, version: int | None = None) -> Scenario:
    """A version (default: the newest the reader may see) with its actions; raises `NotFoundError`."""
    row = conn.execute(
        f"""
        SELECT {_COLUMNS} FROM scenario
        WHERE municipality_code = %(m)s AND scenario_id = %(id)s AND (%(v)s::int IS NULL OR version = %(v)s)
        ORDER BY version DESC LIMIT 1
        """,  # noqa: S608 - our own names
        {"m": municipality, "id": scenario_id, "v": version},
    ).fetchone()
    if row is None:
        raise NotFoundError(GONE, scenario_id=scenario_id[:40])
    actions = conn.execute(
        """
        SELECT year, facility_id, action, into_facility, floor_area_m2, cost_yen, note FROM scenario_action
        WHERE municipality_code = %s AND scenario_id = %s AND version = %s ORDER BY action_no
        """,
        (municipality, scenario_id, row["version"]),
    )
    return Scenario(**row, actions=tuple(Action(**action) for action in actions))


def save(
    conn: Connection,
    municipality: str,
    scenario_id: str,
    *,
    made_from: int,
    title: str,
    author: str,
    reason: str,
    base_year: int,
    horizon: int,
    actions: Sequence[Action],
    basis: Mapping[str, Any] | None = None,
    quality: str = "real",
    source: str | None = None,
    told: Mapping[str, Any] | None = None,
    by: str,
) -> int:
    """Store the next version of a scenario as a draft (`made_from` 0: a new scenario); returns its number.

    `told`: what the audit log says besides.

    Raises `ConflictError` when somebody has saved another version meanwhile, `InputError` for what does not fit.
    """
    _check(title, author, reason, base_year, horizon, actions)
    newest = _newest(conn, municipality, scenario_id)
    if newest != made_from:
        if made_from == 0:
            raise ConflictError("この番号の案は、もうあります。別の番号にしてください。", version=newest)
        raise ConflictError(CHANGED.format(newest), version=newest)
    version = newest + 1
    try:
        conn.execute(
            "INSERT INTO scenario (municipality_code, scenario_id, version, title, author, reason, base_year, horizon, "
            "basis, created_by, quality, source) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                municipality, scenario_id, version, title, author, reason, base_year, horizon,
                json.dumps(dict(basis or {}), ensure_ascii=False), by, quality, source,
            ),
        )  # fmt: skip
        for number, action in enumerate(actions, start=1):
            conn.execute(
                "INSERT INTO scenario_action (municipality_code, scenario_id, version, action_no, year, facility_id, action, "
                "into_facility, floor_area_m2, cost_yen, note) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    municipality, scenario_id, version, number, action.year, action.facility_id, action.action,
                    action.into_facility, action.floor_area_m2, action.cost_yen, action.note,
                ),
            )  # fmt: skip
    except psycopg.errors.ForeignKeyViolation as error:
        raise InputError("案に、登録されていない施設があります。", field="facility_id") from error
    except psycopg.errors.CheckViolation as error:
        raise InputError(
            f"案の値が決まりに合いません（{error.diag.constraint_name}）。",
            constraint=error.diag.constraint_name,
        ) from error
    record(
        conn, municipality, by, "scenario.save", scenario_id,
        {"version": version, "title": title, "actions": len(actions), **(told or {})},
    )  # fmt: skip
    return version


def publish(conn: Connection, municipality: str, scenario_id: str, version: int, *, by: str) -> None:
    """Show a draft to everybody; the version that was published before is withdrawn.

    Raises `NotFoundError`, or `ConflictError` when it is no draft or a newer version has been saved meanwhile.
    """
    newest = _newest(conn, municipality, scenario_id)
    held = scenario(conn, municipality, scenario_id, version)
    if newest != version:
        raise ConflictError(CHANGED.format(newest), version=newest)
    if held.state != "draft":
        raise ConflictError("この版は、もう公開されたか、取り下げられています。", state=held.state)
    before = conn.execute(
        "UPDATE scenario SET state = 'withdrawn' WHERE municipality_code = %s AND scenario_id = %s "
        "AND state = 'published' RETURNING version",
        (municipality, scenario_id),
    ).fetchone()
    conn.execute(
        "UPDATE scenario SET state = 'published', published_at = now(), published_by = %s "
        "WHERE municipality_code = %s AND scenario_id = %s AND version = %s",
        (by, municipality, scenario_id, version),
    )
    record(
        conn, municipality, by, "scenario.publish", scenario_id,
        {"version": version, "instead_of": before["version"] if before else None},
    )  # fmt: skip


def withdraw(
    conn: Connection, municipality: str, scenario_id: str, version: int, *, by: str, reason: str | None = None
) -> None:
    """Take a published version back, the audit log keeps the reason.

    Raises `NotFoundError`, or `ConflictError` when it is not published.
    """
    _newest(conn, municipality, scenario_id)
    if scenario(conn, municipality, scenario_id, version).state != "published":
        raise ConflictError("この版は公開されていません。")
    conn.execute(
        "UPDATE scenario SET state = 'withdrawn' WHERE municipality_code = %s AND scenario_id = %s AND version = %s",
        (municipality, scenario_id, version),
    )
    told = {"version": version} if reason is None else {"version": version, "reason": reason}
    record(conn, municipality, by, "scenario.withdraw", scenario_id, told)


def _newest(conn: Connection, municipality: str, scenario_id: str) -> int:
    """Number of the newest version, 0 without any. Of two writers the second waits here."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('kyodo.scenario'), hashtext(%s))", (municipality,))
    row = conn.execute(
        "SELECT coalesce(max(version), 0) AS n FROM scenario WHERE municipality_code = %s AND scenario_id = %s",
        (municipality, scenario_id),
    ).fetchone()
    assert row is not None
    return int(row["n"])


def _check(
    title: str, author: str, reason: str, base_year: int, horizon: int, actions: Sequence[Action]
) -> None:
    for value, most, label, field in (
        (title, MAX_TITLE, "題名", "title"), (author, MAX_TITLE, "作成者", "author"), (reason, MAX_REASON, "ねらい", "reason"),
    ):  # fmt: skip
        if not value.strip():
            raise InputError(f"{label}を入力してください。", field=field)
        if len(value) > most:
            raise InputError(f"{label}は {most:,} 字までで入力してください。", field=field)
    if not 1950 <= base_year <= 2200 or not 1 <= horizon <= 100:
        raise InputError("最初の年度と年数（1〜100年）を確かめてください。", field="horizon")
    if len(actions) > MAX_ACTIONS:
        raise InputError(f"1つの案に入れられる行動は {MAX_ACTIONS} 件までです。", field="actions")
    for number, action in enumerate(actions, start=1):
        wrong = _fault(action, base_year, horizon)
        if wrong is not None:
            raise InputError(f"{number} 件目: {wrong}", field="actions", number=number)


def _fault(action: Action, base_year: int, horizon: int) -> str | None:
    if action.action not in ACTIONS:
        return f"行動「{action.action[:20]}」はありません。使える値: {'、'.join(ACTIONS)}"
    if not base_year <= action.year < base_year + horizon:
        return f"{action.year}年度は、案の期間（{base_year}〜{base_year + horizon - 1}年度）の外です。"
    if action.into_facility == action.facility_id:
        return "移す先が、同じ施設です。"
    if action.into_facility is not None and action.action not in MOVES | {"転用"}:
        return f"「{action.action}」に、移す先は要りません。"
    if (action.floor_area_m2 is not None and not action.floor_area_m2 > 0) or (action.cost_yen or 0) < 0:
        return "面積は0より大きく、費用は0以上にしてください。"
    if action.note is not None and len(action.note) > MAX_NOTE:
        return f"注記は {MAX_NOTE} 字までで入力してください。"
    return None
