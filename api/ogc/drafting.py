"""The open draft in the answers below /ogc (`?draft=true`): for those alone who may change the collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from starlette.requests import Request

from api.access import require
from api.auth.principals import identify
from api.ogc.formats import GEOJSON, Format
from api.ogc.params import DRAFT, ItemParams
from api.ogc.reader import reader_of
from api.ogc.write_kinds import WRITABLE
from api.ogc.write_request import own_municipality
from api.params import PlaceParams
from api.services import services_of
from kyodo_geo.errors import InputError

NO_DRAFT = (
    "このコレクションには下書きがありません。「draft」は、町内会・自治会、公共施設、地区、小地域で使えます。"
)


class WriteParams(PlaceParams):
    """A change of one feature: as it is active, or as it stands in the draft."""

    draft: Annotated[str, Field(pattern=DRAFT)] = "false"


def drafted(params: ItemParams) -> bool:
    """Whether the draft is asked for."""
    return params.draft == "true"


def formats(params: ItemParams, usual: Sequence[Format]) -> Sequence[Format]:
    """A draft has a page of its own among the staff's: here it is data alone."""
    return (GEOJSON,) if drafted(params) else usual


async def check(request: Request, collection_id: str, params: ItemParams) -> None:
    """Whether this reader may see the draft. Raises 401, 403, 404; 400 where there is none, or another day is asked for."""
    if not drafted(params):
        return
    (await reader_of(request)).collection(collection_id)
    way = WRITABLE.get(collection_id)
    if way is None or way.drafted is None:
        raise InputError(NO_DRAFT, field="draft")
    require(await identify(request), way.roles)
    own_municipality(params.municipality, services_of(request).settings.municipality)
    if params.as_of is not None or getattr(params, "datetime", None) is not None:
        raise InputError("「draft」は、これからの内容です。日を指定して使うことはできません。", field="draft")
