"""Datasets for staff who keep them: the list, what a load found, and before beside after."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.answers import CSV, SCRIPT, private
from api.auth.principals import Principal, signed_in
from api.params import Integer, No, Params, plain_integer
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.staff_datasets import reading
from api.staff_datasets.changes import changes_table
from api.staff_datasets.faults import HEADER, table_rows
from api.tables import rows_to_csv
from geodata import dataset_uploads
from geodata.diffs import MAX_LISTED
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import Quality

router = APIRouter(include_in_schema=False)

BASE = "/staff/datasets"
MOST = 2**31 - 1
CREDIT = ("データ", "品質", "出典", "時点")
DatasetId = Annotated[int, BeforeValidator(plain_integer), Path(ge=1, le=MOST)]


class CompareParams(Params):
    """What to compare with; the active dataset unless told."""

    against: Annotated[Integer, Field(ge=1, le=MOST)] | None = None


class Script(Params):
    """`v` only makes a new address of a new script."""

    v: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")] | None = None


class CompareScript(CompareParams, Script):
    """Both."""


def user_of(principal: Principal) -> dict[str, Any]:
    """What every page of the signed-in needs."""
    return {"user": principal, "csrf_token": principal.csrf_token}


@router.get(BASE)
async def dataset_list(request: Request, services: Served, params: No) -> Response:
    """All datasets by kind, and what is on its way."""
    principal = await signed_in(request)

    def work() -> dict[str, Any]:
        return reading.in_loader(
            services,
            lambda conn, code: {
                "groups": reading.listed(conn, code),
                "uploads": [item for item in dataset_uploads.uploads(conn, code) if item.state != "done"],
            },
        )

    found = await run_sync(work, limiter=services.limiter)
    return page(
        request, services, "staff_datasets.html", **user_of(principal), kind_names=KIND_NAMES, **found
    )


def _version(script: str) -> str:
    from api.cache import etag_of

    return etag_of(script)


@router.get(BASE + "/{dataset_id}")
async def dataset_report(request: Request, services: Served, dataset_id: DatasetId, params: No) -> Response:
    """What the load of one dataset found."""
    principal = await signed_in(request)
    found = await _report(request, services, dataset_id)
    return page(
        request, services, "staff_dataset.html", **user_of(principal),
        dataset=reading.credit_of(found.row), row=found.row, kind_label=KIND_NAMES[found.row["kind"]],
        active=found.active, report=found.row["report"], counts=found.counts, faults=found.faults, map=found.map,
        placed=sum(fault.lon is not None for fault in found.faults),
        script_url=f"{BASE}/{dataset_id}/faults.js?v={_version(found.map.script)}",
    )  # fmt: skip


@router.get(BASE + "/{dataset_id}/faults.js")
async def faults_script(
    request: Request, services: Served, dataset_id: DatasetId, params: Annotated[Script, Query()]
) -> Response:
    """The script of the map of findings."""
    await signed_in(request)
    found = await _report(request, services, dataset_id)
    return private(found.map.script.encode(), SCRIPT)


@router.get(BASE + "/{dataset_id}/faults.csv")
async def faults_csv(request: Request, services: Served, dataset_id: DatasetId, params: No) -> Response:
    """The findings as a table, with the numbers of page and map."""
    await signed_in(request)
    found = await _report(request, services, dataset_id)
    row = found.row
    credit = [row["title"], Quality(row["quality"]).label, row["source"], str(row["as_of"] or "不明")]
    table = rows_to_csv((*HEADER, *CREDIT), table_rows(found.all_faults, credit))
    return Response(
        table, 200, {**NO_STORE, **disposition(f"dataset-{dataset_id}-faults.csv")}, media_type=CSV
    )


@router.get(BASE + "/{dataset_id}/changes.csv")
async def changes_csv(
    request: Request, services: Served, dataset_id: DatasetId, params: Annotated[CompareParams, Query()]
) -> Response:
    """Every row that differs, however many there are."""
    by = (await signed_in(request)).login or "unknown"
    table = await run_sync(changes_table, services, dataset_id, params.against, by, limiter=services.limiter)
    return Response(
        table, 200, {**NO_STORE, **disposition(f"dataset-{dataset_id}-changes.csv")}, media_type=CSV
    )


@router.get(BASE + "/{dataset_id}/compare")
async def compare_page(
    request: Request, services: Served, dataset_id: DatasetId, params: Annotated[CompareParams, Query()]
) -> Response:
    """The active dataset beside this one."""
    principal = await signed_in(request)
    found = await _comparison(request, services, dataset_id, params)
    asked = {"against": params.against} if params.against else {}
    scripts = [
        f"{BASE}/{dataset_id}/compare-{side}.js?{urlencode({**asked, 'v': _version(built.script)})}"
        for side, built in (("before", found.before), ("after", found.after))
    ]
    return page(
        request, services, "staff_dataset_compare.html", **user_of(principal),
        dataset=reading.credit_of(found.row), row=found.row, kind_label=KIND_NAMES[found.row["kind"]],
        against=found.against, active=found.active, diff=found.diff, before=found.before, after=found.after,
        membership=found.membership, scripts=scripts, others=found.others, query=f"?{urlencode(asked)}" if asked else "",
        most=MAX_LISTED,
    )  # fmt: skip


@router.get(BASE + "/{dataset_id}/compare-before.js")
async def before_script(
    request: Request, services: Served, dataset_id: DatasetId, params: Annotated[CompareScript, Query()]
) -> Response:
    """The script of the left map."""
    await signed_in(request)
    found = await _comparison(request, services, dataset_id, params)
    return private(found.before.script.encode(), SCRIPT)


@router.get(BASE + "/{dataset_id}/compare-after.js")
async def after_script(
    request: Request, services: Served, dataset_id: DatasetId, params: Annotated[CompareScript, Query()]
) -> Response:
    """The script of the right map."""
    await signed_in(request)
    found = await _comparison(request, services, dataset_id, params)
    return private(found.after.script.encode(), SCRIPT)


async def _comparison(
    request: Request, services: Services, dataset_id: int, params: CompareParams
) -> reading.Comparison:
    by = (await signed_in(request)).login or "unknown"

    def work() -> reading.Comparison:
        found = reading.comparison(services, dataset_id, params.against)
        named = (str(key) for keys in found.diff.keys.values() for key in keys)
        reading.look_down(services, by, found.row, "compare", named)
        return found

    return await run_sync(work, limiter=services.limiter)


async def _report(request: Request, services: Services, dataset_id: int) -> reading.Report:
    by = (await signed_in(request)).login or "unknown"

    def work() -> reading.Report:
        found = reading.report(services, dataset_id)
        reading.look_down(services, by, found.row, "report")
        return found

    return await run_sync(work, limiter=services.limiter)
