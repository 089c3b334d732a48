"""Ask the lookup, once or many times: used by the page, the JSON routes and nobody's log.

The address lives in memory for the time of one request. What is kept is a count: day, channel, outcome, town, district, office;
and in the log of lookups the time and, where somebody signed in or showed a key, who.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from anyio.to_thread import run_sync

from api import memory
from api.auth.principals import Principal
from api.held import Ready
from api.services import Services
from kyodo_geo.lookup.answers import Answer, Outcome


async def ready(services: Services, municipality: str | None, as_of: date | None = None) -> Ready:
    """The municipality's index, or that of an earlier day; waits (in a thread) only for what is not built yet."""
    code = municipality or services.settings.municipality
    found = services.live.ready(code)
    if found is None:
        found = await run_sync(services.live.wait, code, limiter=services.waiting_limiter)
    if as_of is None:
        return found
    return await run_sync(services.past.get, code, as_of, found, limiter=services.limiter)


async def ask(
    services: Services,
    channel: str,
    *,
    municipality: str | None = None,
    address: str | None = None,
    lon: float | None = None,
    lat: float | None = None,
    accuracy_m: float = 0.0,
    as_of: date | None = None,
    principal: Principal | None = None,
) -> dict[str, Any]:
    """The answer as the API sends it; counted by outcome and by the town found in the gazetteer."""
    found = await answer_to(
        services, channel, municipality=municipality, address=address, lon=lon, lat=lat, accuracy_m=accuracy_m,
        as_of=as_of, principal=principal,
    )  # fmt: skip
    answer: dict[str, Any] = found.as_dict()
    return answer


async def answer_to(
    services: Services,
    channel: str,
    *,
    municipality: str | None = None,
    address: str | None = None,
    lon: float | None = None,
    lat: float | None = None,
    accuracy_m: float = 0.0,
    as_of: date | None = None,
    principal: Principal | None = None,
) -> Answer:
    """The answer with what pages say beside the API's JSON; counted like any other."""
    held = await ready(services, municipality, as_of)
    found = answered(held, address, lon, lat, accuracy_m)
    who = memory.reader(principal)
    if address is not None and who is not None:
        work = (services.database, held.municipality, held.index, [(address, found)], who)
        (found,) = await run_sync(memory.with_memory, *work, limiter=services.limiter)
    count(services, held, channel, found, principal)
    return found


def answered(
    held: Ready, address: str | None, lon: float | None, lat: float | None, accuracy_m: float = 0.0
) -> Answer:
    """What the index says of an address, else of a point; nothing is counted."""
    if address is not None:
        return held.index.by_address(address)
    assert lon is not None and lat is not None
    return held.index.by_point(lon, lat, accuracy_m)


def count(
    services: Services, held: Ready, channel: str, found: Answer, principal: Principal | None = None
) -> None:
    """Count one answer: outcome, town, district, key and office, never what was asked."""
    services.counters.count(
        held.municipality,
        channel=channel,
        outcome=found.outcome.value,
        town=counted_town(found),
        key_id=principal.key_id if principal else "",
        office_id=(principal.office_id or "") if principal else "",
        district_no=found.district.no if found.district else 0,
        fault=found.data_fault,
        login=(principal.login or "") if principal and not principal.key_id else "",
    )


def counted_town(found: Answer) -> str:
    """The town for the counter: only one of our own gazetteer, never anything a person typed."""
    return "" if found.outcome is Outcome.OUTSIDE_CITY else found.address.town or ""
