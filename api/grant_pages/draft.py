"""The form of a rule's draft: what it begins with, rows without JSON, keeping it, both sides of a conflict."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response

from api.auth.principals import Principal
from api.edit_forms import PLAIN, QUALITY_CHOICES, Sent, Shown
from api.grant_pages.rules import address
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience, Connection
from geodata.grants import rules
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import InputError
from kyodo_geo.grants import entry, words
from kyodo_geo.grants.entry import moved_up, shape, typed_of
from kyodo_geo.grants.keeping import table_of
from kyodo_geo.grants.schemes import Scheme
from kyodo_geo.grants.table import MAX_BANDS, MAX_CONDITIONS, MAX_PARTS, UNITS, Check, Way, checked

FORM = "rule"


@dataclass(frozen=True, slots=True)
class Start:
    """What a new draft begins with, and where that comes from (words for the page)."""

    typed: dict[str, str]
    quality: str
    source: str
    version: str
    words: str


def start(conn: Connection, code: str, scheme: Scheme, year: int) -> Start:
    """The draft, else what it is to be begun with: the rule in force, last year's, or nothing."""
    found = rules.versions(conn, code, scheme.key)
    draft = next((one for one in found if one.fiscal_year == year and one.state == "draft"), None)
    if draft is not None:
        return Start(
            typed_of(draft.table),
            draft.quality,
            draft.source or "",
            draft.mark,
            f"下書き（第{draft.version}版）を直します。",
        )
    held = [one for one in found if one.state == "in-force"]
    model = next((one for one in held if one.fiscal_year == year), None) or next(
        (one for one in held if one.fiscal_year < year), None
    )
    if model is None:
        return Start({}, "real", "", "", "まだきまりがありません。計算の行から入力してください。")
    from_where = "適用中のきまり" if model.fiscal_year == year else f"{model.fiscal_year} 年度のきまり"
    return Start(
        typed_of(model.table), model.quality, model.source or "", "",
        f"{from_where}（第{model.version}版）を写しました。変えるところを直して、保存してください。",
    )  # fmt: skip


def draft_page(
    request: Request, services: Services, user: Principal, scheme: Scheme, year: int, shown: Shown = PLAIN
) -> Response:
    """The form of the draft. `shown.extra` is how many empty rows are added."""
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        begun = start(conn, code, scheme, year)
    typed = dict(shown.values) if shown.form == FORM else begun.typed
    bands, conditions = shape(typed)
    spare = 3 if shown.extra == "more" else 1
    rows = [
        (number, min(MAX_BANDS, (bands[number - 1] if number <= len(bands) else 0) + (3 if shown.extra == "more" else 2)))
        for number in range(1, min(MAX_PARTS, max(3, len(bands) + spare)) + 1)
    ]  # fmt: skip
    return page(
        request, services, "staff_grant_draft.html", shown.status, ref=ref, dataset=None, user=user,
        csrf_token=user.csrf_token, scheme=scheme, year=year, base=address(scheme, year), begun=begun, shown=shown,
        stored={**begun.typed, "quality": begun.quality, "source": begun.source}, rows=rows,
        conditions=range(1, min(MAX_CONDITIONS, conditions + spare) + 1),
        units=[(str(unit), f"{unit:,}円") for unit in UNITS], ways=[(way.value, way.label) for way in Way],
        checks=[(check.value, check.label) for check in reversed(Check)], qualities=QUALITY_CHOICES,
        version=begun.version if not shown.form or shown.status == 409 else shown.values.get("seen", begun.version),
    )  # fmt: skip


def save(conn: Connection, code: str, scheme: Scheme, year: int, sent: Sent) -> str | Shown:
    """Keep the form as the draft, or show it again with room for more rows, or with what is wrong at its field."""
    typed = moved_up(sent.values())
    kept = {**typed, "seen": sent.version}
    if sent.text("act") == "more":
        return Shown(200, FORM, kept, extra="more")
    try:
        table = entry.table(typed)
        checked(scheme, table)
        quality = entries.choice(
            sent.text("quality"), "quality", "記録の種類", [key for key, _ in QUALITY_CHOICES]
        )
        source = entries.line(sent.text("source"), "source", "出典", most=300, required=True)
        rules.save_draft(
            conn,
            code,
            scheme,
            year,
            table,
            quality=quality,
            source=source,
            seen=sent.version,
            actor=sent.actor,
        )
    except EditConflictError:
        raise
    except InputError as error:
        return Shown(400, FORM, kept, error.message, error.details.get("field"))
    return f"{address(scheme, year)}?done=saved"


def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
    """Both sides of a conflict, in words."""
    stored = error.stored or {}
    typed = moved_up(sent.values())
    try:
        mine = entry.table(typed)
    except InputError:
        return []
    if "parts" not in stored:
        return [("下書き", "なし（適用されたか、消されました）", "入力した内容")]
    held = table_of({name: stored[name] for name in ("form", "parts", "whole", "conditions", "note")})
    rows: list[tuple[str, object, object]] = []
    for label, lines in (
        ("計算の行", lambda table: "／".join(words.part_line(part) for part in table.parts)),
        ("合計", lambda table: "、".join(words.whole(table.whole))),
        ("条件", lambda table: "／".join(words.condition_line(one) for one in table.conditions)),
        ("説明", lambda table: table.note),
    ):
        rows.append((label, lines(held), lines(mine)))
    return [*rows, ("出典", stored.get("source"), sent.text("source"))]
