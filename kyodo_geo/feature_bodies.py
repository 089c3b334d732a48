"""A GeoJSON Feature that somebody sends to be kept → what the fields of a form would hold; JSON Merge Patch (RFC 7396).

The checks of the values themselves are those of the forms: here only the types of JSON and the closed vocabularies of
the collection's schema are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kyodo_geo.collections import Collection as Layer
from kyodo_geo.collections import Kind, Property
from kyodo_geo.errors import ContentError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WORDS = {
    Kind.STRING: "文字",
    Kind.INTEGER: "整数",
    Kind.NUMBER: "数",
    Kind.BOOLEAN: "true か false",
    Kind.LIST: "文字の並び",
    Kind.DATE: "2024-04-01 の形の日付",
}


@dataclass(frozen=True, slots=True)
class SentFeature:
    """A Feature as it came: nothing but its frame has been looked at. `id` is None where it says none."""

    id: str | None
    geometry: Any
    properties: Mapping[str, Any]


def sent_feature(document: Any) -> SentFeature:
    """The Feature in a body; members that GeoJSON does not name are left out. Raises `ContentError`."""
    if not isinstance(document, dict) or document.get("type") != "Feature":
        raise ContentError('GeoJSON の Feature を 1 つ送ってください（"type": "Feature"）。', field="type")
    if "geometry" not in document:
        raise ContentError('"geometry" が必要です。位置のない地物では null にします。', field="geometry")
    properties = document.get("properties")
    if not isinstance(properties, dict):
        raise ContentError('"properties" に、属性の名前と値を入れてください。', field="properties")
    given = document.get("id")
    if given is not None and (isinstance(given, bool) or not isinstance(given, str | int)):
        raise ContentError('"id" は文字か整数にしてください。', field="id")
    return SentFeature(None if given is None else str(given), document["geometry"], properties)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396; null among `properties` stays, because our schemas know it as a value (unknown)."""
    found = _merge(target, patch)
    if isinstance(patch, dict) and isinstance(patch.get("properties"), dict):
        for name, value in patch["properties"].items():
            if value is None:
                found["properties"][name] = None
    return found


def _merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None and name != "geometry":
            found.pop(name, None)
        else:
            found[name] = None if value is None else _merge(found.get(name), value)
    return found


def typed(
    layer: Layer,
    properties: Mapping[str, Any],
    *,
    fixed: Collection[str],
    stored: Mapping[str, Any] | None = None,
    defaults: Mapping[str, str] | None = None,
    unsure: Collection[str] = (),
) -> Callable[[str], str]:
    """Name of a property → its value as an editor would type it, "" for none; what is not said is its default.

    `fixed` are set by the service: they may be said only as they are `stored` (None: a new feature, which has none yet).
    `unsure` are booleans that may be unknown. Raises `ContentError` with `field`.
    """
    texts = dict(defaults or {})
    for name, value in properties.items():
        known = layer.find(name)
        if known is None:
            raise ContentError(
                "このコレクションにない属性があります。属性は /schema で確かめられます。", field="properties"
            )
        if name in fixed:
            _same(known, value, stored)
        else:
            texts[name] = _text(known, value, unsure)
    return lambda name: texts.get(name, "")


def _same(known: Property, value: Any, stored: Mapping[str, Any] | None) -> None:
    kept = None if stored is None else stored[known.name]
    kept = kept.isoformat() if isinstance(kept, date) else kept
    if isinstance(value, bool) is not isinstance(kept, bool) or value != kept:
        raise ContentError(
            f"{known.title}（{known.name}）は、このサービスが決めます。送らないか、今の値のままにしてください。",
            field=known.name,
        )


def _text(known: Property, value: Any, unsure: Collection[str]) -> str:
    if value is None and (known.kind is not Kind.BOOLEAN or known.name in unsure):
        return ""
    found = _READ[known.kind](value)
    if found is None:
        raise ContentError(
            f"{known.title}（{known.name}）は、{_WORDS[known.kind]}で送ってください。", field=known.name
        )
    if known.options and found not in known.options:
        options = "、".join(known.options)
        raise ContentError(
            f"{known.title}（{known.name}）は、{options} のどれかにしてください。", field=known.name
        )
    return found


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> str | None:
    """JSON Schema takes 3.0 for a whole number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if value == value and abs(value) < 1e15 and value == int(value) else None


def _number(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value) if abs(value) < 1e15 else None


def _yes_no(value: Any) -> str | None:
    return ("yes" if value else "no") if isinstance(value, bool) else None


def _texts(value: Any) -> str | None:
    """One a line, as an editor would type them."""
    if not isinstance(value, list) or not all(isinstance(item, str) and "\n" not in item for item in value):
        return None
    return "\n".join(value)


def _date(value: Any) -> str | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


_READ: Mapping[Kind, Callable[[Any], str | None]] = {
    Kind.STRING: _string,
    Kind.INTEGER: _whole,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _yes_no,
    Kind.DATE: _date,
    Kind.LIST: _texts,
}
