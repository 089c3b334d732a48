"""The agreement's map (取組1), for staff: lookups, leaflets, referrals and wishes by district and month.

Counts alone: no address, no office, no person. The very tables of `/staff/agreement`, with its rule for small counts:
who does not handle the tickets sees no figure of people that is small or tells of a small one, and none of a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.routes.agreement import (
    NO_DISTRICT,
    PEOPLE,
    by_district,
    by_month,
    month_label,
    sums,
    total_without_small,
    without_small,
)
from api.support.parts import Made, circles, common, districts_of, rate_shades, sample_mark
from geodata.queries.agreement import MonthRow
from geodata.queries.association_names import district_names
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.per_people import class_of, format_number, per_thousand
from kyodo_geo.small_counts import MARK

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from maps.district_counts import Circles, Counted
    from maps.tables import Cell, Table

MEASURES = {
    "lookups": ("検索", "件"),
    "leaflets": ("渡したチラシ", "枚"),
    "referrals": ("取次", "件"),
    "wishes": ("加入の申込み", "件"),
    "joined": ("うち加入", "件"),
}
BREAKS = {
    "lookups": (1.0, 2.0, 5.0, 10.0),
    "leaflets": (0.5, 1.0, 2.0, 5.0),
    "referrals": (0.05, 0.1, 0.2, 0.5),
    "wishes": (0.05, 0.1, 0.2, 0.5),
    "joined": (0.05, 0.1, 0.2, 0.5),
}
INVENTED = "件数には、動きを確かめるための見本データ（架空）が含まれます。"
SAMPLE_SOURCE = "見本データ（架空の値）"
_SIZES = {"lookups": (1.2, (10, 50, 200)), "leaflets": (2.0, (10, 50, 100))}


def drawn_circles(measure: str) -> Circles:
    """Circles of a measure: those of lookups are many, those of people few."""
    title, unit = MEASURES[measure]
    one_px, steps = _SIZES.get(measure, (6.0, (3, 8, 15)))
    return circles(title, unit, one_px, steps)


def agreement(
    reading: Reading,
    found: DistrictFigures,
    rows: list[MonthRow],
    measure: str,
    year: int,
    month: int | None,
    *,
    full: bool,
    invented: bool = False,
) -> Made:
    """The map of one measure in a fiscal year or one of its months; `full`: the reader sees small counts.

    `invented`: some of the rows are the sample's.
    """
    from maps.district_counts import DistrictCountsSpec
    from maps.specs import Figure
    from maps.tables import Column

    title, unit = MEASURES[measure]
    chosen = rows if month is None else [row for row in rows if row.month.month == month]
    names = dict(district_names(reading.conn, reading.ref))
    lines = by_district(chosen, names)
    months = by_month(rows)
    total: Mapping[str, Any] = sums(chosen)
    none: dict[str, Any] = {}
    if not full:
        months = without_small(months)
        if month is None:
            lines, total = without_small(lines), total_without_small(dict(total))
        else:
            # Of no district, also those without any figure: a mark here and a 0 there would tell of single people.
            none = dict.fromkeys(PEOPLE, MARK)
            lines = [{**line, **none} for line in lines]
            of_month = next((line for line in months if line["name"] == _label(rows, month)), None)
            total = {**total, **{key: of_month[key] if of_month else 0 for key in PEOPLE}}
    shown = {line["name"]: line for line in lines}
    period = fiscal_year_label(year) if month is None else f"{fiscal_year_label(year)} {month}月"
    others = [key for key in MEASURES if key != measure]
    everyone = sum(row.people or 0 for row in found.rows)
    here = {f"{row.no} {names.get(row.no, '')}".strip() for row in found.rows}
    elsewhere = [line for line in lines if line["name"] not in here]
    spec = DistrictCountsSpec(
        name="agreement",
        label=f"{period}の{title}の地図",
        caption=f"{period}の地区ごとの{title}",
        summary=f"{period}の{title}は、市全体で {_text(total[measure])} {unit}です（協定、取組1）。",
        districts=districts_of(found),
        counted={
            row.no: _counted(
                shown.get(f"{row.no} {names.get(row.no, '')}".strip(), none), measure, others, row.people
            )
            for row in found.rows
        },
        columns=(
            Column("count", f"{title}（{unit}）", numeric=True),
            Column("per_1000", f"人口千人あたり（{unit}）", numeric=True),
            Column("population", "人口", numeric=True),
            *(Column(key, f"{MEASURES[key][0]}（{MEASURES[key][1]}）", numeric=True) for key in others),
        ),
        shades=rate_shades(f"人口千人あたりの{title}", unit, BREAKS[measure]),
        circles=drawn_circles(measure),
        totals=(
            _cell(total[measure]),
            _rate(total[measure], everyone),
            _cell(everyone),
            *(_cell(total[key]) for key in others),
        ),
        figures=tuple(Figure(name, f"{_text(total[key])} {one}") for key, (name, one) in MEASURES.items()),
        notes=(
            *((INVENTED,) if invented else ()),
            *_notes_elsewhere(elsewhere, measure, none),
            "検索は、市民と窓口のページ、会員店のページとサイトからの件数です。まとめて調べた件数は入りません。",
            f"人口は国勢調査の小地域{sample_mark(found)}によります。",
            *(
                ()
                if full
                else (
                    f"取次・申込み・加入の少ない件数と、そこから計算できる件数は「{MARK}」としています。",
                    "月ごとでは、取次・申込み・加入の地区別の件数を示しません。",
                )
            ),
        ),
        **common(reading),
    )
    credit: tuple[list[str], list[str | None]] = (["sample"], [SAMPLE_SOURCE]) if invented else ([], [])
    return Made(spec, *credit, _months(months, fiscal_year_label(year)), "月別の表")


def _label(rows: list[MonthRow], month: int) -> str | None:
    return next((month_label(row.month) for row in rows if row.month.month == month), None)


def _notes_elsewhere(lines: list[dict[str, Any]], measure: str, none: Mapping[str, Any]) -> list[str]:
    """Figures of the total that are in no row of the table, by measure: with the rows they add up to it.

    `none`: figures of a line that is not there. A line with marks alone is left out: that it is there tells of somebody.
    """
    unknown = next((line for line in lines if line["name"] == NO_DISTRICT), none)
    title, unit = MEASURES[measure]
    notes = [
        f"地区のわからない{title}が {_text(unknown.get(measure, 0))} {unit}あります。合計には入り、地図にはありません。"
    ]
    rest = _told(unknown, [key for key in MEASURES if key != measure])
    if rest:
        notes.append(f"地区のわからない件数は、ほかに{rest}です。")
    for line in lines:
        if line["name"] != NO_DISTRICT and (not none or any(line[k] for k in MEASURES if k not in PEOPLE)):
            told = _told(line, [measure, *(key for key in MEASURES if key != measure)])
            notes.append(f"地区 {line['name']}の件数（{told}）も、合計には入り、表の行と地図にはありません。")
    return notes


def _told(line: Mapping[str, Any], keys: list[str]) -> str:
    return "、".join(
        f"{MEASURES[key][0]} {_text(line[key])} {MEASURES[key][1]}" for key in keys if line.get(key, 0) != 0
    )


def _text(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _cell(value: int | str) -> Cell:
    """A withheld figure has words and no value: it is in no file either."""
    from maps.tables import Cell

    return Cell(_text(value), value if isinstance(value, int) else None)


def _rate(value: int | str, people: int | None) -> Cell:
    from maps.tables import Cell

    if not isinstance(value, int):
        return Cell(value)
    rate = per_thousand(value, people)
    return Cell("不明" if rate is None else format_number(rate), rate)


def _counted(line: Mapping[str, Any], measure: str, others: list[str], people: int | None) -> Counted:
    from maps.district_counts import Counted
    from maps.tables import Cell
    from maps.text import number

    value = line.get(measure, 0)
    cells = (
        _cell(value),
        _rate(value, people),
        Cell(number(people), people),
        *(_cell(line.get(key, 0)) for key in others),
    )
    if not isinstance(value, int):
        return Counted(None, cells, withheld=True)
    return Counted(class_of(per_thousand(value, people), BREAKS[measure]), cells, value)


def _months(months: list[dict[str, Any]], label: str) -> Table:
    from maps.tables import Column, Row, Table

    columns = tuple(Column(key, f"{name}（{unit}）", numeric=True) for key, (name, unit) in MEASURES.items())
    return Table(
        f"{label}の月ごとの件数（市全体）",
        "月",
        columns,
        tuple(
            Row(index, line["name"], tuple(_cell(line[key]) for key in MEASURES), on_map=False)
            for index, line in enumerate(months, start=1)
        ),
        layer="months",
    )
