"""Associations at risk (取組14) with the signs that hold, and what the rule could not judge: for staff alone."""

from __future__ import annotations

from markupsafe import Markup

from kyodo_geo.at_risk import Judgement, Sign, Verdict, people_fall, rule_words
from kyodo_geo.classes import NO_DATA
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.rate_change import change_points, format_points
from maps import patterns
from maps.association_rates import shown, shown_rate
from maps.associations import COUNTER, LAYER, association_layer, association_row
from maps.circles import Scale, circle_layer, circle_legend
from maps.districts import bounds, outline_layer
from maps.drawing import draw
from maps.legend import Entry, legend
from maps.overlays import overlay_parts
from maps.palettes import NO
from maps.planner_specs import AssociationFigures, AtRiskSpec
from maps.specs import BuiltMap, Figure
from maps.tables import Cell, Column, Row, Table
from maps.text import percent

CASES = Scale(9.0, (1, 3, 5))
"""Circles of the case sheets: a case is 9 px, and nine of them 27."""

_FILLS = {Verdict.AT_RISK: patterns.AT_RISK, Verdict.NOT: NO, Verdict.UNKNOWN: patterns.NO_DATA}
_KEYS = {Verdict.AT_RISK: "at-risk", Verdict.NOT: "not", Verdict.UNKNOWN: "missing"}
_MARKS = {True: "あたる", False: "あたらない", None: "不明"}

_COLUMNS = (
    Column("district", "地区"),
    Column("verdict", "判定"),
    Column("signs", "あたるもの"),
    Column("households", "世帯数", numeric=True),
    Column("change_points", "加入率の増減（ポイント）", numeric=True, digits=1),
    Column("aged_share", "65歳以上の割合（地区）", numeric=True, rate=True),
    Column("people_fall", "人口の減少（地区）", numeric=True, rate=True),
)


def build(spec: AtRiskSpec) -> BuiltMap:
    """Map, legend and table of the judgements, those at risk first."""
    year = fiscal_year_label(spec.fiscal_year)
    ordered = sorted(
        (item for item in spec.associations if spec.shown is None or item.id in spec.shown),
        key=lambda item: _order(spec.judgements[item.id]),
    )
    layer = association_layer(
        ordered,
        lambda item: _describe(item, spec.judgements[item.id]),
        lambda item: _FILLS[spec.judgements[item.id].verdict],
        [("verdict", "判定"), *((sign.value, sign.label) for sign in Sign)],
    )
    outline = outline_layer(spec.outline)
    over, lines, toggles = overlay_parts(spec, ())
    circles = circle_layer(spec.districts, {no: of.running for no, of in spec.cases.items()}, CASES)
    if circles.features:
        over = [circles, *over]
        toggles = (("circles", "対応中・見守り中の記録の件数（円）", True), *toggles)
    html, script = draw(
        "at_risk",
        f"{year}の見守りが必要な町内会・自治会の地図",
        [outline, layer, *over],
        bounds(layer, outline),
        spec.basemap,
    )
    drawn = [spec.judgements[item.id].verdict for item in ordered]
    verdicts = [spec.judgements[item.id].verdict for item in spec.associations]
    count = {verdict: verdicts.count(verdict) for verdict in Verdict}
    return BuiltMap(
        name="at-risk",
        html=html,
        legend=_legend(spec, drawn, lines, bool(circles.features)),
        script=script,
        table=_table(spec, ordered, year),
        summary=(
            f"{year}の数値では、{len(verdicts)} 団体のうち {count[Verdict.AT_RISK]} 団体が「{Verdict.AT_RISK.value}」です。"
            f"資料が足りず判定できないのは {count[Verdict.UNKNOWN]} 団体です。"
        ),
        figures=tuple(
            Figure(
                sign.label,
                f"{sum(j.signs[sign] is True for j in spec.judgements.values())} 団体",
                _unknown(spec, sign),
            )
            for sign in Sign
        ),
        toggles=toggles,
        remarks=tuple(rule_words(spec.thresholds)),
    )


