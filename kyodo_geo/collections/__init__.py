"""Every collection of the OGC API, described once: pages, schemas, filters, files and tiles are made from this."""

from __future__ import annotations

from collections.abc import Collection as Roles

from kyodo_geo.collections.areas import AREAS
from kyodo_geo.collections.catalogue import CATALOGUE
from kyodo_geo.collections.model import EVERYBODY, Collection, Kind, Property
from kyodo_geo.collections.records import RECORDS
from kyodo_geo.roles import Role

__all__ = ["CATALOGUE", "COLLECTIONS", "EVERYBODY", "Collection", "Kind", "Property", "collections_for"]

COLLECTIONS: dict[str, Collection] = {found.id: found for found in (*AREAS, *RECORDS)}


def collections_for(roles: Roles[Role]) -> tuple[Collection, ...]:
    """The collections that exist for these roles, each with the properties they may read."""
    return tuple(seen for found in COLLECTIONS.values() if (seen := found.seen_by(roles)) is not None)
