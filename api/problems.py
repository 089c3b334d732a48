"""Japanese words for what validation found wrong. Values are never repeated: they may be addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# pydantic's error type → what to do next; {…} are the limits the type carries in `ctx`.
MESSAGES: dict[str, str] = {
    "missing": "必ず指定してください",
    "extra_forbidden": "この名前の指定はありません",
    "int_type": "整数で指定してください",
    "int_parsing": "整数で指定してください",
    "int_parsing_size": "数が大きすぎます",
    "int_from_float": "整数で指定してください",
    "float_type": "数で指定してください",
    "float_parsing": "数で指定してください",
    "finite_number": "有限の数で指定してください",
    "bool_type": "true か false で指定してください",
    "bool_parsing": "true か false で指定してください",
    "string_type": "文字列で指定してください",
    "string_too_short": "{min_length} 文字以上で指定してください",
    "string_too_long": "{max_length} 文字以内で指定してください",
    "too_long": "{max_length} 件以内で指定してください。多いときは分けて送ってください",
    "too_short": "{min_length} 件以上で指定してください",
    "string_pattern_mismatch": "決められた形で指定してください",
    "string_unicode": "文字として読めません",
    "greater_than": "{gt} より大きい数で指定してください",
    "greater_than_equal": "{ge} 以上で指定してください",
    "less_than": "{lt} より小さい数で指定してください",
    "less_than_equal": "{le} 以下で指定してください",
    "enum": "{expected} のどれかで指定してください",
    "literal_error": "{expected} のどれかで指定してください",
    "date_type": "日付（例 2024-04-01）で指定してください",
    "date_parsing": "日付（例 2024-04-01）で指定してください",
    "date_from_datetime_parsing": "日付（例 2024-04-01）で指定してください",
    "date_from_datetime_inexact": "日付（例 2024-04-01）で指定してください",
    "json_invalid": "JSON として読めません",
    "model_type": "JSON のオブジェクト（{{ … }}）で送ってください",
    "model_attributes_type": "JSON のオブジェクト（{{ … }}）で送ってください",
    "dict_type": "JSON のオブジェクト（{{ … }}）で送ってください",
}
OWN = "kyodo"  # type of errors our own validators raise; their message is Japanese already
PARTS = {
    "query": "パラメーター",
    "path": "アドレスの",
    "body": "本文の",
    "header": "見出し",
    "cookie": "Cookie ",
}

NAMES = {
    "year": "年",
    "compare_year": "比べる年",
    "distance": "徒歩で届く距離（m）",
    "drive_below": "車で移動するとみなす人口密度（人/km²未満）",
    "minutes": "車で届く時間（分）",
    "bus_minutes": "バスで届く時間（分）",
    "kmh": "車の平均の速さ（km/h）",
    "use_percent": "最寄りの住民のうち同時に来る人（%）",
    "room": "集会に要る部屋（m²）",
    "price_index": "物価の倍率",
    "years": "期間（年）",
}
"""What forms call the parameters that people type into them."""


def field_errors(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """pydantic's errors as [{"field": "query.fiscal_year", "message": …}], at most 20."""
    found = []
    for error in list(errors)[:20]:
        location = [
            str(part)[:60] for part in error["loc"] if not isinstance(part, int) or error["loc"][0] != "body"
        ]
        place, name = location[0] if location else "", ".".join(location[1:])
        text = _message(error)
        if error["type"] == "json_invalid":
            name = ""
        told = f"{NAMES[name]}」（{name}）" if place == "query" and name in NAMES else f"{name}」"
        label = PARTS.get(place, "") + (f"「{told}" if name else "")
        message = f"{label.removesuffix('の') if not name else label}: {text}" if label else text
        found.append({"field": ".".join(part for part in (place, name) if part), "message": message})
    return found


def _message(error: Mapping[str, Any]) -> str:
    if error["type"] == OWN:
        return str(error["msg"])
    template = MESSAGES.get(error["type"], "正しい値で指定してください")
    context = {key: str(value).replace(" or ", ", ") for key, value in (error.get("ctx") or {}).items()}
    try:
        return template.format(**context)
    except (KeyError, IndexError):
        return "正しい値で指定してください"
