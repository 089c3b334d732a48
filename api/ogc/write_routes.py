"""Routes of OGC API Features Part 4, for staff; described in /ogc/api to those who may use them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import access
from api.cache import PRIVATE
from api.errors import MethodRefusedError
from api.ogc import conformance, definition, item, schemas, write, write_definition
from api.ogc.drafting import WriteParams
from api.ogc.params import CollectionId, FeatureId
from api.ogc.reader import reader_of
from api.ogc.write_request import FEATURE, MERGE_PATCH
from api.params import PlaceParams

router = APIRouter(include_in_schema=False)
Place = Annotated[PlaceParams, Query()]
Change = Annotated[WriteParams, Query()]
_ITEMS = "/ogc/collections/{collection_id}/items"
_ITEM = f"{_ITEMS}/{{feature_id}}"


@router.options(_ITEMS)
async def ogc_items_methods(request: Request, collection_id: CollectionId, params: Place) -> Response:
    """What this reader may do with the items."""
    allow = write.methods(await reader_of(request), collection_id, write.ON_ITEMS)
    return _methods(allow, {"Accept-Post": FEATURE} if "POST" in allow else {})


@router.options(_ITEM)
async def ogc_item_methods(
    request: Request, collection_id: CollectionId, feature_id: FeatureId, params: Place
) -> Response:
    """What this reader may do with one feature."""
    allow = write.methods(await reader_of(request), collection_id, write.ON_ITEM)
    return _methods(allow, {"Accept-Patch": MERGE_PATCH} if "PATCH" in allow else {})


def _methods(allow: tuple[str, ...], more: dict[str, str]) -> Response:
    return Response(headers={"Allow": ", ".join(allow), **more, "Cache-Control": PRIVATE})


@router.post(_ITEMS)
async def ogc_create(request: Request, collection_id: CollectionId, params: Place) -> Response:
    """A new feature."""
    return await write.create(request, collection_id, params.municipality)


@router.put(_ITEM)
async def ogc_replace(
    request: Request, collection_id: CollectionId, feature_id: FeatureId, params: Change
) -> Response:
    """The whole feature anew."""
    return await write.replace(request, collection_id, feature_id, params)


@router.patch(_ITEM)
async def ogc_update(
    request: Request, collection_id: CollectionId, feature_id: FeatureId, params: Change
) -> Response:
    """Some of it."""
    return await write.update(request, collection_id, feature_id, params)


@router.delete(_ITEM)
async def ogc_delete(
    request: Request, collection_id: CollectionId, feature_id: FeatureId, params: Change
) -> Response:
    """Take it back."""
    return await write.delete(request, collection_id, feature_id, params)


@router.api_route(_ITEMS, methods=["PUT", "PATCH", "DELETE"])
async def ogc_not_items(request: Request, collection_id: CollectionId, params: Place) -> Response:
    """Nobody changes all features at once."""
    raise MethodRefusedError(write.methods(await reader_of(request), collection_id, write.ON_ITEMS))


@router.api_route(_ITEM, methods=["POST"])
async def ogc_not_item(
    request: Request, collection_id: CollectionId, feature_id: FeatureId, params: Place
) -> Response:
    """Nothing is made below a feature."""
    raise MethodRefusedError(write.methods(await reader_of(request), collection_id, write.ON_ITEM))


access.FIRST |= {
    (method, path): write.refuse_unwritable
    for path, methods in ((_ITEMS, write.ON_ITEMS), (_ITEM, write.ON_ITEM))
    for method in methods
}

_FEATURES4 = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/"
conformance.CLASSES += [
    _FEATURES4 + name for name in ("create-replace-delete", "update", "optimistic-locking-etags", "features")
]
definition.MORE.append(write_definition.paths)
definition.MORE_PARAMETERS.append(write_definition.draft_parameter)
schemas.MORE.append(write_definition.mark_fixed)
item.MORE_LINKS.append(write_definition.edit_links)
