"""Staff enter the actions of a scenario: one by one, as a pasted table or as a file; and take them out as files."""

from __future__ import annotations

import io
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse

from api.answers import CSV, private
from api.auth import csrf
from api.auth.principals import signed_in
from api.clock import today
from api.edit_forms import Sent, Shown, act
from api.params import Integer, No, Params
from api.routes.accounts import NO_STORE
from api.routes.downloads import disposition
from api.routes.staff_scenarios import Rows, ScenarioId, Version, newest
from api.scenario_edit import files, pages, reading, rows, saving
from api.scenario_edit.saving import BASE
from api.security import refuse_foreign_form
from api.services import Served, Services
from api.uploads import clean_name
from geodata.database import Audience
from geodata.queries.generation import resolve
from geodata.scenarios import Action
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import InputError, NotFoundError

router = APIRouter(include_in_schema=False)

No1 = Annotated[Integer, Path(ge=1, le=500)]
MODES = {"append": "今の行動に加える", "replace": "今の行動と入れ替える"}
IMPORT = BASE + "/import"


class VersionParams(Params):
    """Which version; the newest unless given."""

    version: Annotated[Version | None, Field()] = None


def _form_compare(services: Services, scenario_id: str, sent: Sent) -> Rows:
    """What others have changed since, and what was typed."""
    now = newest(services, scenario_id)
    seen = saving.version_seen(sent)
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        names = reading.known(conn, resolve(conn, code)).names
        from geodata import scenarios

        try:
            before = scenarios.scenario(conn, code, scenario_id, seen)
        except NotFoundError:
            before = None
    yield ("版", f"第{now.version}版", f"第{seen}版を直しています" if before else "（版が不明）")
    if before is not None:
        for label, was, became in reading.head_changes(before, now):
            yield (label, became, f"{was}（第{before.version}版のまま）")
        for item in reading.differences(before.actions, now.actions, names):
            yield (f"ほかの職員が{item.label}行動", item.after or "（除きました）", item.before or "（なし）")
    typed = {name: sent.text(name).strip() for name in rows.typed(None)}
    if any(typed.values()):
        words = [
            names.get(value, value) if name.endswith("facility") or name == "facility_id" else value
            for name, value in typed.items()
        ]
        yield ("入力した行動", "（まだ保存していません）", " ".join(word for word in words if word))


@router.post(BASE + "/{scenario_id}/actions")
async def add_action(request: Request, services: Served, scenario_id: ScenarioId, params: No) -> Response:
    """One action more."""

    def work(sent: Sent) -> str:
        saving.save(services, scenario_id, sent, saving.adding(sent), one=True)
        return f"{BASE}/{scenario_id}?done=add"

    return await act(
        request, services, "add", work,
        lambda sent, shown: pages.one_page(request, services, sent.user, scenario_id, shown=shown),
        lambda sent, error: _form_compare(services, scenario_id, sent),
    )  # fmt: skip


