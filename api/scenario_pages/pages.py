"""The page of one scenario, for everybody and for staff: the same template on the same view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from api.scenario_pages.params import asked, form_of
from api.scenario_pages.view import STATES

if TYPE_CHECKING:
    from api.answers import Reading
    from api.reach_pages.shelf import Held
    from api.scenario_pages.params import ScenarioParams
    from api.scenario_pages.view import ScenarioView

BASE, STAFF_BASE = "/facilities/scenarios", "/staff/facilities/scenarios"


def context_of(
    reading: Reading, held: Held, view: ScenarioView, params: ScenarioParams, path: str, *,
    script_url: str, paper: bool, version: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What facility_scenario.html needs. `version` is given on the staff's page, where every version can be seen."""
    item = view.scenario
    for_staff = version is not None
    more: dict[str, Any] = {} if version is None else {"version": version}
    as_shown = {key: value for key, value in asked(params).items() if key != "version"}
    years = range(item.base_year, item.last_year + 1)
    folder = path.rsplit("/", 1)[0] if for_staff else path
    downloads = []
    if not view.numbers.faults:
        parts = [("years", "年度別の表（CSV）", "費用、届く人、定員"), ("actions", "行動の表（CSV）", "")]
        if view.spec is not None:
            parts += [
                ("districts", f"{view.year}年度の地区別の表（CSV）", ""),
                ("moves", f"{view.year}年度の行き先の表（CSV）", ""),
            ]
        downloads = [
            {"href": f"{folder}/figures.csv?{urlencode(asked(params, part=part, **more))}", "label": label, "note": note}
            for part, label, note in parts
        ]  # fmt: skip
        if paper:
            downloads.insert(
                0,
                {
                    "href": f"{folder}/report.pdf{f'?{urlencode(same)}' if (same := asked(params, **more)) else ''}",
                    "label": "説明会のための資料（PDF）",
                    "note": "A4。このページと同じ年度と距離の、ことばでの説明"
                    if not for_staff
                    else "下書きの印が付きます",
                },
            )
    return {
        "ref": reading.ref,
        "dataset": view.dataset,
        "view": view,
        "map": view.built(),
        "ready": held.ready,
        "form": form_of(held, params, years, view.year, path, {k: str(v) for k, v in more.items()}),
        "states": STATES,
        "for_staff": for_staff,
        "list_path": STAFF_BASE if for_staff else BASE,
        "compare_url": f"{STAFF_BASE if for_staff else BASE}/compare?"
        + urlencode({**as_shown, "ids": f"{item.scenario_id},base"}, safe=","),
        "script_url": script_url,
        "downloads": downloads,
        "forward": f"{STAFF_BASE}/{item.scenario_id}" if for_staff else None,
    }


def one_page(
    reading: Reading, held: Held, view: ScenarioView, params: ScenarioParams, path: str, *, script_url: str, paper: bool
) -> str:  # fmt: skip
    """The public page."""
    found = context_of(reading, held, view, params, path, script_url=script_url, paper=paper)
    return reading.services.pages.render("facility_scenario.html", path=BASE, **found)
