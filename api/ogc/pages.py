"""Pages of the OGC API: the same content as the JSON, as tables and a still picture, usable without script."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.ogc import definition
from api.ogc.answering import Made, Reading
from api.ogc.conformance import CLASSES
from api.ogc.conformance_names import named
from api.ogc.description import credit_of as whole_credit
from api.ogc.description import described
from api.ogc.formats import HTML, HTML_UTF8, Format
from api.ogc.item import credit_of, seen_of
from api.ogc.items import Page, forms_of
from api.ogc.links import Links, segment
from api.ogc.schemas import PARTS, schema_of
from api.ogc.words import told, with_code
from geodata.features.query import FeatureRow
from geodata.queries.outline import outline
from kyodo_geo.collections import Collection, Kind, Property
from kyodo_geo.quality import Quality, credit, worst

UNKNOWN = "–"
SIZES = (10, 100, 1000)
TYPES = {
    Kind.STRING: "文字列",
    Kind.INTEGER: "整数",
    Kind.NUMBER: "数",
    Kind.BOOLEAN: "はい・いいえ",
    Kind.DATE: "日付",
    Kind.TIMESTAMP: "日時",
    Kind.LIST: "文字列の並び",
}


def shown(p: Property, value: Any) -> str:
    """A value as a table shows it: codes with their word, and the code itself, which filters want."""
    if value is None or value == []:
        return UNKNOWN
    if p.kind is Kind.BOOLEAN:
        return "はい" if value else "いいえ"
    if p.kind is Kind.LIST:
        return "、".join(value)
    if isinstance(value, date):
        return value.isoformat()
    if p.unit and isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return with_code(p, str(value)) if p.options else str(value)


def heading(p: Property) -> str:
    """Title of a column, with its unit."""
    return f"{p.title}（{p.unit.replace('m2', 'm²')}）" if p.unit else p.title


ENTRANCES = {"json": "GeoJSON（1 ページずつ）", "html": "地物の表（HTML）"}
WHOLE = {"json": "GeoJSON（このページの地物）", "geojson": "GeoJSON（すべての地物）"}


def label_of(form: Format) -> str:
    """Words of a link to the same rows in another form."""
    return WHOLE.get(form.name, form.label)


def _render(
    reading: Reading, template: str, path: str, dataset: dict[str, Any] | None, **context: Any
) -> bytes:
    user = reading.reader.principal if reading.reader.is_staff else None
    return reading.services.pages.render(
        template,
        path=path,
        ref=reading.ref,
        dataset=dataset,
        user=user,
        csrf_token=reading.csrf_token if user else None,
        url=_page_links(reading).url,
        quoted=segment,
        **context,
    ).encode()


def _page_links(reading: Reading) -> Links:
    return reading.links.on_pages()


def _as_linked(href: str, item: dict[str, str]) -> str:
    """The address for a browser, which asks for pages: what exists as JSON alone says so."""
    if item.get("type") != "application/json" or "?f=" in href or "&f=" in href:
        return href
    return f"{href}{'&' if '?' in href else '?'}f=json"


def _local(reading: Reading, href: str) -> str:
    """An absolute address of ours as pages write it."""
    return reading.links.mount + href.removeprefix(reading.links.base)


def _with_outline(reading: Reading, own: dict[str, Any], picture: str | None) -> dict[str, Any]:
    """Credit of a page with a picture: the outline of the city is drawn around, and may be a sample of its own."""
    around = reading.datasets.get("outline")
    if picture is None or around is None:
        return own
    quality = worst([Quality(own["quality"]), around.quality])
    return {**own, "quality": quality.value, "quality_label": quality.label}


def landing_page(reading: Reading) -> Made:
    collections = reading.collections()
    everything = credit(reading.datasets, [kind for c in collections for kind in c.kinds])
    body = _render(reading, "ogc_landing.html", "/ogc", everything, collections=collections)
    return Made(body, HTML_UTF8)


def conformance_page(reading: Reading) -> Made:
    return Made(
        _render(reading, "ogc_conformance.html", "/ogc/conformance", None, standards=named(CLASSES)),
        HTML_UTF8,
    )


def collections_page(reading: Reading) -> Made:
    collections = reading.collections()
    rows = [{"collection": found, "credit": whole_credit(reading, found)} for found in collections]
    everything = credit(reading.datasets, [kind for c in collections for kind in c.kinds])
    return Made(
        _render(reading, "ogc_collections.html", "/ogc/collections", everything, rows=rows), HTML_UTF8
    )


def collection_page(reading: Reading, collection: Collection) -> Made:
    about = described(reading, collection)
    body = _render(
        reading,
        "ogc_collection.html",
        f"/ogc/collections/{collection.id}",
        about["dataset"],
        collection=collection,
        about=about,
        formats=[(form.name, ENTRANCES.get(form.name) or label_of(form)) for form in forms_of(collection)],
        kinds=TYPES,
        told=told,
        heading=heading,
    )
    return Made(body, HTML_UTF8)


def properties_page(reading: Reading, collection: Collection, part: str) -> Made:
    body = _render(
        reading,
        "ogc_properties.html",
        f"/ogc/collections/{collection.id}/{part}",
        None,
        collection=collection,
        part=part,
        title=PARTS[part],
        names=list(schema_of(collection, part)),
        kinds=TYPES,
        told=told,
        heading=heading,
    )
    return Made(body, HTML_UTF8)


def items_page(page: Page) -> Made:
    """The table of one page of features, with a picture of where they lie."""
    from maps.features_picture import picture

    reading, collection = page.reading, page.collection
    columns = _columns(collection, page.asked.query.properties)
    shapes = [row.geometry for row in page.rows if isinstance(row.geometry, str)]
    drawn = None
    if shapes:
        drawn = picture(shapes, outline(reading.conn, page.asked.ref), f"{collection.title}の位置")
    own = page.dataset()
    onward, back = page.onward("html"), page.back("html")
    body = _render(
        reading,
        "ogc_items.html",
        f"/ogc/collections/{collection.id}/items",
        _with_outline(reading, own, drawn),
        own=own,
        collection=collection,
        columns=columns,
        heading=heading,
        rows=[
            {"id": row.id, "cells": [shown(p, row.properties.get(p.name)) for p in columns]}
            for row in page.rows
        ],
        numeric=[p.kind in (Kind.INTEGER, Kind.NUMBER) for p in columns],
        picture=drawn,
        total=page.total,
        counted=page.params.count,
        first=page.asked.query.offset + 1 if page.asked.query.after is None else None,
        onward=_local(reading, onward) if onward else None,
        back=_local(reading, back) if back else None,
        formats=[
            (label_of(form), _local(reading, page.url(form.name)))
            for form in forms_of(collection)
            if form is not HTML
        ],
        chooser=_chooser(page),
    )
    return Made(body, HTML_UTF8, seen=page.seen)


def _columns(collection: Collection, names: tuple[str, ...] | None) -> list[Property]:
    """Its key stands in the first column as the id."""
    return [
        p for p in collection.properties if p.name != collection.key and (names is None or p.name in names)
    ]


def _chooser(page: Page) -> dict[str, Any]:
    """Sorting and size as a form; everything else that was asked for is kept."""
    params = page.params
    kept = params.model_dump(by_alias=True, exclude_defaults=True, mode="json", exclude={"cursor", "offset"})
    kept = {name: value for name, value in kept.items() if name not in ("limit", "sortby")} | {"f": "html"}
    sorts = [(p.name, f"{p.title}の順") for p in page.collection.sortables]
    sorts += [(f"-{p.name}", f"{p.title}の逆順") for p in page.collection.sortables]
    chosen = (params.sortby or page.collection.key).lstrip("+ ")
    if chosen not in {value for value, _ in sorts}:
        sorts.insert(0, (chosen, "指定した順"))
    sizes = sorted({*SIZES, params.limit})
    return {
        "action": f"/ogc/collections/{page.collection.id}/items",
        "kept": [{"name": name, "value": value} for name, value in kept.items()],
        "fields": [
            {
                "id": "sortby", "name": "sortby", "label": "並べ方", "kind": "choice",
                "options": [{"value": v, "label": t, "selected": v == chosen} for v, t in sorts],
            },
            {
                "id": "limit", "name": "limit", "label": "1 ページの件数", "kind": "choice",
                "options": [{"value": n, "label": f"{n:,} 件", "selected": n == params.limit} for n in sizes],
            },
        ],
    }  # fmt: skip


def item_page(reading: Reading, collection: Collection, row: FeatureRow) -> Made:
    """One feature: its values, and where it lies."""
    from maps.features_picture import picture

    columns = [p for p in collection.properties if p.name in row.properties]
    drawn = None
    if isinstance(row.geometry, str):
        around = outline(reading.conn, reading.ref)
        drawn = picture([row.geometry], around, f"{collection.title} {row.id} の位置")
    own = credit_of(reading, collection, row)
    body = _render(
        reading,
        "ogc_item.html",
        f"/ogc/collections/{collection.id}/items/{row.id}",
        _with_outline(reading, own, drawn),
        own=own,
        collection=collection,
        row=row,
        facts=[(heading(p), shown(p, row.properties[p.name])) for p in columns],
        picture=drawn,
    )
    return Made(body, HTML_UTF8, tag=row.tag, seen=seen_of(collection, row.id))


def records_page(
    reading: Reading, rows: list[dict[str, Any]], total: int, links: list[dict[str, str]]
) -> Made:
    ways = {item["rel"]: _local(reading, item["href"]) for item in links}
    body = _render(
        reading,
        "ogc_records.html",
        "/ogc/collections/datasets/items",
        credit(reading.datasets, reading.datasets),
        rows=rows,
        total=total,
        ways=ways,
    )
    return Made(body, HTML_UTF8)


def record_page(reading: Reading, record: dict[str, Any]) -> Made:
    links = [{**item, "href": _as_linked(_local(reading, item["href"]), item)} for item in record["links"]]
    body = _render(
        reading,
        "ogc_record.html",
        f"/ogc/collections/datasets/items/{record['id']}",
        None,
        record=record,
        links=links,
    )
    return Made(body, HTML_UTF8)


def definition_page(reading: Reading, version: str) -> Made:
    """The definition in words, for people without a viewer."""
    document = definition.document(reading, version)
    rows = [
        {"method": method.upper(), "path": path, "summary": operation["summary"], "tag": operation["tags"][0]}
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    body = _render(
        reading,
        "ogc_api.html",
        "/ogc/api",
        None,
        rows=rows,
        tags=document["tags"],
        parameters=document["components"]["parameters"],
    )
    return Made(body, HTML_UTF8)
