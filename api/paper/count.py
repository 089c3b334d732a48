"""Counts what was handed out: on POST alone, so that a preview or a crawler counts for nothing."""

from __future__ import annotations

from api import logs
from api.auth.principals import Principal
from api.services import Services
from geodata.database import Audience
from geodata.leaflet_counts import add
from kyodo_geo.errors import KyodoError


def count(services: Services, association_id: str, form: str, copies: int, principal: Principal) -> None:
    """Blocking. The person at the counter gets the paper even when the count cannot be written (it is logged)."""
    try:
        with services.database.write(Audience.AUTH) as conn:
            add(
                conn,
                services.settings.municipality,
                association_id,
                form,
                copies,
                office=principal.office_id or "",
            )
    except KyodoError as error:
        logs.SERVICE.warning("leaflet not counted: %s", logs.failure(error))
