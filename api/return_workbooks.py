"""The yearly return as a workbook for each association: the questions beside what the city holds. Built by `form_workbooks`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.form_workbooks import file_name, form_workbook, workbooks_zip
from geodata.returns import Return, Round
from kyodo_geo.dates import date_label, fiscal_year_label
from kyodo_geo.edits import stamp
from kyodo_geo.form_sheets import Form, Part, Question
from kyodo_geo.records import Field, typed_of
from kyodo_geo.returns import SECTIONS, Answers, first_answers, shown

KIND = "return"
MARK = 12
"""Characters of a mark; enough to tell two versions of one return apart."""


def return_form(row: Return, found: Round, desk: str = "") -> Form:
    """The form of one association; `desk` is where questions go (課 and telephone)."""
    begun = row.answers or first_answers(row.held)
    leads = [
        f"{row.name} 様（番号 {row.association_id}{_district(row)}）",
        f"色の付いた欄だけに記入し、{date_label(found.due_on)}までにお送りください。変わっていない欄は、そのままで結構です。",
    ]
    if row.sent_back_words and row.state.value == "sent-back":
        leads.append(f"もう一度ご確認ください: {' '.join(row.sent_back_words.split())}")
    if desk:
        leads.append(f"お問い合わせ: {desk}")
    parts = tuple(
        Part(
            section.title,
            _lead(section.key, section.lead, found),
            tuple(_question(field, row, begun) for field in section.fields),
        )
        for section in SECTIONS
    )
    title = f"{fiscal_year_label(found.fiscal_year)} 町内会・自治会 年度更新"
    held = "市の登録・前回" + (
        f"（{fiscal_year_label(row.last_fiscal_year)}）" if row.last_fiscal_year else ""
    )
    return Form(
        KIND, str(found.fiscal_year), row.association_id, mark_of(row), title, tuple(leads), parts, held
    )


def mark_of(row: Return) -> str:
    """Which answers stood there when a form was made: "" for none."""
    return stamp(row.answers.as_dict())[:MARK] if row.answers is not None and row.state.answered else ""


def return_workbook(row: Return, found: Round, secret: bytes, desk: str = "") -> bytes:
    """The file."""
    return form_workbook(return_form(row, found, desk), secret)


def name_of(row: Return) -> str:
    """番号_名前.xlsx"""
    return file_name(row.association_id, row.name)


def all_workbooks(rows: Iterable[Return], found: Round, secret: bytes, desk: str = "") -> Iterator[bytes]:
    """A ZIP of the forms, one workbook in memory at a time."""
    return workbooks_zip((name_of(row), return_workbook(row, found, secret, desk)) for row in rows)


def _question(field: Field, row: Return, begun: Answers) -> Question:
    held, value = (getattr(side, field.name) for side in (row.held, begun))
    form = field.form if field.form in ("whole", "choice", "words") else "line"
    words = dict(field.options).get(value, "") if form == "choice" and value else typed_of(field, value)
    return Question(
        field.name,
        field.label,
        form,
        held=shown(field, held),
        value=value if form == "whole" else words,
        hint=field.hint or "",
        choices=tuple(label for _, label in field.options),
        most=field.most if form == "whole" else None,
        least=field.least,
    )


def _lead(key: str, lead: str, found: Round) -> str:
    return f"基準日は {date_label(found.reference_day)} です。{lead}" if key == "figures" else lead


def _district(row: Return) -> str:
    return f"、{row.district_name}地区" if row.district_name else ""
