"""Layers that belong to generations: changes go into the draft, where somebody compares and activates them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.ogc.write_said import Kept, Said
from geodata.database import Connection
from geodata.edits import drafts, layers
from geodata.edits.layers import Layer
from geodata.queries.generation import Ref
from kyodo_geo.errors import NotFoundError

Entry = Callable[[Connection, Ref, Said], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class DraftedRows:
    """Rows that are put right; `entry` gives the facts that properties say."""

    layer: Layer
    entry: Entry

    @property
    def page(self) -> str:
        """Where changes wait."""
        return f"/staff/drafts/{self.layer.scope}"

    def hold(self, conn: Connection, code: str, feature_id: str) -> None:
        drafts.lock(conn, code, self.layer.scope)

    def refuse_pending(self, conn: Connection, code: str, feature_id: str, *, going: bool) -> None:
        """Raises `ConflictError` where a change waits that the sender has not read."""
        layers.refuse_pending(conn, code, self.layer, feature_id, going=going)

    def replace(self, conn: Connection, ref: Ref, feature_id: str, said: Said, actor: str) -> str | None:
        wanted = self.entry(conn, ref, said)
        if self.layer.shaped:
            wanted["geom"] = self._shape(conn, ref, feature_id, said)
        return self.page if layers.put(conn, ref, self.layer, feature_id, wanted, actor) else None

    def _shape(self, conn: Connection, ref: Ref, feature_id: str, said: Said) -> Any:
        if not isinstance(said.shape, Kept):
            layers.check_inside(conn, ref, said.shape)
            return said.shape
        stored = layers.in_draft(conn, ref, self.layer, feature_id)
        if stored is None:
            raise NotFoundError("この id の地物はありません。")
        return stored["geom"]


@dataclass(frozen=True, slots=True)
class DraftedLayer(DraftedRows):
    """Rows that also come and go."""

    def add(self, conn: Connection, ref: Ref, said: Said, actor: str) -> str:
        wanted = self.entry(conn, ref, said)
        assert not isinstance(said.shape, Kept)
        layers.check_inside(conn, ref, said.shape)
        return layers.add(conn, ref, self.layer, {**wanted, "geom": said.shape}, actor)

    def delete(self, conn: Connection, ref: Ref, feature_id: str, actor: str) -> None:
        layers.remove(conn, ref, self.layer, feature_id, actor)
