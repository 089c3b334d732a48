"""What the pages and the catalogue of the open data list: collections with their credit, files, generations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.answers import Reading
from api.dcat import Entry
from api.exports.dumps import shelf_of
from geodata.datasets import list_datasets
from geodata.exports.dump import ALL, TOGETHER
from geodata.exports.dump import collections as dumped
from geodata.exports.formats import FORMATS, formats_for
from geodata.exports.run import qualities
from geodata.features.query import extent
from geodata.queries.datasets import active_datasets
from kyodo_geo.collections import Collection, collections_for
from kyodo_geo.quality import DatasetInfo, credit
from kyodo_geo.roles import Role

File = Mapping[str, Any]


def collections(loaded: Mapping[str, DatasetInfo]) -> list[Collection]:
    """Every public collection of a generation that holds these datasets; dated records need none."""
    return [item for item in collections_for({Role.PUBLIC}) if not item.kinds or item.kinds[0] in loaded]


def entries(reading: Reading) -> list[Entry]:
    """The same as the catalogue tells of them: each with its extent, which is looked for among all its rows."""
    loaded = active_datasets(reading.conn, reading.ref)
    changed = {
        row["dataset_id"]: row["loaded_at"].isoformat()
        for row in list_datasets(reading.conn, reading.ref.municipality_code)
    }
    held = files(reading)
    found = []
    for item in collections(loaded):
        main = loaded.get(item.kinds[0]) if item.kinds else None
        found.append(
            Entry(
                item,
                credit_of(reading, item, loaded),
                extent(reading.conn, reading.ref, item, reading.on),
                changed.get(main.dataset_id) if main else None,
                tuple(file for file in held if file.get("collection") == item.id),
            )
        )
    return found


def credit_of(reading: Reading, item: Collection, loaded: Mapping[str, DatasetInfo]) -> dict[str, Any]:
    """Credit of a collection, dated records included."""
    return credit(loaded, item.kinds, values=qualities(reading.conn, reading.ref, item, reading.on))


def files(reading: Reading) -> list[File]:
    """Files of the generation's dump: as its manifest tells of them, or those it will have."""
    ref = reading.ref
    shelf = shelf_of(reading.services.settings)
    told = shelf.manifest(
        shelf.folder(ref.municipality_code, ref.generation_no, ref.suppress_below_households)
    )
    if told is not None:
        return [{**file, "title": _titled(file)} for file in told["files"]]
    found: list[File] = []
    for item in dumped(reading.conn, ref):
        found += [
            {
                "name": f"{item.id}.{form.ending}",
                "format": form.id,
                "media_type": form.media_type,
                "collection": item.id,
                "title": form.title,
            }
            for form in formats_for(item.id)
            if form.id != TOGETHER
        ]
    if found:
        form = FORMATS[TOGETHER]
        found.append({"name": ALL, "format": TOGETHER, "media_type": form.media_type, "title": form.title})
    return found


def _titled(file: File) -> str:
    return FORMATS[file["format"]].title if file["format"] in FORMATS else str(file["format"])
