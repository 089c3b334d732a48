"""Staff make scenarios: list, versions, fields, publishing and withdrawing. Who may change them is in the table of access."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from api.auth.principals import signed_in
from api.edit_forms import Sent, Shown, Work, act
from api.params import Identifier, Integer, No, Params
from api.scenario_edit import pages, reading, saving
from api.scenario_edit.saving import BASE
from api.services import Served, Services
from geodata import scenarios
from geodata.database import Audience
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError

router = APIRouter(include_in_schema=False)

ScenarioId = Annotated[Identifier, Path()]
Version = Annotated[Integer, Field(ge=1, le=99_999_999)]
Rows = Iterable[tuple[str, object, object]]
MAX_WHY = 500


class OneParams(Params):
    """Which version, and what was just done."""

    version: Version | None = None
    done: (
        Literal["new", "head", "add", "edit", "remove", "table", "restore", "publish", "withdraw"] | None
    ) = None


class ChangesParams(Params):
    """The two versions; the newest and the one before it unless given."""

    first: Annotated[Version | None, Field(alias="from")] = None
    second: Annotated[Version | None, Field(alias="to")] = None


@router.get(BASE)
async def scenario_list(request: Request, services: Served, params: No) -> Response:
    """Every scenario, and the form for a new one."""
    user = await signed_in(request)
    return await run_sync(lambda: pages.list_page(request, services, user), limiter=services.limiter)


@router.post(BASE)
async def new_scenario(request: Request, services: Served, params: No) -> Response:
    """A new scenario, empty or with the actions of another."""
    return await act(
        request, services, "new", lambda sent: f"{BASE}/{saving.create(services, sent)}?done=new",
        lambda sent, shown: pages.list_page(request, services, sent.user, shown), lambda sent, error: (),
    )  # fmt: skip


@router.get(BASE + "/{scenario_id}")
async def scenario_page(
    request: Request, services: Served, scenario_id: ScenarioId, params: Annotated[OneParams, Query()]
) -> Response:
    """One version with the forms."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.one_page(
            request, services, user, scenario_id, version=params.version, done=params.done
        ),
        limiter=services.limiter,
    )


@router.get(BASE + "/{scenario_id}/changes")
async def scenario_changes(
    request: Request, services: Served, scenario_id: ScenarioId, params: Annotated[ChangesParams, Query()]
) -> Response:
    """What is different between two versions."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.changes_page(request, services, user, scenario_id, params.first, params.second),
        limiter=services.limiter,
    )


@router.post(BASE + "/{scenario_id}")
async def save_head(request: Request, services: Served, scenario_id: ScenarioId, params: No) -> Response:
    """Title, author, reason and years: another version."""

    def work(sent: Sent) -> str:
        saving.save(services, scenario_id, sent, saving.with_head(saving.read_head(sent)))
        return f"{BASE}/{scenario_id}?done=head"

    def compare(sent: Sent, error: EditConflictError) -> Rows:
        stored = newest(services, scenario_id)
        return [
            (label, getattr(stored, name), sent.text(name).replace("\r\n", "\n"))
            for name, label in reading.HEAD.items()
        ]

    return await act(
        request, services, "head", work,
        lambda sent, shown: pages.one_page(request, services, sent.user, scenario_id, shown=shown), compare,
    )  # fmt: skip


def newest(services: Services, scenario_id: str) -> scenarios.Scenario:
    """The newest version as it is now."""
    with services.database.read(Audience.STAFF) as conn:
        return scenarios.scenario(conn, services.settings.municipality, scenario_id)


@router.post(BASE + "/{scenario_id}/restore")
async def restore(request: Request, services: Served, scenario_id: ScenarioId, params: No) -> Response:
    """An older version's content once more, as the newest version."""

    def work(sent: Sent) -> str:
        wanted = sent.text("wanted")
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 9):
            raise InputError("戻す版を選んでください。", field="wanted")
        with services.database.read(Audience.STAFF) as conn:
            held = scenarios.scenario(conn, services.settings.municipality, scenario_id, int(wanted))

        def change(now: scenarios.Scenario, known: reading.Known) -> scenarios.Scenario:
            return replace(now, **saving.facts(held), actions=held.actions)

        saving.save(services, scenario_id, sent, change)
        return f"{BASE}/{scenario_id}?done=restore"

    return await act(
        request, services, "restore", work,
        lambda sent, shown: pages.one_page(request, services, sent.user, scenario_id, shown=shown),
        lambda sent, error: (("新しい版", f"第{newest(services, scenario_id).version}版", f"第{sent.version}版を見ていました"),),
    )  # fmt: skip


@router.get(BASE + "/{scenario_id}/publish")
async def confirm_publishing(
    request: Request, services: Served, scenario_id: ScenarioId, params: No
) -> Response:
    """What becomes public."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.publish_page(request, services, user, scenario_id), limiter=services.limiter
    )


@router.post(BASE + "/{scenario_id}/publish")
async def publish(request: Request, services: Served, scenario_id: ScenarioId, params: No) -> Response:
    """Show the newest version to everybody."""

    def work(sent: Sent) -> str:
        seen = saving.version_seen(sent)
        code = services.settings.municipality
        with services.database.write(Audience.STAFF) as conn:
            held = scenarios.scenario(conn, code, scenario_id)
            if held.version != seen:
                raise EditConflictError(held)
            known = reading.known(conn, resolve(conn, code))
            if found := reading.faults_of(held, known):
                raise InputError(
                    f"合わない行動が {len(found)} 件あるため、公開できません：{saving.described(found[0], held.actions, known)}"
                )
            if not sent.ticked("seen"):
                raise InputError("公開される内容を確かめて、チェックを入れてください。", field="seen")
            scenarios.publish(conn, code, scenario_id, seen, by=sent.actor)
        return f"{BASE}/{scenario_id}?done=publish"

    def compare(sent: Sent, error: EditConflictError) -> Rows:
        stored = newest(services, scenario_id)
        return [
            ("版", f"第{stored.version}版（{stored.title}）", f"第{sent.version}版を公開しようとしました")
        ]

    return await act(
        request, services, "publish", _told(work),
        lambda sent, shown: pages.publish_page(request, services, sent.user, scenario_id, shown=shown), compare,
    )  # fmt: skip


@router.post(BASE + "/{scenario_id}/withdraw")
async def withdraw(request: Request, services: Served, scenario_id: ScenarioId, params: No) -> Response:
    """Take the published version back, with a reason."""

    def work(sent: Sent) -> str:
        reason = entries.line(sent.text("reason"), "reason", "取り下げる理由", most=MAX_WHY, required=True)
        code = services.settings.municipality
        with services.database.write(Audience.STAFF) as conn:
            scenarios.withdraw(
                conn, code, scenario_id, saving.version_seen(sent), by=sent.actor, reason=reason
            )
        return f"{BASE}/{scenario_id}?done=withdraw"

    return await act(
        request, services, "withdraw", _told(work),
        lambda sent, shown: pages.one_page(request, services, sent.user, scenario_id, shown=shown),
        lambda sent, error: (),
    )  # fmt: skip


def _told(work: Work) -> Work:
    """What the state of a version forbids, as a conflict on the form's own page."""

    def run(sent: Sent) -> str | Shown:
        try:
            return work(sent)
        except EditConflictError:
            raise
        except ConflictError as error:
            raise EditConflictError(None, error.message) from None

    return run
