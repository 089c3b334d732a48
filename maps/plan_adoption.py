"""State of the districts' community development plans on a day: adopted, revised, in preparation, ended, none."""

from __future__ import annotations

from kyodo_geo.plan_states import LABELS, PlanStanding, PlanState
from maps import patterns
from maps.districts import bounds, district_layer, outline_layer, table_row
from maps.drawing import draw
from maps.legend import Entry, legend
from maps.overlays import overlay_parts
from maps.specs import BuiltMap, District, Figure, PlanAdoptionSpec
from maps.tables import Cell, Column, Table
from maps.text import UNKNOWN, day, number

WHEN = "計画書掲載時点"
NOTHING = "なし"

_COLUMNS = (
    Column("plan", "地域づくり計画"),
    Column("since", "その状態になった日"),
    Column("version", "版"),
    Column("title", "計画の名前と文書"),
    Column("note", "備考（計画のない地区の取り組みなど）"),
    Column("population", "人口", numeric=True),
)

_FILLS = {
    PlanState.ADOPTED: patterns.ADOPTED,
    PlanState.REVISED: patterns.REVISED,
    PlanState.IN_PREPARATION: patterns.IN_PREPARATION,
    PlanState.EXPIRED: patterns.EXPIRED,
    PlanState.NONE: patterns.NOT_ADOPTED,
}
_KEYS = {
    PlanState.ADOPTED: "adopted",
    PlanState.REVISED: "revised",
    PlanState.IN_PREPARATION: "in-preparation",
    PlanState.EXPIRED: "expired",
    PlanState.NONE: "not-adopted",
}


FILLS = {**{state.label: _FILLS[state] for state in LABELS}, UNKNOWN: patterns.NO_DATA}
"""Wording of a state → its fill, in the order of the legend; also for maps on paper."""


def state_of(what: PlanStanding | District | None) -> str:
    """Wording of the state of a standing or of a district's row, or 不明."""
    if isinstance(what, District):
        return UNKNOWN if what.plan_state is None else PlanState(what.plan_state).label
    return UNKNOWN if what is None else what.record.state.label


def since(standing: PlanStanding | None) -> str:
    """First day of the state; where only a paper tells of it, that paper's day."""
    if standing is None:
        return UNKNOWN
    if standing.since is not None:
        return day(standing.since)
    if standing.record.stated_on is None:
        return UNKNOWN
    return f"不明（{WHEN}：{day(standing.record.stated_on)}）"


def _iso(standing: PlanStanding | None) -> str | None:
    known = (standing.since or standing.record.stated_on) if standing else None
    return known.isoformat() if known else None


def version(standing: PlanStanding | None) -> str:
    """Which version of the plan is in force. Only the first one is sure to be the first: a paper may tell of a later."""
    if standing is None:
        return UNKNOWN
    if standing.version is None:
        return NOTHING
    return UNKNOWN if standing.only_as_stated else f"第{standing.version}版"


def document(standing: PlanStanding | None) -> str:
    """Name of the plan, or what its link leads to."""
    if standing is None:
        return UNKNOWN
    record = standing.record
    return record.title or ("計画の文書" if record.document_url else NOTHING)


def note(standing: PlanStanding | None) -> str:
    """What is said of the state; of a district without a plan, what it does instead."""
    return (standing.record.note or "") if standing else ""


def _short(text: str) -> str:
    """As much as has room in the details on a map; the table has all of it."""
    return text if len(text) <= 60 else f"{text[:58]}…（続きは表）"


