"""One feature, with a strong tag of its own row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.geojson import dumps, feature
from api.ogc.answering import AUDITED, Made, Reading
from api.ogc.crs import Crs, crs_of, systems
from api.ogc.formats import GEOJSON, HTML
from api.ogc.item_query import properties_of
from api.ogc.links import link, segment
from api.ogc.params import ItemParams
from geodata.features.query import FeatureQuery, FeatureRow, one
from kyodo_geo.collections import Collection
from kyodo_geo.errors import NotFoundError
from kyodo_geo.quality import credit

FORMATS = (GEOJSON, HTML)
MORE_LINKS: list[Callable[[Reading, Collection, str], list[dict[str, str]]]] = []
"""Functions (reading, collection, path of the feature) → links of the parts that hang on."""


def find(
    reading: Reading, collection: Collection, feature_id: str, params: ItemParams
) -> tuple[FeatureRow, Crs]:
    """The row; raises `NotFoundError`."""
    crs = crs_of(params.crs, reading.ref.plane_epsg, "crs")
    if reading.form is HTML:
        crs = systems(reading.ref.plane_epsg)[0]
    query = FeatureQuery(
        epsg=crs.epsg,
        flip=crs.flip,
        properties=properties_of(collection, params),
        draft=params.draft == "true",
    )
    row = one(reading.conn, reading.ref, collection, feature_id, query, reading.on)
    if row is None:
        raise NotFoundError("この id の地物はありません。")
    return row, crs


def seen_of(collection: Collection, feature_id: str) -> tuple[str, list[str]] | None:
    """What the audit log is told of a look at one feature."""
    return (collection.id, [feature_id]) if collection.id in AUDITED else None


def credit_of(reading: Reading, collection: Collection, row: FeatureRow) -> dict[str, Any]:
    return credit(reading.datasets, collection.kinds, values=(row.properties.get("quality"),))


def as_geojson(
    reading: Reading, collection: Collection, row: FeatureRow, crs: Crs, *, draft: bool = False
) -> Made:
    """The Feature with its links."""
    path = f"/collections/{segment(collection.id)}"
    items = f"{path}/items"
    own = f"{items}/{segment(row.id)}"
    url = reading.links.url
    more = {"draft": "true"} if draft else {}
    body = {
        **feature(row.id, row.geometry if isinstance(row.geometry, str) else None, row.properties),
        "links": [
            link("self", url(own, {"f": "json", **more}), GEOJSON.media_type, "この地物"),
            *(
                []
                if draft
                else [link("alternate", url(own, {"f": "html"}), HTML.media_type, "この地物（HTML）")]
            ),
            link("collection", url(path), "application/json", collection.title),
            link("items", url(items, {"f": "json"}), GEOJSON.media_type, "すべての地物"),
            *(found for more in MORE_LINKS for found in more(reading, collection, own)),
        ],
        "dataset": credit_of(reading, collection, row),
        "municipality": reading.ref.municipality_code,
    }
    headers = {"Content-Crs": f"<{crs.uri}>"} if collection.geometry is not None else {}
    return Made(dumps(body), GEOJSON.media_type, headers, tag=row.tag, seen=seen_of(collection, row.id))
