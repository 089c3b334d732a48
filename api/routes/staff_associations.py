"""Staff keep the association master: names, address rules in words and profiles; changes gather in a draft."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.asking import ready
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN
from api.credits import place_credit
from api.draft_entries import name_entry
from api.draft_words import FIELD_LABELS, facts_of, rules_of, sayer, word
from api.edit_forms import PLAIN, Sent, Shown, act, history_lines
from api.held import Ready
from api.params import DistrictNo, No, Params, Text
from api.routes.accounts import page
from api.routes.notation import read_area, shown_reading
from api.services import Served, Services
from geodata.database import Audience, Connection
from geodata.edits import contacts, drafts, history
from geodata.edits.active import active_facts
from geodata.edits.contacts import ROLES
from geodata.edits.effects import rule_effects
from geodata.queries.association_names import district_names, names, names_of
from geodata.queries.associations import one
from geodata.queries.generation import Ref, resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import InputError
from kyodo_geo.notation import normal_form

router = APIRouter(include_in_schema=False)

SCOPE = "associations"
MAX_RULES = 2_500
"""Characters of the area in words: all fields at their longest fit into a request (64 KiB, nine bytes a character)."""
KINDS = ("associations", "association-rules", "association-profiles")
PROFILE = ("fee", "activities", "joining", "website")
EMPTY = BeforeValidator(lambda value: value or None)
AssociationId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
DONE = {
    "draft": "下書きに入れました。まだ公開されていません。",
    "same": "今の内容と同じなので、何も変えていません。",
    "contact": "連絡先を保存しました。",
    "removed": "連絡先を消しました。",
}
ACTIONS = {
    "edit.activate": "変更",
    "edit.draft.enter": "下書きに入れた",
    "edit.draft.take-out": "下書きから外した",
    "edit.contact.add": "連絡先を追加",
    "edit.contact.correct": "連絡先を訂正",
    "edit.contact.withdraw": "連絡先を消した",
}
CONTACT_LABELS = {
    "role": "役割",
    "name": "名前",
    "phone": "電話",
    "email": "メール",
    "address": "住所",
    "published": "公開する",
}
LABELS = {**FIELD_LABELS, "role": "役割", "published": "公開する"}
WORDS = {"role": ROLES}

Facts = dict[str, Any]


class ListParams(Params):
    """Which associations to list."""

    district: Annotated[DistrictNo | None, EMPTY] = None
    name: Annotated[Annotated[Text, Field(max_length=60)] | None, EMPTY] = None


class DoneParams(Params):
    """What was just done."""

    done: Literal["draft", "same", "contact", "removed"] | None = None


Done = Annotated[DoneParams, Query()]


@router.get("/staff/associations")
async def association_list(
    request: Request, services: Served, params: Annotated[ListParams, Query()]
) -> Response:
    """Associations of a district, or those with a word in their name."""
    user = await signed_in(request)

    def work() -> Response:
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            credit = place_credit(conn, ref)
            known = names(conn, ref)
            districts = district_names(conn, ref)
            draft = drafts.open_draft(conn, ref.municipality_code, SCOPE)
        district = params.district or (None if params.name or not districts else districts[0][0])
        rows = [
            item for item in known
            if (district is None or item.district_no == district) and (params.name is None or params.name in item.name)
        ]  # fmt: skip
        pending = {change.key for change in draft.changes} if draft else set()
        return page(
            request, services, "staff_associations.html", ref=ref, dataset=credit, user=user,
            csrf_token=user.csrf_token, rows=rows,
            total=len(known), districts=[(no, f"{no} {name}") for no, name in districts], district=district, asked=params,
            draft=draft, pending=pending,
        )  # fmt: skip

    return await run_sync(work, limiter=services.limiter)


@router.get("/staff/associations/{association_id}")
async def association_page(
    request: Request, services: Served, association_id: AssociationId, params: Done
) -> Response:
    """One association with its forms and its history."""
    user = await signed_in(request)
    done = DONE[params.done] if params.done else None
    return await run_sync(
        lambda: association_view(request, services, user, association_id, PLAIN, done),
        limiter=services.limiter,
    )


def effective(
    conn: Connection, ref: Ref, association_id: str
) -> tuple[dict[str, Facts | None], dict[str, Facts | None]]:
    """What the active datasets say, and the same with the draft over it, by kind."""
    active = {kind: active_facts(conn, ref, kind, [association_id]).get(association_id) for kind in KINDS}
    draft = drafts.open_draft(conn, ref.municipality_code, SCOPE)
    held = dict(active)
    for change in draft.changes if draft else ():
        if change.key == association_id:
            held[change.kind] = change.after
            if "geom" in (change.before or {}):
                active[change.kind] = active_facts(conn, ref, change.kind, [association_id], whole=True).get(
                    association_id
                )
    return active, held


def association_view(
    request: Request,
    services: Services,
    user: Principal,
    association_id: str,
    shown: Shown,
    done: str | None = None,
) -> Response:
    """The page of one association; `done`: what has just happened."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        code = ref.municipality_code
        found = one(conn, ref, association_id)
        active, held = effective(conn, ref, association_id)
        people = contacts.contacts(conn, code, association_id)
        told = [entry for kind in KINDS for entry in history.history(conn, code, f"{kind}/{association_id}")]
        told += history.history(conn, code, contacts.target(association_id))
        known = dict(district_names(conn, ref))
    told.sort(key=lambda entry: entry.at, reverse=True)
    pending = [
        (FIELD_LABELS[name], word(name, (active[kind] or {}).get(name), known), word(name, (held[kind] or {}).get(name), known))
        for kind in KINDS if active[kind] != held[kind]
        for name in {**(active[kind] or {}), **(held[kind] or {})}
        if (active[kind] or {}).get(name) != (held[kind] or {}).get(name)
    ]  # fmt: skip
    return page(
        request, services, "staff_association.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        association=found, held=held, rules_text=normal_form(rules_of(held["association-rules"])),
        version=stamp(held), pending=pending, shown=shown, done=done, most_area=MAX_RULES,
        contacts=[(no, contact, stamp(contacts.seen(contact))) for no, contact in people.items()],
        roles=list(ROLES.items()), zone=JAPAN,
        history=history_lines(told[:60], ACTIONS, LABELS, None, _note, sayer(known)),
    )  # fmt: skip


