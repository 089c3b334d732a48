"""People within reach of an activity facility, by district: from the query's rows to what the map needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geodata.queries.coverage import CoverageInputs
    from maps.specs import Reach


def reach_by_district(inputs: CoverageInputs, municipality: str, radius_m: int) -> dict[int, Reach]:
    """District number → residents and how many of them live within `radius_m` metres, straight line.

    Takes about a second for a city; run in a thread and keep the result. Areas without a district are left out.
    """
    import shapely

    from kyodo_geo.coverage import coverage_lonlat
    from maps.specs import Reach

    if not inputs.demand:
        return {}
    found = coverage_lonlat(
        shapely.from_wkb([area.wkb for area in inputs.demand]),
        [area.people for area in inputs.demand],
        [area.district_no for area in inputs.demand],
        [(item.lon, item.lat) for item in inputs.facilities],
        municipality,
        radius_m=radius_m,
    )
    return {
        no: Reach(round(reached.people), reached.inside)
        for no, reached in found.groups.items()
        if no is not None
    }
