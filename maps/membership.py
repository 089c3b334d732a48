"""Membership rate of neighbourhood associations by district, in one fiscal year."""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.classes import MEMBERSHIP_BREAKS, NO_DATA, WITHHELD, class_labels, class_of
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.outliers import RULE, outliers
from maps import patterns
from maps.districts import bounds, district_layer, outline_layer, table_row
from maps.drawing import draw
from maps.legend import class_entries, legend
from maps.overlays import overlay_parts
from maps.palettes import ramp
from maps.specs import BuiltMap, District, Figure, MembershipSpec
from maps.tables import Cell, Column, Table
from maps.text import day, number, percent

COLOURS = ramp("YlGnBu", len(MEMBERSHIP_BREAKS) + 1)
LABELS = class_labels(MEMBERSHIP_BREAKS)
CITY_CLASS = MEMBERSHIP_BREAKS.index(0.875) + 1
"""Index of the class that begins at the city's rate in R1."""
WITHHELD_SHORT = "非公表"

DENOMINATORS = {
    "register": "住民基本台帳の世帯数",
    "census": "国勢調査の世帯数",
    "reported": "町内会・自治会が報告した世帯数",
}

_COLUMNS = (
    Column("membership_rate", "加入率", numeric=True),
    Column("class", "階級"),
    Column("member_households", "加入世帯数", numeric=True),
    Column("rate_households", "世帯数（分母）", numeric=True),
)


def rate_of(district: District) -> float | None:
    """The rate that may be shown."""
    return None if district.suppressed else district.membership_rate


def class_label(district: District) -> str:
    """Wording of the district's class, as in the legend."""
    if district.suppressed:
        return WITHHELD
    index = class_of(district.membership_rate, MEMBERSHIP_BREAKS)
    return NO_DATA if index is None else LABELS[index]


def fill_of(district: District) -> str:
    """Colour or hatch of the district's class."""
    if district.suppressed:
        return patterns.WITHHELD
    index = class_of(district.membership_rate, MEMBERSHIP_BREAKS)
    return patterns.NO_DATA if index is None else COLOURS[index]


def build(spec: MembershipSpec) -> BuiltMap:
    """Map, legend and table of the rates."""
    year = fiscal_year_label(spec.fiscal_year)
    layer = district_layer(
        spec.districts,
        _describe,
        fill_of,
        [("rate", "加入率"), ("level", "階級"), ("members", "加入世帯数"), ("households", "世帯数（分母）")],
    )
    outline = outline_layer(spec.outline)
    over, lines, toggles = overlay_parts(spec, spec.districts)
    html, script = draw(
        "membership",
        f"{year}の町内会・自治会加入率の地図",
        [outline, layer, *over],
        bounds(layer, outline),
        spec.basemap,
    )
    entries = class_entries(
        [district.membership_rate for district in spec.districts],
        [district.suppressed for district in spec.districts],
        MEMBERSHIP_BREAKS,
        COLOURS,
    )
    rates = [rate for district in spec.districts if (rate := rate_of(district)) is not None]
    # By the class, so of the rate as it is shown: the legend counts the same districts.
    above = sum((class_of(rate, MEMBERSHIP_BREAKS) or 0) >= CITY_CLASS for rate in rates)
    return BuiltMap(
        name="membership",
        html=html,
        legend=legend("町内会・自治会加入率", "単位 %、加入世帯数 ÷ 世帯数", [*entries, *lines]),
        script=script,
        table=_table(spec, year),
        summary=_summary(spec, year, above, len(rates)),
        figures=(
            Figure("市全体の加入率", percent(spec.city_rate), _city_note(spec, year)),
            Figure("87.5 % 以上の地区", f"{above} 地区", f"加入率を公表している {len(rates)} 地区のうち"),
        ),
        toggles=toggles,
        warnings=spec.warnings,
        remarks=far_districts(spec.districts),
    )


def _city_note(spec: MembershipSpec, year: str) -> str:
    """The year and the class the city itself would be in."""
    index = class_of(spec.city_rate, MEMBERSHIP_BREAKS)
    return year if index is None else f"{year}、階級は{LABELS[index]}"


def far_districts(districts: Sequence[District]) -> tuple[str, ...]:
    """Districts far from the others, in words, with the rule; nothing where too few rates are known."""
    names = {district.no: district for district in districts}
    rates = {district.no: rate for district in districts if (rate := rate_of(district)) is not None}
    found = outliers(rates)
    if found is None:
        return ()
    said = []
    for keys, words in ((found.low, "低い"), (found.high, "高い")):
        if keys:
            listed = "、".join(f"{no} {names[no].name}（{percent(rates[no])}）" for no in keys)
            said.append(f"ほかの地区から離れて{words}地区：{listed}")
    return (*(said or ["ほかの地区から離れた値の地区はありません。"]), RULE)


def _summary(spec: MembershipSpec, year: str, above: int, known: int) -> str:
    if not known:
        return f"{year}の加入率のデータはありません。"
    city = f"市全体で {percent(spec.city_rate)}、" if spec.city_rate is not None else ""
    return f"{year}の加入率は、{city}{known} 地区のうち {above} 地区が 87.5\u00a0% 以上です。"


def _shown(district: District, value: int | None) -> str:
    if district.suppressed:
        return WITHHELD_SHORT
    return NO_DATA if value is None else number(value)


def shown_rate(district: District) -> str:
    """The rate as every table writes it, or why there is none."""
    if district.suppressed:
        return WITHHELD_SHORT
    return NO_DATA if district.membership_rate is None else percent(district.membership_rate)


def _describe(district: District) -> dict[str, str]:
    rate, level = shown_rate(district), class_label(district)
    return {
        "rate": rate,
        "level": level,
        "members": _shown(district, district.member_households),
        "households": _shown(district, district.rate_households),
        "hint": f"{district.name}：{rate}",
        "label": f"{district.no} {district.name}、加入率 {rate}（{level}）",
    }


def _table(spec: MembershipSpec, year: str) -> Table:
    rows = []
    for district in spec.districts:
        hidden = district.suppressed
        rows.append(
            table_row(
                district,
                [
                    Cell(shown_rate(district), rate_of(district)),
                    Cell.words(class_label(district)),
                    Cell(
                        _shown(district, district.member_households),
                        None if hidden else district.member_households,
                    ),
                    Cell(
                        _shown(district, district.rate_households),
                        None if hidden else district.rate_households,
                    ),
                ],
            )
        )
    sources = "、".join(DENOMINATORS.get(key, key) for key in spec.denominators)
    notes = [
        f"世帯数（分母）：{sources or '不明'}{'（見本）' if spec.sample else ''}、{day(spec.denominator_as_of)}現在。",
        "分母の種類が違う年度や資料どうしでは、加入率をそのまま比べられません。",
    ]
    return Table(f"{year}の地区別の町内会・自治会加入率", "地区", _COLUMNS, tuple(rows), notes=tuple(notes))
