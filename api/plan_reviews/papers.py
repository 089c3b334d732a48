"""The papers of a meeting of one of the two bodies: agenda, progress, tables, maps, open questions, actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.progress import paper, tables
from api.progress.files import HELP, credited, headings
from api.progress.report import Progress, progress
from api.progress.states import counts, points
from api.workbooks import PLAIN, Page, workbook
from geodata import body_meetings
from geodata.inquiries.kept import reviews
from kyodo_geo.body_kinds import BODIES, STATES, carried, overdue
from kyodo_geo.dates import date_label, fiscal_year_label
from kyodo_geo.inquiry import SELF_EVALUATIONS
from kyodo_geo.quality import Quality, worst

if TYPE_CHECKING:
    from api.answers import Reading

Row = dict[str, Any]
SELF = dict(SELF_EVALUATIONS)


@dataclass(frozen=True, slots=True)
class Papers:
    """Everything of a meeting's papers. `actions`: of former meetings; `own`: what this meeting decided."""

    meeting: Row
    body: str
    found: Progress
    actions: list[Row]
    own: list[Row]
    reviews: dict[int, Row]
    questions: list[str]
    dataset: Row

    @property
    def agenda(self) -> list[str]:
        return [line for line in self.meeting["agenda"].split("\n") if line.strip()]


def papers(reading: Reading, meeting_id: str, plan_id: str | None, fiscal_year: int | None) -> Papers:
    """Of a meeting, about a plan's fiscal year; `reading` is of the staff audience. Raises NotFoundError."""
    code = reading.ref.municipality_code
    meeting = body_meetings.meeting(reading.conn, code, meeting_id)
    found = progress(reading, plan_id, fiscal_year)
    every = body_meetings.actions(reading.conn, code)
    before = [
        row for row in body_meetings.meetings(reading.conn, code)
        if row["body"] == meeting["body"] and row["held_on"] < meeting["held_on"]
    ]  # fmt: skip
    last = before[0] if before else None
    questions = [
        line for row in (last, meeting) if row and row["questions"] for line in row["questions"].split("\n") if line.strip()
    ]  # fmt: skip
    actions = carried(every, meeting["body"], meeting["held_on"])
    credit = found.credit(reading.ref.name)
    quality = worst(
        [
            Quality(credit["quality"]),
            Quality(meeting["quality"]),
            *(Quality(one["quality"]) for one in actions),
        ]
    )
    plan = found.plan["plan_id"] if found.plan else ""
    return Papers(
        meeting, dict(BODIES)[meeting["body"]], found, [_said(one, meeting) for one in actions],
        [_said(one, meeting) for one in every if one["meeting_id"] == meeting_id],
        reviews(reading.conn, code, plan, found.fiscal_year), list(dict.fromkeys(questions)),
        {**credit, "quality": quality.value, "quality_label": quality.label, "as_of": date_label(meeting["held_on"])},
    )  # fmt: skip


def _said(action: Row, meeting: Row) -> Row:
    late = overdue(action, meeting["held_on"])
    return {
        **action,
        "state_words": dict(STATES)[action["state"]] + ("（期限を過ぎています）" if late else ""),
    }


def policies(found: Papers) -> list[tuple[str, list[tuple[Any, Row | None]]]]:
    """(policy, [(line of the table of initiatives, what the department says itself)]) in the plan's order."""
    grouped: dict[str, list[tuple[Any, Row | None]]] = {}
    for line in tables.initiatives(found.found).lines:
        said = found.reviews.get(int(line.key))
        words = {**said, "self_evaluation": SELF.get(said["self_evaluation"], "")} if said else None
        grouped.setdefault(line["policy"].text, []).append((line, words))
    return list(grouped.items())


def on_paper(reading: Reading, found: Papers, pictures: list[paper.Picture]) -> str:
    """HTML of the papers: parts of the yearly report, in the same words and figures.

    `pictures` are read as the public: members of the bodies come from outside the city.
    """
    return reading.services.pages.render(
        "paper/meeting.html", path="/staff/bodies", ref=reading.ref, dataset=found.dataset, html_lang="ja", papers=found,
        found=found.found, counts=counts(found.found), points=points(found.found), help=HELP,
        day=paper.last_day(found.found.fiscal_year, reading.on), indicators=tables.indicators(found.found),
        values=tables.values(found.found), charts=paper.charts(found.found), policies=policies(found),
        pictures=pictures, printed_on=reading.on,
    )  # fmt: skip


ACTION_HEADS = ("すること", "担当", "期限", "状態", "決まった会議", "完了・取りやめの日", "結果")


def action_rows(rows: list[Row]) -> list[list[str]]:
    """One line per action."""
    return [
        [
            row["what"], row["who"], date_label(row["due_on"]) if row["due_on"] else "なし", row["state_words"],
            date_label(row["held_on"]), date_label(row["settled_on"]) if row["settled_on"] else "", row["outcome"] or "",
        ]
        for row in rows
    ]  # fmt: skip


def to_xlsx(found: Papers, municipality: str) -> bytes:
    """The tables of the papers as a workbook."""
    plan = found.found.plan["name"] if found.found.plan else "計画"
    about = [
        f"{municipality} {found.body} {date_label(found.meeting['held_on'])} 資料",
        f"{plan} {fiscal_year_label(found.found.fiscal_year)}",
        f"データの品質：{found.dataset['quality_label']}",
        f"時点：{found.dataset['as_of']}",
        f"出典：{found.dataset['source'] or '不明'}",
        *(f"議題：{line}" for line in found.agenda),
        *(f"残った質問：{line}" for line in found.questions),
        *HELP,
    ]
    pages = [Page("この資料について", (), [[line] for line in about], widths=(110,), style=PLAIN)]
    for make, title in (
        (tables.indicators, "指標"),
        (tables.values, "指標の年度ごとの値"),
        (tables.initiatives, "取組の実績"),
    ):
        sheet = make(found.found)
        pages.append(
            Page(
                title, headings(sheet), credited(sheet, found.dataset), [20] * len(headings(sheet)), frozen=2
            )
        )
    said = [
        [no, SELF.get(row["self_evaluation"], ""), row["difficulties"] or "", row["next_year"] or ""]
        for no, row in sorted(found.reviews.items())
    ]
    pages += [
        Page(
            "課の自己評価",
            ("取組番号", "自己評価", "難しかったこと", "次の年度の予定"),
            said,
            (10, 20, 60, 60),
        ),
        Page(
            "前回までに決まったこと", ACTION_HEADS, action_rows(found.actions), (50, 24, 24, 20, 24, 24, 40)
        ),
        Page("この会議で決まったこと", ACTION_HEADS, action_rows(found.own), (50, 24, 24, 20, 24, 24, 40)),
    ]
    return workbook(pages)
