"""KEY_CODE of census small areas: 9 or 11 digits as text, the first five of which are the municipality."""

from __future__ import annotations

import re

from geodata.readers.fields import Field
from geodata.readers.values import narrow
from kyodo_geo.errors import InputError


def key_code(cell: str) -> str:
    """The code; a leading zero that a spreadsheet cut off is put back. Raises for anything else."""
    code = narrow(cell)
    if re.fullmatch(r"[0-9]{8}|[0-9]{10}", code) and 1 <= int(code[0]) <= 9:
        code = "0" + code
    if not re.fullmatch(r"[0-9]{9}|[0-9]{11}", code):
        hint = (
            "表計算ソフトが指数に変えています。文字列として保存し直してください。"
            if re.search(r"[eE]\+", code)
            else ""
        )
        raise InputError(f"「{cell[:40]}」はKEY_CODE（9桁か11桁の数字）ではありません。{hint}")
    return code


KEY_CODE = Field("key_code", "KEY_CODE", key_code, ("小地域コード", "キーコード"), required=True)
