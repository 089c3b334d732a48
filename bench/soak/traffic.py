"""What people do, in the shares in which they do it, and what came of it."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bench.soak.client import Client, Got
from bench.soak.world import World

PUBLIC = (
    "/", "/lookup", "/maps", "/districts", "/districts/7", "/districts/5?compare=city", "/facilities", "/facilities/costs",
    "/progress", "/datasets", "/about", "/api", "/opendata", "/facilities/scenarios",
)  # fmt: skip
MAPS = (
    "/maps/plan-adoption",
    "/maps/membership",
    "/maps/projects",
    "/maps/facility-coverage",
    "/maps/support",
)
FILES = (
    "/downloads/districts.csv", "/downloads/membership.geojson", "/downloads/facility-gaps.csv", "/progress/report.xlsx",
    "/opendata/catalog.jsonld", "/downloads/facility-costs.csv",
)  # fmt: skip
STAFF = (
    "/staff", "/staff/tickets", "/staff/datasets", "/staff/audit", "/staff/plans", "/staff/projects", "/staff/associations",
    "/staff/agreement", "/staff/maps/membership", "/maps/halls", "/staff/facilities/portfolio", "/staff/progress",
)  # fmt: skip
ANALYSES = (
    "/facilities/gaps", "/facilities/closing", "/api/v1/facilities/gaps", "/facilities/gaps?compare_year=2015",
)  # fmt: skip
GRS = "http://www.opengis.net/def/crs/EPSG/0/6668"
COLLECTIONS = ("districts", "associations", "facilities")
SHARES = {
    "lookup": 34, "tile": 20, "page": 10, "map": 6, "ogc": 10, "file": 3, "analysis": 4, "staff": 6, "edit": 2, "ticket": 2,
    "batch": 2, "upload": 1,
}  # fmt: skip


@dataclass
class Seen:
    """Times of one stretch of the run by what was done, and every status."""

    times: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def note(self, what: str, spent: float, got: Got | None, said: str) -> None:
        self.times.setdefault(what, []).append(spent)
        self.statuses[what, got.status if got else 0] += 1
        if got is None or got.status >= 500:
            self.faults.append(f"{what}: {said}")

    def quantile(self, what: str, share: float) -> float:
        """Milliseconds."""
        found = sorted(self.times.get(what, ()))
        return 1000 * found[min(len(found) - 1, int(share * len(found)))] if found else float("nan")


class Traffic:
    """People of all kinds, each with a connection; `rate` requests a second of all together."""

    def __init__(self, world: World, seed: int = 1) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.numbers = itertools.count(1)
        self.seen = Seen()
        self.does: dict[str, Callable[[Client, random.Random], Awaitable[Got]]] = {
            "lookup": self._lookup, "tile": self._tile, "page": _one_of(PUBLIC), "map": self._map, "ogc": self._ogc,
            "file": _one_of(FILES), "analysis": self._analysis, "staff": _one_of(STAFF), "edit": self._edit,
            "ticket": self._ticket, "batch": self._batch, "upload": self._upload,
        }  # fmt: skip

    async def run(self, connections: int, rate: float, seconds: float, seen: Seen) -> None:
        """`connections` people for so many seconds, in the mean `rate` requests a second together."""
        self.seen = seen
        end = time.monotonic() + seconds
        await asyncio.gather(*(self._person(rate / connections, end) for _ in range(connections)))

    async def _person(self, rate: float, end: float) -> None:
        chance = random.Random(self.chance.random())
        kinds = {who: self.world.client(who) for who in ("nobody", "staff", "program", "partner")}
        try:
            while (pause := chance.expovariate(rate)) + time.monotonic() < end:
                await asyncio.sleep(pause)
                (what,) = chance.choices(list(SHARES), list(SHARES.values()))
                await self.once(what, kinds[WHO.get(what, "nobody")], chance)
        finally:
            for client in kinds.values():
                client.close()

    async def once(self, what: str, client: Client, chance: random.Random) -> None:
        """One thing done, and noted."""
        began = time.perf_counter()
        got, said = None, ""
        try:
            got = await self.does[what](client, chance)
            said = f"{got.status} {got.text[:200]}" if got.status >= 500 else ""
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            said = type(error).__name__
            client.close()
        self.seen.note(what, time.perf_counter() - began, got, said)

    async def _lookup(self, client: Client, chance: random.Random) -> Got:
        body = json.dumps({"address": chance.choice(self.world.addresses)}).encode()
        return await client.ask("POST", "/api/v1/lookup", body, "application/json")

    async def _tile(self, client: Client, chance: random.Random) -> Got:
        z = chance.randint(9, 14)
        x, y = self.world.tile(z, chance.random(), chance.random())
        name = chance.choice(COLLECTIONS)
        return await client.ask("GET", f"/ogc/collections/{name}/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt")

    async def _map(self, client: Client, chance: random.Random) -> Got:
        path = chance.choice(MAPS)
        page = await client.ask("GET", path)
        script = re.search(r'src="(/maps/[^"]+\.js[^"]*)"', page.text)
        return await client.ask("GET", script[1].replace("&amp;", "&")) if script else page

    async def _ogc(self, client: Client, chance: random.Random) -> Got:
        name, limit = chance.choice(COLLECTIONS), chance.choice((10, 50, 200))
        more = chance.choice(
            ("", "&bbox=141.0,39.6,141.2,39.8", "&f=csv", "&crs=http://www.opengis.net/def/crs/EPSG/0/6668")
        )
        return await client.ask("GET", f"/ogc/collections/{name}/items?limit={limit}{more}")

    async def _analysis(self, client: Client, chance: random.Random) -> Got:
        path = chance.choice(ANALYSES)
        return await client.ask("GET", path)

    async def _edit(self, client: Client, chance: random.Random) -> Got:
        number = next(self.numbers)
        return await client.form(
            "/staff/facilities/scenarios", "/staff/facilities/scenarios", title=f"負荷試験 {number}", author="負荷試験",
            reason="負荷試験", base_year="2026", horizon="30",
        )  # fmt: skip

    async def _ticket(self, client: Client, chance: random.Random) -> Got:
        body = json.dumps({"question": f"負荷試験の質問 {next(self.numbers)}"}).encode()
        return await client.ask("POST", "/api/v1/referrals", body, "application/json")

    async def _batch(self, client: Client, chance: random.Random) -> Got:
        rows = [{"id": n, "address": chance.choice(self.world.addresses)} for n in range(50)]
        return await client.ask(
            "POST", "/api/v1/lookup/batch", json.dumps({"rows": rows}).encode(), "application/json"
        )

    async def _upload(self, client: Client, chance: random.Random) -> Got:
        lines = ["番号,住所", *(f"{n},{chance.choice(self.world.addresses)}" for n in range(200))]
        got = await client.upload(
            "/partner/batch", "負荷試験.csv", "\r\n".join(lines).encode("cp932", "replace")
        )
        path = got.headers.get("location", "")
        if got.status == 303 and path:
            return await client.form(path, f"{path}/delete")
        return got


WHO = {"staff": "staff", "edit": "staff", "upload": "staff", "ticket": "program", "batch": "program"}


def _one_of(paths: tuple[str, ...]) -> Callable[[Client, random.Random], Awaitable[Got]]:
    async def ask(client: Client, chance: random.Random) -> Got:
        return await client.ask("GET", chance.choice(paths))

    return ask