def _note(entry: history.Entry) -> str:
    touched = entry.details.get("touched")
    if touched:
        return "（" + "・".join(CONTACT_LABELS[name] for name in touched) + "が変わりました）"
    generation = entry.details.get("generation")
    return f"（世代 {generation}）" if generation else ""


def _wanted(
    sent: Sent, held: dict[str, Facts | None], ready: Ready
) -> tuple[dict[str, Facts | None], dict[str, Any] | None]:
    """What the form says by kind, and how its area was read; raises InputError."""
    before = held["associations"]
    if before is None:
        raise InputError(
            "この町内会・自治会は、下書きで廃止することになっています。先に、下書きからその変更を外してください。"
        )
    # The area waits in the draft as it came in below /ogc; the form speaks of names.
    kept = {name: value for name, value in before.items() if name in ("kind", "geom")}
    master = {**kept, **name_entry(sent.text)}
    profile: Facts = {
        "fee": entries.words(sent.text("fee"), "fee", "会費", most=200),
        "activities": entries.words(sent.text("activities"), "activities", "活動", most=800),
        "joining": entries.words(sent.text("joining"), "joining", "加入の方法", most=400),
        "website": entries.link(sent.text("website"), "website", "ホームページ"),
    }
    said = any(profile.values())
    if said and profile != held["association-profiles"] and not sent.ticked("consent"):
        raise InputError(
            "紹介の内容は、町内会・自治会の同意を得てから載せます。確認の欄にチェックを入れてください。",
            field="consent",
        )
    rules, reading = _rules(sent, held["association-rules"], ready)
    return {
        "associations": master,
        "association-rules": rules,
        "association-profiles": profile if said else None,
    }, reading


