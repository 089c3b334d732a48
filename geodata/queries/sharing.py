"""Published activity cases, handbooks and subsidies of others, as their public pages, files and feeds need them.

Read as the public, the database gives published rows alone; `state = 'published'` is asked for all the same, because the
staff's previews read here too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from geodata.database import Connection
from kyodo_geo.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photo: what is seen (`alt`), who took it, pixels of its largest size, and the sizes there are, smallest first."""

    case_id: str
    no: int
    alt: str
    credit: str
    width: int
    height: int
    sha256: str
    sizes: list[list[int]]
    """(longer side at most, width, height), pixels."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case. `lon`, `lat`: degrees, None where only the district is told."""

    id: str
    title: str
    summary: str
    theme: str
    district_no: int
    district: str | None
    body: str
    association_id: str | None
    association: str | None
    done_year: int
    story: str | None
    worked: str | None
    hard: str | None
    place_name: str | None
    lon: float | None
    lat: float | None
    origin: str | None
    origin_note: str | None
    keywords: str | None
    published_on: date | None
    changed_at: datetime
    quality: str
    source: str | None
    photos: tuple[PhotoRow, ...] = ()


@dataclass(frozen=True, slots=True)
class HandbookRow:
    """A handbook; `newer_id` and `newer`: the one that replaces it."""

    id: str
    title: str
    audience: str
    edition: str | None
    issued_on: date
    publisher: str
    topics: str | None
    summary: str | None
    link: str | None
    replaces_id: str | None
    retired_on: date | None
    newer_id: str | None
    newer: str | None
    changed_at: datetime
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class SubsidyRow:
    """A subsidy of somebody else; `closes_after` is the day after the last one for applications."""

    id: str
    title: str
    giver_kind: str
    giver: str
    applicants: str
    purpose: str
    amount: str | None
    rate: str | None
    opens_on: date | None
    closes_after: date | None
    themes: str | None
    link: str | None
    contact: str | None
    checked_on: date
    changed_at: datetime
    quality: str
    source: str | None


_CASES = """
    SELECT c.case_id AS id, c.title, c.summary, c.theme, c.district_no, d.name AS district, c.body, c.association_id,
           a.name AS association, c.done_year, c.story, c.worked, c.hard, c.place_name, ST_X(c.geom) AS lon,
           ST_Y(c.geom) AS lat, c.origin, c.origin_note, c.keywords, c.published_on, c.changed_at, c.quality, c.source
    FROM activity_case c
    LEFT JOIN district_area d ON d.municipality_code = c.municipality_code AND d.district_no = c.district_no
        AND d.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'districts'))
    LEFT JOIN association_area a ON a.municipality_code = c.municipality_code AND a.association_id = c.association_id
        AND a.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'associations'))
    WHERE c.municipality_code = %(m)s
"""
_ORDER = ' ORDER BY c.done_year DESC, c.published_on DESC NULLS LAST, c.title COLLATE "ja-x-icu", c.case_id'
_PHOTOS = """
    SELECT p.case_id, p.photo_no AS no, p.alt, p.credit, p.width, p.height, p.sha256,
           (SELECT jsonb_agg(jsonb_build_array(f.size, f.width, f.height) ORDER BY f.width * f.height, f.size)
            FROM case_photo_file f
            WHERE f.municipality_code = p.municipality_code AND f.case_id = p.case_id AND f.photo_no = p.photo_no) AS sizes
    FROM case_photo p WHERE p.municipality_code = %(m)s
"""
_PHOTO_FILE = """
    SELECT f.content
    FROM case_photo_file f
    JOIN case_photo p USING (municipality_code, case_id, photo_no)
    JOIN activity_case c USING (municipality_code, case_id)
    WHERE f.municipality_code = %(m)s AND f.case_id = %(id)s AND f.photo_no = %(no)s AND f.size = %(size)s
"""


def cases(conn: Connection, code: str, generation: int, *, district: int | None = None) -> list[CaseRow]:
    """All published cases, newest first, with their photos."""
    args = {"m": code, "g": generation, "d": district}
    rows = conn.execute(
        _CASES + " AND c.state = 'published' AND (%(d)s::int IS NULL OR c.district_no = %(d)s)" + _ORDER, args
    )
    found = [CaseRow(**row) for row in rows]
    photos: dict[str, list[PhotoRow]] = {}
    for row in conn.execute(_PHOTOS + " AND p.shown ORDER BY p.case_id, p.sort_order, p.photo_no", args):
        photos.setdefault(row["case_id"], []).append(PhotoRow(**row))
    return [replace(case, photos=tuple(photos.get(case.id, ()))) for case in found]


def case(conn: Connection, code: str, generation: int, case_id: str, *, preview: bool = False) -> CaseRow:
    """One published case; with `preview` any, with all its photos. Raises NotFoundError."""
    args = {"m": code, "g": generation, "id": case_id}
    only = "" if preview else " AND c.state = 'published'"
    row = conn.execute(_CASES + only + " AND c.case_id = %(id)s", args).fetchone()
    if row is None:
        raise NotFoundError("この事例はありません。公開をやめたのかもしれません。")
    shown = "" if preview else " AND p.shown"
    photos = conn.execute(_PHOTOS + shown + " AND p.case_id = %(id)s ORDER BY p.sort_order, p.photo_no", args)
    return replace(CaseRow(**row), photos=tuple(PhotoRow(**photo) for photo in photos))


def photo(conn: Connection, code: str, case_id: str, no: int, size: int, *, preview: bool = False) -> bytes:
    """JPEG bytes of a photo that is shown (with `preview`: of any). Raises NotFoundError."""
    only = "" if preview else " AND p.shown AND c.state = 'published'"
    row = conn.execute(
        _PHOTO_FILE + only,
        {"m": code, "id": case_id, "no": no, "size": size},
    ).fetchone()
    if row is None:
        raise NotFoundError("この写真はありません。公開をやめたのかもしれません。")
    return bytes(row["content"])


def handbooks(conn: Connection, code: str) -> list[HandbookRow]:
    """All handbooks, by title, the newest edition first."""
    rows = conn.execute(
        """
        SELECT h.handbook_id AS id, h.title, h.audience, h.edition, h.issued_on, h.publisher, h.topics, h.summary, h.link,
               h.replaces_id, h.retired_on, n.handbook_id AS newer_id, n.title || coalesce(' ' || n.edition, '') AS newer,
               h.changed_at, h.quality, h.source
        FROM handbook h
        LEFT JOIN LATERAL (
            SELECT handbook_id, title, edition FROM handbook r
            WHERE r.municipality_code = h.municipality_code AND r.replaces_id = h.handbook_id
            ORDER BY r.issued_on DESC, r.handbook_id LIMIT 1
        ) n ON true
        WHERE h.municipality_code = %(m)s
        ORDER BY h.title COLLATE "ja-x-icu", h.issued_on DESC, h.handbook_id
        """,
        {"m": code},
    )
    return [HandbookRow(**row) for row in rows]


def subsidies(conn: Connection, code: str) -> list[SubsidyRow]:
    """All notices of subsidies, ended ones among them."""
    rows = conn.execute(
        """
        SELECT notice_id AS id, title, giver_kind, giver, applicants, purpose, amount, rate, opens_on, closes_after, themes,
               link, contact, checked_on, changed_at, quality, source
        FROM subsidy_notice WHERE municipality_code = %(m)s ORDER BY title COLLATE "ja-x-icu", notice_id
        """,
        {"m": code},
    )
    return [SubsidyRow(**row) for row in rows]
