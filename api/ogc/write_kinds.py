"""Which collections take changes, from whom, and through which of the staff's ways of editing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from api.access_table import EDITORS, FACILITY_KEEPERS
from api.contact_entry import contact_entry
from api.draft_entries import assignment_entry, association_entry, district_entry, facility_entry
from api.ogc.catalogue import ID as CATALOGUE
from api.ogc.reader import Reader
from api.ogc.write_drafts import DraftedLayer, DraftedRows
from api.ogc.write_facilities import FacilityRecords
from api.ogc.write_said import Said, Typed
from api.plan_entry import plan_entry
from geodata.database import Connection
from geodata.edits import contacts, layers, plans, records
from geodata.edits.history import hold
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref
from kyodo_geo.collections.areas import ASSOCIATIONS, DISTRICTS, SMALL_AREAS
from kyodo_geo.edits import stamp
from kyodo_geo.errors import ConflictError, ContentError, NotFoundError
from kyodo_geo.facility_kinds import BUILDINGS, FACILITY_YEARS, ROOMS
from kyodo_geo.records import PROJECTS, Kind, entry
from kyodo_geo.roles import Role
from kyodo_geo.sent_shapes import AREA, POINT

_PLAN_ID = re.compile(r"([1-9][0-9]{0,3})\.([1-9][0-9]{0,3})", re.ASCII)


class Editor(Protocol):
    """How the features of a collection are changed. All run in the transaction of the request; `hold` comes first."""

    def hold(self, conn: Connection, code: str, feature_id: str) -> None:
        """Nobody else changes the feature until the transaction ends."""

    def replace(self, conn: Connection, ref: Ref, feature_id: str, said: Said, actor: str) -> str | None:
        """Put it right; returns the page where the change waits, None where it holds at once."""


@runtime_checkable
class Keeper(Editor, Protocol):
    """An editor of features that also come and go."""

    def add(self, conn: Connection, ref: Ref, said: Said, actor: str) -> str:
        """Enter a new one; returns its id."""

    def delete(self, conn: Connection, ref: Ref, feature_id: str, actor: str) -> None:
        """Take it back."""


@dataclass(frozen=True, slots=True)
class Writable:
    """`fixed`: properties the service sets; `kept`: those that are said once, when a feature is made.

    `required` and `defaults` are told to clients in the definition. `unsure`: booleans that may be unknown. `shape`:
    kind of the geometries that are taken, None where none is changed.
    """

    editor: Editor
    roles: frozenset[Role]
    fixed: frozenset[str]
    required: tuple[str, ...]
    kept: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()
    shape: str | None = None

    @property
    def drafted(self) -> DraftedRows | None:
        """The editor, where changes go into a draft."""
        return self.editor if isinstance(self.editor, DraftedRows) else None

    @property
    def methods(self) -> tuple[str, ...]:
        """Those that the editor can do."""
        changes = ("PUT", "PATCH")
        return ("POST", *changes, "DELETE") if isinstance(self.editor, Keeper) else changes


@dataclass(frozen=True, slots=True)
class _Records:
    """A kind of `kyodo_geo.records` under its own names."""

    kind: Kind

    def hold(self, conn: Connection, code: str, feature_id: str) -> None:
        hold(conn, code, self.kind.key)

    def add(self, conn: Connection, ref: Ref, said: Typed, actor: str) -> str:
        known = records.references(conn, ref, self.kind)
        return records.add(conn, ref.municipality_code, self.kind, entry(self.kind, said, known), actor=actor)

    def replace(self, conn: Connection, ref: Ref, feature_id: str, said: Typed, actor: str) -> str | None:
        code = ref.municipality_code
        new = entry(self.kind, said, records.references(conn, ref, self.kind))
        seen = stamp(records.one(conn, code, self.kind, feature_id))
        records.correct(conn, code, self.kind, feature_id, new, version=seen, actor=actor)
        return None

    def delete(self, conn: Connection, ref: Ref, feature_id: str, actor: str) -> None:
        code = ref.municipality_code
        seen = stamp(records.one(conn, code, self.kind, feature_id))
        records.withdraw(conn, code, self.kind, feature_id, version=seen, actor=actor)


class _Plans:
    """States of the districts' plans. Ends of periods follow from the beginnings of the next ones."""

    def hold(self, conn: Connection, code: str, feature_id: str) -> None:
        hold(conn, code, plans.target(_plan_of(feature_id)[0]))

    def add(self, conn: Connection, ref: Ref, said: Typed, actor: str) -> str:
        if not re.fullmatch(r"[1-9][0-9]{0,3}", said("district_no")):
            raise ContentError("地区の番号（district_no）を入れてください。", field="district_no")
        code, no, new = ref.municipality_code, int(said("district_no")), plan_entry(said)
        hold(conn, code, plans.target(no))
        try:
            plans.add(conn, code, no, new, version=plans.seen(plans.records_of(conn, code, no)), actor=actor)
        except NotFoundError as error:
            raise ContentError(error.message, field="district_no") from None
        return f"{no}.{max(record.record_no for record in plans.records_of(conn, code, no))}"

    def replace(self, conn: Connection, ref: Ref, feature_id: str, said: Typed, actor: str) -> str | None:
        code, (no, record_no) = ref.municipality_code, _plan_of(feature_id)
        seen = plans.seen(plans.records_of(conn, code, no))
        plans.correct(conn, code, no, record_no, plan_entry(said), version=seen, actor=actor)
        return None

    def delete(self, conn: Connection, ref: Ref, feature_id: str, actor: str) -> None:
        code, (no, record_no) = ref.municipality_code, _plan_of(feature_id)
        seen = plans.seen(plans.records_of(conn, code, no))
        plans.withdraw(conn, code, no, record_no, version=seen, actor=actor)