def _rules(sent: Sent, held: Facts | None, ready: Ready) -> tuple[Facts | None, dict[str, Any] | None]:
    """The rules of the area in words. Left as it was shown, it stays as it is, whatever the words would be read as."""
    text = sent.text("rules").replace("\r\n", "\n")
    if text.strip() == normal_form(rules_of(held)).strip() and sent.text("act") != "check":
        return held, None
    if len(text) > MAX_RULES:
        raise InputError(f"住所の範囲は {MAX_RULES:,} 文字以内で入力してください。", field="rules")
    found = read_area(ready, text)
    reading = shown_reading(found, text)
    if not found.readable:
        raise InputError("住所の範囲に、読めない部分があります。", field="rules", shown=reading)
    if reading["found"] and sent.text("act") != "check" and not sent.ticked("accept"):
        raise InputError(
            "住所の範囲に、確かめる部分があります。直すか、「このまま保存する」にチェックを入れてください。",
            field="rules",
            shown=reading,
        )
    return facts_of(found.rules), reading


def _with_effects(
    conn: Connection,
    ref: Ref,
    association_id: str,
    wanted: dict[str, Facts | None],
    reading: dict[str, Any] | None,
) -> dict[str, Any]:
    """How the area was read, and what it would meet or leave behind."""
    now = datetime.now(UTC)
    change = drafts.Change("association-rules", association_id, None, wanted["association-rules"], "", now)
    draft = drafts.open_draft(conn, ref.municipality_code, SCOPE)
    others_changes = [
        item
        for item in (draft.changes if draft else ())
        if item.kind == "association-rules" and item.key != association_id
    ]
    found = rule_effects(conn, ref, [*others_changes, change])
    mine = [
        (item.first if item.second == association_id else item.second, item.where)
        for item in found.new_overlaps
        if association_id in (item.first, item.second)
    ]
    known = names_of(conn, ref, sorted({other for other, _ in mine}))
    meets = [(known.get(other, other), where) for other, where in mine]
    return {**(reading or {}), "meets": meets, "gaps": list(found.new_gaps)}


@router.post("/staff/associations/{association_id}")
async def edit_association(
    request: Request, services: Served, association_id: AssociationId, params: No
) -> Response:
    """Put changes into the draft, or only try how the area is read."""
    await signed_in(request)
    index = await ready(services, None)

    def work(sent: Sent) -> str | Shown:
        with services.database.write(Audience.STAFF) as conn:
            code = services.settings.municipality
            drafts.lock(conn, code, SCOPE)
            ref = resolve(conn, code)
            one(conn, ref, association_id)
            active, held = effective(conn, ref, association_id)
            wanted, reading = _wanted(sent, held, index)
            if sent.text("act") == "check":
                return Shown(
                    200,
                    "master",
                    sent.values(),
                    extra=_with_effects(conn, ref, association_id, wanted, reading),
                )
            changed = [kind for kind in KINDS if wanted[kind] != held[kind]]
            drafts.enter(
                conn, code, SCOPE, [(kind, association_id, active[kind], wanted[kind]) for kind in changed],
                version=sent.version, seen=held, actor=sent.actor,
            )  # fmt: skip
        return f"/staff/associations/{association_id}?done={'draft' if changed else 'same'}"

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        held: dict[str, Facts | None] = error.stored or {}
        rows: list[tuple[str, object, object]] = []
        for kind in KINDS:
            for name in {"associations": ("name", "kana", "area_text"), "association-rules": ("rules",)}.get(
                kind, PROFILE
            ):
                rows.append(
                    (FIELD_LABELS[name], word(name, (held.get(kind) or {}).get(name), {}), sent.text(name))
                )
        return rows

    return await act(
        request, services, "master", work,
        lambda sent, shown: association_view(request, services, sent.user, association_id, shown), compare,
    )  # fmt: skip
