"""Ask the lookup: used by the page, the JSON routes and nobody's log.

The address lives in memory for the time of one request. What is kept is a count: day, channel, outcome, town.
"""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync

from api.auth.principals import Principal
from api.live import Ready
from api.services import Services


async def ready(services: Services, municipality: str | None) -> Ready:
    """The municipality's index; waits (in a thread) only for the first build."""
    code = municipality or services.settings.municipality
    found = services.live.ready(code)
    return found or await run_sync(services.live.wait, code, limiter=services.limiter)


async def ask(
    services: Services,
    channel: str,
    *,
    municipality: str | None = None,
    address: str | None = None,
    lon: float | None = None,
    lat: float | None = None,
    principal: Principal | None = None,
) -> dict[str, Any]:
    """The answer as the API sends it; counted by outcome and by the town found in the gazetteer."""
    held = await ready(services, municipality)
    if address is not None:
        found = held.index.by_address(address)
    else:
        assert lon is not None and lat is not None
        found = held.index.by_point(lon, lat)
    answer: dict[str, Any] = found.as_dict()
    place = answer.get("address") or {}
    services.counters.count(
        held.municipality,
        channel=channel,
        outcome=answer["outcome"],
        town=place.get("town") or "",
        key_id=principal.key_id if principal else "",
        fault=getattr(found, "data_fault", False),
    )
    return answer
