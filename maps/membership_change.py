"""Change of the membership rate between two fiscal years, by district: a diverging palette around 0."""

from __future__ import annotations

from decimal import Decimal

from kyodo_geo.classes import NO_DATA, WITHHELD
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.rate_change import (
    LABELS,
    change_class,
    change_legend_rows,
    change_points,
    counted,
    format_points,
)
from maps import patterns
from maps.districts import bounds, district_layer, outline_layer, table_row
from maps.drawing import draw
from maps.legend import Entry, legend
from maps.membership import WITHHELD_SHORT
from maps.overlays import overlay_parts
from maps.palettes import ramp
from maps.planner_specs import MembershipChangeSpec
from maps.specs import BuiltMap, District, Figure
from maps.tables import Cell, Column, Table
from maps.text import percent

COLOURS = ramp("PuOr", len(LABELS))


def change_entries(changes: list[Decimal | None], hidden: int = 0) -> list[Entry]:
    """Legend lines of a change, largest rise first; `hidden` things are a class of their own."""
    entries = [
        Entry(NO_DATA, patterns.NO_DATA, row.count, key="missing")
        if row.index is None
        else Entry(row.label, COLOURS[row.index], row.count, key=f"class-{row.index}")
        for row in change_legend_rows(changes)
    ]
    return [*entries, Entry(WITHHELD, patterns.WITHHELD, hidden, key="withheld")] if hidden else entries


def change_fill(points: Decimal | None) -> str:
    """Colour or hatch of a change."""
    index = change_class(points)
    return patterns.NO_DATA if index is None else COLOURS[index]


def change_label(points: Decimal | None) -> str:
    """Wording of the class of a change."""
    index = change_class(points)
    return NO_DATA if index is None else LABELS[index]


def build(spec: MembershipChangeSpec) -> BuiltMap:
    """Map, legend and table of the changes."""
    later, earlier = fiscal_year_label(spec.fiscal_year), fiscal_year_label(spec.earlier_year)
    lines = {district.no: _Line(spec, district) for district in spec.districts}
    layer = district_layer(
        spec.districts,
        lambda district: lines[district.no].texts(),
        lambda district: lines[district.no].fill,
        [("change", "増減（ポイント）"), ("level", "階級"), ("later", later), ("earlier", earlier)],
    )
    outline = outline_layer(spec.outline)
    over, more, toggles = overlay_parts(spec, spec.districts)
    html, script = draw(
        "membership",
        f"{earlier}から{later}までの町内会・自治会加入率の増減の地図",
        [outline, layer, *over],
        bounds(layer, outline),
        spec.basemap,
    )
    known = [line.change for line in lines.values() if not line.hidden]
    entries = change_entries(known, len(spec.districts) - len(known))
    city = change_points(spec.city_rate, spec.city_earlier_rate)
    count = counted(known)
    return BuiltMap(
        name="membership",
        html=html,
        legend=legend("加入率の増減", f"単位 ポイント、{later} − {earlier}", [*entries, *more]),
        script=script,
        table=_table(spec, lines, later, earlier),
        summary=(
            f"{earlier}から{later}までに、加入率が 1 ポイント以上下がったのは {count.fell} 地区、"
            f"1 ポイント以上上がったのは {count.rose} 地区、ほぼ同じなのは {count.steady} 地区です。"
        ),
        figures=(
            Figure(
                "市全体の増減",
                _points(city),
                f"{percent(spec.city_earlier_rate)} → {percent(spec.city_rate)}",
            ),
            Figure("1 ポイント以上下がった地区", f"{count.fell} 地区"),
            Figure("1 ポイント以上上がった地区", f"{count.rose} 地区"),
        ),
        toggles=toggles,
        warnings=spec.warnings,
    )


def _points(change: Decimal | None) -> str:
    return NO_DATA if change is None else f"{format_points(change)} ポイント"


class _Line:
    """Texts of one district: the same for popup and table."""

    def __init__(self, spec: MembershipChangeSpec, district: District) -> None:
        self.district = district
        self.hidden = district.no in spec.withheld
        self.later = None if self.hidden else district.membership_rate
        self.earlier = None if self.hidden else spec.earlier.get(district.no)
        self.change = change_points(self.later, self.earlier)

    @property
    def fill(self) -> str:
        return patterns.WITHHELD if self.hidden else change_fill(self.change)

    @property
    def level(self) -> str:
        return WITHHELD if self.hidden else change_label(self.change)

    def shown(self) -> str:
        return WITHHELD_SHORT if self.hidden else format_points(self.change)

    def rate(self, rate: float | None) -> str:
        if self.hidden:
            return WITHHELD_SHORT
        return NO_DATA if rate is None else percent(rate)

    def texts(self) -> dict[str, str]:
        shown = self.shown()
        return {
            "change": shown,
            "level": self.level,
            "later": self.rate(self.later),
            "earlier": self.rate(self.earlier),
            "hint": f"{self.district.name}：{shown}",
            "label": f"{self.district.no} {self.district.name}、加入率の増減 {shown} ポイント（{self.level}）",
        }


def _table(spec: MembershipChangeSpec, lines: dict[int, _Line], later: str, earlier: str) -> Table:
    rows = [
        table_row(
            line.district,
            [
                Cell(line.shown(), None if line.change is None else float(line.change)),
                Cell.words(line.level),
                Cell(line.rate(line.later), line.later),
                Cell(line.rate(line.earlier), line.earlier),
            ],
        )
        for line in lines.values()
    ]
    columns = (
        Column("change_points", "増減（ポイント）", numeric=True, digits=1),
        Column("class", "階級"),
        Column("membership_rate", later, numeric=True),
        Column("earlier_rate", earlier, numeric=True, rate=True),
    )
    return Table(
        f"地区別の町内会・自治会加入率の増減（{earlier}から{later}まで）",
        "地区",
        columns,
        tuple(rows),
        notes=(
            "増減は、表に示した 2 つの加入率（0.1 % まで）の差です。階級の区切りは、どの年度の組み合わせでも同じです。",
            "どちらかの年度が非公表の地区は、増減も非公表としています。",
        ),
    )
