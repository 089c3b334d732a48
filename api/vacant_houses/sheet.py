"""One house on one A4 sheet for the meeting with the association: what is known, what is asked of whom, what it brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.vacant_houses.view import name_of, rank_words
from api.vacant_houses.words import (
    SEISMIC,
    STATES,
    UNKNOWN,
    ages_known,
    reach_words,
    verdict_words,
    who_may_see,
)
from geodata.queries import associations as association_queries
from geodata.queries import surroundings
from geodata.queries.districts import districts

if TYPE_CHECKING:
    from datetime import date

    from markupsafe import Markup

    from api.vacant_houses.assess import Assessed
    from geodata.database import Connection
    from geodata.hall_terms import HeldTerms
    from geodata.queries.generation import Ref
    from geodata.queries.vacant import House
    from kyodo_geo.vacancy.ranking import Place

WIDTH, HEIGHT = 330, 250
NEIGHBOURS = 40
HALLS_SHOWN = 3
MOST = 60
"""Letters of a name or an address on the sheet: beyond it would push the sheet onto a second page."""


def cut(text: str, most: int = MOST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def sheet_of(found: Assessed, at: int, terms: HeldTerms) -> dict[str, Any]:
    """What the template needs beside the map."""
    house, gain = found.houses[at], found.gains[at]
    aged = ages_known(found)
    older = f"{gain.older:,.0f} 人" if aged else UNKNOWN
    overlap_older = f"{gain.overlap_older:,.0f} 人" if aged else UNKNOWN
    halls = found.halls_of(house.association_id)
    return {
        "house": house,
        "name": cut(name_of(house)),
        "state": STATES[house.state],
        "who": cut(who_may_see(house), 130),
        "checks": [
            (check.label, check.words, cut(check.reason, 84), check.asked) for check in found.checks[at]
        ],
        "verdict": found.verdicts[at].label,
        "against": cut(verdict_words(found.checks[at]), 110),
        "facts": _facts(house),
        "people": [
            ("届くとみなす範囲", cut(reach_words(found))),
            ("新しく届く人", f"{gain.people:,.0f} 人（うち65歳以上 {older}）"),
            ("重なり（すでに届く人）", f"{gain.overlap:,.0f} 人（うち65歳以上 {overlap_older}）"),
            ("順位（不明も可とみなす）", _place(found, gain.any)),
            ("順位（不明のない空き家だけ）", _place(found, gain.sure)),
        ],
        "halls": _halls(house, [hall.name for hall in halls]),
        "terms": [(label, cut(text, 40)) for label, text in terms.terms.lines()],
        "terms_source": _terms_source(terms),
    }


def _place(found: Assessed, place: Place | None) -> str:
    if place is None:
        return "順位なし"
    words = rank_words(place)
    if place.after is None:
        return f"{words}（次点はありません）"
    weighted = set(found.params.weights) != {1.0}
    unit = "（重みを掛けた数）" if weighted else " 人"
    return f"{words}（次点 {cut(found.houses[place.after].house_id, 24)} との差 {place.gap:,.0f}{unit}）"


def _facts(house: House) -> list[tuple[str, str]]:
    from maps.text import day

    def area(value: float | None) -> str:
        return UNKNOWN if value is None else f"{value:g} m²"

    built = UNKNOWN if house.built_year is None else f"{house.built_year}年完成"
    return [
        ("町内会・自治会", cut(house.association or UNKNOWN, 40)),
        (
            "地区",
            cut(UNKNOWN if house.district_no is None else f"{house.district_no} {house.district or ''}", 24),
        ),
        (
            "構造・階数",
            cut(
                f"{house.structure or '構造は不明'}・{f'{house.floors}階' if house.floors else '階数は不明'}",
                30,
            ),
        ),
        ("延床面積", area(house.floor_area_m2)),
        ("いちばん広い部屋", area(house.largest_room_m2)),
        ("建築", f"{built}、建築確認 {day(house.confirmed_on)}"),
        ("耐震の記録", SEISMIC.get(house.seismic or "", "なし（不明）")),
        ("整備費の見積り", UNKNOWN if house.price_yen is None else f"{house.price_yen:,} 円"),
    ]


def _halls(house: House, names: list[str]) -> str:
    if house.association_id is None:
        return "町内会・自治会がわからないため、不明です。"
    if not names:
        return "登録された自治公民館はありません。"
    more = f"ほか {len(names) - HALLS_SHOWN} 館" if len(names) > HALLS_SHOWN else ""
    return cut("、".join(cut(name, 30) for name in names[:HALLS_SHOWN]) + more, 100)


def _terms_source(terms: HeldTerms) -> str:
    if terms.version == 0:
        return "補助の条件は、まだ登録されていません。すべて不明です。"
    return cut(f"第{terms.version}版、出典：{terms.source or UNKNOWN}", 90)


def map_of(conn: Connection, ref: Ref, found: Assessed, house: House, on: date) -> Markup:
    """The house in the area of its association (else of its district, else in a square around it), with the halls near."""
    from maps.paper import Here, Label, PaperMapSpec, bounds_around, paper_map

    area, title = _area(conn, ref, house)
    box = bounds_around(area, WIDTH, HEIGHT)
    others, _ = association_queries.page(conn, ref, bbox=box, limit=NEIGHBOURS)
    names = surroundings.names(conn, ref, box, on)
    west, south, east, north = box
    halls = [
        hall
        for hall in found.halls
        if hall.lon is not None
        and hall.lat is not None
        and west < hall.lon < east
        and south < hall.lat < north
    ]
    return paper_map(
        PaperMapSpec(
            area=area,
            title=title,
            neighbours=tuple(
                item.geometry for item in others if item.geometry and item.id != house.association_id
            ),
            labels=(
                *(
                    Label(cut(hall.name, 20), hall.lon, hall.lat, "place")
                    for hall in halls
                    if hall.lon and hall.lat
                ),
                *(Label(name.text, name.lon, name.lat, name.kind) for name in names),
            ),
            here=Here(house.lon, house.lat),
            dots=tuple((hall.lon, hall.lat) for hall in halls if hall.lon and hall.lat),
            width=WIDTH,
            height=HEIGHT,
            font=9.0,
        )
    )


def _area(conn: Connection, ref: Ref, house: House) -> tuple[str, str]:
    if house.association_id is not None:
        row = association_queries.one(conn, ref, house.association_id)
        if row.geometry is not None:
            return row.geometry, f"空き家のある{row.name}"
    if house.district_no is not None:
        for item in districts(conn, ref, None):
            if item.no == house.district_no and item.geometry is not None:
                return item.geometry, f"空き家のある{item.name}"
    east, north = 0.004, 0.003
    ring = ", ".join(
        f"[{house.lon + x * east:.6f}, {house.lat + y * north:.6f}]"
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    )
    return f'{{"type": "Polygon", "coordinates": [[{ring}]]}}', "空き家のまわり"
