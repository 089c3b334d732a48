"""全国地方公共団体コード: five digits of prefecture and municipality, and a check digit as the sixth."""

from __future__ import annotations

import re

from kyodo_geo.errors import InputError


def check_digit(code: str) -> str:
    """Check digit of a five-digit code: 11 minus the remainder of Σ digit × (6, 5, 4, 3, 2) by 11, its last digit.

    The rule of 総務省「都道府県コード及び市区町村コード」の検査数字 (modulus 11).
    """
    if not re.fullmatch(r"[0-9]{5}", code):
        raise InputError(f"市区町村コード「{code[:10]}」は 5 桁の数字ではありません。", field="code")
    total = sum(int(digit) * weight for digit, weight in zip(code, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)


def six_digits(code: str) -> str:
    """The code with its check digit: 03201 → 032018."""
    return code + check_digit(code)


def five_digits(cell: str) -> str:
    """Five digits of a code as published: 032018, or 03201 and 3201 without check digit.

    Raises `InputError` for anything else and for a wrong check digit. What five digits without their zero may mean
    besides, `readings` says.
    """
    if not re.fullmatch(r"[0-9]{4,6}", cell):
        raise InputError(f"「{cell[:20]}」は全国地方公共団体コード（6 桁の数字）ではありません。")
    if len(cell) == 6:
        if check_digit(cell[:5]) != cell[5]:
            raise InputError(
                f"全国地方公共団体コード「{cell}」の検査数字（6 桁目）が合いません。"
                f"{cell[:5]} なら {six_digits(cell[:5])} です。"
            )
        return cell[:5]
    return cell.zfill(5)


def readings(cell: str) -> tuple[str, ...]:
    """Every five-digit code that a published cell may mean, the likeliest first: 32018 is 32018, or 032018 → 03201."""
    first = five_digits(cell)
    if len(cell) == 5 and check_digit("0" + cell[:4]) == cell[4]:
        return (first, "0" + cell[:4])
    return (first,)
