"""Published scenarios side by side: the page and its file."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.answers import CSV, HTML, Built, Reading, answer
from api.clock import today
from api.reach_pages.shelf import held_for
from api.routes.downloads import disposition
from api.routes.facility_scenarios import kept_while
from api.scenario_pages.compare import AS_IS, beside, comparison
from api.scenario_pages.pages import BASE
from api.scenario_pages.params import BASE_CASE, CompareFileParams, CompareParams, asked, form_of, ids_of
from api.services import services_of
from api.support.files import table_csv
from geodata import scenarios as stored

router = APIRouter(include_in_schema=False)
PATH = f"{BASE}/compare"


def _ids(reading: Reading, params: CompareParams) -> list[str]:
    """What was asked for; without anything the first two that are published, beside the base case."""
    found = ids_of(params)
    if found:
        return found
    known = stored.scenarios(reading.conn, reading.ref.municipality_code)
    return [*(item.scenario_id for item in beside(known)[:2]), BASE_CASE] if known else []


def _others(reading: Reading, params: CompareParams, ids: list[str]) -> list[dict[str, str]]:
    """Links that put one more scenario beside these, or take one away."""
    every = stored.scenarios(reading.conn, reading.ref.municipality_code)
    shown = [item for item in every if item.scenario_id in ids]
    known = {item.scenario_id: item.title for item in beside([*shown[:1], *every])}
    known[BASE_CASE] = AS_IS
    links = []
    for key, title in known.items():
        if key in ids and len(ids) > 1 and [other for other in ids if other not in (key, BASE_CASE)]:
            rest = [other for other in ids if other != key]
            links.append((rest, f"「{title}」を外す"))
        elif key not in ids and len(ids) < 3:
            links.append(([*ids, key], f"「{title}」も並べる"))
    return [
        {"href": f"{PATH}?{urlencode(asked(params, ids=','.join(rest)), safe=',')}", "label": label}
        for rest, label in links
    ]


@router.get(PATH)
async def compare_page(request: Request, params: Annotated[CompareParams, Query()]) -> Response:
    """Two or three beside each other; where nothing is published, the empty list says so."""
    held = await held_for(services_of(request), params.municipality)

    def build(reading: Reading) -> Built:
        ids = _ids(reading, params)
        if not ids:
            from api.scenario_pages.listing import listing

            nothing = listing(reading, held, BASE)
            html = reading.services.pages.render(
                "facility_scenarios.html", path=BASE, ref=reading.ref, dataset=nothing.dataset, found=nothing,
                path_compare=PATH, municipality=params.municipality,
            )  # fmt: skip
            return kept_while(reading, held, html.encode())
        found = comparison(reading, held, params, ids, BASE)
        joined = ",".join(ids)
        html = reading.services.pages.render(
            "facility_scenario_compare.html",
            path=BASE,
            ref=reading.ref,
            dataset=found.dataset,
            found=found,
            ready=held.ready,
            form=form_of(held, params, found.years, found.year, PATH, {"ids": joined}),
            list_path=BASE,
            others=_others(reading, params, ids),
            downloads=[
                {
                    "href": f"{PATH}.csv?{urlencode(asked(params, ids=joined, part=part), safe=',')}",
                    "label": label,
                    "note": "表計算ソフトで開けます",
                }
                for part, label in (("summary", "違いの表（CSV）"), ("years", "年度別の表（CSV）"))
            ],
        )
        return kept_while(reading, held, html.encode())

    return await answer(request, build, params=params, media_type=HTML)


@router.get(PATH + ".csv")
async def compare_file(request: Request, params: Annotated[CompareFileParams, Query()]) -> Response:
    """The table of differences, or every year of every scenario."""
    held = await held_for(services_of(request), params.municipality)

    def build(reading: Reading) -> Built:
        found = comparison(reading, held, params, _ids(reading, params), BASE)
        table = found.differences if params.part == "summary" else found.by_year
        body = table_csv(table, found.dataset, found.period)
        name = f"scenario-compare_{params.part}_{found.year}_{today():%Y%m%d}.csv"
        return kept_while(reading, held, body, disposition(name))

    return await answer(request, build, params=params, media_type=CSV)