def build(spec: PlanAdoptionSpec) -> BuiltMap:
    """Map, legend and table of the plan states."""
    found = {district.no: spec.standings.get(district.no) for district in spec.districts}
    states = [state_of(standing) for standing in found.values()]
    entries = [
        Entry(label, FILLS[label], states.count(label), key=_KEYS[state]) for state, label in LABELS.items()
    ]
    entries.append(Entry(UNKNOWN, patterns.NO_DATA, states.count(UNKNOWN), key="missing"))
    layer = district_layer(
        spec.districts,
        lambda district: _describe(district, found[district.no]),
        lambda district: _fill(found[district.no]),
        [
            ("plan", "計画"),
            ("since", "いつから"),
            ("version", "版"),
            ("document", "文書"),
            ("note", "備考"),
            ("people", "人口"),
        ],
    )
    outline = outline_layer(spec.outline)
    over, lines, toggles = overlay_parts(spec, spec.districts)
    html, script = draw(
        "plan_adoption",
        f"{day(spec.day)}の地域づくり計画の策定状況の地図",
        [outline, layer, *over],
        bounds(layer, outline),
        spec.basemap,
    )
    return BuiltMap(
        name="plan-adoption",
        html=html,
        legend=legend(f"地域づくり計画の策定状況・{day(spec.day)}", "地区の数", [*entries, *lines]),
        script=script,
        table=_table(spec, found),
        summary=_summary(spec, found),
        figures=_figures(spec, found),
        toggles=toggles,
    )


def _fill(standing: PlanStanding | None) -> str:
    return FILLS[state_of(standing)]


def _in_force(found: dict[int, PlanStanding | None]) -> list[PlanStanding]:
    return [s for s in found.values() if s is not None and s.version is not None]


def _summary(spec: PlanAdoptionSpec, found: dict[int, PlanStanding | None]) -> str:
    held = _in_force(found)
    if not any(found.values()):
        return f"{day(spec.day)}の策定状況はわかりません。"
    stated = sum(standing.only_as_stated for standing in held)
    told = f"うち {stated} 地区は{WHEN}の区分で、策定した日は不明です。" if stated else ""
    return f"{day(spec.day)}に地域づくり計画があるのは、{len(found)} 地区のうち {len(held)} 地区です。{told}"


def _figures(spec: PlanAdoptionSpec, found: dict[int, PlanStanding | None]) -> tuple[Figure, ...]:
    held = _in_force(found)
    stated = [s for s in held if s.only_as_stated]
    days = {s.record.stated_on for s in stated if s.record.stated_on}
    as_stated = f"うち{WHEN}（{day(max(days))}）{len(stated)} 地区" if days else ""
    coming = sum(s is not None and s.record.state is PlanState.IN_PREPARATION for s in found.values())
    return (
        Figure("計画がある地区", f"{len(held)} 地区", as_stated),
        Figure("準備中の地区", f"{coming} 地区"),
        Figure("コミュニティ推進地区", f"{len(found)} 地区"),
    )


def _describe(district: District, standing: PlanStanding | None) -> dict[str, str]:
    state = state_of(standing)
    stated = WHEN if standing is not None and standing.only_as_stated else since(standing)
    return {
        "plan": state,
        "since": since(standing),
        "version": version(standing),
        "document": document(standing),
        "note": _short(note(standing)) or NOTHING,
        "people": f"{number(district.people)} 人" if district.people is not None else UNKNOWN,
        "hint": f"{district.name}：{state}",
        "label": f"{district.no} {district.name}、地域づくり計画は{state}（{stated}）",
    }


def _table(spec: PlanAdoptionSpec, found: dict[int, PlanStanding | None]) -> Table:
    rows = []
    for district in spec.districts:
        standing = found[district.no]
        record = standing.record if standing else None
        title = document(standing)
        rows.append(
            table_row(
                district,
                [
                    Cell.words(state_of(standing)),
                    Cell(since(standing), _iso(standing)),
                    Cell.words(version(standing)),
                    Cell(title, title, href=_web(record.document_url) if record else None),
                    Cell.words(note(standing)),
                    Cell(number(district.people), district.people),
                ],
            )
        )
    return Table(
        f"地区ごとの地域づくり計画の策定状況（{day(spec.day)}）",
        "地区",
        _COLUMNS,
        tuple(rows),
        notes=(
            f"「{WHEN}」は、市の計画書に載った区分です。策定した日がわからないため、計画書より前の日は「{UNKNOWN}」としています。",
            "版は、策定を第1版とし、改定のたびに 1 つ進めて数えています。",
        ),
    )


def _web(url: str | None) -> str | None:
    """The link itself, if it leads to the web and nowhere else."""
    return url if url and url.startswith(("https://", "http://")) else None
