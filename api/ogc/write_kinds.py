"""Which collections take changes, from whom, and through which of the staff's ways of editing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from api.access_table import EDITORS
from api.ogc.catalogue import ID as CATALOGUE
from api.ogc.reader import Reader
from api.plan_entry import plan_entry
from geodata.database import Connection
from geodata.edits import plans, records
from geodata.edits.history import hold
from geodata.queries.generation import Ref
from kyodo_geo.edits import stamp
from kyodo_geo.errors import ContentError, NotFoundError
from kyodo_geo.records import PROJECTS, Kind, entry
from kyodo_geo.roles import Role

Typed = Callable[[str], str]
_PLAN_ID = re.compile(r"([1-9][0-9]{0,3})\.([1-9][0-9]{0,3})", re.ASCII)


class Editor(Protocol):
    """How the features of a collection are changed. All run in the transaction of the request; `hold` comes first."""

    def hold(self, conn: Connection, code: str, feature_id: str) -> None:
        """Nobody else changes the feature until the transaction ends."""

    def add(self, conn: Connection, ref: Ref, said: Typed, actor: str) -> str:
        """Enter a new one; returns its id."""

    def replace(self, conn: Connection, ref: Ref, feature_id: str, said: Typed, actor: str) -> None:
        """Put it right."""

    def delete(self, conn: Connection, ref: Ref, feature_id: str, actor: str) -> None:
        """Take it back."""


@dataclass(frozen=True, slots=True)
class Writable:
    """`fixed`: properties the service sets; `kept`: those that are said once, when a feature is made.

    `required` and `defaults` are told to clients in the definition.
    """

    editor: Editor
    roles: frozenset[Role]
    fixed: frozenset[str]
    required: tuple[str, ...]
    kept: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Records:
    """A kind of `kyodo_geo.records` under its own names."""

    kind: Kind

    def hold(self, conn: Connection, code: str, feature_id: str) -> None:
        hold(conn, code, self.kind.key)

    def add(self, conn: Connection, ref: Ref, said: Typed, actor: str) -> str:
        known = records.references(conn, ref, self.kind)
        return records.add(conn, ref.municipality_code, self.kind, entry(self.kind, said, known), actor=actor)

    def replace(self, conn: Connection, ref: Ref, feature_id: str, said: Typed, actor: str) -> None:
        code = ref.municipality_code
        new = entry(self.kind, said, records.references(conn, ref, self.kind))
        seen = stamp(records.one(conn, code, self.kind, feature_id))
        records.correct(conn, code, self.kind, feature_id, new, version=seen, actor=actor)

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

    def replace(self, conn: Connection, ref: Ref, feature_id: str, said: Typed, actor: str) -> None:
        code, (no, record_no) = ref.municipality_code, _plan_of(feature_id)
        seen = plans.seen(plans.records_of(conn, code, no))
        plans.correct(conn, code, no, record_no, plan_entry(said), version=seen, actor=actor)

    def delete(self, conn: Connection, ref: Ref, feature_id: str, actor: str) -> None:
        code, (no, record_no) = ref.municipality_code, _plan_of(feature_id)
        seen = plans.seen(plans.records_of(conn, code, no))
        plans.withdraw(conn, code, no, record_no, version=seen, actor=actor)


def _plan_of(feature_id: str) -> tuple[int, int]:
    found = _PLAN_ID.fullmatch(feature_id)
    if found is None:
        raise NotFoundError("この id の地物はありません。")
    return int(found[1]), int(found[2])


WRITABLE: dict[str, Writable] = {
    "projects": Writable(
        _Records(PROJECTS), EDITORS, frozenset({"project_id"}), ("title", "district_no", "fiscal_year"),
        defaults={f.name: f.default for f in PROJECTS.fields if f.default},
    ),
    "district-plans": Writable(
        _Plans(), EDITORS, frozenset({"id", "record_no", "valid_to"}), ("district_no", "state"),
        kept=frozenset({"district_no"}), defaults={"quality": "real"},
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