def _plan_of(feature_id: str) -> tuple[int, int]:
    found = _PLAN_ID.fullmatch(feature_id)
    if found is None:
        raise NotFoundError("この id の地物はありません。")
    return int(found[1]), int(found[2])


class _Contacts:
    """Contacts of associations that hold today; the audit log says what changed, never to what."""

    def hold(self, conn: Connection, code: str, feature_id: str) -> None:
        hold(conn, code, contacts.target(_contact_of(feature_id)[0]))

    def add(self, conn: Connection, ref: Ref, said: Typed, actor: str) -> str:
        association = said("association_id")
        if not association:
            raise ContentError(
                "町内会・自治会の番号（association_id）を入れてください。", field="association_id"
            )
        try:
            number = contacts.add(conn, ref.municipality_code, association, _contact(said), actor=actor)
        except NotFoundError as error:
            raise ContentError(error.message, field="association_id") from None
        except ConflictError as error:
            raise ContentError(error.message, field="name") from None
        return f"{association}.{number}"

    def replace(self, conn: Connection, ref: Ref, feature_id: str, said: Typed, actor: str) -> str | None:
        code, (association, number) = ref.municipality_code, _contact_of(feature_id)
        seen = self._seen(conn, code, association, number)
        contacts.correct(conn, code, association, number, _contact(said), version=seen, actor=actor)
        return None

    def delete(self, conn: Connection, ref: Ref, feature_id: str, actor: str) -> None:
        code, (association, number) = ref.municipality_code, _contact_of(feature_id)
        seen = self._seen(conn, code, association, number)
        contacts.withdraw(conn, code, association, number, version=seen, actor=actor)

    def _seen(self, conn: Connection, code: str, association: str, number: int) -> str:
        found = contacts.contacts(conn, code, association).get(number)
        if found is None:
            raise ConflictError("今は有効でない連絡先です。変えられるのは、今日有効な連絡先だけです。")
        return stamp(contacts.seen(found))


def _contact(said: Typed) -> contacts.Contact:
    return contact_entry(said, published=said("published") == "yes")


