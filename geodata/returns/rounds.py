"""Rounds of the yearly return: one per fiscal year, with the associations of the generation that was active."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geodata.database import Connection
from geodata.edits.history import hold, tell
from geodata.queries.generation import Ref
from geodata.returns.prefill import Held, prefill
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.returns import Thresholds

_COLUMNS = "fiscal_year, reference_day, opens_on, due_on, state, thresholds, version, created_at, created_by, closed_at, quality"
FIRST_YEAR, LAST_YEAR = 1950, 2200


@dataclass(frozen=True, slots=True)
class Round:
    """One round. `state`: open / closed; `version` counts its changes."""

    fiscal_year: int
    reference_day: date
    opens_on: date
    due_on: date
    state: str
    thresholds: Thresholds
    version: int
    created_at: datetime
    created_by: str
    closed_at: datetime | None
    quality: str

    @property
    def open(self) -> bool:
        return self.state == "open"


def target(fiscal_year: int) -> str:
    """Name of a round in the audit log."""
    return f"return-round/{fiscal_year}"


def rounds(conn: Connection, code: str) -> list[Round]:
    """Newest first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM return_round WHERE municipality_code = %s ORDER BY fiscal_year DESC",  # noqa: S608
        (code,),
    )
    return [_round(row) for row in rows]


def one_round(conn: Connection, code: str, fiscal_year: int) -> Round:
    """Raises NotFoundError."""
    # Of a form or a command: perhaps no year of the calendar, or none at all.
    if not FIRST_YEAR <= fiscal_year <= LAST_YEAR:
        raise NotFoundError("その年度の年度更新はありません。年度を選び直してください。")
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM return_round WHERE municipality_code = %s AND fiscal_year = %s",  # noqa: S608
        (code, fiscal_year),
    ).fetchone()
    if row is None:
        raise NotFoundError(f"{fiscal_year_label(fiscal_year)}の年度更新は始まっていません。")
    return _round(row)


def form_key(conn: Connection, code: str, fiscal_year: int) -> bytes:
    """What seals the round's workbooks. Audience `STAFF`; raises NotFoundError."""
    one_round(conn, code, fiscal_year)
    row = conn.execute(
        "SELECT form_key FROM return_round WHERE municipality_code = %s AND fiscal_year = %s",
        (code, fiscal_year),
    ).fetchone()
    assert row is not None
    return bytes(row["form_key"])


def start(
    conn: Connection,
    ref: Ref,
    fiscal_year: int,
    *,
    reference_day: date,
    opens_on: date,
    due_on: date,
    actor: str,
    thresholds: Thresholds | None = None,
) -> int:
    """Start a round with every association of the active generation; returns their number.

    Raises InputError (days out of order, year out of range), ConflictError (there is one, or no association).
    """
    code = ref.municipality_code
    _in_order(fiscal_year, opens_on, due_on)
    hold(conn, code, "return-rounds")
    held = prefill(conn, ref, fiscal_year)
    if not held:
        raise ConflictError(
            "町内会・自治会のデータがないため、年度更新を始められません。先にデータを読み込んでください。"
        )
    limits = thresholds or Thresholds()
    row = conn.execute(
        """
        INSERT INTO return_round (municipality_code, fiscal_year, reference_day, opens_on, due_on, thresholds, created_by,
                                  form_key, quality)
        SELECT %(m)s, %(year)s, %(reference)s, %(opens)s, %(due)s, %(thresholds)s, %(actor)s, %(key)s,
               coalesce((SELECT quality FROM dataset
                         WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'associations')), 'real')
        ON CONFLICT DO NOTHING RETURNING fiscal_year
        """,
        {
            **ref.args, "year": fiscal_year, "reference": reference_day, "opens": opens_on, "due": due_on,
            "thresholds": json.dumps(limits.as_dict()), "actor": actor, "key": secrets.token_bytes(32),
        },
    ).fetchone()  # fmt: skip
    if row is None:
        raise ConflictError(f"{fiscal_year_label(fiscal_year)}の年度更新は、もう始まっています。")
    _enter(conn, code, fiscal_year, held, actor)
    tell(
        conn, code, actor, "edit.return-round.start", target(fiscal_year), None,
        _facts(reference_day, opens_on, due_on, limits, "open"), associations=len(held),
    )  # fmt: skip
    return len(held)


