"""What コミュニティ活動費の補助 (取組10) comes to in the districts, for everybody: the amounts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.support.amounts import amount_map
from api.support.parts import Made, by_district
from geodata.queries import support as queries
from kyodo_geo.grants.schemes import COMMUNITY

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from api.support.themes import Theme

NOTES = (
    "地区の組織が行うコミュニティ活動への補助です。額が確定したものは確定額、まだのものは交付決定額を足しています。",
)


def community(reading: Reading, theme: Theme, found: DistrictFigures, year: int | None) -> Made:
    """The amounts of a year. In a year with any, a district without one was granted nothing: each grant is entered here."""
    (measure,) = theme.measures
    rows = queries.figures(reading.conn, reading.ref, theme.measures, None)
    granted = by_district([row for row in rows if row.fiscal_year == year], measure)
    nothing = [row.no for row in found.rows if granted and row.no not in granted]
    return amount_map(
        reading,
        found,
        year,
        rows,
        measure,
        name="support",
        title=f"{COMMUNITY.name}の額",
        nothing=nothing,
        notes=NOTES,
    )
