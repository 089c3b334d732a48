"""CQL2 JSON as text into Python's dicts, lists, texts and numbers."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from kyodo_geo.cql.tree import MAX_TEXT, refused


def parse_json(source: str | dict[str, Any]) -> Any:
    """The decoded expression; nothing of it is checked yet. Raises `InputError`."""
    if not isinstance(source, str):
        return source
    if len(source) > MAX_TEXT:
        raise refused(f"filter は{MAX_TEXT}文字以内で指定してください。", limit=MAX_TEXT)
    try:
        return json.loads(source, parse_constant=_no_constant, object_pairs_hook=_once)
    except RecursionError:
        raise refused("filter の入れ子が深すぎます。") from None
    except ValueError as error:
        at = f"（{error.colno}文字目あたり）" if isinstance(error, json.JSONDecodeError) else ""
        raise refused(f"filter をJSONとして読み取れません{at}。") from None


def _no_constant(name: str) -> NoReturn:
    raise refused(f"filter に {name} は使えません。")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object none of whose members stands twice: readers disagree about which of the two counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise refused("filter のJSONに同じ名前のメンバーが2回あります。")
    return found
