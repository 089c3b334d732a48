"""The map of a scenario in one year: districts by who has a facility within reach, facilities by what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.reach_pages.people import year_label
from api.scenario_pages.states import GROUPS, states_of
from api.scenario_pages.tables import WALK_M_PER_MINUTE
from api.support.parts import common, districts_of
from kyodo_geo.classes import COVERAGE_BREAKS, class_labels, class_of

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from api.reach_pages.shelf import Held
    from api.scenario_pages.inputs import Inputs
    from kyodo_geo.scenarios.effects import Effects
    from maps.district_counts import DistrictCountsSpec
    from maps.specs import Figure

NAME = "facility-scenario"


def spec_of(
    reading: Reading, held: Held, inputs: Inputs, found: Effects, district: DistrictFigures, year: int,
    summary: str, figures: tuple[Figure, ...],
) -> DistrictCountsSpec:  # fmt: skip
    """What to draw. Without people or facilities the districts have no data, and there is no point."""
    from maps.district_counts import Counted, DistrictCountsSpec, Place, Shades
    from maps.palettes import ramp
    from maps.specs import Overlays
    from maps.tables import Column

    label = f"{year}年度"
    people = year_label(held.prepared, year, found.reach.choice.projection if found.reach else "table")
    rows = district_rows(found, year)
    states = states_of(found, inputs, held.prepared, year)
    sites = inputs.sites
    return DistrictCountsSpec(
        name=NAME,
        label=f"{label}に残る施設・閉じる施設と、施設が届く範囲に住む人の割合の地図",
        caption=f"{label}に、この案でだれが遠くなるか（地区別。人口は{people}）",
        summary=summary,
        districts=districts_of(district),
        counted={
            no: Counted(class_of(part, COVERAGE_BREAKS), row) for no, (part, row) in rows.items()
        },
        columns=(
            Column("share_within", "この案：範囲に施設がある人（%）", numeric=True, digits=1),
            Column("share_before", "今のまま（%）", numeric=True, digits=1),
            Column("points", "差（ポイント）", numeric=True, digits=1),
            Column("people", "人口", numeric=True),
            Column("longer", "遠くなる人", numeric=True),
            Column("longer_65", "うち65歳以上", numeric=True),
            Column("longer_m", "遠くなる人の差の平均（m）", numeric=True),
            Column("longer_min", "同（歩いて約何分）", numeric=True),
            Column("pushed_out", "範囲の外になる人", numeric=True),
            Column("stranded", "行ける施設がなくなる人", numeric=True),
        ),
        shades=Shades(
            "届く範囲に住む人の割合（この案）",
            "単位 %、地区の人口に対する割合",
            tuple(class_labels(COVERAGE_BREAKS)),
            ramp("YlOrBr", len(COVERAGE_BREAKS) + 1),
        ),
        figures=figures,
        notes=(
            f"分は、1 分に {WALK_M_PER_MINUTE} m 歩くとした目安です。車で移動する地区でも、同じ道のりを歩いたときの分です。",
            "「範囲の外になる人」は、今のままなら範囲に施設があり、この案では範囲の外になる人です。",
        ),
        places=tuple(
            Place(state.key, state.name, sites[state.key].lon, sites[state.key].lat,
                  (sites[state.key].kind, state.words), state.group)
            for state in states.values()
            if state.key in sites
        ),
        place_title="施設",
        place_groups=GROUPS,
        place_details=("種別", "行動"),
        **{**common(reading), "overlays": Overlays()},
    )  # fmt: skip


def district_rows(found: Effects, year: int) -> dict[int, tuple[float | None, tuple[Any, ...]]]:
    """District number → (share within reach, cells of the district's row); empty without people or facilities."""
    before, after, moved = found.reach_before(year), found.reach_in(year), found.moved_in(year)
    if found.reach is None or before is None or after is None or moved is None:
        return {}
    rows: dict[int, tuple[float | None, tuple[Any, ...]]] = {}
    for place, no in enumerate(found.reach.districts):
        people = float(after.by_district.people[place].sum())
        was, now = float(before.reached[place].sum()), float(after.reached[place].sum())
        longer, stranded = float(moved.longer[place].sum()), float(moved.stranded[place].sum())
        with_way = longer - stranded
        more = float(moved.longer_m[place]) / with_way if with_way >= 0.5 else None
        rows[no] = (
            now / people if people > 0 else None,
            (
                cells.share(now, people),
                cells.share(was, people),
                cells.points((now - was) / people if people > 0 else None),
                cells.people(people),
                cells.people(longer),
                cells.people(float(moved.longer[place][2]) if found.reach.knows_older else None),
                cells.metres(more),
                cells.metres(None if more is None else more / WALK_M_PER_MINUTE),
                cells.people(float(moved.pushed_out[place].sum())),
                cells.people(stranded),
            ),
        )
    return rows
