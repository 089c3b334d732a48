"""Reading runs for staff: who may see which, and one run as its page, its map and its files say it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import figures
from api.answers import Reading
from api.clock import today
from api.reach_pages.people import MESH_KIND, UNIT
from api.siting_pages import tables, words
from api.support.parts import common, districts_of
from geodata import siting_runs, siting_sites
from geodata.database import Audience, Connection
from geodata.queries.generation import Ref, resolve
from geodata.siting_runs import GONE, Run
from kyodo_geo.errors import NotFoundError, UnavailableError
from kyodo_geo.roles import Role
from kyodo_geo.siting_city.question import MODELS, Question

if TYPE_CHECKING:
    from api.services import Services
    from maps.specs import BuiltMap
    from maps.tables import Table

KINDS = (
    "facilities",
    "walk-network",
    "age-population",
    *figures.PEOPLE_KINDS,
    *figures.PLACE_KINDS,
    "built-up",
)
SHOWN_AREAS = 20


@dataclass(frozen=True, slots=True, eq=False)
class RunView:
    """One run. Tables and map are there where it has an answer."""

    ref: Ref
    run: Run
    asked: Question
    asked_lines: list[tuple[str, str]]
    assumptions: list[str]
    dataset: dict[str, Any]
    stale: bool
    districts: dict[int, str]
    sites: Table | None = None
    figures: Table | None = None
    by_district: Table | None = None
    areas: Table | None = None
    built: BuiltMap | None = None
    summary: str = ""
    period: str = ""

    @property
    def result(self) -> dict[str, Any] | None:
        return self.run.result if self.run.ended else None


def ref_of(conn: Connection, municipality: str) -> Ref:
    """The present state; an unready service is no fault of the reader's."""
    try:
        return resolve(conn, municipality)
    except NotFoundError:
        raise UnavailableError(
            "まだデータが読み込まれていません。データを読み込んでから、もう一度お試しください。"
        ) from None


def visible(run: Run, roles: Collection[Role]) -> bool:
    """Whether these roles may see the run: it is one of ours, and its places are nobody's secret to them."""
    source = str(run.parameters.get("new", "none"))
    return run.model in MODELS and not siting_sites.readers_of(source).isdisjoint(roles)


def run_of(conn: Connection, municipality: str, run_id: str, roles: Collection[Role]) -> Run:
    """A run for these roles; raises `NotFoundError` also for one they may not see."""
    found = siting_runs.run(conn, municipality, run_id)
    if not visible(found, roles):
        raise NotFoundError(GONE)
    return found


def listed(conn: Connection, municipality: str, roles: Collection[Role]) -> list[Run]:
    """The newest runs these roles may see."""
    found = siting_runs.runs(conn, municipality, limit=100, models=list(MODELS))
    return [run for run in found if visible(run, roles)][:30]


def names_in(run: Run) -> dict[str, str]:
    """Names of places by id, as far as the run has kept them."""
    kept = run.basis.get("names", {})
    return {**kept, **{site["id"]: site["name"] for site in (run.result or {}).get("sites", [])}}


def run_view(services: Services, run_id: str, roles: Collection[Role], *, drawn: bool = True) -> RunView:
    """The run with all its page says (blocking). `drawn`: with the map."""
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        run = run_of(conn, code, run_id, roles)
        ref = ref_of(conn, code)
        return _view(Reading(conn, ref, today(), services), run, drawn)


