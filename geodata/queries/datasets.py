"""Datasets of a generation, as every answer credits them."""

from __future__ import annotations

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.quality import DatasetInfo, Quality


def active_datasets(conn: Connection, ref: Ref) -> dict[str, DatasetInfo]:
    """Kind → dataset of the generation. The public role sees no vacant-house dataset (row-level security)."""
    rows = conn.execute(
        """
        SELECT d.dataset_id, d.kind, d.title, d.source, d.licence, d.authority, d.as_of, d.quality, d.checksum,
               d.loaded_at
        FROM generation_dataset g JOIN dataset d USING (municipality_code, dataset_id, kind)
        WHERE g.municipality_code = %(m)s AND g.generation_no = %(g)s
        ORDER BY d.kind
        """,
        ref.args,
    )
    return {
        row["kind"]: DatasetInfo(
            dataset_id=row["dataset_id"],
            kind=row["kind"],
            title=row["title"],
            source=row["source"],
            licence=row["licence"] or "",
            authority=row["authority"] or "",
            as_of=row["as_of"],
            quality=Quality(row["quality"]),
            checksum=row["checksum"],
            loaded_at=row["loaded_at"],
        )
        for row in rows
    }


def generations(conn: Connection, ref: Ref) -> list[dict[str, object]]:
    """Generations up to the one that is read, newest first: number, time, retired kinds and the datasets of each kind."""
    return conn.execute(
        """
        SELECT g.generation_no, g.activated_at, g.retired_kinds,
               jsonb_object_agg(s.kind, s.dataset_id) AS datasets
        FROM generation g JOIN generation_dataset s USING (municipality_code, generation_no)
        WHERE g.municipality_code = %(m)s AND g.generation_no <= %(g)s
        GROUP BY g.generation_no, g.activated_at, g.retired_kinds
        ORDER BY g.generation_no DESC
        """,
        ref.args,
    ).fetchall()
