"""Items as files: the whole answer to the question in one file, in every format of `geodata.exports.formats`.

`limit` holds only where it was given: a file has no next page. Filter, box, order, properties, system of coordinates and
time are those of the other forms.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from api.cache import PRIVATE, PUBLIC_FRESH, etag_of, matches
from api.exports.answer import file_answer
from api.ogc.answering import AUDITED, VARY, Reading, look_down, open_reading
from api.ogc.description import MORE_LINKS
from api.ogc.formats import Format
from api.ogc.item_query import Asked, asked_of
from api.ogc.items import FORMATS, filtered, rel_of
from api.ogc.links import link, segment
from api.ogc.params import ItemsParams
from api.ogc.reader import Reader, reader_of
from api.services import Services, services_of
from geodata.exports.formats import FORMATS as KNOWN
from geodata.exports.formats import Options, format_named, formats_for
from geodata.exports.run import Job, check
from geodata.features.query import ids
from kyodo_geo.collections import Collection
from kyodo_geo.errors import InputError

FORMS: dict[str, Format] = {
    name: Format(name, item.title, (item.media_type, *item.also)) for name, item in KNOWN.items()
}
"""The same as forms of an answer. `geojson` is the whole layer; `json` is the page of features."""
FORMATS += FORMS.values()
CSV_ONLY = ("csv_bom", "csv_shape", "csv_heading")


async def respond(request: Request, collection_id: str, params: ItemsParams, form: Format) -> Response:
    """The file. Raises as the other forms do; `UnavailableError` when it cannot be made."""
    services, reader = services_of(request), await reader_of(request)
    job, tag, headers = await run_sync(
        _prepared, request, services, reader, collection_id, params, form, limiter=services.limiter
    )
    headers["Vary"] = VARY
    if tag and matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return await file_answer(request, services, reader.audience, job, headers)


def options_of(params: ItemsParams, form: Format) -> Options:
    """Choices of CSV; raises `InputError` where another format is asked for with them."""
    if form.name != "csv":
        if params.model_fields_set & set(CSV_ONLY):
            raise InputError("csv- で始まるパラメーターは、f=csv のときだけ使えます。", field="f")
        return Options()
    return Options(params.csv_bom == "true", params.csv_shape, params.csv_heading)  # type: ignore[arg-type]


def _prepared(
    request: Request,
    services: Services,
    reader: Reader,
    collection_id: str,
    params: ItemsParams,
    form: Format,
) -> tuple[Job, str | None, dict[str, str]]:
    """What to write, its ETag and its headers. A look at what is watched is written down before anything is sent."""
    options = options_of(params, form)
    with services.database.read(reader.audience) as conn:
        reading = open_reading(request, params, form, reader, conn)
        collection = reading.collection(collection_id)
        asked, job = job_of(reading, collection, params, form, options)
        seen = _ids(reading, asked, collection) if collection.id in AUDITED else None
    if seen is not None:
        look_down(services, reading, collection.id, seen)
    headers = {}
    if form.name in ("geojsonseq", "csv") and collection.geometry is not None:
        headers["Content-Crs"] = f"<{asked.crs.uri}>"
    if reader.is_staff:
        return job, None, {**headers, "Cache-Control": PRIVATE, "X-Robots-Tag": "noindex"}
    known = {**params.model_dump(exclude={"municipality"}), **request.path_params}
    parts = sorted((name, str(value)) for name, value in known.items())
    ref = reading.ref
    tag = f'"{etag_of(services.fingerprint, ref.municipality_code, ref.revision, reading.on, form.name, parts)}"'
    return job, tag, {**headers, "Cache-Control": PUBLIC_FRESH, "ETag": tag}


def job_of(
    reading: Reading, collection: Collection, params: ItemsParams, form: Format, options: Options
) -> tuple[Asked, Job]:
    """The question as a job of a writer; raises `InputError`."""
    format_named(form.name, collection.id)
    if params.cursor is not None:
        raise InputError(
            "ファイルの形式では「cursor」を使えません。分けて受け取るには offset と limit を指定してください。",
            field="cursor",
        )
    asked = asked_of(reading, collection, params)
    query = replace(asked.query, limit=params.limit if "limit" in params.model_fields_set else None)
    job = Job(asked.ref, collection, query, asked.on, form.name, options, asked.crs.authority)
    check(job)
    return asked, job


def _ids(reading: Reading, asked: Asked, collection: Collection) -> list[str]:
    with filtered(asked.query.where):
        return ids(reading.conn, asked.ref, collection, asked.query, asked.on)


def links(reading: Reading, collection: Collection) -> list[dict[str, Any]]:
    """One link for each format the collection can be had in (see `rel_of`)."""
    path = f"/collections/{segment(collection.id)}/items"
    return [
        link(
            rel_of(item.id, "items"),
            reading.links.url(path, {"f": item.id}),
            item.media_type,
            f"地物（{item.title}）",
        )
        for item in formats_for(collection.id)
    ]


MORE_LINKS.append(links)
