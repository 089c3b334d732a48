"""Whom an answer credits, and how far it may be believed: part of every JSON, page and download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geodata.queries.datasets import active_datasets
from kyodo_geo.quality import credit

if TYPE_CHECKING:
    from geodata.database import Connection
    from geodata.queries.generation import Ref

__all__ = ["PLACES", "credit", "place_credit"]

PLACES = ("associations", "association-districts", "association-rules", "districts", "towns")


def place_credit(conn: Connection, ref: Ref) -> dict[str, Any]:
    """The credit of a page that names associations, districts or towns beside its own records."""
    return credit(active_datasets(conn, ref), PLACES)
