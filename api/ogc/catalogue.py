"""The catalogue `datasets`: one record (OGC API Records core) for each dataset and each collection the reader may see."""

from __future__ import annotations

import unicodedata
from typing import Any

from api.geojson import dumps
from api.ogc import definition, pages
from api.ogc.answering import Made, Reading
from api.ogc.crs import CRS84, box_of, systems
from api.ogc.description import (
    GREGORIAN,
    contacts,
    credit_of,
    extent_of,
    licence_links,
    own_links,
    spdx,
    stamp,
)
from api.ogc.formats import GEOJSON, HTML, JSON, SCHEMA
from api.ogc.item_query import filter_of, sort_of
from api.ogc.items import filtered
from api.ogc.links import QUERYABLES_REL, SCHEMA_REL, SORTABLES_REL, link, segment
from api.ogc.params import RecordsParams
from api.ogc.schemas import PARTS
from api.ogc.when import Interval, interval_of
from kyodo_geo.collections import CATALOGUE, Collection
from kyodo_geo.errors import NotFoundError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import credit

ID, TITLE = CATALOGUE.id, CATALOGUE.title
CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"


def described(reading: Reading) -> dict[str, Any]:
    """The catalogue as a collection."""
    path = f"/collections/{ID}"
    url = reading.links.url
    return {
        "id": ID,
        "title": TITLE,
        "description": CATALOGUE.description,
        "keywords": list(CATALOGUE.keywords),
        "itemType": "record",
        "extent": {"temporal": {"interval": [[None, None]], "trs": GREGORIAN}},
        "crs": [CRS84],
        "storageCrs": CRS84,
        "contacts": contacts(reading),
        "links": [
            *own_links(reading, path, TITLE),
            link("items", url(f"{path}/items", {"f": "json"}), GEOJSON.media_type, "記録（GeoJSON）"),
            link("items", url(f"{path}/items", {"f": "html"}), HTML.media_type, "記録（HTML）"),
            *(
                link(rel, url(f"{path}/{part}", {"f": "json"}), SCHEMA.media_type, PARTS[part])
                for rel, part in (
                    (QUERYABLES_REL, "queryables"),
                    (SORTABLES_REL, "sortables"),
                    (SCHEMA_REL, "schema"),
                )
            ),
            link("root", url("", {"f": "json"}), JSON.media_type, "入口"),
        ],
    }


def made(reading: Reading) -> Made:
    """The description; its page is the list of the records itself."""
    if reading.form is HTML:
        return page(reading, RecordsParams())
    return Made(dumps(described(reading)), JSON.media_type)


def entries(reading: Reading) -> dict[str, Collection | str]:
    """What has a record, by its id: collections first, then kinds of datasets that are no collection of their own."""
    collections = reading.collections()
    shown = {collection.kinds[0] for collection in collections if collection.kinds}
    kinds = [kind for kind in KIND_NAMES if kind in reading.datasets and kind not in shown]
    return {**{found.id: found for found in collections}, **{kind: kind for kind in kinds}}


def _of(reading: Reading, entry: Collection | str) -> dict[str, Any]:
    return _of_kind(reading, entry) if isinstance(entry, str) else _of_collection(reading, entry)


def _of_collection(reading: Reading, collection: Collection) -> dict[str, Any]:
    extent = extent_of(reading, collection)
    path = f"/collections/{segment(collection.id)}"
    url = reading.links.url
    links = [
        link("items", url(f"{path}/items", {"f": "json"}), GEOJSON.media_type, "地物"),
        link("describes", url(path, {"f": "json"}), JSON.media_type, "コレクション"),
    ]
    return _record(
        reading, collection.id, collection.title, collection.description, list(collection.keywords),
        collection.kinds, credit_of(reading, collection), extent, links,
    )  # fmt: skip


def _of_kind(reading: Reading, kind: str) -> dict[str, Any]:
    info = reading.datasets[kind]
    links = [link("related", reading.links.beside("/datasets"), HTML.media_type, "使っているデータ")]
    text = f"{KIND_NAMES[kind]}（{info.title}）。地物としては公開していません。"
    made_of = credit(reading.datasets, (kind,))
    return _record(reading, kind, KIND_NAMES[kind], text, [KIND_NAMES[kind]], (kind,), made_of, {}, links)


