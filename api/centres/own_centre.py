"""Staff of a centre enter and change the consultations of their own centre alone; they read those of all."""

from __future__ import annotations

from dataclasses import dataclass

from api.auth.principals import Principal
from api.record_pages import Single
from api.services import Services
from geodata.centre_staff import centre_of
from geodata.database import Audience, Connection
from geodata.edits import records
from kyodo_geo.centres.kinds import CONSULTATIONS
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.records import Facts
from kyodo_geo.roles import Role

_EVERYWHERE = frozenset({Role.PLANNER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class OwnCentre:
    """The centre somebody is bound to; None: to none (planners, and staff for whom none is set)."""

    centre: str | None

    def check(self, facts: Facts) -> None:
        """Raises InputError for what is said to have been at another centre."""
        if self.centre not in (None, facts["body_id"]):
            raise InputError(
                "ほかのセンターの相談は登録できません。自分のセンターを選んでください。", field="body_id"
            )

    def start(self, conn: Connection, code: str, user: Principal) -> dict[str, str]:
        """What stands in the form before anybody types (`record_pages.list_page`)."""
        return {"body_id": self.centre} if self.centre else {}

    @property
    def single(self) -> Single:
        return Single(locked=self._locked)

    def _locked(self, conn: Connection, code: str, user: Principal, record_id: str) -> str | None:
        if self.centre is None:
            return None
        try:
            held = records.one(conn, code, CONSULTATIONS, record_id)
        except NotFoundError:
            return None  # the editor says that it is gone
        if held["body_id"] == self.centre:
            return None
        return "ほかのセンターの相談です。直せるのは、そのセンターの職員と市民協働推進課だけです。"


def own_centre(services: Services, user: Principal) -> OwnCentre:
    """What a user is bound to (blocking); asked anew at each request."""
    if not _EVERYWHERE.isdisjoint(user.roles) or user.user_id is None:
        return OwnCentre(None)
    with services.database.read(Audience.AUTH) as conn:
        return OwnCentre(centre_of(conn, services.settings.municipality, user.user_id))
