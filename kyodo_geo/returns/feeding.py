"""What approved returns become: rows of membership, contacts, copies of circulars, things for a planner to see to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kyodo_geo.dates import date_label, fiscal_year_label
from kyodo_geo.returns.answers import Answers

SOURCES = {
    "reported": "町内会・自治会の年度更新での報告",
    "register": "町内会・自治会の年度更新での報告（住民基本台帳の数）",
}
ABOUT = {"hall": "自治公民館", "area": "区域", "wish": "ご要望"}


@dataclass(frozen=True, slots=True)
class Figures:
    """One row of membership for a fiscal year. `carried`: last year's, because nobody answered."""

    association_id: str
    households: int
    member_households: int
    denominator: str
    denominator_as_of: date | None
    denominator_source: str
    carried: bool = False


def figures_of(association_id: str, said: Answers, reference_day: date) -> Figures | None:
    """The answered figures; None where one is missing (or they cannot be true), because unknown is never 0."""
    homes, members = said.households, said.member_households
    if homes is None or members is None or members > homes:
        return None
    basis = said.households_basis or "reported"
    return Figures(association_id, homes, members, basis, reference_day, SOURCES[basis])


def carried_figures(
    association_id: str, fiscal_year: int, homes: int, members: int, denominator: str, as_of: date | None
) -> Figures:
    """Figures of the year `fiscal_year` in a later one, marked as such."""
    day = f"、{date_label(as_of)}現在" if as_of else ""
    source = f"{fiscal_year_label(fiscal_year)}の値を引き継ぎ（年度更新に回答なし{day}）"
    return Figures(association_id, homes, members, denominator, as_of, source, carried=True)


def notes_of(held: Answers, said: Answers) -> dict[str, str]:
    """hall / area / wish → what a planner has to see to; these answers change nothing by themselves."""
    found: dict[str, str] = {}
    none = said.hall_use in (None, "none") and not said.hall_name and not held.hall_name
    if not none and _hall(said) != _hall(held):
        words = {"owned": "持っている", "rented": "借りている", "none": "ない", None: "無回答"}[said.hall_use]
        found["hall"] = "、".join(part for part in (words, said.hall_name, said.hall_address) if part)
    area = []
    if said.area_text and said.area_text != held.area_text:
        area.append(f"区域の言葉: {said.area_text}")
    if said.area_answer == "wrong":
        area.append(f"違うところ: {said.area_note or ''}")
    if area:
        found["area"] = "\n".join(area)
    if said.wishes:
        found["wish"] = said.wishes
    return found


def _hall(answers: Answers) -> tuple[str | None, ...]:
    return answers.hall_use, answers.hall_name, answers.hall_address
