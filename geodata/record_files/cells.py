"""Cells of records → values: months, times of day, weekdays, grades."""

from __future__ import annotations

import re
from datetime import time

from geodata.readers.values import MAX_TEXT, narrow, number, text
from geodata.readers.values import choice as choice
from kyodo_geo.dates import parse_date, parse_fiscal_year
from kyodo_geo.errors import InputError
from kyodo_geo.facility_terms import GRADES, HAZARDS, SHELTER_ROLES

Month = tuple[int, int]
"""Year and month of the calendar."""

MAX_YEN = 10**13
_WEEKDAYS = "月火水木金土日"


def month(cell: str) -> Month:
    """2024-04, 2024年4月, 202404, R6.4, 令和6年4月 and whole days."""
    plain = narrow(cell)
    if match := re.fullmatch(r"([0-9]{4})([0-9]{2})", plain):
        plain = f"{match[1]}-{match[2]}"
    plain = re.sub(r"[月./-]$", "", plain)
    try:
        day = parse_date(
            f"{plain}-1" if re.search(r"[年./-][0-9]{1,2}$", plain) and not _is_day(plain) else plain
        )
    except InputError:
        raise InputError(f"「{cell[:40]}」は年月（例: 2024-04、令和6年4月）として読めません。") from None
    return day.year, day.month


def _is_day(plain: str) -> bool:
    return len(re.findall(r"[年月./-]", plain)) >= 2 + (plain[:1].isalpha() and plain[1:2] == ".")


def month_number(cell: str) -> int:
    """4, 4月."""
    plain = narrow(cell).removesuffix("月")
    if not re.fullmatch(r"[0-9]{1,2}", plain) or not 1 <= int(plain) <= 12:
        raise InputError(f"「{cell[:40]}」は月（1〜12）として読めません。")
    return int(plain)


def fiscal_year(cell: str) -> int:
    """As in datasets."""
    year = parse_fiscal_year(cell)
    if not 1950 <= year <= 2200:
        raise InputError(f"「{cell[:40]}」は扱える年度（1950年度から）の外です。")
    return year


def clock(cell: str) -> time:
    """9:00, 9時, 9時30分, 0900; 24:00 is refused: the day ends at 23:59."""
    plain = narrow(cell).replace("時", ":").replace("分", "").rstrip(":")
    if match := re.fullmatch(r"([0-9]{1,2})([0-9]{2})", plain):
        plain = f"{match[1]}:{match[2]}"
    match = re.fullmatch(r"([0-9]{1,2})(?::([0-9]{1,2}))?(?::00)?", plain)
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
    if hour > 23 or minute > 59:
        raise InputError(f"「{cell[:40]}」は時刻（例: 9:00、21時30分）として読めません。")
    return time(hour, minute)


def weekday(cell: str) -> int:
    """月, 月曜, 月曜日 or 1 (Monday) to 7."""
    plain = narrow(cell).removesuffix("日") if len(narrow(cell)) > 1 else narrow(cell)
    plain = plain.removesuffix("曜")
    if re.fullmatch(r"[1-7]", plain):
        return int(plain)
    if len(plain) == 1 and plain in _WEEKDAYS:
        return _WEEKDAYS.index(plain) + 1
    raise InputError(f"「{cell[:40]}」は曜日（月〜日）として読めません。")


def yen(cell: str) -> int | None:
    """A whole amount that is not negative; 円 and thousands separators are read."""
    value = number(narrow(cell).replace("円", "").replace("¥", "").replace("\\", ""))
    if value is None:
        return None
    if value < 0 or value > MAX_YEN or value != int(value):
        raise InputError(f"「{cell[:40]}」は金額（0以上の整数）として読めません。")
    return int(value)


def hours(cell: str) -> float | None:
    """Hours with a fraction, not negative."""
    value = number(narrow(cell).removesuffix("時間"))
    if value is not None and not 0 <= value <= 8784:
        raise InputError(f"「{cell[:40]}」は時間数として読めません。")
    return value


def area(cell: str) -> float | None:
    """Square metres, 0 allowed."""
    value = number(re.sub(r"(?:m2|㎡|平方メートル)$", "", narrow(cell)))
    if value is not None and value < 0:
        raise InputError(f"「{cell[:40]}」は0以上の面積にしてください。")
    return value


def grade(cell: str) -> str | None:
    """A to D; a dash or 対象外 is not looked at."""
    plain = narrow(cell).upper()
    if plain in ("-", "－", "対象外", "該当なし", "不明"):
        return None
    if plain not in GRADES:
        raise InputError(f"「{cell[:40]}」は評価（A・B・C・D）ではありません。")
    return plain


def hazards(cell: str) -> list[str]:
    """Hazards by code or official name, separated by 、 or ;."""
    by_name = {label: code for code, label in HAZARDS.items()} | {
        "崖崩れ": "landslide",
        "土砂災害": "landslide",
        "火災": "fire",
    }
    rest = text(cell)[:MAX_TEXT].replace(HAZARDS["landslide"], "landslide")
    found = []
    for word in filter(None, (part.strip() for part in re.split(r"[、,;；|]", rest))):
        code = word if word in HAZARDS else by_name.get(word)
        if code is None:
            raise InputError(
                f"「{word[:40]}」は災害の種類にありません。使える値: {'、'.join(HAZARDS.values())}"
            )
        found.append(code)
    return [code for code in HAZARDS if code in found]


role = choice(
    {**{code: code for code in SHELTER_ROLES}, **{label: code for code, label in SHELTER_ROLES.items()}}
)
