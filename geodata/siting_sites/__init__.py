"""Where possible new places of a siting run come from: one module per source, named in `SOURCES`.

To add a source (vacant houses, school buildings …):

1. write `geodata/siting_sites/NAME.py` with `gather(conn, ref, asked) -> list[Place]`. `conn` is read-only, with the rights
   of staff; `asked.options` holds what only this source knows (plain JSON values), `Place.more` what its pages want back;
2. name it in `SOURCES` below, and in `kyodo_geo.siting_city.question.NEW` with the words of the form;
3. if not all staff may see its places, name the roles in `READERS`: runs with that source are hidden from all others;
4. name the kinds of datasets that its places are credited to in `KINDS`.

Ids must not meet those of facilities: give them a prefix (`a-`), and nothing but letters, digits, - and _, since a map takes
no others. Existing facilities come from `facilities.py` in every run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from kyodo_geo.errors import InputError
from kyodo_geo.roles import STAFF, Role

if TYPE_CHECKING:
    from geodata.database import Connection
    from geodata.queries.generation import Ref
    from kyodo_geo.siting_city.place import Place
    from kyodo_geo.siting_city.question import Question


class Source(Protocol):
    """What a module of this package offers."""

    def gather(self, conn: Connection, ref: Ref, asked: Question) -> list[Place]:
        """Possible new places of the question, in a fixed order."""
        ...


SOURCES = {"areas": "geodata.siting_sites.areas"}
"""Name of a source (`Question.new`) → its module."""

READERS: dict[str, frozenset[Role]] = {}
"""Who may see runs with the places of a source; all staff where it is not named."""

KINDS: dict[str, tuple[str, ...]] = {"areas": ("small-areas", "associations")}
"""Kinds of datasets that the places of a source come from."""


def readers_of(source: str) -> frozenset[Role]:
    """Roles that may see the runs with places of this source."""
    return READERS.get(source, frozenset(STAFF))


def new_places(conn: Connection, ref: Ref, asked: Question) -> list[Place]:
    """Possible new places of the question; none where it asks for none. Raises `InputError` for an unknown source."""
    if asked.new == "none":
        return []
    if asked.new not in SOURCES:
        raise InputError(f"候補地の種類「{asked.new[:20]}」はありません。", field="new")
    source: Source = import_module(SOURCES[asked.new])
    return source.gather(conn, ref, asked)
