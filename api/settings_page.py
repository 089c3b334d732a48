"""docs/SETTINGS.md, made from the settings themselves (`make docs`), so that it cannot drift."""

from __future__ import annotations

import sys
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from api.settings import PREFIX, Settings

HEAD = """# 設定

環境変数で設定します。どれも指定しなくても動きます。起動中の変更は、起動し直すと効きます。
このページは `make docs` が `api/settings.py` と、その部分（`api/*_settings.py`）から作ります。

| 環境変数 | 既定値 | 使える値 | 説明 |
|---|---|---|---|
"""


def values(annotation: Any, field: FieldInfo) -> str:
    """What may be written, in Japanese."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) is Literal:
        return "、".join(f"`{part}`" for part in get_args(annotation))
    if annotation is bool:
        return "`true`、`false`"
    if annotation is int:
        limits = {type(rule).__name__: rule for rule in field.metadata}
        return f"{limits['Ge'].ge}〜{limits['Le'].le}"
    if annotation is float:
        return "数"
    return "文字列" if annotation is str else "コンマ区切り" if get_origin(annotation) is list else "パス"


def default(field: FieldInfo) -> str:
    if field.default is None:
        return "（なし）"
    if isinstance(field.default, list):
        return f"`{','.join(field.default)}`"
    return f"`{field.default}`"


def page() -> str:
    """The whole page as Markdown."""
    rows = []
    # What the class itself declares, then part by part as it names them.
    parts = cast("tuple[type[BaseSettings], ...]", Settings.__bases__)
    fields = sorted(
        Settings.model_fields.items(),
        key=lambda one: next((at for at, part in enumerate(parts, 1) if one[0] in part.model_fields), 0),
    )
    for name, field in fields:
        secret = f"<br>秘密。`{PREFIX}{name.upper()}_FILE` でファイルから読める。" if not field.repr else ""
        cells = [f"`{PREFIX}{name.upper()}`", default(field), values(field.annotation, field)]
        rows.append(f"| {' | '.join(cells)} | {field.description}{secret} |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