def _contact_of(feature_id: str) -> tuple[str, int]:
    association, dot, number = feature_id.rpartition(".")
    if not dot or not re.fullmatch(r"[1-9][0-9]{0,8}", number, re.ASCII):
        raise NotFoundError("この id の地物はありません。")
    return association, int(number)


def _association(conn: Connection, ref: Ref, said: Typed) -> dict[str, Any]:
    return association_entry(said)


def _district(conn: Connection, ref: Ref, said: Typed) -> dict[str, Any]:
    return district_entry(said)


def _facility(conn: Connection, ref: Ref, said: Typed) -> dict[str, Any]:
    return facility_entry(said)


def _assignment(conn: Connection, ref: Ref, said: Typed) -> dict[str, Any]:
    return assignment_entry(said, dict(district_names(conn, ref)))


WRITABLE: dict[str, Writable] = {
    "projects": Writable(
        _Records(PROJECTS), EDITORS, frozenset({"project_id"}), ("title", "district_no", "fiscal_year"),
        defaults={f.name: f.default for f in PROJECTS.fields if f.default},
    ),
    "district-plans": Writable(
        _Plans(), EDITORS, frozenset({"id", "record_no", "valid_to"}), ("district_no", "state"),
        kept=frozenset({"district_no"}), defaults={"quality": "real"},
    ),
    "association-contacts": Writable(
        _Contacts(), EDITORS, frozenset({"id", "contact_no", "valid_from", "valid_to"}), ("association_id", "role"),
        kept=frozenset({"association_id"}),
    ),
    "buildings": Writable(
        FacilityRecords(BUILDINGS), FACILITY_KEEPERS, frozenset({"building_id"}), (),
        defaults={"quality": "real"}, unsure=frozenset({"extendable"}),
    ),
    "rooms": Writable(
        FacilityRecords(ROOMS, frozenset({"facility_id"})), FACILITY_KEEPERS, frozenset({"id", "room_no"}),
        ("facility_id", "name"), kept=frozenset({"facility_id"}), defaults={"quality": "real"},
    ),
    "facility-years": Writable(
        FacilityRecords(FACILITY_YEARS, frozenset({"facility_id", "fiscal_year"})), FACILITY_KEEPERS, frozenset({"id"}),
        ("facility_id", "fiscal_year"), kept=frozenset({"facility_id", "fiscal_year"}), defaults={"quality": "real"},
    ),
    "associations": Writable(
        DraftedLayer(layers.ASSOCIATIONS, _association), EDITORS,
        frozenset(p.name for p in ASSOCIATIONS.properties) - {"name", "kana", "area_text", "kind"},
        ("name",), defaults={"kind": "association"}, shape=AREA,
    ),
    "facilities": Writable(
        DraftedLayer(layers.FACILITIES, _facility), EDITORS, frozenset({"facility_id"}), ("name", "kind", "activity"),
        shape=POINT,
    ),
    "districts": Writable(
        DraftedRows(layers.DISTRICTS, _district), EDITORS,
        frozenset(p.name for p in DISTRICTS.properties) - {"name", "kana", "aliases"}, ("name",),
    ),
    "small-areas": Writable(
        DraftedRows(layers.ASSIGNMENT, _assignment), EDITORS,
        frozenset(p.name for p in SMALL_AREAS.properties) - {"district_no", "confidence"},
        ("district_no", "confidence"),
    ),
}  # fmt: skip


def writable_by(reader: Reader, collection_id: str) -> Writable | None:
    """The collection's way of being changed, None where this reader has none."""
    found = WRITABLE.get(collection_id)
    return found if found is not None and not found.roles.isdisjoint(reader.roles) else None


def known_to(reader: Reader, collection_id: str) -> None:
    """Raises `NotFoundError` where the collection does not exist for the reader."""
    if collection_id != CATALOGUE:
        reader.collection(collection_id)
