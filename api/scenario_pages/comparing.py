"""The page of the comparison and its file, for everybody and for staff: the same template on the same figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from api.clock import today
from api.scenario_pages.compare import AS_IS, Comparison, beside, comparison
from api.scenario_pages.pages import BASE, STAFF_BASE
from api.scenario_pages.params import BASE_CASE, asked, form_of, ids_of
from api.scenario_pages.view import STATES
from api.support.files import table_csv
from geodata import scenarios as stored

if TYPE_CHECKING:
    from api.answers import Reading
    from api.reach_pages.shelf import Held
    from api.scenario_pages.params import CompareFileParams, CompareParams


def chosen(reading: Reading, params: CompareParams) -> list[str]:
    """What was asked for; without anything the first two that the reader may see, beside the base case."""
    found = ids_of(params)
    if found:
        return found
    known = stored.scenarios(reading.conn, reading.ref.municipality_code)
    return [*(item.scenario_id for item in beside(known)[:2]), BASE_CASE] if known else []


def compare_context(
    reading: Reading, held: Held, params: CompareParams, ids: list[str], *, for_staff: bool = False
) -> dict[str, Any]:
    """What facility_scenario_compare.html needs. The database shows each reader the versions they may see."""
    base = STAFF_BASE if for_staff else BASE
    path = f"{base}/compare"
    found = _comparison(reading, held, params, ids, for_staff)
    joined = ",".join(ids)
    return {
        "ref": reading.ref,
        "dataset": found.dataset,
        "found": found,
        "ready": held.ready,
        "form": form_of(held, params, found.years, found.year, path, {"ids": joined}),
        "states": STATES,
        "for_staff": for_staff,
        "list_path": base,
        "others": _others(reading, params, ids, path),
        "downloads": [
            {
                "href": f"{path}.csv?{urlencode(asked(params, ids=joined, part=part), safe=',')}",
                "label": label,
                "note": "庁内限り" if for_staff else "表計算ソフトで開けます",
            }
            for part, label in (("summary", "違いの表（CSV）"), ("years", "年度別の表（CSV）"))
        ],
    }


def compare_csv(
    reading: Reading, held: Held, params: CompareFileParams, *, for_staff: bool = False
) -> tuple[bytes, str]:
    """(the table of differences, or every year of every scenario; name of the file)."""
    found = _comparison(reading, held, params, chosen(reading, params), for_staff)
    table = found.differences if params.part == "summary" else found.by_year
    name = f"scenario-compare_{params.part}_{found.year}_{today():%Y%m%d}.csv"
    return table_csv(table, found.dataset, found.period), name


def _comparison(
    reading: Reading, held: Held, params: CompareParams, ids: list[str], for_staff: bool
) -> Comparison:
    return comparison(reading, held, params, ids, f"{STAFF_BASE}/{{}}/view" if for_staff else f"{BASE}/{{}}")


def _others(reading: Reading, params: CompareParams, ids: list[str], path: str) -> list[dict[str, str]]:
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
        {"href": f"{path}?{urlencode(asked(params, ids=','.join(rest)), safe=',')}", "label": label}
        for rest, label in links
    ]
