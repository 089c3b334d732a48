"""Cases, handbooks and subsidies as programs and files get them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from api.geojson import collection, feature, point
from api.sharing.view import district_words, pictures
from api.tables import rows_to_csv
from geodata.queries.sharing import CaseRow, HandbookRow, SubsidyRow
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.quality import Quality, credit
from kyodo_geo.sharing.deadlines import phase
from kyodo_geo.sharing.themes import label_of

_HEADER = (
    "番号", "題名", "ひとことで", "テーマ", "地区の番号", "地区", "団体", "年度", "内容", "うまくいったこと", "大変だったこと",
    "場所", "緯度", "経度", "写真の数", "公開した日", "データの品質", "出典",
)  # fmt: skip


def properties(case: CaseRow, **query: str) -> dict[str, Any]:
    """A case as GeoJSON properties."""
    left_out = ("keywords", "association", "photos", "lon", "lat", "source", "quality")
    known = {name: value for name, value in asdict(case).items() if name not in left_out}
    return {
        **known,
        "theme_label": label_of(case.theme),
        "photos": [{"url": p.src, "alt": p.alt, "credit": p.credit} for p in pictures(case, **query)],
        "page": f"/cases/{case.id}",
        "quality": case.quality,
        "source": case.source,
    }


def cases_geojson(
    cases: Iterable[CaseRow], dataset: dict[str, Any], *, code: str, whole: int, **query: str
) -> bytes:
    """The cases as features; without a place they have no geometry."""
    return collection(
        (
            feature(
                case.id,
                point(case.lon, case.lat) if case.lon is not None and case.lat is not None else None,
                properties(case, **query),
            )
            for case in cases
        ),
        dataset, municipality=code, whole=whole,
    )  # fmt: skip


def cases_csv(cases: Iterable[CaseRow]) -> bytes:
    """One line per case; every line says what it rests on."""
    return rows_to_csv(
        _HEADER,
        (
            (
                case.id, case.title, case.summary, label_of(case.theme), case.district_no, district_words(case), case.body,
                fiscal_year_label(case.done_year), case.story or "", case.worked or "", case.hard or "",
                case.place_name or "", "" if case.lat is None else case.lat, "" if case.lon is None else case.lon,
                len(case.photos), str(case.published_on or ""), Quality(case.quality).label, case.source or "不明",
            )
            for case in cases
        ),
    )  # fmt: skip


def last_day(after: date | None) -> date | None:
    """The last day of a period that ends before the day `after`."""
    return None if after is None else after - timedelta(days=1)


def is_old(book: HandbookRow, on: date) -> bool:
    """Whether a handbook has a newer edition or is not to be used any longer."""
    return book.newer_id is not None or (book.retired_on is not None and book.retired_on <= on)


def handbook(book: HandbookRow, on: date) -> dict[str, Any]:
    """A handbook as JSON."""
    known = asdict(book)
    del known["newer"], known["replaces_id"]
    return {**known, "old": is_old(book, on)}


def subsidy(row: SubsidyRow, on: date) -> dict[str, Any]:
    """A subsidy as JSON."""
    known = asdict(row)
    after = known.pop("closes_after")
    return {**known, "closes_on": last_day(after), "phase": phase(row.opens_on, after, on).value}


def credit_of(rows: Iterable[HandbookRow | SubsidyRow]) -> dict[str, Any]:
    """The credit of records that stand for themselves."""
    found = list(rows)
    sources = dict.fromkeys(row.source for row in found if row.source)
    return {**credit({}, (), values=[row.quality for row in found]), "source": "、".join(sources)}
