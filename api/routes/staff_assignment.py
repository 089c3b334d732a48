"""Staff choose the district of small areas, on the map or in the table; changes gather in a draft."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.answers import SCRIPT
from api.auth.principals import Principal, signed_in
from api.cache import PRIVATE, etag_of, finish, send
from api.clock import JAPAN
from api.credits import place_credit
from api.draft_entries import assignment_entry
from api.draft_words import CONFIDENCE, FIELD_LABELS, sayer, word
from api.edit_forms import PLAIN, Sent, Shown, act, history_lines
from api.params import DistrictNo, Params
from api.routes.accounts import page
from api.services import Served, Services
from geodata.database import Audience, Connection
from geodata.edits import drafts, history
from geodata.edits.active import active_facts
from geodata.queries.association_names import district_names
from geodata.queries.districts import districts
from geodata.queries.generation import Ref, resolve
from geodata.queries.outline import outline
from geodata.queries.small_areas import SmallAreaRow, names_of
from geodata.queries.small_areas import page as area_page
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import InputError

router = APIRouter(include_in_schema=False)

KIND, SCOPE = "district-assignment", "assignment"
MOST = 300
"""Small areas changed by one form."""
PRIVATE_FOREVER = "private, max-age=31536000, immutable"
"""For the map's script: public facts under an address with their version, kept by this reader's browser alone."""
EMPTY = BeforeValidator(lambda value: value or None)


class AssignmentParams(Params):
    """Whose small areas the table lists, and how many were just put into the draft."""

    district: Annotated[DistrictNo | None, EMPTY] = None
    saved: Annotated[int, Field(ge=0, le=MOST)] | None = None


class ScriptParams(Params):
    """Version of the map."""

    v: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")] = ""


Asked = Annotated[AssignmentParams, Query()]


def all_areas(conn: Connection, ref: Ref) -> list[SmallAreaRow]:
    """Every small area of the generation."""
    found: list[SmallAreaRow] = []
    after: str | None = None
    while True:
        rows, after = area_page(conn, ref, after=after, limit=1000)
        found += rows
        if after is None:
            return found


def _drawn(services: Services, conn: Connection, ref: Ref) -> Any:
    """The map of the active assignment, drawn once per revision."""
    from maps.assignment import AssignmentSpec, SmallArea
    from maps.build import build_map
    from maps.specs import District

    def make() -> Any:
        areas = tuple(
            SmallArea(row.key_code, row.name or row.key_code, row.district_no, row.geometry)
            for row in all_areas(conn, ref)
        )
        return build_map(
            AssignmentSpec(
                areas=areas,
                districts=tuple(District.of(row) for row in districts(conn, ref, None)),
                basemap=services.pages.basemap,
                outline=outline(conn, ref),
            )
        )

    return services.drawn.get_or_make(("staff-assignment", ref.municipality_code), ref.revision, make)


def _version(services: Services, ref: Ref) -> str:
    return etag_of(services.fingerprint, "staff-assignment", ref.municipality_code, ref.revision)


@router.get("/staff/assignment")
async def assignment_page(request: Request, services: Served, params: Asked) -> Response:
    """The map, the table of one district's small areas, and the form."""
    user = await signed_in(request)
    return await run_sync(lambda: _page(request, services, user, params, PLAIN), limiter=services.limiter)


@router.get("/staff/assignment/map.js")
async def assignment_script(
    request: Request, services: Served, params: Annotated[ScriptParams, Query()]
) -> Response:
    """The script that draws the small areas."""
    await signed_in(request)

    def work() -> Response:
        with services.database.read(Audience.PUBLIC) as conn:
            ref = resolve(conn, services.settings.municipality)
            version, built = _version(services, ref), _drawn(services, conn, ref)
            made = services.drawn.get_or_make(
                ("staff-assignment.js", ref.municipality_code),
                ref.revision,
                lambda: finish(built.script.encode(), SCRIPT, version),
            )
        return send(request, made, PRIVATE_FOREVER if params.v == version else PRIVATE)

    return await run_sync(work, limiter=services.limiter)


