"""A plan and the one that follows it: both lists, what became of what, and putting the new one into force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geodata import audit
from geodata.database import Connection
from geodata.edits.history import hold
from kyodo_geo.edits import check_stamp, stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.plan_items import PlanItem
from kyodo_geo.plan_mapping import Mapping, problems

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Succession:
    """A later plan, the one before it, their items in order, and the lines between them. `titles`: item → title."""

    plan: Row
    before: Row
    old: tuple[PlanItem, ...]
    new: tuple[PlanItem, ...]
    titles: dict[PlanItem, str]
    lines: tuple[Mapping, ...]

    @property
    def seen(self) -> str:
        """Mark of what somebody saw who puts the plan into force."""
        return stamp(
            [
                self.plan,
                [str(item) for item in self.new],
                self.titles_said,
                [str(line) for line in self.lines],
            ]
        )

    @property
    def titles_said(self) -> dict[str, str]:
        return {str(item): title for item, title in self.titles.items()}


def successors(conn: Connection, code: str) -> list[Row]:
    """Plans that follow another one, newest first; drafts only for staff."""
    return conn.execute(
        "SELECT plan_id, name, first_fiscal_year, last_fiscal_year, successor_of, state FROM plan "
        "WHERE municipality_code = %s AND successor_of IS NOT NULL ORDER BY first_fiscal_year DESC, plan_id",
        (code,),
    ).fetchall()


def succession(conn: Connection, code: str, plan_id: str | None = None) -> Succession:
    """A plan that follows another one (default: the newest); raises NotFoundError."""
    known = successors(conn, code)
    plan = next((row for row in known if plan_id in (None, row["plan_id"])), None)
    if plan is None:
        raise NotFoundError(
            "前の計画に続く計画は、まだありません。"
            if plan_id is None
            else f"計画「{plan_id}」はありません。"
        )
    before = conn.execute(
        "SELECT plan_id, name, first_fiscal_year, last_fiscal_year FROM plan WHERE municipality_code = %s AND plan_id = %s",
        (code, plan["successor_of"]),
    ).fetchone()
    assert before is not None
    titles: dict[PlanItem, str] = {}
    sides = [_items(conn, code, row["plan_id"], titles) for row in (before, plan)]
    lines = tuple(
        Mapping(
            PlanItem.of(row["old_item"]) if row["old_item"] else None,
            PlanItem.of(row["new_item"]) if row["new_item"] else None,
            row["relation"], row["same_measure"], row["note"],
        )
        for row in conn.execute(
            "SELECT old_item, new_item, relation, same_measure, note FROM plan_mapping "
            "WHERE municipality_code = %s AND plan_id = %s ORDER BY old_item, new_item",
            (code, plan["plan_id"]),
        )
    )  # fmt: skip
    return Succession(plan, before, tuple(sides[0]), tuple(sides[1]), titles, lines)


def _items(conn: Connection, code: str, plan_id: str, titles: dict[PlanItem, str]) -> list[PlanItem]:
    rows = conn.execute(
        """
        SELECT kind, key, title FROM (
            SELECT 'initiative' AS kind, initiative_no::text AS key, title, 1 AS part, initiative_no AS no
            FROM initiative WHERE municipality_code = %(m)s AND plan_id = %(plan)s
            UNION ALL
            SELECT 'indicator', indicator_id, title, 2, sort_order
            FROM indicator WHERE municipality_code = %(m)s AND plan_id = %(plan)s
        ) i ORDER BY part, no, key
        """,
        {"m": code, "plan": plan_id},
    )
    found = []
    for row in rows:
        item = PlanItem(plan_id, row["kind"], row["key"])
        titles[item] = row["title"]
        found.append(item)
    return found


def put_into_force(conn: Connection, code: str, plan_id: str, *, seen: str, actor: str) -> None:
    """Make a draft the plan everybody sees; its baselines become the first values of its indicators.

    Raises InputError while something of it is missing, EditConflictError when it has changed since it was seen.
    """
    hold(conn, code, "successor")
    found = succession(conn, code, plan_id)
    check_stamp(
        seen,
        [
            found.plan,
            [str(item) for item in found.new],
            found.titles_said,
            [str(line) for line in found.lines],
        ],
    )
    if found.plan["state"] != "draft":
        raise InputError("この計画は、もう有効です。")
    missing = [*not_whole(conn, code, found), *problems(found.old, found.new, found.lines)]
    if missing:
        raise InputError(" ".join(missing), field="force")
    conn.execute(
        """
        INSERT INTO indicator_value (municipality_code, plan_id, indicator_id, fiscal_year, value, source, changed_by, changed_at)
        SELECT municipality_code, plan_id, indicator_id, baseline_fiscal_year, baseline, %(name)s, %(actor)s, now()
        FROM indicator WHERE municipality_code = %(m)s AND plan_id = %(plan)s
        ON CONFLICT DO NOTHING
        """,
        {"m": code, "plan": plan_id, "name": found.plan["name"], "actor": actor},
    )
    conn.execute(
        "UPDATE plan SET state = 'in_force' WHERE municipality_code = %s AND plan_id = %s", (code, plan_id)
    )
    audit.record(
        conn,
        code,
        actor,
        "successor.in-force",
        plan_id,
        {"title": found.plan["name"], "rows": len(found.new)},
    )


def not_whole(conn: Connection, code: str, found: Succession) -> list[str]:
    """What a plan needs beside its mapping: initiatives, indicators, and a name for every policy it uses."""
    kinds = {item.kind for item in found.new}
    told = []
    if "initiative" not in kinds:
        told.append("取組が登録されていません。")
    if "indicator" not in kinds:
        told.append("指標が登録されていません。")
    nameless = [
        str(row["policy_no"])
        for row in conn.execute(
            """
            SELECT DISTINCT i.policy_no FROM initiative i
            LEFT JOIN plan_policy p USING (municipality_code, plan_id, policy_no)
            WHERE i.municipality_code = %s AND i.plan_id = %s AND p.name IS NULL ORDER BY 1
            """,
            (code, found.plan["plan_id"]),
        )
    ]
    if nameless:
        told.append(f"基本方針 {'、'.join(nameless)} の名前が登録されていません。")
    return told


def values(conn: Connection, code: str, item: PlanItem) -> list[Row]:
    """An indicator's values, oldest first."""
    return conn.execute(
        """
        SELECT v.fiscal_year, v.value::float8 AS value, i.unit, v.quality, v.source
        FROM indicator_value v JOIN indicator i USING (municipality_code, plan_id, indicator_id)
        WHERE v.municipality_code = %s AND v.plan_id = %s AND v.indicator_id = %s AND NOT v.withdrawn ORDER BY 1
        """,
        (code, item.plan_id, item.key),
    ).fetchall()


