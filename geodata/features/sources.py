"""One source per collection: SELECT giving every property as a column of its name, `id` and `geom` (lon/lat)."""

from __future__ import annotations

from collections.abc import Collection as Names

from psycopg import sql

from geodata.features import area_sources as areas
from geodata.features import record_sources as records
from geodata.features.draft_sources import DRAFTED
from geodata.features.source import Source
from kyodo_geo.collections import COLLECTIONS

SOURCES: dict[str, Source] = {
    "districts": areas.DISTRICTS,
    "associations": areas.ASSOCIATIONS,
    "small-areas": areas.SMALL_AREAS,
    "outline": areas.OUTLINE,
    "facilities": areas.FACILITIES,
    "towns": areas.TOWNS,
    "school-elementary": areas.layer("school-elementary"),
    "school-junior-high": areas.layer("school-junior-high"),
    "garbage": areas.layer("garbage"),
    "shelters": areas.layer("shelters"),
    "flood": areas.layer("flood"),
    "built-up": areas.layer("built-up"),
    "landslide": areas.layer("landslide"),
    "residential-zone": areas.layer("residential-zone"),
    "halls": areas.HALLS,
    "district-plans": records.DISTRICT_PLANS,
    "projects": records.PROJECTS,
    "buildings": records.BUILDINGS,
    "rooms": records.ROOMS,
    "facility-years": records.FACILITY_YEARS,
    "association-contacts": records.ASSOCIATION_CONTACTS,
    "memberships": records.MEMBERSHIPS,
    "vacant-houses": records.VACANT_HOUSES,
    "listed-houses": records.LISTED_HOUSES,
    "activity-cases": records.ACTIVITY_CASES,
}


def source(
    collection_id: str, names: Names[str] | None = None, *, staff: bool = False, draft: bool = False
) -> sql.Composable:
    """Rows of a collection. Placeholders: m, g (`Ref.args`), day (a date) and plane (EPSG of the plane zone).

    `names`: the properties wanted as columns; None is all that everybody who may read the collection may read.
    `staff` takes rows that are for staff only; the database role decides the same a second time. `draft`: with the open
    draft over the active rows (collections of `DRAFTED`).
    """
    if names is None:
        names = {p.name for p in COLLECTIONS[collection_id].properties if staff or p.readers is None}
    found = DRAFTED[collection_id] if draft else SOURCES[collection_id]
    return found.select(names, staff=staff)
