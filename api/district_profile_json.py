"""A district's profile as JSON: the figures of the page, from the same gathered facts."""

from __future__ import annotations

from typing import Any

from api.district_comparison import measures
from api.district_profile import Profile
from api.figures import shown_rate
from geodata.queries.districts import DistrictRow
from kyodo_geo.comparison import Measure, shown
from maps.specs import Reach


def as_json(profile: Profile) -> dict[str, Any]:
    """The body without its frame (dataset, municipality). Rates are 0–1, with the digits that pages show."""
    row = profile.row
    return {
        "district": profile.city.found.properties(row),
        "towns": profile.towns,
        "small_areas": profile.small_areas,
        "register": [
            {"as_of": item.as_of, "population": item.people, "households": item.households}
            for item in profile.register
        ],
        "membership": {
            "years": [
                {
                    "fiscal_year": year.fiscal_year,
                    "membership_rate": shown_rate(year.rate),
                    "suppressed": year.suppressed,
                }
                for year in profile.years
            ],
            "city": [
                {"fiscal_year": year.fiscal_year, "membership_rate": shown_rate(year.rate)}
                for year in profile.city.years
            ],
        },
        "plan": profile.plan,
        "projects": {
            "years": [
                {
                    "fiscal_year": year.fiscal_year,
                    "recorded": year.recorded,
                    "counted": year.counted if year.recorded else None,
                    "grant_yen": year.grant_yen if year.recorded else None,
                    "unknown_grants": year.unknown_grants,
                    "participants": year.participants if year.recorded else None,
                    "others": year.others,
                    "other_grant_yen": year.other_grant_yen,
                }
                for year in profile.project_years
            ],
            "items": [{k: v for k, v in item.items() if k != "district_no"} for item in profile.projects],
        },
        "community_grants": [
            {
                "fiscal_year": item["fiscal_year"],
                "grant_yen": round(item["value"]),
                "quality": item["quality"],
            }
            for item in profile.community_grants
        ],
        "facilities": [
            {"id": item.id, "name": item.name, "kind": item.kind, "address": item.address}
            for item in profile.facilities
        ],
        "reach": [_reach(radius, reach) for radius, reach in sorted(profile.reach.items())],
        "officers": [{k: v for k, v in item.items() if k != "place"} for item in profile.officers],
        "bodies": profile.bodies,
        "centre": _centre(profile.centre),
        "associations": [
            {
                "id": item.id,
                "name": item.name,
                "kana": item.kana,
                "kind": item.kind,
                "area_text": item.area_text,
            }
            for item in profile.associations
        ],
        "neighbours": [{"no": item.no, "name": item.name} for item in profile.neighbours],
        "comparison": _comparison(profile),
    }


def _reach(radius: int, reach: Reach) -> dict[str, Any]:
    return {
        "radius_m": radius,
        "population": reach.people,
        "inside": None if reach.inside is None else round(reach.inside),
        "share": shown_rate(reach.share),
    }


def _centre(centre: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if centre is None else {**centre, "distance_m": round(centre["distance_m"])}


def _comparison(profile: Profile) -> dict[str, Any] | None:
    if profile.other is None:
        return None
    district = profile.other if isinstance(profile.other, DistrictRow) else None
    return {
        "with": "district" if district else "city",
        "district": {"no": district.no, "name": district.name} if district else None,
        "measures": [_measure(item) for item in measures(profile)],
    }


def _measure(item: Measure) -> dict[str, Any]:
    return {
        "key": item.key,
        "label": item.label,
        "unit": item.unit,
        "own": _figure(item.own, item.digits, item.own_withheld),
        "other": _figure(item.other, item.digits, item.other_withheld),
        "difference": None if item.difference is None else float(item.difference),
        "words": item.words,
    }


def _figure(value: float | None, digits: int, withheld: bool) -> float | None:
    return None if value is None or withheld else float(shown(value, digits))
