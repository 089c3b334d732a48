"""Fields of the form above the list of vacant houses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.reach_pages.params import kinds_of, span, supply_label, year_label
from api.vacant_houses.choice import DEFAULT_PRICE
from api.vacant_houses.params import BANDS, BY, HALLS, SHOW, asked
from geodata.queries import association_names
from kyodo_geo.vacancy.near import DRIVE_LIMIT

if TYPE_CHECKING:
    from api.vacant_houses.assess import Assessed
    from api.vacant_houses.params import HouseListParams
    from geodata.database import Connection
    from geodata.queries.generation import Ref


def form_of(conn: Connection, ref: Ref, found: Assessed, params: HouseListParams) -> dict[str, Any]:
    """What can be chosen, and what is."""
    prepared = found.prepared
    first, last = span(prepared)
    network = bool(found.reach.has_network) and prepared.has_network
    held = {house.association_id for house in found.houses if house.association_id}
    names = [item for item in association_names.names(conn, ref) if item.id in held]
    chosen = params.associations
    return {
        "municipality": params.municipality,
        "years": [(year, year_label(prepared, year), year == found.year) for year in range(first, last + 1)],
        "supplies": [
            (value, supply_label(value), value == params.supply)
            for value in ("activity", "all", *kinds_of(prepared))
        ],
        "bys": [
            (value, label, value == found.by) for value, label in BY.items() if value == "straight" or network
        ],
        "distance": params.distance,
        "minutes": params.minutes,
        "drive_below": params.drive_below,
        "drive_districts": params.drive_districts or "",
        "drive_limit": DRIVE_LIMIT,
        "room": f"{params.room:g}",
        "weights": [(name, label, f"{getattr(params, name):g}") for name, label in BANDS.items()],
        "least": params.least,
        "districts": params.districts,
        "associations": [
            ("", "すべて", not chosen),
            *((item.id, item.name, item.id == chosen) for item in names),
            *([(chosen, "複数を選んでいます", True)] if "," in chosen else []),
        ],
        "halls": [(value, label, value == params.halls) for value, label in HALLS.items()],
        "kept": [
            (name, value) for name, value in asked(params).items() if name not in ("show", "municipality")
        ],
        "price": DEFAULT_PRICE,
        "quoted": sum(house.price_yen is not None for house in found.houses),
        "show": [(value, label, value == params.show) for value, label in SHOW.items()],
    }
