"""Themes that count something in the districts: meetings attended and advisers sent (取組13, 15, 16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from api.support.parts import (
    Made,
    by_district,
    circles,
    common,
    credits_of,
    districts_of,
    rate_shades,
    rated,
    sample_mark,
)
from geodata.queries import support as queries
from geodata.queries.support import FigureRow, ParticipantRow
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.per_people import format_number, per_thousand

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from api.support.themes import Theme
    from maps.district_counts import Circles, Counted


def meetings(reading: Reading, theme: Theme, found: DistrictFigures, year: int | None) -> Made:
    from maps.tables import Cell, Column
    from maps.text import number

    rows = queries.figures(reading.conn, reading.ref, theme.measures, year) if year is not None else []
    asked, ordinary = by_district(rows, "meetings_issue"), by_district(rows, "meetings_contact")
    breaks = (0.05, 0.1, 0.2, 0.4)
    counted = {
        row.no: rated(
            asked.get(row.no), row.people, breaks, (Cell(number(ordinary.get(row.no)), ordinary.get(row.no)),)
        )
        for row in found.rows
        if row.no in asked or row.no in ordinary
    }
    return counted_map(
        reading,
        found,
        year,
        rows,
        counted,
        title="地区の求めで出席した会議",
        unit="件",
        breaks=breaks,
        drawn=circles("地区の求めで出席した会議", "件", 10.0, (1, 3, 5)),
        more=(Column("meetings_contact", "窓口担当のふだんの出席（件）", numeric=True),),
        more_totals=(Cell(number(sum(ordinary.values())), sum(ordinary.values())),),
        notes=(
            "地区の求めで出席した会議は、地域課題に関する会議などに、地区の求めに応じて職員が出席した件数です。",
            "窓口担当のふだんの出席は、地図の色と円に含みません。",
        ),
    )


def advisers(reading: Reading, theme: Theme, found: DistrictFigures, year: int | None) -> Made:
    rows = queries.figures(reading.conn, reading.ref, theme.measures, year) if year is not None else []
    sent = by_district(rows, "adviser_dispatches")
    breaks = (0.05, 0.1, 0.2, 0.4)
    counted = {row.no: rated(sent[row.no], row.people, breaks) for row in found.rows if row.no in sent}
    return counted_map(
        reading,
        found,
        year,
        rows,
        counted,
        title="アドバイザーの派遣",
        unit="件",
        breaks=breaks,
        drawn=circles("アドバイザーの派遣", "件", 10.0, (1, 3, 5)),
        notes=("専門知識を有する NPO 法人などを、町内会・自治会に派遣した件数です。",),
    )


def counted_map(
    reading: Reading,
    found: DistrictFigures,
    year: int | None,
    rows: Sequence[FigureRow | ParticipantRow],
    counted: dict[int, Counted],
    *,
    title: str,
    unit: str,
    breaks: tuple[float, ...],
    drawn: Circles,
    more: tuple[Any, ...] = (),
    more_totals: tuple[Any, ...] = (),
    notes: tuple[str, ...] = (),
    total: int | None = None,
) -> Made:
    """The specification of a theme that counts something in districts."""
    from maps.district_counts import DistrictCountsSpec
    from maps.specs import Figure
    from maps.tables import Cell, Column
    from maps.text import number

    label = fiscal_year_label(year) if year is not None else ""
    whole = total if total is not None else sum(item.count or 0 for item in counted.values())
    people = sum(row.people or 0 for row in found.rows)
    rate = per_thousand(whole, people)
    active = sum(bool(item.count) or item.withheld for item in counted.values())
    summary = (
        f"{label}の{title}は、市全体で {number(whole)} {unit}です。"
        f"1 {unit}以上の地区は、{len(found.rows)} 地区のうち {active} 地区です。"
        if counted
        else f"{title}のデータはありません。"
    )
    spec = DistrictCountsSpec(
        name="support",
        label=f"{label}の{title}の地図",
        caption=f"{label}の地区ごとの{title}",
        summary=summary,
        districts=districts_of(found),
        counted=counted,
        columns=(
            Column("count", f"{title}（{unit}）", numeric=True),
            Column("per_1000", f"人口千人あたり（{unit}）", numeric=True),
            Column("population", "人口", numeric=True),
            *more,
        ),
        shades=rate_shades(f"人口千人あたりの{title}", unit, breaks),
        circles=drawn,
        totals=(
            Cell(number(whole), whole),
            Cell("不明" if rate is None else format_number(rate), rate),
            Cell(number(people), people),
            *more_totals,
        )
        if counted
        else (),
        figures=(
            Figure(title, f"{number(whole)} {unit}", label),
            Figure("市全体の人口千人あたり", "不明" if rate is None else f"{format_number(rate)} {unit}"),
        )
        if counted
        else (),
        notes=(
            *notes,
            "人口は国勢調査の小地域" + sample_mark(found) + "の人口を、地区ごとに合計したものです。",
        ),
        **common(reading),
    )
    return Made(spec, *credits_of(rows))