def _record(
    reading: Reading,
    id_: str,
    title: str,
    description: str,
    keywords: list[str],
    kinds: tuple[str, ...],
    made_of: dict[str, Any],
    extent: dict[str, Any],
    links: list[dict[str, str]],
) -> dict[str, Any]:
    main = reading.datasets.get(kinds[0]) if kinds else None
    properties = {
        "type": "dataset",
        "title": title,
        "description": description,
        "keywords": keywords,
        "language": {"code": "ja"},
        "license": spdx(made_of["licence"]),
        "rights": made_of["licence"] or None,
        "source": made_of["source"] or None,
        "as_of": made_of["as_of"],
        "quality": made_of["quality"],
        "quality_label": made_of["quality_label"],
        "updated": main.loaded_at.strftime("%Y-%m-%dT%H:%M:%SZ") if main and main.loaded_at else None,
        "contacts": contacts(reading),
    }
    begin, end = extent.get("temporal", {}).get("interval", [[made_of["as_of"], None]])[0]
    period = [begin[:10] if begin else "..", end[:10] if end else ".."]
    box = extent.get("spatial", {}).get("bbox", [None])[0]
    path = f"/collections/{ID}/items/{segment(id_)}"
    return {
        "type": "Feature",
        "id": id_,
        "conformsTo": [CORE],
        "time": None if period == ["..", ".."] else {"interval": period},
        "geometry": None if box is None else _rectangle(box),
        "properties": {name: value for name, value in properties.items() if value is not None},
        "links": [
            link("self", reading.links.url(path, {"f": "json"}), GEOJSON.media_type, title),
            *links,
            link(
                "collection", reading.links.url(f"/collections/{ID}", {"f": "json"}), JSON.media_type, TITLE
            ),
            *licence_links(reading, made_of["licence"]),
        ],
    }


def _rectangle(box: list[float]) -> dict[str, Any]:
    w, s, e, n = box
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}


def chosen(reading: Reading, params: RecordsParams) -> list[dict[str, Any]]:
    """Records that meet the box, the period, the words and the type. Raises `InputError`."""
    wanted = entries(reading)
    if params.ids is not None:
        ids = set(params.ids.split(","))
        wanted = {id_: entry for id_, entry in wanted.items() if id_ in ids}
    found = [_of(reading, entry) for entry in wanted.values()]
    if params.bbox is not None:
        box = box_of(params.bbox, systems(reading.ref.plane_epsg)[0])
        found = [record for record in found if _meets(record, box)]
    if params.datetime is not None:
        interval = interval_of(params.datetime)
        found = [record for record in found if _holds(record, interval)]
    if params.q is not None:
        words = [_folded(word) for word in params.q.replace(",", " ").split()]
        found = [record for record in found if any(word in _text(record) for word in words)]
    if params.type is not None:
        found = [record for record in found if record["properties"]["type"] == params.type]
    return _filtered(reading, params, found)


