"""Dump of one generation: every public collection that is part of it, one file per format, all layers in one GeoPackage.

Read as the public's database role, so that nothing else can get in. Dated records (plans, projects, yearly figures) belong
to no generation and change afterwards: neither they nor the columns made of them are part of a dump, which therefore
is the same whenever it is made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from geodata.database import Audience, Connection, Database
from geodata.datasets import list_datasets
from geodata.exports.formats import FORMATS, Format, formats_for
from geodata.exports.run import Job, layer_of, to_file
from geodata.features.query import FeatureQuery, count
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import Ref, at_generation
from kyodo_geo.collections import Collection, collections_for
from kyodo_geo.roles import Role

MANIFEST = "manifest.json"
ALL = "all.gpkg"
TOGETHER = "gpkg"
"""The format that holds several layers: it is written once, with all of them."""
DATED = {"districts": ("plan_state", "plan_adopted")}
"""Columns made of dated records."""
DATED_ROWS = frozenset({"association-contacts"})
"""Collections of dated records that rest on a kind of datasets all the same."""
JAPAN = timezone(timedelta(hours=9))
SAID = (
    "この世代のデータセットから作った、公開しているすべてのコレクションです。"
    "日付の付いた記録（地域づくり計画、地域づくり事業、施設の年度ごとの数値など）は世代に属さないため、含みません。"
)


def make(database: Database, municipality: str, generation_no: int, folder: Path) -> dict[str, Any]:
    """Write all files and, last, the manifest into the empty `folder`; returns the manifest.

    Raises `NotFoundError` for a generation that does not exist.
    """
    with database.read(Audience.PUBLIC) as conn:
        ref = at_generation(conn, municipality, generation_no)
        on = ref.activated_at.astimezone(JAPAN).date()
        files: list[dict[str, Any]] = []
        together: list[Job] = []
        for collection in collections(conn, ref):
            for item in formats_for(collection.id):
                job = Job(ref, collection, FeatureQuery(limit=None), on, item.id)
                if item.id == TOGETHER:
                    together.append(job)
                    continue
                path = folder / f"{collection.id}.{item.ending}"
                to_file(conn, job, path)
                files.append(_told(conn, job, path))
        for job in together:
            to_file(conn, job, folder / ALL)
        if together:
            files.append({**_file(folder / ALL, FORMATS[TOGETHER]), "title": "すべてのコレクション"})
        told = _manifest(conn, ref, on, files)
    (folder / MANIFEST).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    return told


def collections(conn: Connection, ref: Ref) -> Iterator[Collection]:
    """What everybody may read of the generation, without what does not belong to it."""
    loaded = active_datasets(conn, ref)
    for item in collections_for({Role.PUBLIC}):
        if item.kinds and item.kinds[0] in loaded and item.id not in DATED_ROWS:
            dated = DATED.get(item.id, ())
            yield replace(item, properties=tuple(p for p in item.properties if p.name not in dated))


def _told(conn: Connection, job: Job, path: Path) -> dict[str, Any]:
    """What the manifest says of one file."""
    layer = layer_of(conn, job)
    return {
        **_file(path, job.format),
        "collection": job.collection.id,
        "title": job.collection.title,
        "rows": count(conn, job.ref, job.collection, job.query, job.on),
        **{name: layer.credit[name] for name in ("quality", "as_of", "source", "licence")},
    }


def _file(path: Path, item: Format) -> dict[str, Any]:
    with path.open("rb") as held:
        digest = hashlib.file_digest(held, "sha256").hexdigest()
    return {
        "name": path.name,
        "format": item.id,
        "media_type": item.media_type,
        "bytes": path.stat().st_size,
        "sha256": digest,
    }


def _manifest(conn: Connection, ref: Ref, on: date, files: list[dict[str, Any]]) -> dict[str, Any]:
    used = {info.dataset_id for info in active_datasets(conn, ref).values()}
    said = (
        "dataset_id",
        "kind",
        "title",
        "source",
        "source_url",
        "licence",
        "authority",
        "as_of",
        "quality",
        "checksum",
    )
    return {
        "municipality": ref.municipality_code,
        "municipality_name": ref.name,
        "generation_no": ref.generation_no,
        "activated_at": ref.activated_at.isoformat(),
        "as_of": on.isoformat(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "description": SAID,
        "datasets": [
            {name: row[name] if name != "as_of" else _iso(row[name]) for name in said}
            for row in list_datasets(conn, ref.municipality_code)
            if row["dataset_id"] in used
        ],
        "files": files,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
