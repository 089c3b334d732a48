"""The facilities of a supply that are open in the year, as the places there are."""

from __future__ import annotations

from datetime import date

from geodata.database import Connection
from geodata.queries import associations_at, facility_sheet, facility_use
from geodata.queries.generation import Ref
from geodata.reach_arrays import capacity_of
from kyodo_geo.siting_city.place import Place
from kyodo_geo.siting_city.question import Question


def gather(conn: Connection, ref: Ref, asked: Question) -> list[Place]:
    """By id; open on 1 October of the year, as the pages of reach count. An unknown opening is taken as open."""
    day = date(asked.year, 10, 1)
    shut = {
        item.facility_id
        for item in facility_use.closures(conn, ref)
        if item.closed_from <= day and (item.reopens_on is None or day < item.reopens_on)
    }
    found = [
        site
        for site in facility_sheet.sites(conn, ref, on=day)
        if site.id not in shut
        and (
            asked.supply == "all"
            or (site.activity if asked.supply == "activity" else site.kind == asked.supply)
        )
    ]
    rooms: dict[str, list[int | None]] = {}
    for room in facility_use.rooms(conn, ref):
        rooms.setdefault(room.facility_id, []).append(room.capacity)
    homes = associations_at.at_places(conn, ref, [(site.lon, site.lat) for site in found])
    return [
        Place(
            site.id, site.name, site.kind, site.lon, site.lat, (site.x, site.y), site.district_no,
            homes.get(no), capacity_of(site.capacity, rooms.get(site.id, [])), existing=True,
        )
        for no, site in enumerate(found)
    ]  # fmt: skip