def _filtered(reading: Reading, params: RecordsParams, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that meet `filter`, in the order of `sortby`: the database judges the rows, as it does those of its own."""
    where, args = filter_of(params, CATALOGUE, reading.ref.plane_epsg)
    sort = sort_of(CATALOGUE, params.sortby)
    if where is None and not sort:
        return found
    from geodata.features.given import chosen as judged

    by_id = {record["id"]: record for record in found}
    rows = [({"id": record["id"], **record["properties"]}, _box(record)) for record in found]
    with filtered(where):
        return [by_id[id_] for id_ in judged(reading.conn, CATALOGUE, rows, where, args, sort)]


def _box(record: dict[str, Any]) -> tuple[float, float, float, float] | None:
    """West, south, east and north of the rectangle."""
    if record["geometry"] is None:
        return None
    ring = record["geometry"]["coordinates"][0]
    return (*ring[0], *ring[2])


def _meets(record: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    bounds = _box(record)
    if bounds is None:
        return False
    w, s, e, n = bounds
    spans = [(box[0], box[2])] if box[0] <= box[2] else [(box[0], 180.0), (-180.0, box[2])]
    return s <= box[3] and n >= box[1] and any(w <= high and e >= low for low, high in spans)


def _holds(record: dict[str, Any], interval: Interval) -> bool:
    if record["time"] is None:
        return True
    begin, end = (None if day == ".." else day for day in record["time"]["interval"])
    first, last = (None if day is None else day.isoformat() for day in interval)
    return (begin is None or last is None or begin <= last) and (end is None or first is None or end >= first)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _text(record: dict[str, Any]) -> str:
    p = record["properties"]
    return _folded(" ".join([record["id"], p["title"], p["description"], *p["keywords"]]))


def page(reading: Reading, params: RecordsParams) -> Made:
    """One page of records."""
    found = chosen(reading, params)
    rows = found[params.offset : params.offset + params.limit]
    path = f"/collections/{ID}/items"
    asked = params.model_dump(
        exclude_defaults=True, by_alias=True, mode="json", exclude={"municipality", "as_of", "f"}
    )

    def at(form: str, offset: int) -> str:
        return reading.links.url(path, {**asked, "offset": offset or None, "f": form})

    form = reading.form
    other = HTML if form is not HTML else GEOJSON
    links = [
        link("self", at(form.name, params.offset), form.media_type, TITLE),
        link("alternate", at(other.name, params.offset), other.media_type, other.label),
    ]
    if params.offset + params.limit < len(found):
        links.append(link("next", at(form.name, params.offset + params.limit), form.media_type, "次のページ"))
    if params.offset > 0:
        links.append(
            link("prev", at(form.name, max(0, params.offset - params.limit)), form.media_type, "前のページ")
        )
    links.append(link("collection", reading.links.url(f"/collections/{ID}"), JSON.media_type, TITLE))
    if form is HTML:
        return pages.records_page(reading, rows, len(found), links)
    body = {
        "type": "FeatureCollection",
        "links": links,
        "timeStamp": stamp(),
        "numberMatched": len(found),
        "numberReturned": len(rows),
        "dataset": credit(reading.datasets, reading.datasets),
        "municipality": reading.ref.municipality_code,
        "features": rows,
    }
    return Made(dumps(body), GEOJSON.media_type)


def one(reading: Reading, record_id: str) -> Made:
    """One record; raises `NotFoundError`."""
    entry = entries(reading).get(record_id)
    if entry is None:
        raise NotFoundError("この id の記録はありません。")
    record = _of(reading, entry)
    if reading.form is HTML:
        return pages.record_page(reading, record)
    return Made(dumps(record), GEOJSON.media_type)


def _paths(reading: Reading, collections: list[Collection]) -> Any:
    """The catalogue in the definition."""
    base, page = f"/ogc/collections/{ID}", {HTML.media_type: ""}
    shared, of = definition.refs(*definition.SHARED), definition.operation
    words = {"type": "string"}
    asked = [
        *definition.refs(
            *definition.SHARED,
            "limit",
            "offset",
            "bbox",
            "datetime",
            "sortby",
            "filter",
            "filter-lang",
            "filter-crs",
        ),
        definition.query("q", words, "題名、説明、キーワードのどれかにある語"),
        definition.query("type", words, "記録の種類"),
        definition.query("ids", words, "記録の id をコンマで区切って並べる"),
    ]
    record = {
        "name": "recordId", "in": "path", "required": True, "description": "記録の id", "schema": words,
    }  # fmt: skip
    return {
        base: of(f"{ID}.describe", f"{TITLE}の説明", "core", shared, {JSON.media_type: "collection", **page}, 404),
        f"{base}/items": of(
            f"{ID}.items", TITLE, "core", asked, {GEOJSON.media_type: "featureCollectionGeoJSON", **page}, 404
        ),
        f"{base}/items/{{recordId}}": of(
            f"{ID}.item", f"{TITLE}の記録 1 つ", "core", [*shared, record],
            {GEOJSON.media_type: "featureGeoJSON", **page}, 404,
        ),
        **{
            f"{base}/{part}": of(
                f"{ID}.{part}", f"{TITLE}（{part}）", "core", shared, {SCHEMA.media_type: "object", **page}, 404
            )
            for part in PARTS
        },
    }  # fmt: skip


definition.MORE.append(_paths)
