"""The final evaluation with everything it rests on: what page, workbook and paper show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.progress import tables
from api.progress.charts import values_chart
from api.progress.files import HELP
from api.progress.report import Indicator, Initiative, Progress, YearValue, progress
from api.progress.tables import NOISE, NONE, UNKNOWN, amount
from api.workbooks import PLAIN, Page, workbook
from geodata import evaluations
from kyodo_geo.dates import date_label, fiscal_year_label
from kyodo_geo.errors import NotFoundError
from kyodo_geo.evaluation import CARRY_OVERS, STATES, Grade, counted

if TYPE_CHECKING:
    from api.answers import Reading

Row = dict[str, Any]
NOT_YET = "未評価"


@dataclass(frozen=True, slots=True)
class Course:
    """An indicator over the whole plan: where it stands in the year it is judged by, and what is said of it."""

    item: Indicator
    judged: YearValue | None
    remark: str | None

    @property
    def year(self) -> str:
        """The target's year; for an indicator without one the newest with a value."""
        return fiscal_year_label(self.judged.fiscal_year) if self.judged else UNKNOWN

    @property
    def value(self) -> str:
        return amount(self.judged.value if self.judged else None, self.item.goal.unit)

    @property
    def state(self) -> str:
        return (self.judged.state if self.judged else None) or UNKNOWN

    @property
    def noise(self) -> str:
        return NOISE if self.judged and self.judged.judged.within_noise else NONE

    @property
    def baseline(self) -> str:
        goal = self.item.goal
        return f"{amount(goal.baseline, goal.unit)}（{fiscal_year_label(goal.baseline_year)}）"

    @property
    def target(self) -> str:
        goal = self.item.goal
        if goal.target is None or goal.target_year is None:
            return "なし"
        return f"{amount(goal.target, goal.unit)}（{fiscal_year_label(goal.target_year)}）"


@dataclass(frozen=True, slots=True)
class Graded:
    """An initiative with its grade, None where it has none yet."""

    item: Initiative
    row: Row | None

    @property
    def grade(self) -> str:
        return self.row["grade"] if self.row else NOT_YET

    @property
    def carry_over(self) -> str:
        return dict(CARRY_OVERS)[self.row["carry_over"]] if self.row else NONE

    @property
    def reason(self) -> str:
        return self.row["reason"] if self.row else NONE


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything of a plan's final evaluation. `head` is None before anything was written."""

    found: Progress
    head: Row | None
    scale: tuple[Grade, ...]
    graded: tuple[Graded, ...]
    courses: tuple[Course, ...]

    @property
    def state(self) -> str:
        return STATES[self.head["state"]] if self.head else STATES["draft"]

    @property
    def counts(self) -> list[tuple[Grade, int]]:
        return counted(self.scale, [one.row["grade"] for one in self.graded if one.row])

    @property
    def carried(self) -> list[tuple[str, int]]:
        held = [one.row["carry_over"] for one in self.graded if one.row]
        return [(label, held.count(key)) for key, label in CARRY_OVERS]


def evaluation(reading: Reading, plan_id: str | None = None, *, published: bool = False) -> Evaluation:
    """Of a plan (default: the newest that has one, else the oldest in force); raises NotFoundError.

    `published`: only one that everybody may see.
    """
    code = reading.ref.municipality_code
    found = progress(reading, plan_id)
    if plan_id is None and found.plans:
        known = [
            row["plan_id"] for row in found.plans if evaluations.head(reading.conn, code, row["plan_id"])
        ]
        chosen = (known or [found.plans[-1]["plan_id"]])[0]
        found = progress(reading, chosen)
    head = evaluations.head(reading.conn, code, found.plan["plan_id"]) if found.plan else None
    if found.plan is None or (published and (head is None or head["state"] != "published")):
        raise NotFoundError("公開されている計画の評価は、まだありません。")
    chosen = found.plan["plan_id"]
    rows = evaluations.initiatives(reading.conn, code, chosen)
    remarks = evaluations.indicators(reading.conn, code, chosen)
    return Evaluation(
        found,
        head,
        evaluations.scale(reading.conn, code, chosen),
        tuple(Graded(item, rows.get(item.no)) for item in found.initiatives),
        tuple(
            Course(
                item, _judged(item, found.plan["last_fiscal_year"]), remarks.get(item.id, {}).get("remark")
            )
            for item in found.indicators
        ),
    )


