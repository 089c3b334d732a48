"""For everybody: the published evaluation of a plan, two plans side by side, and published meetings of the two bodies."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.answers import HTML, Built, Reading, answer
from api.cache import send
from api.clock import today
from api.paper.serve import attachment, kept
from api.params import No
from api.plan_reviews import evaluation as evaluations
from api.plan_reviews import succession
from api.progress.files import HELP, XLSX
from api.progress.tables import policy, values
from api.routes.downloads import disposition
from api.routes.staff_evaluation import EvaluationParams
from api.services import Served
from geodata import body_meetings
from kyodo_geo.body_kinds import BODIES
from kyodo_geo.quality import Quality, worst

router = APIRouter(include_in_schema=False)


class ReviewParams(EvaluationParams):
    """Which plan."""

    done: None = None


Asked = Annotated[ReviewParams, Query()]


def _named(name: str, plan_id: str, ending: str) -> str:
    return f"{name}_{plan_id}_{today():%Y%m%d}.{ending}"


@router.get("/progress/evaluation")
async def evaluation_page(request: Request, params: Asked) -> Response:
    """The final evaluation."""

    def build(reading: Reading) -> bytes:
        found = evaluations.evaluation(reading, params.plan, published=True)
        plan = found.found.plan
        assert plan is not None
        query = f"?plan={plan['plan_id']}"
        return reading.services.pages.render(
            "progress_evaluation.html", path="/progress", ref=reading.ref, dataset=evaluations.credit(found, reading.ref.name),
            evaluation=found, plan=plan, policy=policy, help=HELP, charts=evaluations.charts(found), values=values(found.found),
            downloads=[
                {"href": f"/progress/evaluation.pdf{query}", "label": "最終評価（PDF）", "note": None},
                {"href": f"/progress/evaluation.xlsx{query}", "label": "すべての表（Excel）", "note": None},
            ],
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/progress/evaluation.xlsx")
async def evaluation_workbook(request: Request, params: Asked) -> Response:
    """Its tables."""

    def build(reading: Reading) -> Built:
        found = evaluations.evaluation(reading, params.plan, published=True)
        assert found.found.plan is not None
        body = evaluations.to_xlsx(found, evaluations.credit(found, reading.ref.name), reading.ref.name)
        return Built(body, disposition(_named("evaluation", found.found.plan["plan_id"], "xlsx")))

    return await answer(request, build, params=params, media_type=XLSX)


@router.get("/progress/evaluation.pdf")
async def evaluation_paper(request: Request, services: Served, params: Asked) -> Response:
    """On paper."""
    made = await kept(
        services,
        ("evaluation", params.plan),
        lambda reading: evaluations.on_paper(
            reading, evaluations.evaluation(reading, params.plan, published=True)
        ),
    )
    response = send(request, made)
    response.headers.update(attachment(_named("evaluation", params.plan or "plan", "pdf")))
    return response


@router.get("/progress/successor")
async def successor_page(request: Request, params: Asked) -> Response:
    """Two plans side by side."""

    def build(reading: Reading) -> bytes:
        found = succession.must_be_in_force(succession.shown(reading, params.plan))
        return reading.services.pages.render(
            "progress_successor.html", path="/progress", ref=reading.ref, dataset=found.credit(reading.ref.name), shown_=found,
            downloads=[{
                "href": f"/progress/successor.xlsx?plan={found.found.plan['plan_id']}", "label": "新旧対照（Excel）",
                "note": None,
            }],
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/progress/successor.xlsx")
async def successor_workbook(request: Request, params: Asked) -> Response:
    """The same as a workbook."""

    def build(reading: Reading) -> Built:
        found = succession.must_be_in_force(succession.shown(reading, params.plan))
        body = succession.to_xlsx(found, found.credit(reading.ref.name), reading.ref.name)
        return Built(body, disposition(_named("successor", found.found.plan["plan_id"], "xlsx")))

    return await answer(request, build, params=params, media_type=XLSX)


@router.get("/progress/meetings")
async def meetings_page(request: Request, params: No) -> Response:
    """Meetings of the two bodies that staff have published."""

    def build(reading: Reading) -> bytes:
        rows = body_meetings.meetings(reading.conn, reading.ref.municipality_code)
        quality = worst(Quality(row["quality"]) for row in rows)
        dataset: dict[str, Any] = {
            "title": "会議の記録", "source": "、".join(dict.fromkeys(row["source"] for row in rows if row["source"])),
            "licence": "", "authority": reading.ref.name, "as_of": max((row["held_on"] for row in rows), default=None),
            "quality": quality.value, "quality_label": quality.label, "parts": [],
        }  # fmt: skip
        return reading.services.pages.render(
            "progress_meetings.html", path="/progress", ref=reading.ref, dataset=dataset, meetings=rows, bodies=dict(BODIES),
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)
