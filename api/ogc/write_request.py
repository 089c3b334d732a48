"""What a request must say before it may change a feature: who sends it, what is in it, and which version it has seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.ogc.answering import item_tag
from api.ogc.crs import Crs, crs_of
from api.ogc.formats import GEOJSON
from kyodo_geo.errors import ForbiddenError, InputError, StaleError, UnseenError

MERGE_PATCH = "application/merge-patch+json"
FEATURE = GEOJSON.media_type
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
STALE = "ほかの人がこの地物を先に変えています。何も保存していません。読み直して、今の ETag で送ってください。"
UNSEEN = "見た版の ETag を、見出し If-Match に付けてください（「*」は使えません）。ほかの人の変更を、見ないまま消さないためです。"


def own_municipality(asked: str | None, own: str) -> None:
    """Staff write for their own municipality alone. Raises `ForbiddenError`."""
    if asked is not None and asked != own:
        raise ForbiddenError("ほかの市区町村のデータは変えられません。", field="municipality")


async def content(request: Request, media_type: str) -> Any:
    """The JSON of the body. Raises `InputError` (no type said, no JSON), HTTP 415 (another type)."""
    said = request.headers.get("content-type")
    if said is None:
        raise InputError(
            f"内容の形式を、見出し Content-Type で指定してください（{media_type}）。", field="Content-Type"
        )
    name, _, option = said.lower().partition(";")
    charset = option.strip().removeprefix("charset=").strip('" ')
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if (
        name.strip() != media_type
        or (option.strip() and charset not in ("utf-8", "utf8"))
        or coding != "identity"
    ):
        accepted = "Accept-Patch" if media_type == MERGE_PATCH else "Accept-Post"
        raise HTTPException(415, headers={accepted: media_type})
    body = await request.body()
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InputError("内容が、正しい JSON（UTF-8）ではありません。", field="body") from None


def content_crs(request: Request, plane_epsg: int) -> Crs:
    """The system of the coordinates in the body: `Content-Crs: <URI>`, else CRS84. Raises `InputError`."""
    said = request.headers.get("content-crs")
    if said is None:
        return crs_of(None, plane_epsg, "Content-Crs")
    found = re.fullmatch(r"<([^<>]*)>", said.strip())
    return crs_of(found[1] if found else said.strip(), plane_epsg, "Content-Crs")


def check_match(request: Request, tag: str) -> None:
    """Raise `UnseenError` (428) or `StaleError` (412) unless the request rests on the version with this tag (RFC 9110)."""
    wanted = _joined(request, "if-match")
    if wanted is not None:
        if "*" in (part.strip() for part in wanted.split(",")):
            raise UnseenError(UNSEEN, field="If-Match")
        # Strong comparison: a weak tag matches nothing.
        if not _names(tag, (value for weak, value in _TAG.findall(wanted) if not weak)):
            raise StaleError(STALE, field="If-Match")
    refused = _joined(request, "if-none-match")
    if refused is not None and (
        refused.strip() == "*" or _names(tag, (value for _, value in _TAG.findall(refused)))
    ):
        raise StaleError("この id の地物は、もうあります。", field="If-None-Match")
    if wanted is None:
        raise UnseenError(UNSEEN, field="If-Match")


def _joined(request: Request, name: str) -> str | None:
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def _names(tag: str, values: Iterable[str]) -> bool:
    return any(item_tag(value) == tag for value in values)
