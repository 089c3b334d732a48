"""Actions of a scenario as people type and read them: one row form, a pasted table, a file, and back again."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from geodata.scenarios import MAX_ACTIONS, MAX_NOTE, Action
from kyodo_geo import edit_entries as entries
from kyodo_geo.dates import fiscal_year_label, parse_fiscal_year
from kyodo_geo.errors import InputError
from kyodo_geo.facility_terms import ACTIONS
from kyodo_geo.spreadsheets import harmless

MAX_YEN = 100_000_000_000
MAX_AREA = 1_000_000
LABELS = {
    "year": "年度",
    "facility_id": "施設番号",
    "facility": "施設",
    "action": "行動",
    "into_facility": "移す先の施設番号",
    "into": "移す先",
    "floor_area_m2": "実施後の延床面積（m²）",
    "cost_yen": "事業費（円）",
    "note": "備考",
}
"""Columns of a table of actions, in the order in which they are written."""
BESIDE = ("案", "版", "状態", "データの品質", "出典")
"""Columns that files carry besides; reading them again changes nothing."""
FIELDS = ("year", "facility_id", "action", "into_facility", "floor_area_m2", "cost_yen", "note")
"""Fields of the form of one action."""
FORM_LABELS = {**LABELS, "facility_id": "施設", "into_facility": "移す先の施設"}
Names = Mapping[str, str]
"""Facility → its name."""


def read_form(text: Callable[[str], str], names: Names) -> Action:
    """What the form of one action says; raises InputError with `field`."""
    return _action(text, names, FORM_LABELS)


def _action(text: Callable[[str], str], names: Names, labels: Mapping[str, str]) -> Action:
    into = text("into_facility").strip()
    facility = entries.choice(text("facility_id").strip(), "facility_id", labels["facility_id"], names)
    if into and into not in names:
        raise InputError("移す先の施設を選んでください。", field="into_facility")
    return Action(
        fiscal_year(text("year")), facility,
        entries.choice(text("action").strip(), "action", labels["action"], ACTIONS), into or None,
        _area(text("floor_area_m2")),
        entries.whole(text("cost_yen"), "cost_yen", "事業費", most=MAX_YEN, unit="円"),
        entries.line(text("note"), "note", labels["note"], most=MAX_NOTE),
    )  # fmt: skip


def fiscal_year(text: str) -> int:
    """A fiscal year as people write it; raises InputError with `field` year."""
    if not text.strip():
        raise InputError("年度を入力してください。", field="year")
    try:
        return parse_fiscal_year(text)
    except InputError as error:
        raise InputError(error.message, field="year") from None


def _area(text: str) -> float | None:
    found = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    for unit in ("m2", "㎡", "平方メートル"):
        found = found.removesuffix(unit).strip()
    if not found:
        return None
    wrong = InputError(
        f"延床面積は、0 より大きく {MAX_AREA:,} m² までの数で入力してください。", field="floor_area_m2"
    )
    if not all(char in "0123456789." for char in found) or len(found) > 12:
        raise wrong
    try:
        value = Decimal(found)
    except InvalidOperation:
        raise wrong from None
    if not 0 < value <= MAX_AREA:
        raise wrong
    return float(value)


def typed(action: Action | None) -> dict[str, str]:
    """An action as it stands in the form."""
    if action is None:
        return dict.fromkeys(FIELDS, "")
    return {
        "year": str(action.year),
        "facility_id": action.facility_id,
        "action": action.action,
        "into_facility": action.into_facility or "",
        "floor_area_m2": "" if action.floor_area_m2 is None else number(action.floor_area_m2),
        "cost_yen": "" if action.cost_yen is None else str(action.cost_yen),
        "note": action.note or "",
    }


def number(value: float) -> str:
    """1200.0 → 1200, 12.5 → 12.5; reading it again gives the same."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def words(action: Action, names: Names) -> dict[str, str]:
    """An action in the words of a page; what is unknown says so."""
    return {
        "year": fiscal_year_label(action.year),
        "facility": names.get(action.facility_id, f"{action.facility_id}（今のデータにありません）"),
        "action": action.action,
        "into": "" if action.into_facility is None else names.get(action.into_facility, action.into_facility),
        "floor_area_m2": "" if action.floor_area_m2 is None else f"{action.floor_area_m2:,.10g} m²",
        "cost_yen": "単価から計算" if action.cost_yen is None else f"{action.cost_yen:,} 円",
        "note": action.note or "",
    }


def line(action: Action, names: Names) -> str:
    """An action in one line."""
    told = words(action, names)
    parts = [told["year"], told["facility"], told["action"]]
    parts += [f"→ {told['into']}"] if told["into"] else []
    parts += [
        part
        for part in (told["floor_area_m2"], told["cost_yen"] if action.cost_yen is not None else "")
        if part
    ]
    return " ".join(parts) + (f"（{told['note']}）" if told["note"] else "")


