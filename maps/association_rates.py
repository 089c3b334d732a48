"""Membership rate by association in one year, or its change between two: for staff alone."""

from __future__ import annotations

from kyodo_geo.classes import MEMBERSHIP_BREAKS, NO_DATA, class_of
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.outliers import RULE, outliers
from kyodo_geo.rate_change import counted, format_points
from maps import patterns
from maps.associations import COUNTER, LAYER, association_layer, association_row
from maps.districts import bounds, outline_layer
from maps.drawing import draw
from maps.legend import class_entries, legend
from maps.membership import COLOURS, LABELS
from maps.membership_change import change_entries, change_fill, change_label
from maps.overlays import overlay_parts
from maps.planner_specs import AssociationFigures, AssociationRatesSpec
from maps.specs import BuiltMap, Figure
from maps.tables import Cell, Column, Table
from maps.text import number, percent

_COLUMNS = (
    Column("district", "地区"),
    Column("membership_rate", "加入率", numeric=True),
    Column("class", "階級"),
    Column("member_households", "加入世帯数", numeric=True),
    Column("households", "世帯数（分母）", numeric=True),
)


def build(spec: AssociationRatesSpec) -> BuiltMap:
    """Map, legend and table of rates or changes."""
    year = fiscal_year_label(spec.fiscal_year)
    compared = spec.earlier_year is not None
    title = f"{year}の町内会・自治会別の加入率"
    if spec.earlier_year is not None:
        title = f"{fiscal_year_label(spec.earlier_year)}から{year}までの町内会・自治会別の加入率の増減"
    details = [
        ("rate", "加入率"),
        ("level", "階級"),
        ("members", "加入世帯数"),
        ("households", "世帯数（分母）"),
    ]
    layer = association_layer(
        spec.associations,
        lambda item: _describe(item, compared),
        lambda item: change_fill(item.change) if compared else _fill(item),
        [("change", "増減（ポイント）"), *details] if compared else details,
    )
    outline = outline_layer(spec.outline)
    over, lines, toggles = overlay_parts(spec, ())
    html, script = draw(
        "association_membership",
        f"{title}の地図",
        [outline, layer, *over],
        bounds(layer, outline),
        spec.basemap,
    )
    rates = [item.rate for item in spec.associations]
    known = [rate for rate in rates if rate is not None]
    if compared:
        entries = change_entries([item.change for item in spec.associations])
        key = legend("加入率の増減", "単位 ポイント", [*entries, *lines], COUNTER)
    else:
        entries = class_entries(rates, [False] * len(rates), MEMBERSHIP_BREAKS, COLOURS)
        key = legend("町内会・自治会加入率", "単位 %、加入世帯数 ÷ 世帯数", [*entries, *lines], COUNTER)
    return BuiltMap(
        name="association-membership",
        html=html,
        legend=key,
        script=script,
        table=_table(spec, title, compared),
        summary=f"{title}です。{len(rates)} 団体のうち {len(known)} 団体の数値があります。",
        figures=_figures(spec, year, len(known), compared),
        toggles=toggles,
        remarks=() if compared else _far(spec),
    )


NAMED = 10
"""As many far associations of each side are named; the table, sorted, has them all."""


def _far(spec: AssociationRatesSpec) -> tuple[str, ...]:
    """Associations far from the others, in words, with the rule."""
    names = {item.id: item.name for item in spec.associations}
    rates = {item.id: item.rate for item in spec.associations if item.rate is not None}
    found = outliers(rates)
    if found is None:
        return ()
    said = []
    for keys, words in ((found.low, "低い"), (found.high, "高い")):
        if keys:
            listed = "、".join(f"{names[key]}（{percent(rates[key])}）" for key in keys[:NAMED])
            more = f"、ほか {len(keys) - NAMED} 団体" if len(keys) > NAMED else ""
            said.append(f"ほかの団体から離れて{words}団体（{len(keys)} 団体）：{listed}{more}")
    return (*(said or ["ほかの団体から離れた値の団体はありません。"]), RULE)


def _figures(spec: AssociationRatesSpec, year: str, known: int, compared: bool) -> tuple[Figure, ...]:
    city = Figure("市全体の加入率", percent(spec.city_rate), year)
    if not compared:
        return (
            city,
            Figure("数値のある団体", f"{number(known)} 団体", f"{len(spec.associations)} 団体のうち"),
        )
    count = counted([item.change for item in spec.associations])
    return (
        city,
        Figure("1 ポイント以上下がった団体", f"{count.fell} 団体"),
        Figure("1 ポイント以上上がった団体", f"{count.rose} 団体"),
    )


def _fill(item: AssociationFigures) -> str:
    index = class_of(item.rate, MEMBERSHIP_BREAKS)
    return patterns.NO_DATA if index is None else COLOURS[index]


def _level(item: AssociationFigures, compared: bool) -> str:
    if compared:
        return change_label(item.change)
    index = class_of(item.rate, MEMBERSHIP_BREAKS)
    return NO_DATA if index is None else LABELS[index]


def shown(value: int | None) -> str:
    """A count of households."""
    return NO_DATA if value is None else number(value)


def shown_rate(rate: float | None) -> str:
    """A rate."""
    return NO_DATA if rate is None else percent(rate)


def _describe(item: AssociationFigures, compared: bool) -> dict[str, str]:
    figure = format_points(item.change) if compared else shown_rate(item.rate)
    level = _level(item, compared)
    return {
        "change": format_points(item.change),
        "rate": shown_rate(item.rate),
        "level": level,
        "members": shown(item.member_households),
        "households": shown(item.households),
        "hint": f"{item.name}：{figure}",
        "label": f"{item.name}、{'加入率の増減' if compared else '加入率'} {figure}（{level}）",
    }


def _table(spec: AssociationRatesSpec, title: str, compared: bool) -> Table:
    rows = []
    for item in spec.associations:
        cells = [
            Cell(shown_rate(item.rate), item.rate),
            Cell.words(_level(item, compared)),
            Cell(shown(item.member_households), item.member_households),
            Cell(shown(item.households), item.households),
        ]
        if compared:
            change = None if item.change is None else float(item.change)
            cells.insert(0, Cell(format_points(item.change), change))
        rows.append(association_row(item, cells))
    columns: tuple[Column, ...] = _COLUMNS
    if compared:
        columns = (
            _COLUMNS[0],
            Column("change_points", "増減（ポイント）", numeric=True, digits=1),
            *_COLUMNS[1:],
        )
    return Table(
        title, "町内会・自治会", columns, tuple(rows), layer=LAYER,
        notes=("町内会・自治会ごとの加入率は公表していません。庁内での検討にだけ使ってください。",),
    )  # fmt: skip
