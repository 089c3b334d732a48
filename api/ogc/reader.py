"""Who reads: the public, whose bytes are the same for all, or a member of staff with rows and columns of their own."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from api.auth import cookies
from api.auth.principals import ANYBODY, Principal, identify
from api.services import services_of
from geodata.database import Audience
from kyodo_geo.collections import COLLECTIONS, Collection, collections_for
from kyodo_geo.errors import NotFoundError
from kyodo_geo.roles import Role

NO_COLLECTION = "このコレクションはありません。"
_PUBLIC: frozenset[Role] = frozenset({Role.PUBLIC})


@dataclass(frozen=True, slots=True)
class Reader:
    """`roles` are those that count here: partners, counters and the like read what everybody reads."""

    roles: frozenset[Role]
    principal: Principal

    @property
    def is_staff(self) -> bool:
        """Whether the answer is for this reader alone: private, and made anew."""
        return self.principal.is_staff

    @property
    def audience(self) -> Audience:
        """Database role to read with."""
        return Audience.STAFF if self.is_staff else Audience.PUBLIC

    def collections(self) -> tuple[Collection, ...]:
        """The collections that exist for this reader, whether loaded or not."""
        return collections_for(self.roles)

    def collection(self, collection_id: str) -> Collection:
        """Raises `NotFoundError`, alike for what does not exist and what does not exist for this reader."""
        known = COLLECTIONS.get(collection_id)
        seen = known.seen_by(self.roles) if known is not None else None
        if seen is None:
            raise NotFoundError(NO_COLLECTION)
        return seen


EVERYBODY = Reader(_PUBLIC, ANYBODY)


async def reader_of(request: Request) -> Reader:
    """The reader of a request; without credentials nobody is looked up."""
    settings = services_of(request).settings
    if "authorization" not in request.headers and cookies.session_name(settings) not in request.cookies:
        return EVERYBODY
    principal = await identify(request)
    return Reader(principal.roles | _PUBLIC, principal) if principal.is_staff else EVERYBODY
