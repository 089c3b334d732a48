"""A reading of the staff audience, for pages that show what is not public yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.answers import Reading
from api.clock import today
from api.services import Services
from geodata.database import Audience
from geodata.queries.generation import resolve


@contextmanager
def staff_reading(services: Services) -> Iterator[Reading]:
    """One read-only transaction as staff, of the home municipality, today."""
    with services.database.read(Audience.STAFF) as conn:
        yield Reading(conn, resolve(conn, services.settings.municipality), today(), services)
