"""What a request refers to: a municipality and the generation it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from geodata.database import Connection
from kyodo_geo.errors import NotFoundError, UnavailableError


@dataclass(frozen=True, slots=True)
class Ref:
    """Municipality and generation that every query of one request reads."""

    municipality_code: str
    name: str
    pref_name: str
    plane_epsg: int
    contact_department: str | None
    contact_phone: str | None
    contact_email: str | None
    suppress_below_households: int
    revision: int
    generation_no: int
    activated_at: datetime

    @property
    def args(self) -> dict[str, object]:
        """Parameters `m` and `g` that the queries share."""
        return {"m": self.municipality_code, "g": self.generation_no}


def resolve(conn: Connection, municipality: str, as_of: date | None = None) -> Ref:
    """The active generation, or the one that was active at the end of the day `as_of` (Japan time).

    Raises `NotFoundError` for an unknown municipality or a day before the first generation,
    `UnavailableError` while nothing has been loaded yet.
    """
    row = conn.execute(
        """
        SELECT m.municipality_code, m.name, m.pref_name, m.plane_epsg, m.contact_department, m.contact_phone,
               m.contact_email, m.suppress_below_households, m.revision, g.generation_no, g.activated_at
        FROM municipality m
        LEFT JOIN LATERAL (
            SELECT generation_no, activated_at FROM generation
            WHERE municipality_code = m.municipality_code
              AND (%(day)s::date IS NULL
                   OR activated_at < (%(day)s::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo')
            ORDER BY generation_no DESC LIMIT 1
        ) g ON true
        WHERE m.municipality_code = %(m)s
        """,
        {"m": municipality, "day": as_of},
    ).fetchone()
    if row is None:
        raise NotFoundError(
            f"市区町村コード {municipality} はこのサービスに登録されていません。", municipality=municipality
        )
    if row["generation_no"] is None:
        if as_of is not None:
            raise NotFoundError(
                f"{as_of.isoformat()} の時点で有効だったデータはありません。", as_of=as_of.isoformat()
            )
        raise UnavailableError("まだデータが読み込まれていません。")
    return Ref(**row)


def at_generation(conn: Connection, municipality: str, generation_no: int) -> Ref:
    """The generation of that number; raises `NotFoundError` where there is none."""
    row = conn.execute(
        "SELECT activated_at FROM generation WHERE municipality_code = %s AND generation_no = %s",
        (municipality, generation_no),
    ).fetchone()
    if row is None:
        raise NotFoundError(
            "この番号の世代はありません。", municipality=municipality, generation_no=generation_no
        )
    latest = resolve(conn, municipality)
    return replace(latest, generation_no=generation_no, activated_at=row["activated_at"])


def revisions(conn: Connection) -> dict[str, int]:
    """Revision of every municipality; workers compare it with what they hold."""
    return {
        row["municipality_code"]: row["revision"]
        for row in conn.execute("SELECT municipality_code, revision FROM municipality")
    }


def rows_of(conn: Connection, ref: Ref, kinds: Iterable[str]) -> int:
    """Rows that the datasets of these kinds came with: tells a large municipality before anything of it is read."""
    row = conn.execute(
        """
        SELECT coalesce(sum(d.row_count), 0)::int AS n FROM generation_dataset g
        JOIN dataset d USING (municipality_code, dataset_id, kind)
        WHERE g.municipality_code = %(m)s AND g.generation_no = %(g)s AND g.kind = ANY(%(kinds)s)
        """,
        {**ref.args, "kinds": sorted(kinds)},
    ).fetchone()
    assert row is not None
    found: int = row["n"]
    return found


def active_codes(conn: Connection) -> list[str]:
    """Municipalities that have a generation, by code."""
    rows = conn.execute("SELECT DISTINCT municipality_code AS code FROM generation ORDER BY 1")
    return [row["code"] for row in rows]
