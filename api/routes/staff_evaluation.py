"""Planners write the final evaluation of a plan: drafts, decision, publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator

from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.edit_forms import PLAIN, Sent, Shown, act, history_lines
from api.paper.serve import PDF, attachment, rendered
from api.params import Identifier, Params
from api.plan_reviews import evaluation as shown_
from api.plan_reviews.reading import staff_reading
from api.progress.files import XLSX
from api.progress.tables import policy
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.routes.progress import IndicatorId, InitiativeNo
from api.services import Served, Services
from geodata import evaluations
from geodata.database import Audience, Connection
from geodata.edits.history import recent
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import InputError
from kyodo_geo.evaluation import CARRY_OVERS, MAX_REASON, MAX_SUMMARY, scale_of

router = APIRouter(include_in_schema=False)
BASE = "/staff/evaluation"
LABELS = {
    "grade": "評価",
    "reason": "理由",
    "carry_over": "これから",
    "remark": "経過について",
    "summary": "まとめ",
}
ACTIONS = {
    "evaluation.save": "保存", "evaluation.scale": "段階の変更", "evaluation.decide": "決定", "evaluation.reopen": "下書きに戻す",
    "evaluation.publish": "公開", "evaluation.unpublish": "公開をやめる",
}  # fmt: skip
WORDS = {"carry_over": dict(CARRY_OVERS)}
DONE = {
    "save": "保存しました。", "scale": "評価の段階を変えました。", "decide": "評価を決定しました。まだ公開されていません。",
    "reopen": "下書きに戻しました。", "publish": "公開しました。", "unpublish": "公開をやめました。",
}  # fmt: skip


class EvaluationParams(Params):
    """Which plan, and what was just done."""

    plan: Annotated[Identifier | None, BeforeValidator(lambda value: value or None)] = None
    done: Literal["save", "scale", "decide", "reopen", "publish", "unpublish"] | None = None


Asked = Annotated[EvaluationParams, Query()]


def _page(
    request: Request, services: Services, user: Principal, params: EvaluationParams, shown: Shown = PLAIN, done: str | None = None
) -> Response:  # fmt: skip
    with staff_reading(services) as reading:
        found = shown_.evaluation(reading, params.plan)
        told = recent(reading.conn, reading.ref.municipality_code, "evaluation.", limit=30)
    plan = found.found.plan
    assert plan is not None
    return page(
        request, services, "staff_evaluation.html", shown.status, ref=reading.ref, dataset=shown_.credit(found, reading.ref.name),
        user=user, csrf_token=user.csrf_token, evaluation=found, plan=plan, plans=found.found.plans, shown=shown,
        done=DONE[done] if done else None, carry_overs=CARRY_OVERS, policy=policy, seen=stamp(found.head),
        seen_scale=stamp([[one.grade, one.words] for one in found.scale]),
        grades=[(one.grade, f"{one.grade} {one.words}") for one in found.scale],
        scale_text="\n".join(f"{one.grade} {one.words}" for one in found.scale),
        marks={one.item.no: stamp(one.row) for one in found.graded},
        remarks={one.item.id: stamp({"remark": one.remark} if one.remark else None) for one in found.courses},
        history=history_lines(told, ACTIONS, LABELS, WORDS, lambda entry: f"（{(entry.target or '').partition('/')[2]}）"),
        zone=JAPAN, on=today(), max_reason=MAX_REASON, max_summary=MAX_SUMMARY, query=urlencode({"plan": plan["plan_id"]}),
    )  # fmt: skip


@router.get(BASE)
async def evaluation_page(request: Request, services: Served, params: Asked) -> Response:
    """The evaluation with its forms."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _page(request, services, user, params, done=params.done), limiter=services.limiter
    )


@router.get(BASE + ".xlsx")
async def evaluation_workbook(request: Request, services: Served, params: Asked) -> Response:
    """The tables, also of a draft."""
    await signed_in(request)

    def work() -> tuple[bytes, str]:
        with staff_reading(services) as reading:
            found = shown_.evaluation(reading, params.plan)
            body = shown_.to_xlsx(found, shown_.credit(found, reading.ref.name), reading.ref.name)
        assert found.found.plan is not None
        return body, f"evaluation_{found.found.plan['plan_id']}_{today():%Y%m%d}.xlsx"

    body, name = await run_sync(work, limiter=services.limiter)
    return Response(body, 200, {**NO_STORE, **disposition(name)}, media_type=XLSX)


