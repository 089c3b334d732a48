"""A run of levelling as figures, chart and lines of files: page and files say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.district_charts import short_year
from api.facility_costs import MILLION, hundred_million
from api.siting_pages.words import gap as gap_words
from kyodo_geo.assets.levelling_plan import COLUMNS
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from geodata.siting_runs import Run
    from maps.charts import BuiltChart

STATES = {
    "queued": "順番待ち", "running": "計算中", "done": "終わりました", "cancelled": "取りやめ", "failed": "できませんでした",
}  # fmt: skip
STATUSES = {
    "optimal": "上限を守れます（動かし方は最少、証明ずみ）",
    "feasible": "上限を守れます（動かし方が最少かは証明できていません）",
    "infeasible": "この上限は守れません（証明ずみ）",
    "unknown": "わかりませんでした",
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A work with the year in which it is to begin (None where there is no answer)."""

    name: str
    kind: str
    cost: float
    years: int
    wanted: int
    begins: int | None
    earliest: int
    latest: int
    overdue: bool

    @property
    def moved(self) -> int:
        return 0 if self.begins is None else self.begins - self.wanted


def figures(run: Run) -> list[dict[str, str]]:
    """Headline figures: four, with an answer or without."""
    result, asked = run.result or {}, run.parameters
    before, after = result.get("before") or [], result.get("after")
    works = moves(run)
    peak = hundred_million(max(before, default=0.0))
    ceiling = {"label": "1年の上限", "value": hundred_million(asked["ceiling_yen"]), "note": ""}
    if not after:
        least = result.get("least")
        return [
            ceiling,
            {"label": "ならす前のいちばん高い年度", "value": peak, "note": ""},
            {
                "label": "守れる最小の上限", "value": "不明" if not least else hundred_million(least["yen"]),
                "note": "" if not least else "証明ずみ" if least["status"] == "optimal"
                else f"{hundred_million(least['bound'])}より小さくはできません",
            },
            {"label": "対象の工事", "value": f"{len(works):,} 件", "note": ""},
        ]  # fmt: skip
    gap = result.get("gap")
    return [
        ceiling,
        {"label": "いちばん高い年度", "value": hundred_million(max(after)), "note": f"ならす前は {peak}"},
        {
            "label": "始まりの年を動かす工事", "value": f"{sum(work.moved != 0 for work in works):,} 件",
            "note": f"{len(works):,} 件のうち",
        },
        {
            "label": "動かす量（費用×年数）", "value": _moved(result["objective"]),
            "note": f"これより小さくできない値 {_moved(result.get('bound'))}"
            + ("" if gap is None else f"（差 {gap_words(gap)}）"),
        },
    ]  # fmt: skip


def _moved(value: float | None) -> str:
    return "不明" if value is None else f"{value / (100 * MILLION):,.2f} 億円・年"


def moves(run: Run) -> list[Moved]:
    """Every work, the moved ones first, by the year in which it begins."""
    begins = (run.result or {}).get("begins")
    place = {name: number for number, name in enumerate(COLUMNS)}
    found = [
        Moved(
            row[place["name"]], row[place["kind"]], row[place["cost"]], row[place["years"]], row[place["wanted"]],
            begins[number] if begins else None, row[place["earliest"]], row[place["latest"]], row[place["overdue"]],
        )
        for number, row in enumerate(run.parameters["works"])
    ]  # fmt: skip
    return sorted(found, key=lambda work: (work.moved == 0, work.begins or work.wanted, work.name))


def chart(run: Run) -> BuiltChart | None:
    """Each year before and after, and the ceiling; without an answer what is before."""
    from maps.charts import Chart, Series, line_chart

    result, asked = run.result or {}, run.parameters
    before, after = result.get("before"), result.get("after")
    if not before:
        return None
    years = range(asked["base"], asked["base"] + asked["horizon"])
    lines = [Series("ならす前", _millions(before), "compare")]
    if after:
        lines.insert(0, Series("ならした後", _millions(after)))
    lines.append(Series("上限", (asked["ceiling_yen"] / MILLION,) * len(before), "target"))
    return line_chart(
        Chart(
            id="levelling",
            title="年度別の工事費（ならす前と後）" if after else "年度別の工事費（ならす前）",
            x=tuple(short_year(year) for year in years),
            rows=tuple(fiscal_year_label(year) for year in years),
            series=tuple(lines),
            unit="百万円",
            digits=1,
            width=640,
            height=320,
        )
    )


def _millions(values: list[float]) -> tuple[float, ...]:
    return tuple(round(value / MILLION, 6) for value in values)


WORK_HEADINGS = ("工事", "希望年", "費用", "年数", "最早年", "最遅年", "積み残し", "始める年", "動かす年数")
YEAR_HEADINGS = ("年度（始まりの西暦）", "年度", "ならす前（円）", "ならした後（円）", "上限（円）")


def work_rows(run: Run) -> list[list[str | int | float]]:
    """The works under the headings that `kyodo-geo assets level` reads, with what came out."""
    return [
        [
            f"{work.name} {work.kind}", work.wanted, work.cost, work.years, work.earliest, work.latest,
            "はい" if work.overdue else "", "" if work.begins is None else work.begins,
            "" if work.begins is None else work.moved,
        ]
        for work in moves(run)
    ]  # fmt: skip


def year_rows(run: Run) -> list[list[str | int | float]]:
    """Year by year what the chart shows."""
    result, asked = run.result or {}, run.parameters
    after = result.get("after")
    return [
        [
            asked["base"] + number, fiscal_year_label(asked["base"] + number), round(yen),
            round(after[number]) if after else "", round(asked["ceiling_yen"]),
        ]
        for number, yen in enumerate(result.get("before") or [])
    ]  # fmt: skip
