"""Community development projects (地域づくり事業), one row each, as the audience `STAFF`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from geodata.database import Connection
from geodata.edits.history import hold, tell
from kyodo_geo.edits import EditConflictError, check_stamp
from kyodo_geo.errors import InputError, NotFoundError

FIELDS = (
    "district_no", "fiscal_year", "title", "theme", "grant_yen", "participants", "counts_as_project", "quality", "source",
)  # fmt: skip
INDICATOR = "projects"
"""Id of the indicator that counts them."""


@dataclass(frozen=True, slots=True)
class Project:
    """One project as it is kept. None is unknown."""

    district_no: int
    fiscal_year: int
    title: str
    theme: str | None = None
    grant_yen: int | None = None
    participants: int | None = None
    counts_as_project: bool = True
    quality: str = "real"
    source: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Year:
    """A fiscal year: its projects, those that count for the indicator, districts with one, grants known."""

    fiscal_year: int
    projects: int
    counted: int
    districts: int
    grant_yen: int | None


@dataclass(frozen=True, slots=True)
class Aim:
    """The indicator the projects count for, as the newest plan prints it."""

    baseline_fiscal_year: int
    baseline: float
    target_fiscal_year: int | None
    target: float | None


def target(project_id: str) -> str:
    """Name in the audit log."""
    return f"project/{project_id}"


def projects(
    conn: Connection, code: str, *, fiscal_year: int | None = None, district_no: int | None = None
) -> list[tuple[str, Project]]:
    """(id, project) by year (newest first), district and title."""
    rows = conn.execute(
        """
        SELECT project_id, district_no, fiscal_year, title, theme, grant_yen, participants, counts_as_project, quality,
               source
        FROM project
        WHERE municipality_code = %(m)s AND (%(year)s::int IS NULL OR fiscal_year = %(year)s)
          AND (%(no)s::int IS NULL OR district_no = %(no)s)
        ORDER BY fiscal_year DESC, district_no, title COLLATE "ja-x-icu", project_id
        """,
        {"m": code, "year": fiscal_year, "no": district_no},
    )
    return [(row.pop("project_id"), Project(**row)) for row in rows]


def one(conn: Connection, code: str, project_id: str) -> Project:
    """One project; raises `NotFoundError`."""
    row = conn.execute(
        """
        SELECT district_no, fiscal_year, title, theme, grant_yen, participants, counts_as_project, quality, source
        FROM project WHERE municipality_code = %s AND project_id = %s
        """,
        (code, project_id),
    ).fetchone()
    if row is None:
        raise NotFoundError("この事業の記録はありません。取り消されたかもしれません。")
    return Project(**row)


def years(conn: Connection, code: str) -> list[Year]:
    """Every year with a project, newest first."""
    rows = conn.execute(
        """
        SELECT fiscal_year, count(*)::int AS projects, (count(*) FILTER (WHERE counts_as_project))::int AS counted,
               (count(DISTINCT district_no) FILTER (WHERE counts_as_project))::int AS districts,
               sum(grant_yen)::bigint AS grant_yen
        FROM project WHERE municipality_code = %s GROUP BY fiscal_year ORDER BY fiscal_year DESC
        """,
        (code,),
    )
    return [Year(**row) for row in rows]


def aim(conn: Connection, code: str) -> Aim | None:
    """Baseline and target of the newest plan that has the indicator."""
    row = conn.execute(
        """
        SELECT i.baseline_fiscal_year, i.baseline::float8 AS baseline, i.target_fiscal_year, i.target::float8 AS target
        FROM indicator i JOIN plan p USING (municipality_code, plan_id)
        WHERE i.municipality_code = %s AND i.indicator_id = %s ORDER BY p.first_fiscal_year DESC LIMIT 1
        """,
        (code, INDICATOR),
    ).fetchone()
    return Aim(**row) if row else None


def add(conn: Connection, code: str, new: Project, *, actor: str) -> str:
    """Enter a project; returns its id. Raises InputError for an unknown district or one that is entered already."""
    hold(conn, code, f"projects/{new.district_no}/{new.fiscal_year}")
    _refuse_twice(conn, code, new, None)
    row = conn.execute(
        "SELECT 'p' || replace(gen_random_uuid()::text, '-', '') AS id, EXISTS (SELECT FROM district "
        "WHERE municipality_code = %s AND district_no = %s) AS known",
        (code, new.district_no),
    ).fetchone()
    assert row is not None
    if not row["known"]:
        raise InputError("地区を選んでください。", field="district_no")
    conn.execute(
        """
        INSERT INTO project (municipality_code, project_id, district_no, fiscal_year, title, theme, grant_yen,
                             participants, counts_as_project, quality, source)
        VALUES (%(m)s, %(id)s, %(district_no)s, %(fiscal_year)s, %(title)s, %(theme)s, %(grant_yen)s, %(participants)s,
                %(counts_as_project)s, %(quality)s, %(source)s)
        """,
        {"m": code, "id": row["id"], **new.as_dict()},
    )
    tell(conn, code, actor, "edit.project.add", target(row["id"]), None, new.as_dict())
    return str(row["id"])


def correct(conn: Connection, code: str, project_id: str, new: Project, *, version: str, actor: str) -> None:
    """Put a project right. Raises InputError, EditConflictError (changed, or gone)."""
    before = _held(conn, code, project_id, version)
    if new == before:
        return
    _refuse_twice(conn, code, new, project_id)
    found = conn.execute(
        """
        UPDATE project SET district_no = %(district_no)s, fiscal_year = %(fiscal_year)s, title = %(title)s,
               theme = %(theme)s, grant_yen = %(grant_yen)s, participants = %(participants)s,
               counts_as_project = %(counts_as_project)s, quality = %(quality)s, source = %(source)s
        WHERE municipality_code = %(m)s AND project_id = %(id)s
          AND EXISTS (SELECT FROM district WHERE municipality_code = %(m)s AND district_no = %(district_no)s)
        """,
        {"m": code, "id": project_id, **new.as_dict()},
    )
    if found.rowcount == 0:
        raise InputError("地区を選んでください。", field="district_no")
    tell(conn, code, actor, "edit.project.correct", target(project_id), before.as_dict(), new.as_dict())


def withdraw(conn: Connection, code: str, project_id: str, *, version: str, actor: str) -> None:
    """Take back a project entered by mistake; what it said stays in the audit log."""
    before = _held(conn, code, project_id, version)
    conn.execute("DELETE FROM project WHERE municipality_code = %s AND project_id = %s", (code, project_id))
    tell(conn, code, actor, "edit.project.withdraw", target(project_id), before.as_dict(), None)


def _held(conn: Connection, code: str, project_id: str, version: str) -> Project:
    hold(conn, code, target(project_id))
    try:
        found = one(conn, code, project_id)
    except NotFoundError:
        raise EditConflictError(
            None,
            "画面を開いている間に、ほかの人がこの事業の記録を取り消しました。何も保存していません。入力した内容は、下の欄に残っています。",
        ) from None
    check_stamp(version, found.as_dict())
    return found


def _refuse_twice(conn: Connection, code: str, new: Project, own: str | None) -> None:
    """The same title in the same year and district would count twice for the indicator: a double click, or two people."""
    row = conn.execute(
        "SELECT FROM project WHERE municipality_code = %s AND district_no = %s AND fiscal_year = %s AND title = %s "
        "AND project_id IS DISTINCT FROM %s",
        (code, new.district_no, new.fiscal_year, new.title, own),
    ).fetchone()
    if row is not None:
        raise InputError(
            "同じ年度・地区・名前の事業が、もう登録されています。別の事業なら、名前で区別してください。",
            field="title",
        )
