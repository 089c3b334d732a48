"""Community development projects (取組9) by district and year: number as circles, rate per 1,000 people as colour."""

from __future__ import annotations

from dataclasses import replace

from kyodo_geo.classes import NO_DATA
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.projects import format_rate, per_thousand, rate_class, rate_labels, rate_legend_rows
from maps import patterns
from maps.districts import bounds, district_layer, outline_layer, table_row
from maps.drawing import draw
from maps.legend import Entry, legend
from maps.overlays import overlay_parts
from maps.palettes import ramp
from maps.planner_specs import ProjectFigures, ProjectsSpec
from maps.specs import BuiltMap, District, Figure
from maps.tables import Cell, Column, Table
from maps.text import UNKNOWN, number

LABELS = rate_labels()
COLOURS = ramp("YlGnBu", len(LABELS))
NONE_HELD = ProjectFigures(0, 0)

_COLUMNS = (
    Column("projects", "地域づくり事業（件）", numeric=True),
    Column("rate_per_1000", "人口千人あたり（件）", numeric=True, digits=2),
    Column("class", "階級"),
    Column("grant_yen", "補助金（円）", numeric=True),
    Column("participants", "参加者（人）", numeric=True),
    Column("population", "人口", numeric=True),
)


class _Line:
    """Texts of one district: the same for popup and table."""

    def __init__(self, spec: ProjectsSpec, district: District) -> None:
        self.district = district
        held = spec.projects.get(district.no, NONE_HELD) if spec.known else None
        self.count = held.count if held else None
        self.rate = per_thousand(self.count, district.people)
        self.yen = held.grant_yen if held else None
        self.participants = held.participants if held else None
        self.unknown = held.grants_unknown if held else 0

    @property
    def index(self) -> int | None:
        return rate_class(self.rate)

    @property
    def level(self) -> str:
        return NO_DATA if self.index is None else LABELS[self.index]

    @property
    def fill(self) -> str:
        return patterns.NO_DATA if self.index is None else COLOURS[self.index]

    def shown_count(self) -> str:
        return NO_DATA if self.count is None else number(self.count)

    def shown_yen(self) -> str:
        if self.count is None:
            return NO_DATA
        if self.count and self.yen is None:
            return UNKNOWN
        more = f"（ほか {self.unknown} 件は不明）" if self.unknown else ""
        return f"{number(self.yen or 0)}{more}"

    def shown_participants(self) -> str:
        if self.count is None:
            return NO_DATA
        return number(self.participants) if self.count else "0"

    def texts(self) -> dict[str, str]:
        count, rate = self.shown_count(), format_rate(self.rate)
        return {
            "count": count if self.count is None else f"{count} 件",
            "rate": rate if self.rate is None else f"{rate} 件",
            "level": self.level,
            "yen": self.shown_yen() if self.count is None else f"{self.shown_yen()} 円",
            "hint": f"{self.district.name}：{count}{'' if self.count is None else ' 件'}",
            "label": f"{self.district.no} {self.district.name}、地域づくり事業 {count}"
            f"{'' if self.count is None else ' 件'}、人口千人あたり {rate}（{self.level}）",
        }


def build(spec: ProjectsSpec) -> BuiltMap:
    """Map, legend and table of the projects."""
    year = UNKNOWN if spec.fiscal_year is None else fiscal_year_label(spec.fiscal_year)
    lines = {district.no: _Line(spec, district) for district in spec.districts}
    layer = district_layer(
        spec.districts,
        lambda district: lines[district.no].texts(),
        lambda district: lines[district.no].fill,
        [
            ("count", "地域づくり事業"),
            ("rate", "人口千人あたり"),
            ("level", "階級"),
            ("yen", "補助金"),
        ],
    )
    outline = outline_layer(spec.outline)
    counts = {no: figures.count for no, figures in spec.projects.items() if no in lines}
    asked = replace(spec, overlays=replace(spec.overlays, projects=counts, projects_year=spec.fiscal_year))
    over, more, toggles = overlay_parts(asked, spec.districts, projects_on=True)
    html, script = draw(
        "projects",
        f"{year}の地域づくり事業の地図",
        [outline, layer, *over],
        bounds(layer, outline),
        spec.basemap,
    )
    entries = [
        Entry(NO_DATA, patterns.NO_DATA, row.count, key="missing")
        if row.index is None
        else Entry(row.label, COLOURS[row.index], row.count, key=f"class-{row.index}")
        for row in rate_legend_rows([line.rate for line in lines.values()])
    ]
    total = sum(line.count or 0 for line in lines.values())
    held = sum(bool(line.count) for line in lines.values())
    return BuiltMap(
        name="projects",
        html=html,
        legend=legend("地域づくり事業", "色は人口千人あたりの件数、円の面積は件数", [*entries, *more]),
        script=script,
        table=_table(spec, lines, year),
        summary=_summary(spec, year, total, held),
        figures=_figures(spec, lines, total, held),
        toggles=toggles,
        remarks=spec.path,
    )


def _summary(spec: ProjectsSpec, year: str, total: int, held: int) -> str:
    if not spec.known:
        return (
            "地域づくり事業の記録はありません。"
            if spec.fiscal_year is None
            else f"{year}の記録はありません。"
        )
    return f"{year}の地域づくり事業は {number(total)} 件で、{len(spec.districts)} 地区のうち {held} 地区が行いました。"


def _figures(spec: ProjectsSpec, lines: dict[int, _Line], total: int, held: int) -> tuple[Figure, ...]:
    if not spec.known:
        return ()
    known = [line for line in lines.values() if line.district.people]
    people = sum(line.district.people or 0 for line in known)
    rate = per_thousand(sum(line.count or 0 for line in known), people)
    index = rate_class(rate)
    yen = sum(line.yen or 0 for line in lines.values())
    unknown = sum(line.unknown for line in lines.values())
    return (
        Figure("地域づくり事業", f"{number(total)} 件", f"{held} 地区"),
        Figure(
            "人口千人あたり（市全体）",
            format_rate(rate) if rate is None else f"{format_rate(rate)} 件",
            "" if index is None else f"階級は{LABELS[index]}",
        ),
        Figure("補助金の合計", f"{number(yen)} 円", f"ほか {unknown} 件は不明" if unknown else ""),
    )


def _table(spec: ProjectsSpec, lines: dict[int, _Line], year: str) -> Table:
    rows = [
        table_row(
            line.district,
            [
                Cell(line.shown_count(), line.count),
                Cell(format_rate(line.rate), line.rate),
                Cell.words(line.level),
                Cell(line.shown_yen(), line.yen),
                Cell(line.shown_participants(), line.participants if line.count else line.count),
                Cell(
                    NO_DATA if line.district.people is None else number(line.district.people),
                    line.district.people,
                ),
            ],
        )
        for line in lines.values()
    ]
    return Table(
        f"{year}の地区別の地域づくり事業と補助金",
        "地区",
        _COLUMNS,
        tuple(rows),
        notes=(
            "件数は、計画の成果指標「地域づくり事業の件数」に数える事業です。記録のない地区は 0 件としています。",
            "参加者と補助金は、記録のある事業の合計です。",
            f"人口は国勢調査の小地域{'（見本）' if spec.sample else ''}を地区にまとめたものです。",
        ),
    )