def _page(
    request: Request, services: Services, user: Principal, params: AssignmentParams, shown: Shown
) -> Response:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        built = _drawn(services, conn, ref)
        known = district_names(conn, ref)
        draft = drafts.open_draft(conn, ref.municipality_code, SCOPE)
        district = params.district or (known[0][0] if known else None)
        rows, _ = area_page(conn, ref, district=district, limit=1000)
        told = history.recent(conn, ref.municipality_code, "edit.activate", limit=200)
        picked = _picked(conn, ref, shown)
    pending = {change.key: change.after for change in draft.changes} if draft else {}
    told = [entry for entry in told if (entry.target or "").startswith(f"{KIND}/")][:20]
    names = dict(known)
    return page(
        request, services, "staff_assignment.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        map=built, script_url=f"/staff/assignment/map.js?v={_version(services, ref)}", draft=draft, rows=rows,
        pending={key: (facts or {}).get("district_no") for key, facts in pending.items()}, district=district,
        districts=[(no, f"{no} {name}") for no, name in known], names=names, confidences=list(CONFIDENCE.items()),
        picked=picked, chosen=set(shown.values.get("areas", "").split()), shown=shown,
        saved=params.saved, most=MOST, zone=JAPAN,
        history=history_lines(told, {"edit.activate": "変更"}, FIELD_LABELS, None, _note, sayer(names)),
    )  # fmt: skip


def _note(entry: history.Entry) -> str:
    return f"：{(entry.target or '').partition('/')[2]}（世代 {entry.details.get('generation')}）"


def _picked(conn: Connection, ref: Ref, shown: Shown) -> dict[str, str]:
    """Names of what was chosen in a form that was refused."""
    keys = [item.partition(":")[0] for item in shown.values.get("areas", "").split()]
    return names_of(conn, ref, keys) if keys else {}


def _chosen(sent: Sent) -> dict[str, int | None]:
    """KEY_CODE → district the editor saw; raises InputError."""
    found: dict[str, int | None] = {}
    for value in sent.form.getlist("area"):
        key, _, seen = value.partition(":") if isinstance(value, str) else ("", "", "")
        if not (
            key.isascii()
            and key.isalnum()
            and len(key) <= 20
            and (seen == "" or (seen.isascii() and seen.isdigit() and len(seen) < 5))
        ):
            raise InputError("画面を開き直して、もう一度選んでください。", field="area")
        found[key] = int(seen) if seen else None
    if not found:
        raise InputError("小地域を、地図か表で 1 つ以上選んでください。", field="area")
    if len(found) > MOST:
        raise InputError(f"一度に変えられるのは {MOST} か所までです。", field="area")
    return found


@router.post("/staff/assignment")
async def assign_areas(request: Request, services: Served, params: Asked) -> Response:
    """Put the chosen small areas with their new district into the draft."""

    def work(sent: Sent) -> str:
        chosen = _chosen(sent)
        with services.database.write(Audience.STAFF) as conn:
            code = services.settings.municipality
            drafts.lock(conn, code, SCOPE)
            ref = resolve(conn, code)
            known = dict(district_names(conn, ref))
            wanted = assignment_entry(sent.text, known)
            real = names_of(conn, ref, list(chosen))
            if set(chosen) - set(real):
                raise InputError(
                    "今の小地域にない番号が含まれています。画面を開き直してください。", field="area"
                )
            active = active_facts(conn, ref, KIND, chosen)
            effective = _effective(conn, code, active, list(chosen))
            now = {key: (effective.get(key) or {}).get("district_no") for key in chosen}
            drafts.enter(
                conn, code, SCOPE, [(KIND, key, active.get(key), wanted) for key in chosen],
                version=stamp(chosen), seen=now, actor=sent.actor,
            )  # fmt: skip
        place = f"district={params.district}&" if params.district else ""
        return f"/staff/assignment?{place}saved={len(chosen)}"

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        now: dict[str, int | None] = error.stored or {}
        seen = _chosen(sent)
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            known, areas = dict(district_names(conn, ref)), names_of(conn, ref, list(now))
        wanted = word("district_no", int(sent.text("district_no")), known)
        return [
            (areas.get(key, key), word("district_no", stored, known), wanted)
            for key, stored in now.items()
            if stored != seen.get(key)
        ]

    def show(sent: Sent, shown: Shown) -> Response:
        areas = " ".join(
            value
            for value in sent.form.getlist("area")[: MOST + 1]
            if isinstance(value, str) and " " not in value
        )
        values = {**shown.values, "areas": areas}
        kept = Shown(shown.status, shown.form, values, shown.error, shown.error_field, shown.conflict)
        return _page(request, services, sent.user, params, kept)

    return await act(request, services, "assign", work, show, compare, most_fields=MOST + 20)


def _effective(conn: Connection, code: str, active: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    """What holds for the editor: the draft over the active data."""
    draft = drafts.open_draft(conn, code, SCOPE)
    found = dict(active)
    for change in draft.changes if draft else ():
        if change.key in keys:
            found[change.key] = change.after
    return found
