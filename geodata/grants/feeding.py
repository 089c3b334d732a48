"""What the cases of grants mean for the maps: one row of project or hall_subsidy per granted case, one figure per district.

Each row knows its case by id, so that nothing counts twice: a row that was entered by hand before is taken over (and
given back as it was), every other is made and taken back by the case. Audience `STAFF`, in the transaction of the change.
"""

from __future__ import annotations

import json
from typing import Any

from psycopg.types.json import Jsonb

from geodata.database import Connection
from geodata.edits import records
from geodata.edits.history import hold
from geodata.grants.cases import Case, one
from kyodo_geo.edits import stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.figure_sheets import COMMUNITY_GRANTS
from kyodo_geo.grants.case_fields import CASE_KINDS
from kyodo_geo.records import PROJECTS, SUBSIDIES, Facts, Kind

_ROWS = {"projects": PROJECTS, "hall-rent": SUBSIDIES, "hall-works": SUBSIDIES}
SOURCE = "補助金の案件 第{no}号"
GONE = "結び付けた記録がもうありません。「登録済みの記録」を選び直すか、空にしてください。"
_THERE = "{error}前から登録してある記録なら、「登録済みの記録」で選んで、案件と結び付けてください（2 重に数えません）。"


def feed(conn: Connection, code: str, no: int, *, actor: str) -> None:
    """Bring what the maps read to what the case says now. Raises InputError (`linked_id`) where a row stands in the way."""
    case = one(conn, code, no)
    if case.scheme == "community":
        sum_up(conn, code, int(case.facts["district_no"]), case.year)
        return
    kind = _ROWS[case.scheme]
    hold(conn, code, kind.key)
    if not case.standing.counts:
        take_back(conn, code, case, actor=actor)
    elif case.row_id is None or (case.made_id is not None and not _there(conn, code, kind, case.made_id)):
        _make(conn, code, case, kind, actor)
    elif not _there(conn, code, kind, case.row_id):
        raise InputError(GONE, field="linked_id")
    else:
        _bring(conn, code, case, kind, actor)


def _there(conn: Connection, code: str, kind: Kind, row_id: str) -> bool:
    """Whether the row still is; a load of records may have taken it away."""
    try:
        records.one(conn, code, kind, row_id)
    except NotFoundError:
        return False
    return True


def take_back(conn: Connection, code: str, case: Case, *, actor: str) -> None:
    """Take back the row that the case made; give back the one that it took over as it was."""
    kind = _ROWS.get(case.scheme)
    if kind is None:
        return
    hold(conn, code, kind.key)
    there = case.row_id is not None and _there(conn, code, kind, case.row_id)
    if there and case.made_id is not None:
        now = records.one(conn, code, kind, case.made_id)
        records.withdraw(conn, code, kind, case.made_id, version=stamp(now), actor=actor, case=case.no)
    elif there and case.before is not None:
        linked = str(case.facts["linked_id"])
        now = records.one(conn, code, kind, linked)
        records.correct(conn, code, kind, linked, case.before, version=stamp(now), actor=actor, case=case.no)
    _note(conn, code, case.no, made_id=None, before=None)


def _make(conn: Connection, code: str, case: Case, kind: Kind, actor: str) -> None:
    try:
        made = records.add(conn, code, kind, _row(case, {}), actor=actor)
    except InputError as error:
        raise InputError(_THERE.format(error=error.message), field="linked_id") from None
    _note(conn, code, case.no, made_id=made, before=None)


def _bring(conn: Connection, code: str, case: Case, kind: Kind, actor: str) -> None:
    row_id = str(case.row_id)
    now = records.one(conn, code, kind, row_id)
    if case.made_id is None and case.before is None:
        _same_place(now, case)
        _note(conn, code, case.no, made_id=None, before=now)
    new = _row(case, case.before or (now if case.made_id is None else {}))
    try:
        records.correct(conn, code, kind, row_id, new, version=stamp(now), actor=actor, case=case.no)
    except InputError as error:
        raise InputError(_THERE.format(error=error.message), field="linked_id") from None


def _same_place(row: Facts, case: Case) -> None:
    """What is taken over must be the same grant: of the year and of who applied."""
    for name in ("fiscal_year", "district_no", "association_id"):
        if name in row and row[name] != case.facts.get(name):
            raise InputError(
                "選んだ記録は、年度か申請者が案件と違います。同じものを選ぶか、空にしてください。",
                field="linked_id",
            )


def _row(case: Case, old: Facts) -> Facts:
    """The row of a case; what the case does not know stays as it was in the row it took over."""
    facts, now = case.facts, case.standing
    rest = {
        "quality": facts["quality"],
        "source": facts["source"] or old.get("source") or SOURCE.format(no=case.no),
    }
    if case.scheme == "projects":
        return {
            "title": facts["title"], "district_no": facts["district_no"], "fiscal_year": facts["fiscal_year"],
            "theme": facts["theme"] or old.get("theme"), "grant_yen": now.granted,
            "participants": old.get("participants") if now.participants is None else now.participants, **rest,
            "counts_as_project": facts["counts_as_project"],
        }  # fmt: skip
    return {
        "fiscal_year": facts["fiscal_year"], "association_id": facts["association_id"],
        "kind": "rent" if case.scheme == "hall-rent" else "works", "work": facts.get("work"), "amount_yen": now.granted,
        "hall_id": facts["hall_id"] or old.get("hall_id"), "geom": facts["geom"] or old.get("geom"), **rest,
    }  # fmt: skip


def _note(conn: Connection, code: str, no: int, *, made_id: str | None, before: Facts | None) -> None:
    kept = None if before is None else Jsonb(json.loads(json.dumps(before, default=str)))
    conn.execute(
        "UPDATE grant_case SET made_id = %s, before = %s WHERE municipality_code = %s AND case_no = %s",
        (made_id, kept, code, no),
    )


def sum_up(conn: Connection, code: str, district_no: int, year: int) -> None:
    """The figure of what the district's organisations were granted in the year (取組10): settled, else decided."""
    measure = COMMUNITY_GRANTS
    hold(conn, code, f"figures/{measure.key}/{year}")
    here: dict[str, Any] = {
        "m": code, "area": str(district_no), "district": district_no, "measure": measure.key, "year": year,
        "unit": measure.kept_unit, "source": f"補助金の案件（{CASE_KINDS['community'].title}）",
    }  # fmt: skip
    conn.execute(
        "DELETE FROM area_figure WHERE municipality_code = %(m)s AND area_kind = 'district' AND area_key = %(area)s "
        "AND measure = %(measure)s AND fiscal_year = %(year)s",
        here,
    )
    conn.execute(
        """
        INSERT INTO area_figure (municipality_code, area_kind, area_key, measure, fiscal_year, value, unit, quality, source)
        SELECT %(m)s, 'district', %(area)s, %(measure)s, %(year)s, sum(coalesce(settled_yen, decided_yen)), %(unit)s,
               CASE WHEN bool_or(quality = 'sample') THEN 'sample' WHEN bool_or(quality = 'unofficial') THEN 'unofficial'
                    ELSE 'real' END, %(source)s
        FROM grant_case
        WHERE municipality_code = %(m)s AND scheme = 'community' AND district_no = %(district)s AND fiscal_year = %(year)s
          AND state IN ('granted', 'reported', 'settled', 'paid')
        HAVING count(*) > 0
        """,
        here,
    )