def _view(reading: Reading, run: Run, drawn: bool) -> RunView:
    asked = Question.from_json(run.parameters)
    district = figures.district_figures(reading, geometry=drawn)
    kinds = (*KINDS, MESH_KIND) if asked.demand == "mesh" else KINDS
    if asked.in_minutes:
        kinds = (*kinds, "drive-network")
    names = {row.no: row.name for row in district.rows}
    dataset = district.credit(*dict.fromkeys((*kinds, *siting_sites.KINDS.get(asked.new, ()))), plans=False)
    result = run.result if run.ended else None
    told: dict[str, Any] = {
        "ref": reading.ref,
        "run": run,
        "asked": asked,
        "asked_lines": words.asked_lines(asked, names, names_in(run)),
        "dataset": dataset,
        "stale": _basis(run) != str(reading.ref.generation_no),
        "districts": names,
        "assumptions": [] if result is None else words.assumed(asked, result, names),
        "period": (
            f"{MODELS[asked.model]}・{asked.year}年・{words.travel(asked)}・"
            f"{words.BY[(result or {}).get('by', asked.by)]}・計算 {run.run_id}"
        ),
    }
    if result is None or not result["sites"]:
        return RunView(**told)
    sites = tables.sites_table(result, asked.existing, names)
    summary = summary_of(asked, result)
    built = None
    if drawn:
        from maps.build import build_map

        built = build_map(_spec(reading, district, asked, result, sites, summary))
    return RunView(
        **told,
        sites=sites,
        figures=tables.figures_table(result, words.reach(asked)),
        by_district=tables.districts_table(result, names, words.reach(asked)),
        areas=tables.areas_table(result, names, UNIT[asked.demand]),
        built=built,
        summary=summary,
    )


def _basis(run: Run) -> str:
    result = run.result or {}
    return str(result.get("made_of", {}).get("generation") or run.basis.get("generation"))


def _connected(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Where no way led to any place: a place is chosen for few people because nothing else could serve them."""
    gained = before["unreachable"] - after["unreachable"]
    return (
        f"いま道のりのつながった場所がない {gained:,} 人も、行けるようになります。"
        "人数の少ない場所が選ばれるのは、このためのことがあります。"
        if gained > 0
        else ""
    )


def summary_of(asked: Question, result: dict[str, Any]) -> str:
    """The answer in a sentence or two."""
    count = {state: sum(site["state"] == state for site in result["sites"]) for state in tables.STATES}
    before, after = result["figures"]["before"], result["figures"]["after"]
    parts = (
        [f"新しく開く場所は {count['opened']:,} か所"]
        if count["opened"] or asked.existing != "choose"
        else []
    )
    if asked.existing == "choose":
        parts.append(f"残す施設は {count['kept']:,} か所、なくせる施設は {count['dropped']:,} か所")
    people = max(1, after["people"])
    then, now = (sum(tables.reached(result, told)) for told in (after, before))
    return (
        f"{'、'.join(parts)}です。届く範囲（{words.reach(asked)}）に場所がある人は {then:,} 人（{100 * then / people:.1f} %）で、"
        f"いまの {now:,} 人（{100 * now / people:.1f} %）から {then - now:+,} 人です。"
        f"{_connected(before, after)}"
    )


def _spec(
    reading: Reading,
    district: figures.DistrictFigures,
    asked: Question,
    result: dict[str, Any],
    sites: Table,
    summary: str,
) -> Any:
    from maps.siting import Chosen, SitingSpec, Spot
    from maps.specs import Overlays

    unit = tables.unit_of(result)
    state_words = tables.states_of(asked.existing)
    rows = {
        row.key: {column.key: cell.text for column, cell in zip(sites.columns, row.cells, strict=True)}
        for row in sites.rows
    }
    return SitingSpec(
        label="施設の配置の答えの地図",
        unit=UNIT[asked.demand],
        summary=summary,
        districts=districts_of(district),
        spots=tuple(
            Spot(area["key"], area["lon"], area["lat"], area["people"], area[f"after_{unit}"])
            for area in result["areas"]
            if area.get("lon") is not None
        ),
        places=tuple(
            Chosen(site["id"], site["name"], site["lon"], site["lat"], site["state"], state_words[site["state"]],
                   tuple(rows[site["id"]][key] for key in ("state", "kind", "district", "people", f"farthest_{unit}")))
            for site in result["sites"]
        ),
        details=("区分", "種別", "地区", "最寄りの人", f"いちばん遠い人（{tables.UNITS[unit]}）"),
        minutes=asked.in_minutes,
        table=sites,
        **{**common(reading), "overlays": Overlays()},
    )  # fmt: skip
