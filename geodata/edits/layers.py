"""Rows of layers that belong to generations, on their way into a draft: put right, added, taken away."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection
from geodata.edits import drafts
from geodata.edits.active import Facts, active_facts
from geodata.queries.generation import Ref
from kyodo_geo.edits import stamp
from kyodo_geo.errors import ConflictError, ContentError, InputError
from kyodo_geo.sent_shapes import Shape

PENDING = (
    "この地物には、まだ公開していない変更が下書きにあります。"
    "下書きのページで確かめるか、?draft=true で読んで変えてください。"
)
EDGE_M = 100.0
"""Outlines are drawn more coarsely than what lies along them."""
MOST_OUTSIDE = 0.01


@dataclass(frozen=True, slots=True)
class Layer:
    """A kind of dataset whose rows change in the draft of `scope`.

    `names`: facts that are enough where only they change (the staff's forms know no others). `shaped`: the rows have a
    shape. `with_it`: kinds whose row of the same key goes when a row of the layer goes. `letter` begins new ids.
    """

    scope: str
    kind: str
    names: tuple[str, ...] = ()
    shaped: bool = False
    with_it: tuple[str, ...] = ()
    letter: str = "n"


ASSOCIATIONS = Layer(
    "associations", "associations", ("name", "kana", "area_text"), shaped=True,
    with_it=("association-rules", "association-profiles"), letter="a",
)  # fmt: skip
FACILITIES = Layer("facilities", "facilities", shaped=True, letter="f")
DISTRICTS = Layer("districts", "districts")
ASSIGNMENT = Layer("assignment", "district-assignment")


def refuse_pending(conn: Connection, code: str, layer: Layer, key: str, *, going: bool = False) -> None:
    """Raise `ConflictError` where a change of the row waits: nobody overwrites it unseen."""
    draft = drafts.open_draft(conn, code, layer.scope)
    kinds = (layer.kind, *(layer.with_it if going else ()))
    if draft is not None and any(draft.after(kind, key) for kind in kinds):
        raise ConflictError(PENDING)


def in_draft(conn: Connection, ref: Ref, layer: Layer, key: str) -> Facts | None:
    """The whole row with the draft over it, None where it is not there or shall go."""
    active = active_facts(conn, ref, layer.kind, [key], whole=True).get(key)
    held = _held(conn, ref, layer, key)
    if held is None:
        return active
    return None if held.after is None else {**(active or {}), **held.after}


def put(conn: Connection, ref: Ref, layer: Layer, key: str, wanted: Facts, actor: str) -> bool:
    """Enter the whole row as it shall be; whether that changed the draft. The caller holds the draft's lock."""
    active = active_facts(conn, ref, layer.kind, [key], whole=True).get(key)
    before, after = active, wanted
    if active is not None and layer.names and _but(active, layer.names) == _but(wanted, layer.names):
        before, after = ({name: side[name] for name in layer.names} for side in (active, wanted))
    held = _held(conn, ref, layer, key)
    if (before == after) if held is None else (held.before == before and held.after == after):
        return False
    _enter(conn, ref, layer, [(layer.kind, key, before, after)], actor)
    return True


def add(conn: Connection, ref: Ref, layer: Layer, wanted: Facts, actor: str) -> str:
    """Enter a new row; returns its id. Raises `InputError` where the same one waits already."""
    code = ref.municipality_code
    drafts.lock(conn, code, layer.scope)
    draft = drafts.open_draft(conn, code, layer.scope)
    for change in draft.changes if draft else ():
        if change.kind == layer.kind and change.before is None and change.after == wanted:
            raise InputError("同じ内容の新しい地物が、もう下書きにあります。", field="name")
    # Short: it stands in addresses of pages. 48 random bits.
    row = conn.execute("SELECT left(replace(gen_random_uuid()::text, '-', ''), 12) AS id").fetchone()
    assert row is not None
    key = layer.letter + str(row["id"])
    _enter(conn, ref, layer, [(layer.kind, key, None, wanted)], actor)
    return key


def remove(conn: Connection, ref: Ref, layer: Layer, key: str, actor: str) -> None:
    """Enter that the row shall go, with what rests on it alone; a row that only the draft has is taken out of it."""
    items: list[tuple[str, str, Facts | None, Facts | None]] = []
    for kind in (layer.kind, *layer.with_it):
        active = active_facts(conn, ref, kind, [key]).get(key)
        if kind == layer.kind or active is not None:
            items.append((kind, key, active, None))
    _enter(conn, ref, layer, items, actor)


def check_inside(conn: Connection, ref: Ref, shape: Shape) -> None:
    """Raise `ContentError` for a place outside the municipality's outline; without an outline nothing is known."""
    row = conn.execute(
        """
        WITH ground AS (
            SELECT ST_Union(ST_Transform(geom, %(plane)s)) AS geom FROM outline
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'outline')
        ), sent AS (
            SELECT ST_MakeValid(ST_Transform(ST_GeomFromGeoJSON(%(shape)s::jsonb), %(plane)s)) AS geom
        )
        SELECT CASE
            WHEN ground.geom IS NULL OR ST_CoveredBy(sent.geom, ground.geom) THEN 0
            WHEN ST_Dimension(sent.geom) = 0 THEN (ST_Distance(sent.geom, ground.geom) > %(edge)s)::int
            ELSE ST_Area(ST_Difference(sent.geom, ST_Buffer(ground.geom, %(edge)s))) / ST_Area(sent.geom)
        END::float8 AS share FROM ground, sent
        """,
        {**ref.args, "plane": ref.plane_epsg, "shape": drafts.written(shape), "edge": EDGE_M},
    ).fetchone()
    if row is not None and row["share"] > MOST_OUTSIDE:
        raise ContentError("市域の外です。座標を確かめてください。", field="geometry")


def _held(conn: Connection, ref: Ref, layer: Layer, key: str) -> drafts.Change | None:
    draft = drafts.open_draft(conn, ref.municipality_code, layer.scope)
    return draft.after(layer.kind, key) if draft else None


def _enter(
    conn: Connection, ref: Ref, layer: Layer, items: list[tuple[str, str, Facts | None, Facts | None]], actor: str
) -> None:  # fmt: skip
    """All was read under the lock: what is seen is what is stored."""
    seen = [item[2] for item in items]
    drafts.enter(conn, ref.municipality_code, layer.scope, items, version=stamp(seen), seen=seen, actor=actor)


def _but(facts: Facts, names: tuple[str, ...]) -> Facts:
    return {name: value for name, value in facts.items() if name not in names}
