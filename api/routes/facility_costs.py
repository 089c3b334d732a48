"""Renewal costs of the city's buildings: the page and its files."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BeforeValidator, Field

from api import facility_cost_tables, facility_costs
from api.answers import CSV, HTML, Built, Reading, answer
from api.clock import today
from api.facility_costs import GROUPINGS, Costs
from api.openapi import problems
from api.params import DataParams, Integer, left_empty, readable
from api.reach_pages.doors import doors
from api.routes.downloads import disposition
from api.tables import rows_to_csv, to_csv
from kyodo_geo.dates import fiscal_year_label

router = APIRouter(tags=["facilities"])

PAGE_PATH, FILE_PATH = "/facilities/costs", "/downloads/facility-costs.csv"
EMPTY = BeforeValidator(left_empty)
Index = Annotated[float, Field(ge=0.1, le=10, allow_inf_nan=False)]
Key = Annotated[str, Field(max_length=60), AfterValidator(readable)]
Horizon = Annotated[Integer, Field(ge=10, le=80)]


def _plain(value: Any) -> Any:
    """A decimal as people write it: no exponents, no underscores."""
    if isinstance(value, str) and value and not all(char in "0123456789." for char in value):
        raise ValueError("数（例 1.25）で指定してください")
    return value


class CostParams(DataParams):
    """How the costs are grouped and what they assume."""

    by: Literal["facility", "kind", "district", "class", "building"] = Field(
        default="facility", description="行の分け方: " + "、".join(GROUPINGS), examples=["kind"]
    )
    only: Annotated[Key | None, EMPTY] = Field(
        default=None,
        description="年度別の図と表を、この行だけにする（行の番号）",
        examples=["f-00850322cd37"],
    )
    price_index: Annotated[Index | None, EMPTY, BeforeValidator(_plain)] = Field(
        default=None, description="単価に掛ける物価の倍率（0.1〜10）。指定しなければ市の前提", examples=[1.3]
    )
    years: Annotated[Horizon | None, EMPTY] = Field(
        default=None, description="期間の年数（10〜80）。指定しなければ市の前提", examples=[40]
    )


class CostFileParams(CostParams):
    """The same for the files; `part` says which table of the page."""

    part: Literal["groups", "years", "works"] = Field(
        default="groups",
        description="groups（行ごとの表）、years（年度別の表）、works（60年のきまりの工事の一覧）",
        examples=["years"],
    )


Asked = Annotated[CostParams, Query()]
YEAR_HEADINGS = ("対象", "年度（始まりの西暦）", "年度", "60年で建替え（円）", "80年まで長寿命化（円）")


def _costs(reading: Reading, params: CostParams) -> Costs:
    return facility_costs.costs(reading, params.by, params.only, params.price_index, params.years)


@router.get(PAGE_PATH, include_in_schema=False)
async def costs_page(request: Request, params: Asked) -> Response:
    """Both rule sets for the whole stock."""

    def build(reading: Reading) -> bytes:
        found = _costs(reading, params)
        asked = params.model_dump(mode="json", exclude_none=True, exclude={"part"})

        def link(path: str, **other: str | None) -> str:
            wanted = {key: value for key, value in {**asked, **other}.items() if value is not None}
            return f"{path}?{urlencode(wanted)}"

        return reading.services.pages.render(
            "facility_costs.html",
            path=PAGE_PATH,
            ref=reading.ref,
            dataset=found.dataset,
            found=found,
            figures=_figures(found),
            table=facility_cost_tables.table(found),
            chart=facility_cost_tables.chart(found),
            groupings=GROUPINGS,
            links=doors(params.municipality),
            params=params,
            kept={key: asked[key] for key in ("municipality", "as_of") if key in asked},
            choices=[(group.key, group.name) for group in found.groups],
            whole=link(PAGE_PATH, only=None),
            downloads=[
                {
                    "href": link(FILE_PATH),
                    "label": f"{GROUPINGS[params.by]}別の表（CSV）",
                    "note": "表計算ソフトで開けます",
                },
                {
                    "href": link(FILE_PATH, part="years"),
                    "label": f"{found.chosen.name}の年度別の表（CSV）",
                    "note": "単位は円です",
                },
                {
                    "href": link(FILE_PATH, part="works", only=None),
                    "label": "工事の一覧（CSV）",
                    "note": "60年のきまりの工事。kyodo-geo assets level でも年度をならせます",
                },
            ],
        ).encode()

    return await answer(request, build, params=params, media_type=HTML)


def _figures(found: Costs) -> list[dict[str, str]]:
    """The figures a plan must show: stock, depreciation, upkeep, simple renewal, with long life, effect."""
    group, part = found.chosen, found.chosen.forecast
    known = group.buildings > group.unknown
    short, long = float(part.short.sum()), float(part.long.sum())

    def million(yen: float) -> str:
        return facility_costs.hundred_million(yen) if known else "不明"

    figures = [
        {
            "label": "建物",
            "value": f"{group.buildings:,} 棟",
            "note": f"延床面積 {group.area_m2:,.0f} m²（面積が不明 {group.area_unknown} 棟を除く）",
        },
        {
            "label": f"60年で建替え（{found.horizon}年間）",
            "value": million(short),
            "note": f"年平均 {facility_costs.hundred_million(short / found.horizon)}" if known else "",
        },
        {
            "label": f"80年まで長寿命化（{found.horizon}年間）",
            "value": million(long),
            "note": f"年平均 {facility_costs.hundred_million(long / found.horizon)}" if known else "",
        },
        {
            "label": "長寿命化の効果",
            "value": million(short - long),
            "note": "60年の合計から80年の合計を引いた額"
            if short >= long
            else "長寿命化のほうが、この期間では高くなります",
        },
        {
            "label": "積み残し（60年のきまり）",
            "value": million(float(part.overdue_short.sum())),
            "note": f"{fiscal_year_label(found.base)}に、もう時期を過ぎている工事",
        },
        {
            "label": "維持管理費の目安（60年のきまり）",
            "value": f"年 {facility_costs.hundred_million(float(part.upkeep_short.sum()))}"
            if known
            else "不明",
            "note": "面積と単価による目安。80年のきまりでは年 "
            f"{facility_costs.hundred_million(float(part.upkeep_long.sum()))}"
            if known
            else "",
        },
        {"label": "計算できない建物", "value": f"{group.unknown:,} 棟", "note": "費用に入っていません"},
    ]
    if group is found.city:
        figures.append(
            {
                "label": "減価償却率",
                "value": "不明" if found.depreciation is None else f"{found.depreciation * 100:.1f} %",
                "note": f"取得価額か償却累計額が不明な {found.depreciation_unknown} 棟を除く",
            }
        )
    else:
        gone = None if part.demolition is None else float(part.demolition.sum())
        figures.append(
            {
                "label": "全部を除却する場合",
                "value": "不明" if gone is None else million(gone),
                "note": "更新費用の合計には入っていません",
            }
        )
    return figures


@router.get(
    FILE_PATH,
    summary="公共施設の更新費用（CSV）",
    description=(
        "施設・種類・地区・分類・建物ごと、または年度別の更新費用。60年で建替える場合と80年まで長寿命化する場合。"
        "UTF-8（BOM 付き）。計算できない建物は「不明」で、0 ではありません。"
    ),
    responses={**problems(400, 404), 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
async def costs_file(request: Request, params: Annotated[CostFileParams, Query()]) -> Response:
    def build(reading: Reading) -> Built:
        found = _costs(reading, params)
        if params.part == "groups":
            body = to_csv(facility_cost_tables.table(found), found.dataset)
        else:
            header, rows = (
                (YEAR_HEADINGS, facility_cost_tables.year_rows(found))
                if params.part == "years"
                else (facility_cost_tables.WORK_HEADINGS, facility_cost_tables.work_rows(found))
            )
            credit = [
                str(found.dataset[key] or "不明") for key in ("quality_label", "as_of", "source", "licence")
            ]
            body = rows_to_csv(
                [*header, "物価の倍率", "データの品質", "時点", "出典", "利用条件"],
                ([*row, found.index, *credit] for row in rows),
            )
        what = params.by if params.part == "groups" else params.part
        name = f"facility-costs_{what}_{today():%Y%m%d}"
        return Built(body, disposition(f"{name}.csv"))

    return await answer(request, build, params=params, media_type=CSV)
