"""The plan's progress for everybody: the page, a page for each indicator and initiative, and the files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.answers import CSV, HTML, Built, Reading, answer
from api.cache import send
from api.clock import today
from api.paper.serve import attachment, kept
from api.params import FiscalYear, Identifier, Integer, Params, Text, plain_integer
from api.plan_reviews.succession import related
from api.progress import paper, tables
from api.progress.charts import values_chart
from api.progress.files import HELP, XLSX, to_csv, to_xlsx
from api.progress.report import Indicator, Initiative, Progress, progress
from api.progress.states import counts, points
from api.routes.downloads import disposition
from api.services import Served
from geodata import evaluations, successors
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import NotFoundError
from kyodo_geo.plan_items import PlanItem

router = APIRouter(include_in_schema=False)

# A form sends fields that were left alone as empty texts.
EMPTY = BeforeValidator(lambda value: value or None)


class PlanParams(Params):
    """Which plan, looked at in which year."""

    plan: Annotated[Identifier | None, EMPTY] = None
    fiscal_year: Annotated[FiscalYear | None, EMPTY] = None


class ProgressParams(PlanParams):
    """The same with what narrows the list of initiatives."""

    policy: Annotated[Annotated[Integer, Field(ge=1, le=9)] | None, EMPTY] = None
    priority: Literal["", "yes"] = ""
    body: Literal["", "associations", "districts"] = ""
    challenge: Annotated[Text, Field(max_length=20)] = ""

    @property
    def narrowed(self) -> bool:
        return any((self.policy, self.priority, self.body, self.challenge))

    def takes(self, item: Initiative) -> bool:
        """Whether an initiative is among those asked for."""
        row = item.row
        return (
            self.policy in (None, row["policy_no"])
            and (not self.priority or bool(row["priority"]))
            and (not self.body or bool(row[f"for_{self.body}"]))
            and self.challenge in ("", row["challenge"])
        )


Items = tuple[Any, ...]
Parts = dict[str, Any]
InitiativeNo = Annotated[int, BeforeValidator(plain_integer), Path(ge=1, le=999)]
IndicatorId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
SheetName = Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")]


def query_of(found: Progress, **more: Any) -> str:
    """`?plan=…` for links within a plan that is not the newest, and whatever else is to be kept."""
    asked = {name: value for name, value in more.items() if value}
    if found.plan is not None and found.plans and found.plan["plan_id"] != found.plans[0]["plan_id"]:
        asked = {"plan": found.plan["plan_id"], **asked}
    return f"?{urlencode(asked)}" if asked else ""


def downloads(found: Progress) -> list[dict[str, str | None]]:
    """Links to the files of what is shown."""
    query = query_of(found, fiscal_year=found.fiscal_year)
    return [
        {"href": f"/progress/report.pdf{query}", "label": "進捗状況の報告（PDF）", "note": "会議の資料。表と地図"},
        {"href": f"/progress/report.xlsx{query}", "label": "すべての表（Excel）", "note": "4 つの表が入っています"},
        {"href": f"/progress/indicators.csv{query}", "label": "指標の状態（CSV）", "note": None},
        {"href": f"/progress/values.csv{query}", "label": "指標の年度ごとの値（CSV）", "note": None},
        {"href": f"/progress/initiatives.csv{query}", "label": "取組（CSV）", "note": None},
        {"href": f"/progress/records.csv{query}", "label": "取組の年度ごとの実績（CSV）", "note": None},
    ]  # fmt: skip


@router.get("/progress")
async def progress_page(request: Request, params: Annotated[ProgressParams, Query()]) -> Response:
    """Every indicator and initiative of the plan in one year."""

    def build(reading: Reading) -> bytes:
        found = progress(reading, params.plan, params.fiscal_year)
        chosen = [item for item in found.initiatives if params.takes(item)]
        rows = [item.row for item in found.initiatives]
        return reading.services.pages.render(
            "progress.html", path="/progress", ref=reading.ref, dataset=_credit(found, reading),
            found=found, asked=params, counts=counts(found), points=points(found), help=HELP, query=query_of(found),
            indicators=tables.indicators(found), initiatives=tables.initiatives(found, chosen),
            policies=sorted({(row["policy_no"], tables.policy(row["policy_no"], row["policy"])) for row in rows}),
            challenges=list(dict.fromkeys(row["challenge"] for row in rows)),
            downloads=downloads(found), doors=_doors(reading, found),
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


def _doors(reading: Reading, found: Progress) -> list[tuple[str, str]]:
    """Further pages on the plan looked at: address and words."""
    doors = [("/progress/meetings", "会議の記録")]
    code, plan = reading.ref.municipality_code, found.plan
    if plan is None:
        return doors
    if evaluations.head(reading.conn, code, plan["plan_id"]) is not None:
        doors.append((f"/progress/evaluation?plan={plan['plan_id']}", "この計画の最終評価"))
    for row in successors.successors(reading.conn, code):
        if plan["plan_id"] in (row["plan_id"], row["successor_of"]):
            doors.append((f"/progress/successor?plan={row['plan_id']}", f"新旧の計画の対照（{row['name']}）"))
    return doors


async def _item_page(
    request: Request, params: PlanParams, kind: str, parts: Callable[[Progress], tuple[Any, Items, Parts]]
) -> Response:
    """The page of one indicator or initiative: the item, all of its kind in their order, and what its page has more."""

    def build(reading: Reading) -> bytes:
        found = progress(reading, params.plan, params.fiscal_year)
        item, order, more = parts(found)
        return reading.services.pages.render(
            f"progress_{kind}.html", path="/progress", ref=reading.ref,
            dataset=_credit(found, reading, item), found=found, item=item, query=query_of(found),
            neighbours=_beside(order, order.index(item)), downloads=downloads(found),
            related=related(reading, item_of(item)), **more,
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/progress/indicators/{indicator_id}")
async def indicator_page(
    request: Request, indicator_id: IndicatorId, params: Annotated[PlanParams, Query()]
) -> Response:
    """One indicator over the years."""

    def parts(found: Progress) -> tuple[Any, Items, Parts]:
        item = found.indicator(indicator_id)
        line = next(line for line in tables.indicators(found).lines if line.key == item.id)
        more = {"line": line, "table": tables.values(found, item), "chart": values_chart(item), "help": HELP}
        return item, found.indicators, more

    return await _item_page(request, params, "indicator", parts)


@router.get("/progress/initiatives/{no}")
async def initiative_page(
    request: Request, no: InitiativeNo, params: Annotated[PlanParams, Query()]
) -> Response:
    """One initiative over the years."""

    def parts(found: Progress) -> tuple[Any, Items, Parts]:
        item = found.initiative(no)
        line = tables.initiatives(found, [item]).lines[0]
        return item, found.initiatives, {"line": line, "table": tables.records(found, item)}

    return await _item_page(request, params, "initiative", parts)


def item_of(item: Indicator | Initiative) -> PlanItem:
    """The name of an item within its plan."""
    if isinstance(item, Indicator):
        return PlanItem(item.row["plan_id"], "indicator", item.id)
    return PlanItem(item.row["plan_id"], "initiative", str(item.no))


def _credit(found: Progress, reading: Reading, *items: Any) -> dict[str, Any]:
    """The credit of a page; figures of a plan are as of a fiscal year, not of a day."""
    return {**found.credit(reading.ref.name, *items), "as_of": fiscal_year_label(found.fiscal_year)}


def _beside(items: Items, index: int) -> dict[str, Any]:
    return {
        "previous": items[index - 1] if index else None,
        "following": items[index + 1] if index + 1 < len(items) else None,
    }


def file_name(name: str, found: Progress, ending: str) -> str:
    """What it is, of which plan and year, and the day it was made."""
    plan = found.plan["plan_id"] if found.plan else "none"
    return f"progress-{name}_{plan}_{found.fiscal_year}_{today():%Y%m%d}.{ending}"


@router.get("/progress/{name}.csv")
async def progress_csv(request: Request, name: SheetName, params: Annotated[PlanParams, Query()]) -> Response:
    """One of the tables."""

    def build(reading: Reading) -> Built:
        if name not in tables.SHEETS:
            raise NotFoundError(f"この表はありません。使える名前: {'、'.join(tables.SHEETS)}")
        found = progress(reading, params.plan, params.fiscal_year)
        body = to_csv(tables.SHEETS[name](found), _credit(found, reading))
        return Built(body, disposition(file_name(name, found, "csv")))

    return await answer(request, build, params=params, media_type=CSV)


@router.get("/progress/report.xlsx")
async def progress_workbook(request: Request, params: Annotated[PlanParams, Query()]) -> Response:
    """All tables in one workbook."""

    def build(reading: Reading) -> Built:
        found = progress(reading, params.plan, params.fiscal_year)
        body = to_xlsx(found, _credit(found, reading), reading.ref.name)
        return Built(body, disposition(file_name("report", found, "xlsx")))

    return await answer(request, build, params=params, media_type=XLSX)


@router.get("/progress/report.pdf")
async def progress_report(
    request: Request, services: Served, params: Annotated[PlanParams, Query()]
) -> Response:
    """The yearly report for the two bodies."""
    made = await kept(
        services,
        ("progress", params.plan, params.fiscal_year),
        lambda reading: paper.report(reading, params.plan, params.fiscal_year),
    )
    response = send(request, made)
    parts = ["progress-report", params.plan, params.fiscal_year, today().strftime("%Y%m%d")]
    response.headers.update(attachment("_".join(str(part) for part in parts if part) + ".pdf"))
    return response
