"""The audit log for staff: who changed what and when; administrators see all of it and take it away as CSV."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BeforeValidator, Field

from api.answers import CSV
from api.audit_words import TOPICS, Told, told
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN
from api.credits import place_credit
from api.edit_forms import as_typed
from api.params import Day, Integer, Params, Text, left_empty, refuse
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.tables import rows_to_csv
from geodata import audit_chain
from geodata.audit import record
from geodata.database import Audience, Connection
from geodata.edits import records
from geodata.queries import audit_log
from geodata.queries.association_names import names
from geodata.queries.generation import Ref, resolve
from geodata.queries.plans import indicators, initiatives
from kyodo_geo.centres.kinds import CONSULTATIONS, DISPATCHES
from kyodo_geo.records import BODIES, SUBSIDIES
from kyodo_geo.roles import Role

router = APIRouter(include_in_schema=False)

PER_PAGE = 50
MOST = 50_000
"""Entries in one file."""
EMPTY = BeforeValidator(left_empty)


def _topic(value: str | None) -> str | None:
    if value is not None and value not in {topic.key for topic in TOPICS}:
        raise refuse("画面にある種類から選んでください")
    return value


class AuditParams(Params):
    """Who, what, when; `before`: the page of older entries."""

    topic: Annotated[str | None, EMPTY, AfterValidator(_topic)] = None
    actor: Annotated[Annotated[Text, Field(max_length=100)] | None, EMPTY] = None
    first: Annotated[Day | None, EMPTY] = None
    last: Annotated[Day | None, EMPTY] = None
    target: Annotated[Annotated[Text, Field(max_length=80)] | None, EMPTY] = None
    before: Annotated[Annotated[Integer, Field(ge=1)] | None, EMPTY] = None


Asked = Annotated[AuditParams, Query()]


def _wanted(user: Principal, params: AuditParams) -> audit_log.Wanted:
    """The filter, within what the reader may see: nobody but an administrator reads of accounts and tickets."""
    topics = [
        topic
        for topic in TOPICS
        if (Role.ADMINISTRATOR in user.roles or not topic.private) and params.topic in (None, topic.key)
    ]
    prefixes = [prefix for topic in topics for prefix in topic.prefixes]
    return audit_log.Wanted(prefixes, params.actor, params.first, params.last, params.target)


def _in_words(conn: Connection, ref: Ref, rows: list[audit_log.AuditRow]) -> list[Told]:
    refs: dict[str, dict[str, str]] = {}
    for kind in (SUBSIDIES, BODIES, CONSULTATIONS, DISPATCHES):
        refs |= records.references(conn, ref, kind)
    known = {item.id: item.name for item in names(conn, ref)} | refs.get("district", {})
    kept = {(row.target or "").split("/")[0] for row in rows if "/indicator/" in (row.target or "")}
    done = {(row.target or "").split("/")[0] for row in rows if "/initiative/" in (row.target or "")}
    for plan in kept:
        known |= {
            f"{plan}/indicator/{row['indicator_id']}": row["title"] for row in indicators(conn, ref, plan)
        }
    for plan in done:
        known |= {
            f"{plan}/initiative/{row['initiative_no']}": row["title"] for row in initiatives(conn, ref, plan)
        }
    return [told(row, known, refs) for row in rows]


@router.get("/staff/audit")
async def audit_page(request: Request, services: Served, params: Asked) -> Response:
    """Entries, newest first."""
    user = await signed_in(request)
    return await run_sync(lambda: _page(request, services, user, params), limiter=services.limiter)


def _page(request: Request, services: Services, user: Principal, params: AuditParams) -> Response:
    wanted = _wanted(user, params)
    everything = _wanted(user, AuditParams())
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        code = ref.municipality_code
        credit = place_credit(conn, ref)
        rows = audit_log.rows(conn, code, wanted, before=params.before, limit=PER_PAGE + 1)
        total = audit_log.count(conn, code, wanted)
        actors = audit_log.actors(conn, code, everything.prefixes)
        entries = _in_words(conn, ref, rows[:PER_PAGE])
        head = audit_chain.head(conn, code)
        check = audit_chain.last_check(conn, code)
    asked = {
        name: as_typed(value)
        for name, value in params.model_dump().items()
        if name != "before" and value is not None
    }
    admin = Role.ADMINISTRATOR in user.roles
    return page(
        request, services, "staff_audit.html", ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token, entries=entries,
        total=total, asked=asked, actors=actors, zone=JAPAN, admin=admin, paged=params.before is not None,
        head=head, check=check,
        topics=[(topic.key, topic.label) for topic in TOPICS if admin or not topic.private],
        older=rows[PER_PAGE - 1].no if len(rows) > PER_PAGE else None,
    )  # fmt: skip


@router.get("/staff/audit.csv")
async def audit_csv(request: Request, services: Served, params: Asked) -> Response:
    """The same entries as a table, for administrators; that it was taken is an entry too."""
    user = await signed_in(request)

    def work() -> bytes:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            code = ref.municipality_code
            rows = audit_log.rows(conn, code, _wanted(user, params), before=params.before, limit=MOST)
            entries = _in_words(conn, ref, rows)
            details = {"rows": len(rows)}
            record(conn, code, user.login or "unknown", "audit.export", None, details, kind="view")
        return rows_to_csv(
            ["番号", "日時", "利用者", "操作", "対象", "変わった項目と前後", "そのほか", "操作の名前", "対象の名前"],
            (
                [
                    entry.no, entry.at.astimezone(JAPAN).isoformat(timespec="seconds"), entry.actor, entry.action,
                    entry.target, "\n".join(f"{label}：{old} → {new}" for label, old, new in entry.changes),
                    "\n".join(f"{label}：{value}" for label, value in entry.more), row.action, row.target or "",
                ]
                for entry, row in zip(entries, rows, strict=True)
            ),
        )  # fmt: skip

    body = await run_sync(work, limiter=services.limiter)
    return Response(body, 200, {**NO_STORE, **disposition("audit.csv")}, media_type=CSV)
