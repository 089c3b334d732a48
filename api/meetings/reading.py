"""What the pages of the shared calendar read in one go, and who may change a record of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api.auth.principals import Principal
from api.credits import place_credit
from api.services import Services
from geodata.database import Audience, Connection
from geodata.edits import records
from geodata.queries import meetings as queries
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref, resolve
from kyodo_geo.meetings.clashes import NEAR_DAYS, Clash, clashes
from kyodo_geo.meetings.meeting import BusyPeriod, Meeting
from kyodo_geo.meetings.people import AUDIENCE_SHORT
from kyodo_geo.records import Kind
from kyodo_geo.roles import Role

KEEPERS = frozenset({Role.PLANNER, Role.ADMINISTRATOR})
"""Who may change what others entered."""


FEW = 4
"""Districts that are named one by one."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Meetings of a span of days with what judges them. `town`: association → district; `names`: district → name."""

    ref: Ref
    credit: dict[str, Any]
    town: dict[str, int | None]
    names: dict[int, str]
    meetings: list[Meeting]
    periods: list[BusyPeriod]
    departments: list[str]

    def asked(self, meeting: Meeting) -> str:
        """会長（すべての地区）、会長（5 松園、6 青山）、会長（3 人）: whom a meeting asks."""
        short = AUDIENCE_SHORT[meeting.audience]
        if meeting.audience == "associations":
            return f"{short}（{len(meeting.people):,} 人）"
        if set(meeting.districts) >= {no for no in self.town.values() if no is not None}:
            return f"{short}（すべての地区）"
        if len(meeting.districts) > FEW:
            return f"{short}（{len(meeting.districts)} 地区）"
        where = "、".join(f"{no} {self.names.get(no, '')}".strip() for no in meeting.districts)
        return f"{short}（{where or '地区なし'}）"

    @property
    def clashes(self) -> list[Clash]:
        return clashes(self.meetings, self.periods)


def read_calendar(services: Services, first: date, last: date) -> Calendar:
    """Every meeting of the days, both included."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        return calendar_of(conn, ref, first, last)


def calendar_of(conn: Connection, ref: Ref, first: date, last: date) -> Calendar:
    """The same on a connection that is there already."""
    town = queries.town_of(conn, ref)
    return Calendar(
        ref, place_credit(conn, ref), town, dict(district_names(conn, ref)),
        queries.meetings(conn, ref, town, first, last), queries.periods(conn, ref.municipality_code),
        queries.departments(conn, ref.municipality_code),
    )  # fmt: skip


def around(conn: Connection, ref: Ref, day: date) -> Calendar:
    """The days about one, in which another meeting could be joined to it."""
    near = timedelta(days=NEAR_DAYS)
    return calendar_of(conn, ref, day - near, day + near)


def narrowed(meetings: Iterable[Meeting], district: int | None, department: str | None) -> list[Meeting]:
    """Those that ask people of a district and are a department's; None: any."""
    return [
        one
        for one in meetings
        if (district is None or district in one.districts)
        and (department is None or one.department == department)
    ]


def lock_of(kind: Kind) -> Any:
    """Why somebody may not change a record: it is another's, and they are no planner (`record_pages.Single.locked`)."""

    def locked(conn: Connection, code: str, user: Principal, record_id: str) -> str | None:
        if not KEEPERS.isdisjoint(user.roles):
            return None
        login = records.entered_by(conn, code, kind, record_id)
        if login is None or login == user.login:
            return None
        return (
            f"この記録は、登録した職員（{login}）と市民協働推進課だけが変えられます。"
            "直すところがあれば、登録した職員に知らせてください。"
        )

    return locked


def start_of(conn: Connection, code: str, user: Principal) -> dict[str, str]:
    """The department somebody entered last, so that they need not type it again."""
    return {"department": queries.own_department(conn, code, user.login or "")}
