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
    without = sum(row.no not in ordinary for row in found.rows)
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
        more_totals=(
            Cell(number(sum(ordinary.values())), sum(ordinary.values())) if ordinary else Cell("不明"),
        ),
        notes=(
            *(
                (f"窓口担当のふだんの出席の合計には、数の不明な {without} 地区が入っていません。",)
                if ordinary and without
                else ()
            ),
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


def _is_counted(item: Counted) -> bool:
    return item.withheld or item.count is not None


def _left_out(left_out: int, known: int) -> str:
    return (
        f"{left_out + known} 地区のうち {left_out} 地区は、件数・人数が不明です。"
        f"合計、人口千人あたりと人口の合計には、数のわかる {known} 地区だけが入っています。"
    )


def _summary(what: str, whole: int | None, unit: str, active: int, known: int, left_out: int) -> str:
    """The sum in a sentence, with the districts that are not in it."""
    from maps.text import number

    if whole is None:
        return f"{what}のデータはありません。"
    if left_out:
        return (
            f"{what}は、数のわかる {known} 地区で {number(whole)} {unit}です（{left_out} 地区は不明）。"
            f"1 {unit}以上の地区は、そのうち {active} 地区です。"
        )
    return (
        f"{what}は、市全体で {number(whole)} {unit}です。"
        f"1 {unit}以上の地区は、{known} 地区のうち {active} 地区です。"
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
    total_withheld: bool = False,
) -> Made:
    """The specification of a theme that counts something in districts."""
    from maps.district_counts import WITHHELD_SHORT, DistrictCountsSpec
    from maps.specs import Figure
    from maps.tables import Cell, Column
    from maps.text import number

    label = fiscal_year_label(year) if year is not None else ""
    # A district whose count is withheld is counted in `total`; of one without a count nothing is known.
    known = [row for row in found.rows if row.no in counted and _is_counted(counted[row.no])]
    left_out = len(found.rows) - len(known)
    whole: int | None = total if total is not None else sum(item.count or 0 for item in counted.values())
    total_withheld = total_withheld and bool(known)
    whole = whole if known and not total_withheld else None
    people = None if any(row.people is None for row in known) else sum(row.people or 0 for row in known)
    rate = per_thousand(whole, people)
    active = sum(bool(item.count) or item.withheld for item in counted.values())
    unknown = WITHHELD_SHORT if total_withheld else "不明"
    summary = (
        f"{label}の{title}の合計は、人数が少ないものがあるため、非公表です。"
        if total_withheld
        else _summary(f"{label}の{title}", whole, unit, active, len(known), left_out)
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
            Cell(unknown if whole is None else number(whole), whole),
            Cell(unknown if rate is None else format_number(rate), rate),
            Cell(number(people), people),
            *more_totals,
        )
        if counted
        else (),
        figures=(
            Figure(
                title,
                unknown if whole is None else f"{number(whole)} {unit}",
                f"{label}、{left_out} 地区は不明" if left_out else label,
            ),
            Figure(
                f"数のわかる {len(known)} 地区の人口千人あたり" if left_out else "市全体の人口千人あたり",
                unknown if rate is None else f"{format_number(rate)} {unit}",
            ),
        )
        if counted
        else (),
        left_out=left_out,
        notes=(
            *((_left_out(left_out, len(known)),) if left_out and counted else ()),
            *notes,
            "人口は国勢調査の小地域" + sample_mark(found) + "の人口を、地区ごとに合計したものです。",
        ),
        **common(reading),
    )
    return Made(spec, *credits_of(rows))
