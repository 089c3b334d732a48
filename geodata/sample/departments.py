"""Departments that answer for initiatives and indicators: the plan names its own office alone, the rest is invented."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]

OFFICE = "kyodo"
_OTHERS = {
    "sample-facilities": ("見本 施設担当課（架空）", (11, 12, 19)),
    "sample-welfare": ("見本 福祉担当課（架空）", (4, 14)),
    "sample-learning": ("見本 学習担当課（架空）", (3, 17, 18, 20, 21)),
}
_INVENTED = {"quality": "sample", "source": "kyodo-geo が作った架空のデータ"}


def department_records(plan_source: str) -> list[Row]:
    """Rows of department; the office is the one the plan was made by."""
    office = {
        "department_id": OFFICE, "name": "市民協働推進課", "email": "kyodo@city.morioka.iwate.jp", "phone": "019-626-7535",
        "quality": "real", "source": plan_source,
    }  # fmt: skip
    others = [
        {"department_id": key, "name": name, "email": None, "phone": None, **_INVENTED}
        for key, (name, _) in _OTHERS.items()
    ]
    return [office, *others]


def responsibility_records(plan_id: str, initiatives: list[Row], indicators: list[Row]) -> list[Row]:
    """Rows of responsibility: one lead for every initiative and indicator, since the plan began."""
    leads = {no: key for key, (_, numbers) in _OTHERS.items() for no in numbers}
    items = [
        (f"{plan_id}/initiative/{row['initiative_no']}", leads.get(row["initiative_no"], OFFICE))
        for row in initiatives
    ]
    items += [(f"{plan_id}/indicator/{row['indicator_id']}", OFFICE) for row in indicators]
    return [
        {
            "responsibility_id": "sample-" + item.partition("/")[2].replace("/", "-"), "item": item, "department_id": department,
            "role": "lead", "first_year": None, "last_year": None, **_INVENTED,
        }
        for item, department in items
    ]  # fmt: skip
