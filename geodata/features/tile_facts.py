"""What tiles of a day are made from: the dataset of each layer, how many rows it has, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import sql

from geodata.database import Connection
from geodata.features.tile_layers import TILE_LAYERS
from geodata.queries.generation import Ref
from kyodo_geo.crs import Bounds
from kyodo_geo.errors import UnavailableError
from kyodo_geo.tile_grid import MOST_FEATURES, complete_from, expected, limits


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """One layer's dataset. A dataset that a generation names never changes, so neither does this.

    `box` is None where the dataset has no shapes.
    """

    layer: str
    dataset_id: int
    title: str
    as_of: date | None
    rows: int
    box: Bounds | None

    def holds(self, zoom: int, row: int, col: int) -> bool:
        """Whether the tile touches the layer's box."""
        return self.box is not None and limits(self.box, zoom).holds(row, col)

    def too_many(self, zoom: int, row: int, col: int) -> bool:
        """Whether the tile would hold more than a tile may."""
        if self.box is None or self.rows <= MOST_FEATURES:
            return False
        return expected(self.rows, self.box, zoom, row, col) > MOST_FEATURES

    @property
    def complete_from(self) -> int:
        """The lowest zoom at which every feature is in a tile."""
        return 0 if self.box is None else complete_from(self.rows, self.box)


def layer_datasets(conn: Connection, ref: Ref) -> dict[str, int]:
    """Dataset of each layer that the generation has, in the order in which layers are drawn up."""
    kinds = {layer.kind: name for name, layer in TILE_LAYERS.items()}
    rows = conn.execute(
        "SELECT kind, dataset_id FROM generation_dataset "
        "WHERE municipality_code = %(m)s AND generation_no = %(g)s AND kind = ANY(%(kinds)s)",
        {**ref.args, "kinds": list(kinds)},
    )
    found = {kinds[row["kind"]]: row["dataset_id"] for row in rows}
    return {name: found[name] for name in TILE_LAYERS if name in found}


def layer_facts(conn: Connection, municipality: str, layer: str, dataset_id: int) -> LayerFacts:
    """Reads every row of the dataset once; ask once for each dataset. Raises `UnavailableError` where it is not there yet."""
    query = sql.SQL(
        """
        SELECT d.title, d.as_of, f.rows, ST_XMin(f.box) AS west, ST_YMin(f.box) AS south,
               ST_XMax(f.box) AS east, ST_YMax(f.box) AS north
        FROM dataset d, (SELECT count(geom)::int AS rows, ST_Extent(geom) AS box FROM {table}
                         WHERE municipality_code = %(m)s AND dataset_id = %(d)s) f
        WHERE d.municipality_code = %(m)s AND d.dataset_id = %(d)s
        """
    ).format(table=sql.Identifier(TILE_LAYERS[layer].table))
    row = conn.execute(query, {"m": municipality, "d": dataset_id}).fetchone()
    if row is None:
        # A replica that is behind; the rows come with the dataset's own, in one transaction.
        raise UnavailableError("データを準備しています。しばらくしてからもう一度お試しください。")
    box = None if row["west"] is None else (row["west"], row["south"], row["east"], row["north"])
    return LayerFacts(layer, dataset_id, row["title"], row["as_of"], row["rows"], box)
