"""Buildings, rooms and yearly figures of facilities: dated records, which the staff's pages take as files."""

from __future__ import annotations

from dataclasses import dataclass

from api.clock import today
from api.ogc.write_said import Typed
from geodata.database import Connection
from geodata.edits import records
from geodata.queries.generation import Ref
from geodata.record_files.locking import lock
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.edits import stamp
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.quality import Quality
from kyodo_geo.records import Facts, Kind, entry, typed_of


@dataclass(frozen=True, slots=True)
class FacilityRecords:
    """A kind of `kyodo_geo.facility_kinds`; `kept` are the fields that name a record."""

    kind: Kind
    kept: frozenset[str] = frozenset()

    def hold(self, conn: Connection, code: str, feature_id: str) -> None:
        lock(conn, code)

    def add(self, conn: Connection, ref: Ref, said: Typed, actor: str) -> str:
        code = ref.municipality_code
        lock(conn, code)
        return records.add(conn, code, self.kind, self._entry(conn, ref, said), actor=actor)

    def replace(self, conn: Connection, ref: Ref, feature_id: str, said: Typed, actor: str) -> str | None:
        code, kind = ref.municipality_code, self.kind
        stored = records.one(conn, code, kind, feature_id)

        def all_said(name: str) -> str:
            return typed_of(kind.field(name), stored[name]) if name in self.kept else said(name)

        new = self._entry(conn, ref, all_said)
        if new["quality"] == Quality.SAMPLE.value != stored["quality"]:
            raise ConflictError("実データの記録を、見本データ（架空）で置き換えることはできません。")
        records.correct(conn, code, kind, feature_id, new, version=stamp(stored), actor=actor)
        return None

    def delete(self, conn: Connection, ref: Ref, feature_id: str, actor: str) -> None:
        code = ref.municipality_code
        seen = stamp(records.one(conn, code, self.kind, feature_id))
        records.withdraw(conn, code, self.kind, feature_id, version=seen, actor=actor)

    def _entry(self, conn: Connection, ref: Ref, said: Typed) -> Facts:
        found = entry(self.kind, said, records.references(conn, ref, self.kind))
        year = found.get("fiscal_year")
        if year is not None and year > fiscal_year_of(today()):
            raise InputError(f"{year}年度は、まだ始まっていません。", field="fiscal_year")
        return found