def _legend(spec: AtRiskSpec, drawn: list[Verdict], lines: list[Entry], with_circles: bool) -> Markup:
    shades = legend(
        "見守りが必要な町内会・自治会",
        "下のきまりによる判定",
        [*(Entry(v.value, _FILLS[v], drawn.count(v), key=_KEYS[v]) for v in Verdict), *lines],
        COUNTER,
    )
    if not with_circles:
        return shades
    sizes = circle_legend("対応中・見守り中の記録", "件", CASES, "0 件の地区に円はありません。")
    return Markup('<div class="legend-stack">{}{}</div>').format(shades, sizes)


def case_table(spec: AtRiskSpec) -> Table:
    """Case sheets by district: those that go on, and visits in the year; districts without either are left out."""
    names = {district.no: district for district in spec.districts}
    rows = []
    for no, counted in spec.cases.items():
        cells = (Cell(f"{counted.running:,}", counted.running), Cell(f"{counted.visits:,}", counted.visits))
        name = f"{no} {names[no].name}" if no in names else "地区不明" if no == 0 else str(no)
        rows.append(Row(f"district-{no}", name, cells, on_map=False))
    totals = [sum(of.running for of in spec.cases.values()), sum(of.visits for of in spec.cases.values())]
    return Table(
        f"地区ごとの見守りの記録（訪問は{fiscal_year_label(spec.fiscal_year)}）",
        "地区",
        (
            Column("running", "対応中・見守り中（件）", numeric=True),
            Column("visits", "訪問・助言（回）", numeric=True),
        ),
        tuple(rows),
        layer="none",
        totals=tuple(Cell(f"{total:,}", total) for total in totals) if rows else (),
    )


def _unknown(spec: AtRiskSpec, sign: Sign) -> str:
    count = sum(j.signs[sign] is None for j in spec.judgements.values())
    return f"不明 {count} 団体" if count else ""


def _order(judgement: Judgement) -> tuple[int, int]:
    return (
        list(Verdict).index(judgement.verdict) if judgement.verdict is not Verdict.NOT else 3,
        -len(judgement.holding),
    )


def _describe(item: AssociationFigures, judgement: Judgement) -> dict[str, str]:
    verdict = judgement.verdict.value
    return {
        "verdict": verdict,
        **{sign.value: _MARKS[holds] for sign, holds in judgement.signs.items()},
        "hint": f"{item.name}：{verdict}",
        "label": f"{item.name}、判定は{verdict}（{_signs(judgement)}）",
    }


def _signs(judgement: Judgement) -> str:
    said = "、".join(sign.label for sign in judgement.holding) or "なし"
    unknown = "・".join(sign.label for sign in judgement.unknown)
    return f"{said}（不明：{unknown}）" if unknown else said


def _table(spec: AtRiskSpec, ordered: list[AssociationFigures], year: str) -> Table:
    rows = []
    for item in ordered:
        facts, judgement = spec.facts[item.id], spec.judgements[item.id]
        change = change_points(facts.rate, facts.earlier_rate)
        fallen = people_fall(facts.people, facts.earlier_people)
        rows.append(
            association_row(
                item,
                [
                    Cell.words(judgement.verdict.value),
                    Cell(_signs(judgement), -len(judgement.holding)),
                    Cell(shown(facts.households), facts.households),
                    Cell(format_points(change), None if change is None else float(change)),
                    Cell(shown_rate(facts.aged_share), facts.aged_share),
                    Cell(NO_DATA if fallen is None else percent(fallen), fallen),
                ],
            )
        )
    return Table(
        f"{year}の見守りが必要な町内会・自治会（取組14）" + (f"：{spec.chosen}" if spec.chosen else ""),
        "町内会・自治会",
        _COLUMNS,
        tuple(rows),
        layer=LAYER,
        notes=(
            "65歳以上の割合と人口の減少は、町内会・自治会ごとの数値がないため、その地区の数値です。",
            "判定は相談や支援を考えるための目安で、団体の評価ではありません。庁内での検討にだけ使ってください。",
        ),
    )