def related(conn: Connection, code: str, item: PlanItem) -> tuple[list[Row], list[Row]]:
    """(what it was before, what it is after) of an item, for links between two plans: item, title, relation, same_measure."""
    found: tuple[list[Row], list[Row]] = ([], [])
    for at, (own, other) in enumerate((("new", "old"), ("old", "new"))):
        found[at].extend(
            conn.execute(
                f"""
                SELECT m.{other}_item AS item, m.relation, m.same_measure, m.note,
                       coalesce(n.title, v.title) AS title, p.name AS plan_name
                FROM plan_mapping m
                JOIN plan p ON p.municipality_code = m.municipality_code AND p.plan_id = m.{other}_plan_id
                LEFT JOIN initiative n ON n.municipality_code = m.municipality_code AND n.plan_id = m.{other}_plan_id
                    AND n.initiative_no = m.{other}_initiative_no
                LEFT JOIN indicator v ON v.municipality_code = m.municipality_code AND v.plan_id = m.{other}_plan_id
                    AND v.indicator_id = m.{other}_indicator_id
                WHERE m.municipality_code = %s AND m.{own}_item = %s ORDER BY m.{other}_item
                """,  # noqa: S608 - old and new of this file
                (code, str(item)),
            ).fetchall()
        )
    return found
