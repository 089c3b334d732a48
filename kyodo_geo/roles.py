"""Roles of the service, and who may see a vacant house."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    """A reader's role; everybody has at least `PUBLIC`."""

    PUBLIC = "public"
    PARTNER = "partner"
    COUNTER = "counter"
    ASSOCIATION_OFFICER = "association_officer"
    FEDERATION = "federation"
    CENTRE_STAFF = "centre_staff"
    DISTRICT_OFFICER = "district_officer"
    ADVISORY = "advisory"
    PLANNER = "planner"
    FACILITY_STAFF = "facility_staff"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """Name shown to people."""
        return LABELS[self]


LABELS = {
    Role.PUBLIC: "一般",
    Role.PARTNER: "不動産協会の会員店",
    Role.COUNTER: "転入窓口",
    Role.ASSOCIATION_OFFICER: "町内会・自治会の役員",
    Role.FEDERATION: "連合組織",
    Role.CENTRE_STAFF: "市民協働推進センター",
    Role.DISTRICT_OFFICER: "地域担当職員",
    Role.ADVISORY: "会議の委員",
    Role.PLANNER: "市民協働推進課",
    Role.FACILITY_STAFF: "施設担当",
    Role.ADMINISTRATOR: "管理者",
}

STAFF = frozenset(
    {Role.CENTRE_STAFF, Role.DISTRICT_OFFICER, Role.PLANNER, Role.FACILITY_STAFF, Role.ADMINISTRATOR}
)
"""Members of city staff: they read with the staff rights of the database."""

VACANT_HOUSE_READERS = frozenset({Role.PLANNER, Role.FACILITY_STAFF, Role.ADMINISTRATOR})
"""Staff whose work needs survey records of vacant houses (取組11)."""

CONSENT_RECIPIENTS = frozenset({Role.ASSOCIATION_OFFICER, Role.PARTNER})
"""Who can stand for a body that an owner names: the officers of an association and the people of a partner's office."""

DATASET_KEEPERS = frozenset({Role.PLANNER, Role.ADMINISTRATOR})
"""Staff who load, compare, activate and roll back datasets; all of them may see survey records of vacant houses."""


CENTRE_KEEPERS = frozenset({Role.CENTRE_STAFF, Role.PLANNER, Role.ADMINISTRATOR})
"""Staff who keep consultations and the case sheets of associations at risk (取組14, 18)."""

FACILITY_KEEPERS = frozenset({Role.PLANNER, Role.FACILITY_STAFF, Role.ADMINISTRATOR})
"""Staff who load records of facilities and ask for works to be levelled."""


def is_staff(roles: Collection[Role]) -> bool:
    """Whether one of the roles is a staff role."""
    return not STAFF.isdisjoint(roles)


def audience(roles: Collection[Role]) -> str:
    """Whose bytes a reader gets: `staff` when one of the roles is a staff role, else `public`.

    Partners, counters, associations and advisers read public data; what they get beyond it (leaflets, referrals,
    houses whose owner named them) is given to them by name, never through the staff audience.
    """
    return "staff" if is_staff(roles) else "public"


def may_see_vacant_house(
    roles: Collection[Role], state: str, *, recipient: str | None = None, consented_to: Collection[str] = ()
) -> bool:
    """Who may see a vacant house in `state`.

    listed: everybody; consented: the recipients the owner named in writing, and staff who work on it; survey: that
    staff only. An unknown state is treated like a survey record. `recipient` is the name of the reader's own body
    (association, partner), None for a reader without one.
    """
    if state == "listed" or not VACANT_HOUSE_READERS.isdisjoint(roles):
        return True
    return state == "consented" and recipient is not None and recipient in consented_to