def add_missing(conn: Connection, ref: Ref, fiscal_year: int, *, actor: str) -> int:
    """Take associations into a running round that have become known since; returns their number."""
    code = ref.municipality_code
    hold(conn, code, "return-rounds")
    one_round(conn, code, fiscal_year)
    known = {
        row["association_id"]
        for row in conn.execute(
            "SELECT association_id FROM association_return WHERE municipality_code = %s AND fiscal_year = %s",
            (code, fiscal_year),
        )
    }
    fresh = [item for item in prefill(conn, ref, fiscal_year) if item.association_id not in known]
    _enter(conn, code, fiscal_year, fresh, actor)
    if fresh:
        tell(
            conn,
            code,
            actor,
            "edit.return-round.add",
            target(fiscal_year),
            None,
            None,
            associations=len(fresh),
        )
    return len(fresh)


def change_round(
    conn: Connection,
    code: str,
    fiscal_year: int,
    *,
    reference_day: date,
    opens_on: date,
    due_on: date,
    thresholds: Thresholds,
    version: int,
    actor: str,
) -> None:
    """Other days or thresholds. Raises EditConflictError (somebody was faster), InputError, NotFoundError."""
    _in_order(fiscal_year, opens_on, due_on)
    before = _locked(conn, code, fiscal_year, version)
    conn.execute(
        """
        UPDATE return_round SET reference_day = %s, opens_on = %s, due_on = %s, thresholds = %s, version = version + 1
        WHERE municipality_code = %s AND fiscal_year = %s
        """,
        (reference_day, opens_on, due_on, json.dumps(thresholds.as_dict()), code, fiscal_year),
    )
    tell(
        conn, code, actor, "edit.return-round.change", target(fiscal_year), _facts_of(before),
        _facts(reference_day, opens_on, due_on, thresholds, before.state),
    )  # fmt: skip


def close(conn: Connection, code: str, fiscal_year: int, *, version: int, actor: str) -> None:
    """Nobody answers any more; what has been answered can still be decided and fed. Raises as `change_round`."""
    _set_state(conn, code, fiscal_year, "closed", version, actor)


def reopen(conn: Connection, code: str, fiscal_year: int, *, version: int, actor: str) -> None:
    """Raises as `change_round`."""
    _set_state(conn, code, fiscal_year, "open", version, actor)


def _set_state(conn: Connection, code: str, fiscal_year: int, state: str, version: int, actor: str) -> None:
    before = _locked(conn, code, fiscal_year, version)
    if before.state == state:
        return
    conn.execute(
        """
        UPDATE return_round SET state = %(state)s, version = version + 1,
               closed_at = CASE WHEN %(state)s = 'closed' THEN now() END
        WHERE municipality_code = %(m)s AND fiscal_year = %(year)s
        """,
        {"state": state, "m": code, "year": fiscal_year},
    )
    action = "close" if state == "closed" else "reopen"
    tell(
        conn,
        code,
        actor,
        f"edit.return-round.{action}",
        target(fiscal_year),
        {"state": before.state},
        {"state": state},
    )


def _locked(conn: Connection, code: str, fiscal_year: int, version: int) -> Round:
    hold(conn, code, "return-rounds")
    found = one_round(conn, code, fiscal_year)
    if found.version != version:
        raise EditConflictError(_facts_of(found))
    return found


def _enter(conn: Connection, code: str, fiscal_year: int, held: list[Held], actor: str) -> None:
    with conn.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO association_return (municipality_code, fiscal_year, association_id, name, district_no,
                                            district_name, last_fiscal_year, prefilled, changed_by)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    code, fiscal_year, item.association_id, item.name, item.district_no, item.district_name,
                    item.last_fiscal_year, json.dumps(item.answers.as_dict(), ensure_ascii=False), actor,
                )
                for item in held
            ],
        )  # fmt: skip


def _in_order(fiscal_year: int, opens_on: date, due_on: date) -> None:
    if not FIRST_YEAR <= fiscal_year <= LAST_YEAR:
        raise InputError("年度を選んでください。", field="fiscal_year")
    if due_on < opens_on:
        raise InputError("締め切りが、受け付けの始まりより前になっています。", field="due_on")


def _facts_of(found: Round) -> dict[str, Any]:
    return _facts(found.reference_day, found.opens_on, found.due_on, found.thresholds, found.state)


def _facts(reference: date, opens: date, due: date, limits: Thresholds, state: str) -> dict[str, Any]:
    days = {"reference_day": str(reference), "opens_on": str(opens), "due_on": str(due)}
    return {**days, "thresholds": limits.as_dict(), "state": state}


def _round(row: dict[str, Any]) -> Round:
    return Round(**{**row, "thresholds": Thresholds.of(row["thresholds"])})