def _judged(item: Indicator, last_year: int) -> YearValue | None:
    """The year that tells: the target's (also when nothing was measured then), else the newest of the plan's time."""
    if item.goal.target_year is not None:
        return item.at(item.goal.target_year)
    known = [year for year in item.years if item.goal.baseline_year < year.fiscal_year <= last_year]
    return known[-1] if known else None


def credit(shown: Evaluation, authority: str) -> Row:
    """The credit of page and files."""
    decided = shown.head["decided_on"] if shown.head else None
    return {**shown.found.credit(authority), "as_of": date_label(decided) if decided else None}


def charts(shown: Evaluation) -> list[Any]:
    """Charts of the outcome indicators."""
    made = [values_chart(one.item) for one in shown.courses if one.item.goal.target is not None]
    return [chart for chart in made if chart is not None and not chart.empty]


INITIATIVE_HEADS = ("取組番号", "取組", "基本方針", "評価", "理由", "これから")
COURSE_HEADS = ("指標", "基準", "目標", "判定の年度", "値", "状態", "誤差の範囲", "経過について")


def initiative_rows(shown: Evaluation) -> list[list[str | int | float]]:
    """One line per initiative."""
    return [
        [
            one.item.no, one.item.row["title"], tables.policy(one.item.row["policy_no"], one.item.row["policy"]), one.grade,
            one.reason, one.carry_over,
        ]
        for one in shown.graded
    ]  # fmt: skip


def course_rows(shown: Evaluation) -> list[list[str | int | float]]:
    """One line per indicator."""
    return [
        [
            one.item.row["title"], one.baseline, one.target, one.year, one.value, one.state, one.noise, one.remark or NONE,
        ]
        for one in shown.courses
    ]  # fmt: skip


def to_xlsx(shown: Evaluation, dataset: Row, municipality: str) -> bytes:
    """The workbook: what it is, initiatives, indicators, and their values by year."""
    assert shown.found.plan is not None
    about = [
        f"{municipality} {shown.found.plan['name']} 最終評価（{shown.state}）",
        f"データの品質：{dataset['quality_label']}",
        f"時点：{dataset['as_of'] or '未決定'}",
        f"出典：{dataset['source'] or '不明'}",
        *(f"{grade.grade}：{grade.words}（{count} 件）" for grade, count in shown.counts),
        *([shown.head["summary"]] if shown.head and shown.head["summary"] else []),
        *HELP,
    ]
    values = tables.values(shown.found)
    return workbook(
        [
            Page("この資料について", (), [[line] for line in about], widths=(110,), style=PLAIN),
            Page("取組の評価", INITIATIVE_HEADS, initiative_rows(shown), (10, 44, 30, 8, 60, 16), frozen=2, filtered=True),
            Page("指標の経過", COURSE_HEADS, course_rows(shown), (44, 26, 26, 22, 14, 10, 18, 60), frozen=1, filtered=True),
            Page(
                "年度ごとの値", [column.label for column in values.columns],
                [[line[column.key].text for column in values.columns] for line in values.lines],
                [18] * len(values.columns), frozen=2,
            ),
        ]
    )  # fmt: skip


def on_paper(reading: Reading, shown: Evaluation) -> str:
    """HTML of the paper."""
    from api.paper.sheets import as_data

    return reading.services.pages.render(
        "paper/evaluation.html", path="/progress/evaluation.pdf", ref=reading.ref, html_lang="ja", shown=shown,
        found=shown.found, dataset=credit(shown, reading.ref.name), values=tables.values(shown.found), help=HELP,
        charts=[(chart.title, as_data(chart.svg)) for chart in charts(shown)], printed_on=reading.on,
        initiatives=initiative_rows(shown), courses=course_rows(shown),
        heads=(INITIATIVE_HEADS, COURSE_HEADS),
    )  # fmt: skip
