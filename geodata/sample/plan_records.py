"""Dated records: the plan with its initiatives and indicators, the bodies it names, and contacts of the sample.

Everything about the plan is real and printed in it; what it does not say is unknown (adoption dates) or invented and
marked so (later years, `progress_records.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.sample import facts
from geodata.sample.associations import Layout
from geodata.sample.buildings import SAMPLE
from geodata.sample.claims import Claims
from geodata.sample.departments import department_records, responsibility_records
from geodata.sample.progress_records import later_values, year_records
from geodata.sample.rules import flat_id
from geodata.sample.streets import Streets
from kyodo_geo.buildings import building_key

Row = dict[str, Any]

PLAN_ID = "r3-r7"
PLAN_NAME = "盛岡市地域づくり協働推進計画"
PLAN_SOURCE = "盛岡市地域づくり協働推進計画（令和3年度～令和7年度）ダイジェスト版"
STATED_ON = date(2021, 4, 1)
"""First day of the plan's first year, the day for which its district list is taken."""

_REAL = {"quality": "real", "source": PLAN_SOURCE}
_OPEN: Row = {"valid_from": None, "valid_to": None}


def plan_records() -> dict[str, list[Row]]:
    """Rows of plan, plan_policy, initiative, initiative_year, indicator, indicator_value, department, responsibility and
    district_plan.
    """
    indicators = [_indicator(row, order) for order, row in enumerate(facts.rows("indicators.csv"), start=1)]
    initiatives = [_initiative(row) for row in facts.rows("initiatives.csv")]
    return {
        "plan": [
            {
                "plan_id": PLAN_ID,
                "name": PLAN_NAME,
                "first_fiscal_year": 2021,
                "last_fiscal_year": 2025,
                "successor_of": None,
            }
        ],
        "plan_policy": [
            {"plan_id": PLAN_ID, "policy_no": int(row["policy_no"]), "name": row["name"]}
            for row in facts.rows("policies.csv")
        ],
        "initiative": initiatives,
        "initiative_year": year_records(PLAN_ID),
        "indicator": indicators,
        "indicator_value": [
            {
                "plan_id": PLAN_ID,
                "indicator_id": row["indicator_id"],
                "fiscal_year": row["baseline_fiscal_year"],
                "value": row["baseline"],
                "sample_size": None,
                "low": None,
                "high": None,
                **_REAL,
            }
            for row in indicators
        ]
        + later_values(PLAN_ID),
        "department": department_records(PLAN_SOURCE),
        "responsibility": responsibility_records(PLAN_ID, initiatives, indicators),
        "district_plan": [_district_plan(fact) for fact in facts.districts()],
    }


def _initiative(row: dict[str, str]) -> Row:
    return {
        "plan_id": PLAN_ID,
        "initiative_no": int(row["initiative_no"]),
        "title": row["title"],
        "policy_no": int(row["policy_no"]),
        "direction": row["direction"],
        "priority": row["priority"] == "1",
        "novelty": row["novelty"] or None,
        "for_associations": row["for_associations"] == "1",
        "for_districts": row["for_districts"] == "1",
        "challenge": row["challenge"],
    }


def _indicator(row: dict[str, str], order: int) -> Row:
    return {
        "plan_id": PLAN_ID,
        "indicator_id": row["indicator_id"],
        "chapter": row["chapter"],
        "kind": row["kind"],
        "title": row["title"],
        "unit": row["unit"],
        "direction": row["direction"],
        "baseline_fiscal_year": int(row["baseline_fiscal_year"]),
        "baseline": float(row["baseline"]),
        "target_fiscal_year": int(row["target_fiscal_year"]) if row["target_fiscal_year"] else None,
        "target": float(row["target"]) if row["target"] else None,
        "measured_by": row["measured_by"],
        "sort_order": order,
    }


def _district_plan(fact: facts.DistrictFact) -> Row:
    return {
        "district_no": fact.no,
        "record_no": 1,
        "state": "adopted" if fact.plan_in_r3 else "none",
        "title": None,
        "document_url": None,
        "stated_on": STATED_ON,
        "note": "計画書掲載時点の区分です。策定日は不明です。"
        if fact.plan_in_r3
        else "計画書掲載時点の区分です。",
        **_OPEN,
        **_REAL,
    }


_CENTRE_HALLS = ("中央公民館", "上田公民館", "西部公民館", "河南公民館", "都南公民館", "渋民公民館")
_OTHERS = (
    ("federation-city", "federation", "盛岡市町内会連合会"),
    ("federation-tamayama", "federation", "玉山地域自治会連絡協議会"),
    ("committee-liaison", "committee", "市民協働推進連絡会議"),
    ("committee-advisers", "committee", "市民協働推進アドバイザー会議"),
)


def body_records() -> list[Row]:
    """Rows of body: the six civic collaboration centres, two federations and two committees, as the plan names them."""
    halls = {centre.name: centre for centre in facts.centres()}
    rows: list[Row] = [
        {
            "body_id": f"collaboration-{number}",
            "kind": "centre",
            "name": f"市民協働推進センター（{name}内）",
            "facility_id": halls[name].facility_id,
            "geom": (halls[name].lon, halls[name].lat),
            **_OPEN,
            **_REAL,
        }
        for number, name in enumerate(_CENTRE_HALLS, start=1)
    ]
    rows += [
        {"body_id": key, "kind": kind, "name": name, "facility_id": None, "geom": None, **_OPEN, **_REAL}
        for key, kind, name in _OTHERS
    ]
    return rows


def contact_records(layout: Layout) -> list[Row]:
    """Rows of association_contact: a published desk for every 60th association, a private president beside it."""
    rows: list[Row] = []
    for sketch in layout.sketches[::60]:
        desk = {"name": "見本事務局（架空）", "phone": "000-000-0000", "email": None, "address": None}
        person = {"name": "見本 花子（架空）", "phone": "000-000-0001", "email": None, "address": None}
        for number, (role, contact) in enumerate((("office", desk), ("president", person)), start=1):
            rows.append(
                {
                    "association_id": sketch.association_id,
                    "contact_no": number,
                    "role": role,
                    **contact,
                    "published": role == "office",
                    **_OPEN,
                }
            )
    return rows


def named_building_records(layout: Layout, streets: Streets, claims: Claims) -> list[Row]:
    """Rows of named_building: the sample's flats by name."""
    return [
        {
            "building_id": f"sample-flat-{number}",
            "name": f"見本ハイツ{streets.towns[flat.town].fact.name}",
            "name_key": building_key(f"見本ハイツ{streets.towns[flat.town].fact.name}"),
            "address": f"{streets.towns[flat.town].fact.name} 見本{number}番（架空）",
            "association_id": flat_id(layout, number - 1),
            "joins_as": "own-association",
            "fee_way": None,
            "confirmed_by": "見本（架空）",
            **SAMPLE,
        }
        for number, flat in enumerate(claims.flats, start=1)
    ]
