"""Whom the city asks or writes to: audiences as people, so that two meetings or letters can be compared.

A person is a short text: `p:ID` the president of an association, `c:ID` whoever passes its circulars on, `b:NO` the
organisation of a district. The same human being may hold several of them; nobody knows, so nobody is merged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

AUDIENCES: tuple[tuple[str, str], ...] = (
    ("presidents", "町内会・自治会長"),
    ("circulation", "回覧担当者"),
    ("district-bodies", "コミュニティ推進地区組織"),
    ("associations", "町内会・自治会長（名前で選ぶ）"),
)
"""Key and label; the first three are narrowed by districts, the last names its associations."""
AUDIENCE_SHORT = {
    "presidents": "会長",
    "circulation": "回覧担当者",
    "district-bodies": "地区組織",
    "associations": "会長",
}
PRESIDENTS = ("presidents", "associations")
"""Audiences that are presidents."""

Town = Mapping[str, int | None]
"""Association id → number of its district, None where nobody knows it."""


def people(
    audience: str, districts: Collection[int] | None, associations: Collection[str] | None, town: Town
) -> frozenset[str]:
    """The people of an audience in a town. No districts: all of them. Associations that are no more are left out."""
    if audience == "associations":
        return frozenset(f"p:{one}" for one in associations or () if one in town)
    wanted = frozenset(districts or ())
    if audience == "district-bodies":
        return frozenset(f"b:{no}" for no in wanted or {no for no in town.values() if no is not None})
    letter = "c" if audience == "circulation" else "p"
    return frozenset(f"{letter}:{one}" for one, no in town.items() if not wanted or no in wanted)


def districts_of(those: Collection[str], town: Town) -> tuple[int, ...]:
    """Districts that people belong to, by number."""
    found = {int(one[2:]) if one[0] == "b" else town.get(one[2:]) for one in those}
    return tuple(sorted(no for no in found if no is not None))


def check_audience(facts: Mapping[str, Any], *, audience: str = "audience") -> None:
    """Refuse an audience without the names it needs, or with names it does not take.

    Raises InputError with `field`. `facts` holds `audience`, `district_nos` and `association_ids`.
    """
    from kyodo_geo.errors import InputError

    named, districts = facts["association_ids"], facts["district_nos"]
    if facts[audience] == "associations":
        if not named:
            raise InputError(
                "町内会・自治会の名前を、1 行に 1 つずつ入力してください。", field="association_ids"
            )
        if districts:
            raise InputError(
                "町内会・自治会を名前で選ぶときは、地区の欄は空にしてください。", field="district_nos"
            )
    elif named:
        raise InputError(
            "町内会・自治会の名前を入れるのは、「名前で選ぶ」のときだけです。空にするか、相手を選び直してください。",
            field="association_ids",
        )