@router.get(BASE + ".pdf")
async def evaluation_paper(request: Request, services: Served, params: Asked) -> Response:
    """The paper, also of a draft, which it says."""
    await signed_in(request)

    def work() -> tuple[str, str]:
        with staff_reading(services) as reading:
            found = shown_.evaluation(reading, params.plan)
            assert found.found.plan is not None
            return shown_.on_paper(reading, found), found.found.plan["plan_id"]

    html, plan_id = await run_sync(work, limiter=services.limiter)
    body = await rendered(services, html)
    return Response(
        body, 200, {**NO_STORE, **attachment(f"evaluation_{plan_id}_{today():%Y%m%d}.pdf")}, media_type=PDF
    )


Save = Callable[[Connection, str, str, Sent], str]


async def _change(
    request: Request, services: Services, params: EvaluationParams, form: str, save: Save, label: str = ""
) -> Response:
    def work(sent: Sent) -> str:
        with staff_reading(services) as reading:
            plan = shown_.evaluation(reading, params.plan).found.plan
        assert plan is not None
        with services.database.write(Audience.STAFF) as conn:
            done = save(conn, services.settings.municipality, plan["plan_id"], sent)
        return f"{BASE}?{urlencode({'plan': plan['plan_id'], 'done': done})}{label}"

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        stored: Any = error.stored
        if isinstance(stored, list):
            return [("評価の段階", "、".join(" ".join(one) for one in stored), sent.text("scale"))]
        held = stored or {}
        names = [name for name in LABELS if name in held or sent.text(name)]
        return [(LABELS[name], _said(name, held.get(name)), _said(name, sent.text(name))) for name in names]

    return await act(
        request,
        services,
        form,
        work,
        lambda sent, shown: _page(request, services, sent.user, params, shown),
        compare,
    )


def _said(name: str, value: Any) -> Any:
    return WORDS.get(name, {}).get(value, value)


@router.post(BASE)
async def change_whole(request: Request, services: Served, params: Asked) -> Response:
    """Summary, decision, publication, or back to a draft."""

    def save(conn: Connection, code: str, plan_id: str, sent: Sent) -> str:
        deed = sent.text("deed")
        if deed == "decide":
            day = entries.day(sent.text("decided_on"), "decided_on", "決定した日")
            if day is None or day > today():
                raise InputError("決定した日を、今日までの日付で入力してください。", field="decided_on")
            by = entries.line(sent.text("decided_by"), "decided_by", "決定した会議・課", most=120)
            evaluations.decide(
                conn, code, plan_id, decided_on=day, decided_by=by, seen=sent.version, actor=sent.actor
            )
        elif deed in ("publish", "unpublish", "reopen"):
            evaluations.move(conn, code, plan_id, deed, seen=sent.version, actor=sent.actor)
        else:
            summary = entries.words(sent.text("summary"), "summary", "まとめ", most=MAX_SUMMARY)
            evaluations.save_summary(conn, code, plan_id, summary, seen=sent.version, actor=sent.actor)
            deed = "save"
        return deed

    return await _change(request, services, params, "whole", save)


@router.post(BASE + "/scale")
async def change_scale(request: Request, services: Served, params: Asked) -> Response:
    """Another scale."""

    def save(conn: Connection, code: str, plan_id: str, sent: Sent) -> str:
        evaluations.save_scale(
            conn, code, plan_id, scale_of(sent.text("scale")), seen=sent.version, actor=sent.actor
        )
        return "scale"

    return await _change(request, services, params, "scale", save)


@router.post(BASE + "/initiatives/{no}")
async def evaluate_initiative(
    request: Request, services: Served, no: InitiativeNo, params: Asked
) -> Response:
    """Grade an initiative."""

    def save(conn: Connection, code: str, plan_id: str, sent: Sent) -> str:
        reason = entries.words(sent.text("reason"), "reason", "理由", most=MAX_REASON, required=True)
        carry = entries.choice(
            sent.text("carry_over"), "carry_over", "これから", [key for key, _ in CARRY_OVERS]
        )
        new = {"grade": sent.text("grade"), "reason": reason, "carry_over": carry}
        evaluations.save_initiative(conn, code, plan_id, no, new, seen=sent.version, actor=sent.actor)
        return "save"

    return await _change(request, services, params, f"n{no}", save, f"#initiative-{no}")


@router.post(BASE + "/indicators/{indicator_id}")
async def remark_indicator(
    request: Request, services: Served, indicator_id: IndicatorId, params: Asked
) -> Response:
    """Say what the course of an indicator tells."""

    def save(conn: Connection, code: str, plan_id: str, sent: Sent) -> str:
        remark = entries.words(sent.text("remark"), "remark", "経過について", most=MAX_REASON, required=True)
        assert remark is not None
        evaluations.save_indicator(
            conn, code, plan_id, indicator_id, remark, seen=sent.version, actor=sent.actor
        )
        return "save"

    return await _change(request, services, params, f"i-{indicator_id}", save, f"#indicator-{indicator_id}")
