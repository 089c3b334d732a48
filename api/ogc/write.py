"""Create, replace, update, delete (Features Part 4): one transaction each, answered with what is stored then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from api.access import require
from api.auth.csrf import check_header
from api.auth.principals import identify
from api.cache import PRIVATE
from api.errors import MethodRefusedError
from api.geojson import dumps, feature
from api.ogc.answering import open_reading
from api.ogc.drafting import NO_DRAFT, WriteParams
from api.ogc.formats import GEOJSON
from api.ogc.params import OgcParams
from api.ogc.reader import Reader, reader_of
from api.ogc.write_kinds import WRITABLE, known_to, writable_by
from api.ogc.write_request import FEATURE, MERGE_PATCH, content, content_crs, own_municipality
from api.ogc.writing import READS, Writing
from api.services import services_of
from geodata.database import Audience
from geodata.features.query import FeatureRow
from kyodo_geo.errors import ConflictError, ContentError, InputError
from kyodo_geo.feature_bodies import merged, sent_feature

ON_ITEMS = ("POST",)
ON_ITEM = ("PUT", "PATCH", "DELETE")


def methods(reader: Reader, collection_id: str, changes: tuple[str, ...]) -> tuple[str, ...]:
    """Methods that the address takes from this reader. Raises `NotFoundError`."""
    known_to(reader, collection_id)
    way = writable_by(reader, collection_id)
    return READS if way is None else (*READS, *(method for method in changes if method in way.methods))


async def create(request: Request, collection_id: str, municipality: str | None) -> Response:
    """POST on the items."""
    params = WriteParams(municipality=municipality)
    reader, document = await _received(request, collection_id, params, ON_ITEMS, FEATURE)

    def work(writing: Writing) -> Response:
        said = writing.said(sent_feature(document), None)
        made = writing.keeper.add(writing.reading.conn, writing.reading.ref, said, writing.actor)
        drafted = writing.way.drafted
        return writing.answer(made, 201) if drafted is None else writing.accepted(drafted.page, made)

    return await _run(request, reader, collection_id, params, work)


async def replace(request: Request, collection_id: str, feature_id: str, params: WriteParams) -> Response:
    """PUT on one feature; there is none made with an id of the sender."""
    reader, document = await _received(request, collection_id, params, ON_ITEM, FEATURE)
    return await _changed(request, reader, collection_id, feature_id, params, lambda before: document)


async def update(request: Request, collection_id: str, feature_id: str, params: WriteParams) -> Response:
    """PATCH on one feature: the stored one with the patch merged in replaces it."""
    reader, patch = await _received(request, collection_id, params, ON_ITEM, MERGE_PATCH)

    def work(before: FeatureRow) -> Any:
        geometry = before.geometry if isinstance(before.geometry, str) else None
        return merged(orjson.loads(dumps(feature(before.id, geometry, before.properties))), patch)

    return await _changed(request, reader, collection_id, feature_id, params, work)


async def _changed(
    request: Request, reader: Reader, collection_id: str, feature_id: str, params: WriteParams,
    document: Callable[[FeatureRow], Any],
) -> Response:  # fmt: skip
    def work(writing: Writing) -> Response:
        before = writing.held(feature_id)
        said = writing.said(sent_feature(document(before)), before)
        writing.free(feature_id)
        page = writing.way.editor.replace(
            writing.reading.conn, writing.reading.ref, feature_id, said, writing.actor
        )
        return writing.answer(feature_id, 200) if page is None else writing.accepted(page, feature_id)

    return await _run(request, reader, collection_id, params, work)


async def delete(request: Request, collection_id: str, feature_id: str, params: WriteParams) -> Response:
    """DELETE of one feature."""
    reader, _ = await _received(request, collection_id, params, ON_ITEM, None)

    def work(writing: Writing) -> Response:
        writing.held(feature_id)
        writing.free(feature_id, going=True)
        try:
            writing.keeper.delete(writing.reading.conn, writing.reading.ref, feature_id, writing.actor)
        except InputError as error:  # Nothing was sent that could be wrong: other records rest on it.
            raise ConflictError(error.message, **error.details) from None
        drafted = writing.way.drafted
        if drafted is not None:
            return writing.accepted(drafted.page, feature_id)
        return Response(status_code=204, headers={"Cache-Control": PRIVATE})

    return await _run(request, reader, collection_id, params, work)


async def refuse_unwritable(request: Request) -> None:
    """Raises 405 where nobody may change the collection, 404 where it does not exist for the reader; for `access.FIRST`."""
    collection_id = request.path_params["collection_id"]
    known_to(await reader_of(request), collection_id)
    if collection_id not in WRITABLE:
        raise MethodRefusedError(READS)


async def _received(
    request: Request, collection_id: str, params: WriteParams, changes: tuple[str, ...], media_type: str | None
) -> tuple[Reader, Any]:  # fmt: skip
    """Who sends it, and the JSON of the body; the body is read only when everything else is in order."""
    reader = await reader_of(request)
    require(await identify(request), WRITABLE[collection_id].roles)
    check_header(request, reader.principal)
    own_municipality(params.municipality, services_of(request).settings.municipality)
    if params.draft == "true" and WRITABLE[collection_id].drafted is None:
        raise InputError(NO_DRAFT, field="draft")
    allow = methods(reader, collection_id, changes)
    if request.method not in allow:
        raise MethodRefusedError(allow)
    return reader, None if media_type is None else await content(request, media_type)


async def _run(
    request: Request, reader: Reader, collection_id: str, params: WriteParams, work: Callable[[Writing], Response]
) -> Response:  # fmt: skip
    """All of it or nothing."""
    services = services_of(request)

    def run() -> Response:
        with services.database.write(Audience.STAFF) as conn:
            reading = open_reading(
                request, OgcParams(municipality=params.municipality), GEOJSON, reader, conn
            )
            crs = content_crs(request, reading.ref.plane_epsg)
            writing = Writing(
                reading,
                reading.collection(collection_id),
                WRITABLE[collection_id],
                request,
                crs,
                params.draft == "true",
            )
            with _told():
                return work(writing)

    return await run_sync(run, limiter=services.limiter)


@contextmanager
def _told() -> Iterator[None]:
    """What the forms refuse is a body that does not hold."""
    try:
        yield
    except ContentError:
        raise
    except InputError as error:
        raise ContentError(error.message, **error.details) from None
