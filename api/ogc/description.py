"""What is said of one collection: title, terms, date, quality, where and when, and its links (Records-style metadata)."""

from __future__ import annotations

from datetime import UTC
from math import ceil, floor
from typing import Any

from api.clock import now
from api.ogc.answering import AUDITED, Reading
from api.ogc.crs import CRS84, systems
from api.ogc.formats import GEOJSON, HTML, JSON, SCHEMA
from api.ogc.links import QUERYABLES_REL, SCHEMA_REL, SORTABLES_REL, link, segment
from geodata.exports.run import qualities
from geodata.features.query import extent
from kyodo_geo.collections import Collection
from kyodo_geo.quality import credit

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
LICENCES = {
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC BY-SA 4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "ODbL 1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
}
MORE_LINKS: list[Any] = []
"""Functions (reading, collection) → links, of parts that hang something on a collection (tiles, files)."""


def described(reading: Reading, collection: Collection) -> dict[str, Any]:
    """The collection object of Features Part 1 with the CRS list of Part 2 and what a catalogue wants to know."""
    made_of = credit_of(reading, collection)
    found: dict[str, Any] = {
        "id": collection.id,
        "title": collection.title,
        "description": collection.description,
        "keywords": list(collection.keywords),
        "itemType": "feature",
        "extent": extent_of(reading, collection),
        "crs": [crs.uri for crs in systems(reading.ref.plane_epsg)],
        "storageCrs": CRS84,
        "license": made_of["licence"] or None,
        "source": made_of["source"] or None,
        "as_of": made_of["as_of"],
        "quality": made_of["quality"],
        "quality_label": made_of["quality_label"],
        "contacts": contacts(reading),
        "dataset": made_of,
        "generation": reading.ref.generation_no,
        "links": links_of(reading, collection, made_of["licence"]),
    }
    if collection.geometry is None:
        # Nothing of it has a place: systems of coordinates would promise one.
        del found["crs"], found["storageCrs"]
    return {name: value for name, value in found.items() if value is not None}


def credit_of(reading: Reading, collection: Collection) -> dict[str, Any]:
    """Credit of the whole collection; the qualities of dated records count."""
    values = qualities(reading.conn, reading.ref, collection, reading.on)
    return credit(reading.datasets, collection.kinds, values=values)


def extent_of(reading: Reading, collection: Collection) -> dict[str, Any]:
    """Box and period of what the reader may see; without dated records the day the data are of."""
    known = extent(reading.conn, reading.ref, collection, reading.on)
    found: dict[str, Any] = {}
    if known.bbox is not None:
        west, south, east, north = known.bbox
        box = [round(value, 6) for value in known.bbox]
        if collection.id in AUDITED:
            # A few houses, or one: their own box would say where they are to whoever has not asked for them.
            box = [floor(west * 10) / 10, floor(south * 10) / 10, ceil(east * 10) / 10, ceil(north * 10) / 10]
        found["spatial"] = {"bbox": [box], "crs": CRS84}
    begin, end = known.begin, known.end
    if collection.interval is None and collection.kinds:
        begin, end = reading.datasets[collection.kinds[0]].as_of, None
    period = [
        f"{begin.isoformat()}T00:00:00Z" if begin else None,
        f"{end.isoformat()}T23:59:59Z" if end else None,
    ]
    found["temporal"] = {"interval": [period], "trs": GREGORIAN}
    return found


def contacts(reading: Reading) -> list[dict[str, Any]]:
    """Whom to ask: the department of the city."""
    ref = reading.ref
    found: dict[str, Any] = {"name": ref.contact_department or ref.name, "organization": ref.name}
    if ref.contact_phone:
        found["phones"] = [{"value": ref.contact_phone}]
    if ref.contact_email:
        found["emails"] = [{"value": ref.contact_email}]
    return [{**found, "roles": ["pointOfContact"]}]


def licence_links(reading: Reading, licence: str) -> list[dict[str, str]]:
    """The terms: their own page where they are well known, and ours that names all of them."""
    known = LICENCES.get(licence)
    if known is not None:
        return [link("license", known, "text/html", licence)]
    return [link("license", reading.links.beside("/datasets"), "text/html", "利用条件")]


def spdx(licence: str) -> str:
    """The name of a well-known licence in the SPDX list, else `other`: the link `license` leads to the terms."""
    return licence.replace(" ", "-") if licence in LICENCES else "other"


def links_of(reading: Reading, collection: Collection, licence: str) -> list[dict[str, str]]:
    """Links of a collection; the first is to itself in the form that was asked for."""
    path = f"/collections/{segment(collection.id)}"
    links, form = reading.links, reading.form
    found = [
        *own_links(reading, path, collection.title),
        link("items", links.url(f"{path}/items", {"f": "json"}), GEOJSON.media_type, "地物（GeoJSON）"),
        link("items", links.url(f"{path}/items", {"f": "html"}), HTML.media_type, "地物（HTML）"),
        link(
            QUERYABLES_REL,
            links.url(f"{path}/queryables", {"f": "json"}),
            SCHEMA.media_type,
            "絞り込みに使える属性",
        ),
        link(
            SORTABLES_REL,
            links.url(f"{path}/sortables", {"f": "json"}),
            SCHEMA.media_type,
            "並べ替えに使える属性",
        ),
        link(SCHEMA_REL, links.url(f"{path}/schema", {"f": "json"}), SCHEMA.media_type, "属性の定義"),
        link("describedby", links.url(f"{path}/schema", {"f": "json"}), SCHEMA.media_type, "属性の定義"),
        *licence_links(reading, licence),
        link("up", links.url("/collections", {"f": form.name}), form.media_type, "コレクションの一覧"),
        link("root", links.url("", {"f": form.name}), form.media_type, "入口"),
    ]
    for more in MORE_LINKS:
        found += more(reading, collection)
    return found


def own_links(reading: Reading, path: str, title: str) -> list[dict[str, str]]:
    """self and alternate of an answer that comes as JSON and as a page."""
    form, url = reading.form, reading.links.url
    other = HTML if form is not HTML else JSON
    return [
        link("self", url(path, {"f": form.name}), form.media_type, title),
        link("alternate", url(path, {"f": other.name}), other.media_type, f"{title}（{other.label}）"),
    ]


def stamp() -> str:
    """The present moment as `timeStamp` writes it."""
    return now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