@router.get(BASE + "/{scenario_id}/actions/{no}")
async def action_form(
    request: Request, services: Served, scenario_id: ScenarioId, no: No1, params: No
) -> Response:
    """One action in its form."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.action_page(request, services, user, scenario_id, no), limiter=services.limiter
    )


@router.post(BASE + "/{scenario_id}/actions/{no}")
async def correct_action(
    request: Request, services: Served, scenario_id: ScenarioId, no: No1, params: No
) -> Response:
    """Put an action right."""
    return await _on_one(request, services, scenario_id, no, "edit")


@router.post(BASE + "/{scenario_id}/actions/{no}/remove")
async def remove_action(
    request: Request, services: Served, scenario_id: ScenarioId, no: No1, params: No
) -> Response:
    """Take an action out."""
    return await _on_one(request, services, scenario_id, no, "remove")


async def _on_one(request: Request, services: Services, scenario_id: str, no: int, what: str) -> Response:
    def work(sent: Sent) -> str:
        row = sent.text("row")[:64]
        change = saving.correcting(sent, row) if what == "edit" else saving.removing(row)
        saving.save(services, scenario_id, sent, change, one=True)
        return f"{BASE}/{scenario_id}?done={what}"

    return await act(
        request, services, what, work,
        lambda sent, shown: pages.action_page(
            request, services, sent.user, scenario_id, no, row=sent.text("row")[:64] or "-", shown=shown
        ),
        lambda sent, error: _form_compare(services, scenario_id, sent),
    )  # fmt: skip


def _taken(services: Services, scenario_id: str, sent: Sent, found: list[Action]) -> str | Shown:
    """Save the rows of a table, or show what they would change."""
    mode = sent.text("mode")
    if mode not in MODES:
        raise InputError("「加える」か「入れ替える」を選んでください。", field="mode")
    change = saving.taking(found, mode)
    if sent.text("act") == "save":
        saving.save(services, scenario_id, sent, change)
        return f"{BASE}/{scenario_id}?done=table"
    with services.database.read(Audience.STAFF) as conn:
        loaded = pages.load(conn, services.settings.municipality, scenario_id)
    new = change(loaded.scenario, loaded.known)
    saving.refuse(loaded.scenario, new, loaded.known)
    told = reading.differences(loaded.scenario.actions, new.actions, loaded.known.names)
    if not told:
        raise InputError(saving.UNCHANGED, field="rows")
    extra = {"differences": told, "read": len(found), "after": len(new.actions)}
    return Shown(200, "table", sent.values(), extra=extra)


def _names(services: Services) -> dict[str, str]:
    with services.database.read(Audience.STAFF) as conn:
        return reading.known(conn, resolve(conn, services.settings.municipality)).names


@router.post(BASE + "/{scenario_id}/table")
async def paste_actions(request: Request, services: Served, scenario_id: ScenarioId, params: No) -> Response:
    """Look at the rows of a pasted table, or save them."""

    def work(sent: Sent) -> str | Shown:
        text = sent.text("rows")
        if len(text) > pages.MAX_TEXT:
            raise InputError(
                f"一度に貼り付けられるのは {pages.MAX_TEXT:,} 文字までです。長い表はファイルで読み込んでください。",
                field="rows",
            )
        return _taken(services, scenario_id, sent, rows.pasted(text, _names(services)))

    return await act(
        request, services, "table", work,
        lambda sent, shown: pages.one_page(request, services, sent.user, scenario_id, shown=shown),
        lambda sent, error: _form_compare(services, scenario_id, sent),
    )  # fmt: skip


@router.post(IMPORT)
async def import_actions(request: Request, services: Served, params: No) -> Response:
    """The same from a file (an address without the scenario in it: a larger body is allowed by exact address)."""
    user = await signed_in(request)
    refuse_foreign_form(request)  # before the body is read
    async with request.form(max_files=1, max_fields=10) as form:
        csrf.check_form(request, form, services.settings, user)
        sent = Sent(user, form)
        scenario_id = sent.text("scenario_id")[:40]
        given = form.get("file")
        body, name = b"", ""
        if isinstance(given, UploadFile):
            name = clean_name(given.filename or "")
            body = await given.read(files.MAX_BYTES + 1)

    def run() -> Response:
        try:
            if not body:
                raise InputError("読み込むファイルを選んでください。", field="file")
            if len(body) > files.MAX_BYTES:
                raise InputError("ファイルは 1 MB までにしてください。", field="file")
            try:
                found = files.read(io.BytesIO(body), name, _names(services))
                to = _taken(services, scenario_id, sent, found)
            except InputError as error:
                at = "mode" if error.details.get("field") == "mode" else "file"
                raise InputError(error.message, field=at) from None
        except EditConflictError as error:
            lines = tuple(
                (label, str(a), str(b)) for label, a, b in _form_compare(services, scenario_id, sent)
            )
            shown = Shown(409, "import", sent.values(), error.message, conflict=lines)
        except InputError as error:
            shown = Shown(400, "import", sent.values(), error.message, error.details.get("field"))
        else:
            if not isinstance(to, Shown):
                return RedirectResponse(to, 303, NO_STORE)
            shown = Shown(200, "import", to.values, extra=to.extra)
        return pages.one_page(request, services, user, scenario_id, shown=shown)

    return await run_sync(run, limiter=services.limiter)


@router.get(BASE + "/{scenario_id}/actions.csv")
async def actions_csv(
    request: Request, services: Served, scenario_id: ScenarioId, params: Annotated[VersionParams, Query()]
) -> Response:
    """The actions as the import takes them."""
    return await _file(request, services, scenario_id, params.version, "csv")


@router.get(BASE + "/{scenario_id}/actions.xlsx")
async def actions_xlsx(
    request: Request, services: Served, scenario_id: ScenarioId, params: Annotated[VersionParams, Query()]
) -> Response:
    """The same as a workbook."""
    return await _file(request, services, scenario_id, params.version, "xlsx")


async def _file(
    request: Request, services: Services, scenario_id: str, version: int | None, kind: str
) -> Response:
    await signed_in(request)

    def work() -> tuple[bytes, int]:
        with services.database.read(Audience.STAFF) as conn:
            found = pages.load(conn, services.settings.municipality, scenario_id, version)
        make = files.to_csv if kind == "csv" else files.to_xlsx
        return make(found.scenario, found.known.names), found.scenario.version

    body, no = await run_sync(work, limiter=services.limiter)
    name = f"scenario_{scenario_id}_v{no}_{today():%Y%m%d}.{kind}"
    return private(body, CSV if kind == "csv" else files.XLSX, disposition(name))
