"""The register of buildings in answers of the lookup, for partner offices, counters and the city. Blocking.

Never for the public, nor for a page with a publishable key, which everybody can read. Texts are compared here and in the
database and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.auth.principals import Principal
from geodata import buildings
from geodata.database import Audience, Database
from kyodo_geo.buildings import Remembered
from kyodo_geo.lookup import Answer, LookupIndex, names_asked_for, recall
from kyodo_geo.roles import Role, is_staff


@dataclass(frozen=True, slots=True)
class Reader:
    """As whom somebody reads the register."""

    audience: Audience
    office: str | None = None


def reader(principal: Principal | None) -> Reader | None:
    """As whom a request reads the register; None for those it is not for."""
    if principal is None or principal.publishable:
        return None
    if is_staff(principal.roles):
        return Reader(Audience.STAFF)
    if principal.office_id:
        return Reader(Audience.PARTNER, principal.office_id)
    return Reader(Audience.PARTNER) if Role.COUNTER in principal.roles else None


def with_memory(
    database: Database,
    municipality: str,
    index: LookupIndex,
    found: Sequence[tuple[str, Answer]],
    who: Reader | None,
) -> list[Answer]:
    """The answers to these addresses, with what the register says of their buildings; one look for all of them."""
    if who is None:
        return [answer for _, answer in found]
    wanted = [names_asked_for(index, text, answer) for text, answer in found]
    keys = frozenset[str]().union(*wanted)
    if not keys:
        return [answer for _, answer in found]
    with database.read(who.audience, office=who.office) as conn:
        known = buildings.remembered(conn, municipality, keys)
    return [
        recall(index, answer, _held(known, names)) for (_, answer), names in zip(found, wanted, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Register:
    """The whole register in memory, for a file of addresses."""

    known: dict[str, list[Remembered]]

    def recall(self, index: LookupIndex, text: str, answer: Answer) -> Answer:
        """The answer with what the register says."""
        if not self.known:
            return answer
        return recall(index, answer, _held(self.known, names_asked_for(index, text, answer)))


def whole_register(database: Database, municipality: str, who: Reader | None) -> Register:
    """The register as somebody may read it; empty for everybody else."""
    if who is None:
        return Register({})
    with database.read(who.audience, office=who.office) as conn:
        return Register(buildings.all_remembered(conn, municipality))


def _held(known: dict[str, list[Remembered]], names: Iterable[str]) -> list[Remembered]:
    return list(dict.fromkeys(item for name in sorted(names) for item in known.get(name, ())))
