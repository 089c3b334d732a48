"""Grid squares of statistics (地域メッシュ, JIS X 0410): from the code to the corners."""

from __future__ import annotations

from kyodo_geo.errors import InputError

LEVELS = {8: "1 km", 9: "500 m", 10: "250 m", 11: "125 m"}
"""Digits of the code → length of a side, about."""


def corners(code: str) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees of a code of 8 to 11 digits; raises `InputError` for what is none."""
    if len(code) not in LEVELS or not (code.isascii() and code.isdigit()):
        raise InputError(f"「{code[:20]}」はメッシュコード（8桁から11桁の数字）ではありません。")
    digits = [int(char) for char in code]
    row, column = divmod(int(code[4:6]), 10)
    if row > 7 or column > 7 or any(not 1 <= digit <= 4 for digit in digits[8:]):
        raise InputError(f"「{code}」はメッシュコードの決まり（JIS X 0410）に合いません。")
    # In thirty-seconds of the height and width of a 1 km square, so that neighbours share corners to the last bit.
    parts = 1 << (len(code) - 8)
    south = ((int(code[:2]) * 8 + row) * 10 + digits[6]) * parts
    west = ((int(code[2:4]) * 8 + column) * 10 + digits[7]) * parts
    step = parts
    for digit in digits[8:]:
        step //= 2
        south += step * ((digit - 1) // 2)
        west += step * ((digit - 1) % 2)
    height, width = 120 * parts, 80 * parts
    return west / width + 100.0, south / height, (west + 1) / width + 100.0, (south + 1) / height
