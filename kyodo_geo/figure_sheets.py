"""Yearly figures by district (or of the whole city) that staff enter as one sheet per measure and fiscal year.

What the maps of support and the rule for associations at risk stand on; each is one number in `area_figure`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import InputError

MOST = 1_000_000
MOST_YEN = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure. `unit` is shown; a `share` is typed as percent and kept as a part of one. `city`: one number a year."""

    key: str
    label: str
    unit: str
    where: str
    city: bool = False
    share: bool = False
    most: int = MOST

    @property
    def kept_unit(self) -> str:
        return "rate" if self.share else self.unit


_SUPPORT = "地域への支援の地図"
_GRANTS = "補助と奨励金の地図（職員）"
EVENTS = {
    22: "地域活動情報交換会",
    23: "地域活動事例発表会",
    26: "地域活動担い手養成講座",
    27: "コミュニティリーダー研修会",
}
MEASURES = {
    measure.key: measure
    for measure in (
        Measure("meetings_issue", "地区の求めで出席した会議（取組15・16）", "件", _SUPPORT),
        Measure("meetings_contact", "窓口担当のふだんの出席（取組15・16）", "件", _SUPPORT),
        Measure("adviser_dispatches", "アドバイザーの派遣（取組13）", "件", _SUPPORT),
        *(Measure(f"participants_{no}", f"{name}の参加者（取組{no}）", "人", _SUPPORT) for no, name in EVENTS.items()),
        *(
            Measure(f"events_{no}", f"{name}の回数（取組{no}、市全体）", "回", _SUPPORT, city=True)
            for no, name in EVENTS.items()
        ),
        Measure("grant_incentive", "協働推進奨励金の額（取組7）", "円", _GRANTS, most=MOST_YEN),
        Measure("grant_incentive_total", "協働推進奨励金の額（取組7、市全体）", "円", _GRANTS, city=True, most=MOST_YEN),
        Measure("aged_65_share", "65歳以上の割合（取組14）", "%", "支援の必要な町内会・自治会の地図", share=True),
    )
}  # fmt: skip

COMMUNITY_GRANTS = Measure(
    "community_grant_yen", "コミュニティ活動費の補助（取組10）", "円", "地区のページと、地域への支援の地図"
)
"""Summed from the cases of grants (`geodata.grants.feeding`), never entered: it is on no sheet."""


def field_of(key: str) -> str:
    """Name of the field of an area."""
    return f"v{key}"


def sheet(measure: Measure, keys: Iterable[str], typed: Callable[[str], str]) -> dict[str, float]:
    """Area → value of the fields that are not empty (不明); raises InputError with `field`."""
    found: dict[str, float] = {}
    for key in keys:
        value = _value(measure, typed(field_of(key)), key)
        if value is not None:
            found[key] = value
    return found


def _value(measure: Measure, text: str, key: str) -> float | None:
    label = "市全体の値" if measure.city else f"地区 {key} の値"
    if not measure.share:
        return entries.whole(text, field_of(key), label, most=measure.most, unit=measure.unit)
    found = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip()
    if not found:
        return None
    digits = found.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and len(found) < 8 and float(found) <= 100):
        raise InputError(f"{label}は 0 から 100 までの数（%）で入力してください。", field=field_of(key))
    return round(float(found) / 100, 6)


def typed_of(measure: Measure, value: float | None) -> str:
    """A kept value as it stands in its field."""
    if value is None:
        return ""
    return f"{value * 100:.4f}".rstrip("0").rstrip(".") if measure.share else f"{value:g}"


def said(measure: Measure, value: float | None) -> str:
    """A kept value in words."""
    if value is None:
        return "不明"
    return f"{typed_of(measure, value)}%" if measure.share else f"{value:,.0f} {measure.unit}"


def pasted(text: str, keys: Iterable[str]) -> dict[str, str]:
    """Two columns copied from a spreadsheet, 地区 and number → fields; raises InputError with the line."""
    known, found = set(keys), {}
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        cells = [
            unicodedata.normalize("NFKC", cell).strip()
            for cell in line.split("\t" if "\t" in line else ",", 1)
        ]
        if not any(cells):
            continue
        head = cells[0].removeprefix("第")
        digits = head[: len(head) - len(head.lstrip("0123456789"))]
        key = digits.lstrip("0")
        if number == 1 and not digits:
            continue  # the headings
        if key not in known or len(cells) < 2:
            raise InputError(
                f"{number} 行目「{line.strip()[:30]}」を読めません。地区の番号と数を、2 列で貼り付けてください。",
                field="rows",
            )
        if field_of(key) in found:
            raise InputError(f"{number} 行目：地区 {key} が 2 回あります。", field="rows")
        found[field_of(key)] = cells[1]
    if not found:
        raise InputError("地区の番号と数を、2 列で貼り付けてください。", field="rows")
    return found
