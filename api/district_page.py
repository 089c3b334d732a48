"""The page of one district: figures, years, associations and facilities inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api import figures
from geodata.queries import associations as association_queries
from geodata.queries import facilities as facility_queries
from geodata.queries import membership as membership_queries
from geodata.queries.districts import DistrictRow
from geodata.queries.facilities import FacilityRow
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import NotFoundError

if TYPE_CHECKING:
    from api.answers import Reading

MOST = 1000


def html(reading: Reading, no: int) -> str:
    """The whole page; raises NotFoundError."""
    found = figures.district_figures(reading)
    index = next((i for i, row in enumerate(found.rows) if row.no == no), None)
    if index is None:
        raise NotFoundError(f"番号 {no} のコミュニティ推進地区はありません。", district_no=no)
    row = found.rows[index]
    members, _ = association_queries.page(reading.conn, reading.ref, district=no, limit=MOST)
    places = facility_queries.facilities(reading.conn, reading.ref, activity=True, on=reading.on)
    return reading.services.pages.render(
        "district.html",
        path=f"/districts/{no}",
        ref=reading.ref,
        dataset=found.credit(*figures.PLACE_KINDS, *figures.PEOPLE_KINDS, *figures.RATE_KINDS, "facilities"),
        district=found.properties(row),
        people_source=found.stated("国勢調査", *figures.PEOPLE_KINDS),
        rate_source=found.stated(fiscal_year_label(found.fiscal_year), *figures.RATE_KINDS)
        if found.fiscal_year
        else None,
        years=_years(reading, no),
        associations=members,
        facilities=_inside(row, places),
        neighbours={
            "previous": _named(found.rows[index - 1]) if index else None,
            "following": _named(found.rows[index + 1]) if index + 1 < len(found.rows) else None,
        },
    )


def _named(row: DistrictRow) -> dict[str, Any]:
    return {"no": row.no, "name": row.name}


def _years(reading: Reading, no: int) -> list[dict[str, Any]]:
    return [
        {
            "fiscal_year": year.fiscal_year,
            "membership_rate": figures.shown_rate(year.rate),
            "suppressed": year.suppressed,
        }
        for year in membership_queries.district(reading.conn, reading.ref, no)
    ]


def _inside(row: DistrictRow, places: list[FacilityRow]) -> list[FacilityRow]:
    """Facilities whose point the district covers (its border belongs to it)."""
    import shapely

    if row.geometry is None or not places:
        return []
    area = shapely.from_geojson(row.geometry)
    shapely.prepare(area)
    return [place for place in places if area.covers(shapely.Point(place.lon, place.lat))]