def cells(actions: Iterable[Action], names: Names) -> list[list[str | int | float]]:
    """Rows under `LABELS`, numbers as numbers."""
    return [
        [
            action.year, action.facility_id, names.get(action.facility_id, ""), action.action,
            action.into_facility or "", names.get(action.into_facility or "", ""),
            "" if action.floor_area_m2 is None else _plain(action.floor_area_m2),
            "" if action.cost_yen is None else action.cost_yen, kept_apart(action.note or ""),
        ]
        for action in actions
    ]  # fmt: skip


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else float(value)


def kept_apart(text: str) -> str:
    """A text that begins with an apostrophe before a formula gets another, so that taking one off gives it back."""
    return f"'{text}" if text.startswith("'") and _runs(text.lstrip("'")) else text


def _runs(text: str) -> bool:
    return harmless(text) != text


def plain_text(text: str) -> str:
    """A cell as it was before `harmless` or `kept_apart`."""
    return text[1:] if text.startswith("'") and _runs(text.lstrip("'")) else text


def pasted(text: str, names: Names) -> list[Action]:
    """Rows of a table copied from a spreadsheet, headings first; raises InputError with `field` rows."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    delimiter = "\t" if "\t" in lines.partition("\n")[0] else ","
    try:
        rows = list(csv.reader(io.StringIO(lines), delimiter=delimiter, strict=True))
    except csv.Error:
        raise InputError('引用符（"）が閉じていないなど、表として読めません。', field="rows") from None
    return table([row for row in rows if any(cell.strip() for cell in row)], names)


def table(rows: Sequence[Sequence[str]], names: Names) -> list[Action]:
    """Rows with their headings first → actions; raises InputError with `field` rows that names the row."""
    if not rows:
        raise InputError("表が空です。見出しの行から貼り付けてください。", field="rows")
    columns = [_column(cell) for cell in rows[0]]
    if len(set(columns) - {""}) < len([name for name in columns if name]):
        raise InputError("同じ見出しが2つあります。", field="rows")
    missing = [LABELS[name] for name in ("year", "action") if name not in columns]
    if not {"facility_id", "facility"} & set(columns):
        missing.append("施設番号（または施設）")
    if missing:
        raise InputError(
            f"1 行目に見出しがありません：{'、'.join(missing)}。表の見出しの行も一緒に入れてください。",
            field="rows",
        )
    if len(rows) > MAX_ACTIONS + 1:
        raise InputError(f"1つの案に入れられる行動は {MAX_ACTIONS} 件までです。", field="rows")
    ids = _ids(names)
    found = []
    for at, row in enumerate(rows[1:], start=2):
        try:
            if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
                raise InputError("見出しより多い欄があります。")
            held = {name: plain_text(cell.strip()) for name, cell in zip(columns, row, strict=False) if name}
            held["facility_id"] = _facility(held, "facility_id", "facility", ids, names) or ""
            held["into_facility"] = _facility(held, "into_facility", "into", ids, names) or ""
            found.append(_action(lambda name, held=held: held.get(name, ""), names, FORM_LABELS))  # type: ignore[misc]
        except InputError as error:
            raise InputError(f"{at} 行目：{error.message}", field="rows") from None
    return found


def _column(cell: str) -> str:
    """Which field a heading names; "" for one that is only carried along."""
    wanted = unicodedata.normalize("NFKC", cell).strip().lstrip("\ufeff")
    if wanted in BESIDE:
        return ""
    for name, label in LABELS.items():
        plain = unicodedata.normalize("NFKC", label)
        if wanted in (plain, plain.partition("(")[0], name):
            return name
    raise InputError(
        f"見出し「{cell.strip()[:30]}」はありません。使える見出しは、{'、'.join(LABELS.values())}です。",
        field="rows",
    )


def _ids(names: Names) -> dict[str, str]:
    """Name → facility, of names that only one has."""
    held = list(names.values())
    return {name: key for key, name in names.items() if held.count(name) == 1}


def _facility(row: Mapping[str, str], by_id: str, by_name: str, ids: Names, names: Names) -> str | None:
    """The facility that a row names by its number, its name or both; raises InputError."""
    key, name = row.get(by_id, ""), row.get(by_name, "")
    what = "移す先の施設" if by_id == "into_facility" else "施設"
    if key:
        if key not in names:
            raise InputError(f"{what}「{key[:40]}」は登録されていません。")
        if name and names[key] != name:
            raise InputError(
                f"{what}の番号「{key[:40]}」は「{names[key]}」で、名前「{name[:40]}」と合いません。"
            )
        return key
    if not name:
        return None
    if name in ids:
        return ids[name]
    if name in names:
        return name
    several = list(names.values()).count(name) > 1
    raise InputError(
        f"「{name[:40]}」という施設がいくつもあります。番号で指定してください。" if several
        else f"{what}「{name[:40]}」は登録されていません。"
    )  # fmt: skip
