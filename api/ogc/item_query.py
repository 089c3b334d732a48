"""Parameters of the items as one `FeatureQuery`. Whatever cannot be understood is refused, naming the parameter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.ogc.answering import Reading
from api.ogc.crs import Crs, box_of, crs_of
from api.ogc.cursors import decode
from api.ogc.params import ItemParams, ItemsParams, RecordsParams
from api.ogc.when import interval_of
from geodata.features.query import FeatureQuery
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import Ref, resolve
from kyodo_geo.collections import Collection, Kind, Property
from kyodo_geo.cql.tree import LANGUAGES
from kyodo_geo.errors import InputError, NotFoundError

MAX_VALUE = 200
MAX_SORT = 5
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, the generation and day it is for, and the system its coordinates are sent in."""

    query: FeatureQuery
    ref: Ref
    on: date
    crs: Crs


def asked_of(reading: Reading, collection: Collection, params: ItemsParams) -> Asked:
    """What the parameters ask of the collection. Raises `InputError`."""
    plane = reading.ref.plane_epsg
    ref, on, nothing = reading.ref, reading.on, False
    interval = None
    if params.datetime is not None:
        interval = interval_of(params.datetime)
        ref, on, nothing = _then(reading, collection, params, interval[1])
    where, args = filter_of(params, collection, plane)
    crs = crs_of(params.crs, plane, "crs")
    box_crs = crs_of(params.bbox_crs, plane, "bbox-crs")
    sort = sort_of(collection, params.sortby)
    query = FeatureQuery(
        bbox=None if params.bbox is None else box_of(params.bbox, box_crs),
        bbox_epsg=box_crs.epsg,
        where=where,
        args=args,
        equals=equals_of(collection, params.others),
        interval=interval,
        sort=sort,
        properties=properties_of(collection, params),
        epsg=crs.epsg,
        flip=crs.flip,
        limit=params.limit,
        offset=params.offset,
        after=None if params.cursor is None else decode(params.cursor, order_of(ref, collection, sort)),
        nothing=nothing,
        draft=params.draft == "true",
    )
    if params.cursor is not None and params.offset:
        raise InputError("「cursor」と「offset」は、どちらか片方だけ指定してください。", field="offset")
    return Asked(query, ref, on, crs)


def order_of(ref: Ref, collection: Collection, sort: tuple[tuple[str, bool], ...]) -> tuple[object, ...]:
    """What a cursor belongs to."""
    return (ref.municipality_code, collection.id, *sort)


def _then(
    reading: Reading, collection: Collection, params: ItemsParams, end: date | None
) -> tuple[Ref, date, bool]:
    """Generation and day of a `datetime`: those of its end, unless `as_of` names them; before the first there was nothing."""
    if end is None or params.as_of is not None:
        return reading.ref, reading.on, False
    try:
        ref = resolve(reading.conn, reading.ref.municipality_code, end)
    except NotFoundError:
        return reading.ref, end, bool(collection.kinds)
    if collection.kinds and ref.generation_no != reading.ref.generation_no:
        held = active_datasets(reading.conn, ref)
        return ref, end, collection.kinds[0] not in held
    return ref, end, False


def properties_of(collection: Collection, params: ItemParams) -> tuple[str, ...] | None:
    """Names of `properties=`; None is all of them."""
    if params.properties is None:
        return None
    # Nothing between two commas is a name of no letters, which no property has; an empty list chooses none.
    names = tuple(params.properties.split(",")) if params.properties else ()
    for name in names:
        if collection.find(name) is None and name != "geometry":
            raise InputError("「properties」に、このコレクションにない名前があります。", field="properties")
    return names


def sort_of(collection: Collection, text: str | None) -> tuple[tuple[str, bool], ...]:
    """(property, descending) of `sortby=+a,-b`; a plus sign may have become a space on its way."""
    if text is None:
        return ()
    found: list[tuple[str, bool]] = []
    for part in text.split(","):
        sign, name = (part[0], part[1:]) if part[:1] in ("+", "-", " ") else ("+", part)
        known = collection.find(name)
        if known is None or not known.sortable:
            raise InputError(
                "「sortby」に、並べ替えに使えない名前があります。使える名前は sortables にあります。",
                field="sortby",
            )
        if name in {key for key, _ in found}:
            raise InputError("「sortby」に、同じ名前が 2 回あります。", field="sortby")
        found.append((name, sign == "-"))
    if len(found) > MAX_SORT:
        raise InputError(f"「sortby」の名前は {MAX_SORT} つまでにしてください。", field="sortby")
    return tuple(found)


def equals_of(collection: Collection, others: dict[str, Any]) -> dict[str, Any]:
    """Values of `?name=value`; a name that is no queryable is an unknown parameter."""
    found = {}
    for name, text in others.items():
        known = collection.find(name)
        if known is None or not known.queryable:
            # The name is not repeated: whatever was sent may be an address.
            raise InputError(
                "このコレクションにない名前のパラメーターがあります。使える名前は queryables にあります。",
                field="query",
            )
        if not isinstance(text, str) or len(text) > MAX_VALUE:
            raise InputError(f"「{name}」の値を読み取れません。", field=name)
        found[name] = value_of(known, text)
    return found


def value_of(known: Property, text: str) -> Any:
    """A value as its property has it; raises `InputError`."""
    wrong = InputError(f"「{known.name}」は {_WORDS[known.kind]} で指定してください。", field=known.name)
    match known.kind:
        case Kind.INTEGER:
            if not _WHOLE.fullmatch(text):
                raise wrong
            return int(text)
        case Kind.NUMBER:
            if not _NUMBER.fullmatch(text):
                raise wrong
            return float(text)
        case Kind.BOOLEAN:
            if text not in ("true", "false"):
                raise wrong
            return text == "true"
        case Kind.DATE | Kind.TIMESTAMP:
            try:
                if len(text) != 10 or not text.isascii():
                    raise wrong
                return date.fromisoformat(text)
            except ValueError:
                raise wrong from None
        case _:
            if "\x00" in text:
                raise wrong
            return text


_WORDS = {
    Kind.INTEGER: "整数",
    Kind.NUMBER: "数",
    Kind.BOOLEAN: "true か false",
    Kind.DATE: "日付（例 2024-04-01）",
    Kind.TIMESTAMP: "日付（例 2024-04-01）",
    Kind.STRING: "文字列",
    Kind.LIST: "文字列",
}


def filter_of(
    params: ItemsParams | RecordsParams, collection: Collection, plane_epsg: int
) -> tuple[Any, dict[str, Any]]:
    """The compiled `filter`, and its values. Raises `InputError`."""
    crs = crs_of(params.filter_crs, plane_epsg, "filter-crs")
    lang = "cql2-text" if params.filter_lang is None else params.filter_lang
    if params.filter is None:
        if lang not in LANGUAGES:
            raise InputError(
                f"「filter-lang」は {'、'.join(LANGUAGES)} のどれかで指定してください。", field="filter-lang"
            )
        return None, {}
    # The parser of filters is loaded when the first one comes.
    from geodata.features.filters import compile_filter

    where, args = compile_filter(
        params.filter, lang, collection, filter_epsg=crs.epsg, plane_epsg=plane_epsg, swapped=crs.flip
    )
    return where, dict(args)
