"""That somebody read a case sheet is written down, as with survey records of vacant houses."""

from __future__ import annotations

from typing import Any

from api.auth.principals import Principal
from api.services import Services
from geodata.audit import record
from geodata.database import Audience


def viewed(services: Services, user: Principal, target: str, facts: dict[str, Any]) -> None:
    """Write down who read what (blocking); before the answer goes out, so that nothing is read unseen."""
    code = services.settings.municipality
    with services.database.write(Audience.STAFF) as conn:
        record(conn, code, user.login or "unknown", "risk-case.view", target, facts, kind="view")
