"""Figures read out of the forms in which the service gives them, so that they can be compared one by one.

A form is {(key of the thing, name of the figure): text or number}. The page's table is what all others are held
against; each form says which of the page's figures it must have.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import html5lib

NS = "{http://www.w3.org/1999/xhtml}"
Figures = dict[tuple[str, str], Any]
ROW = "row on paper"
NO_NUMBER = {"", "非公表", "データなし", "不明", "なし", "−", "-"}
"""Words in place of a number; programs get null."""
_NUMBER = re.compile(
    r"([+±−-]?)([\d,]+(?:\.\d+)?) ?(?:%|人|世帯|件|円|千円|地区|団体|km|m|ポイント)?(?:（ほか [\d,]+ 件は不明）)?"
)


def canonical(value: Any) -> Decimal | str | None:
    """What a text or number says, whatever its dress: 14,883 人 and 14883 are the same, 90.4 % and 90.5 % are not."""
    if value is None or value in NO_NUMBER:
        return None
    if isinstance(value, bool):
        raise TypeError("not a figure")
    if isinstance(value, int | float):
        return Decimal(repr(value)).normalize()
    text = " ".join(str(value).split())
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    sign, digits = found.groups()
    return (Decimal(digits.replace(",", "")) * (-1 if sign in ("−", "-") else 1)).normalize()


def same(value: Any, shown: Any) -> bool:
    """Whether a form's figure is the page's; 非公表 is not データなし, but null may stand for either."""
    if canonical(value) != canonical(shown):
        return False
    blank = {"", "なし"}
    return canonical(shown) is not None or value is None or value == shown or {value, shown} <= blank


def percent(rate: float | None) -> Decimal | None:
    """A rate of a program's answer as pages show it."""
    return None if rate is None else (Decimal(repr(rate)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def disagreements(page: Figures, forms: Mapping[str, Figures], required: Mapping[str, set[str]]) -> list[str]:
    """Every difference in words. `required`: names of the figures that a form must give of every thing of the page."""
    found = []
    things = {key for key, _ in page}
    for name, figures in forms.items():
        found += [f"{name}: {key} is not on the page" for key in sorted({key for key, _ in figures} - things)]
        for key, figure in sorted(page):
            if figure not in required[name]:
                continue
            if (key, figure) not in figures:
                found.append(f"{name}: {key} has no {figure}")
            elif not same(figures[key, figure], page[key, figure]):
                found.append(
                    f"{name}: {figure} of {key} is {figures[key, figure]!r}, {page[key, figure]!r} on the page"
                )
    return found


# -- the page ------------------------------------------------------------------------------------------------------


@dataclass
class PageTable:
    """A table as it stands in the page's source: names of the columns, rows as (key, head, cells)."""

    heading: str
    columns: list[str]
    rows: list[tuple[str, str, list[str]]]
    figures: Figures = field(init=False)
    shown: tuple[str, ...] = field(init=False)
    """The columns as the page writes them, whatever they are called in a comparison."""

    def __post_init__(self) -> None:
        self.shown = tuple(self.columns)
        self.figures = {
            (key, name): cell
            for key, _, cells in self.rows
            for name, cell in zip(self.columns, cells, strict=True)
        }


def text_of(element: Any) -> str:
    """Visible text with single spaces."""
    parts: list[str] = []

    def walk(node: Any) -> None:
        if node.get("hidden") is not None:
            return
        parts.append(node.text or "")
        for child in node:
            walk(child)
            parts.append(child.tail or "")

    walk(element)
    return " ".join("".join(parts).split())


def table_of(html: str, *, id: str | None = None, caption: str | None = None) -> PageTable:
    """The table with the id, or whose caption's id it is."""
    root = html5lib.parse(html)
    for table in root.iter(f"{NS}table"):
        held = table.find(f"{NS}caption")
        if (id and table.get("id") == id) or (caption and held is not None and held.get("id") == caption):
            break
    else:
        raise AssertionError(f"no table {id or caption}")
    heading, *columns = [text_of(cell) for cell in table.find(f"{NS}thead").iter(f"{NS}th")]
    rows = []
    for row in table.find(f"{NS}tbody").iter(f"{NS}tr"):
        head = text_of(row.find(f"{NS}th"))
        rows.append((row.get("data-key") or head, head, [text_of(cell) for cell in row.findall(f"{NS}td")]))
    return PageTable(heading, columns, rows)


# -- the map's script ----------------------------------------------------------------------------------------------


def drawn_in(script: str) -> tuple[Figures, dict[str, str]]:
    """What the popups of the districts say by their headings, and the accessible names."""
    line = next(x for x in script.splitlines() if x.startswith("geo_json_districts_add("))
    features = json.loads(line[len("geo_json_districts_add(") : -2])["features"]
    popup = script[script.index("geo_json_districts.bindPopup(") :]
    fields, headings = (
        json.loads(re.search(rf"let {name} = (\[.*?\]);", popup)[1])  # type: ignore[index]
        for name in ("fields", "aliases")
    )
    figures = {
        (str(item["id"]), heading): item["properties"][name]
        for item in features
        for name, heading in zip(fields, headings, strict=True)
    }
    return figures, {str(item["id"]): item["properties"]["label"] for item in features}


# -- files ---------------------------------------------------------------------------------------------------------


def sheet_of(raw: bytes) -> Figures:
    """CSV by 番号; a column in percent bears the name of the page's column."""
    rows = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    return {
        (row["番号"], name.removesuffix("（％）")): value
        for row in rows
        for name, value in row.items()
        if value is not None
    }


def shapes_of(raw: bytes, names: Mapping[str, str], rates: set[str]) -> Figures:
    """GeoJSON by id; `names` gives the property of each of the page's columns."""
    found: Figures = {}
    for feature in json.loads(raw)["features"]:
        for column, name in names.items():
            value = feature["properties"][name]
            found[str(feature["id"]), column] = percent(value) if name in rates else value
    return found


# -- paper ---------------------------------------------------------------------------------------------------------


def sheets_of(path: Path) -> list[str]:
    """Text of each sheet of a PDF in the order in which it was written, without spaces."""
    shown = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    return [squeezed(sheet) for sheet in shown.stdout.decode().split("\f")]


def squeezed(text: str) -> str:
    return "".join(text.split())


def rows_on_paper(sheets: list[str], table: PageTable) -> Figures:
    """What stands behind each row's heading, up to the next one on the same sheet (the last one: as far as needed)."""
    found: Figures = {}
    sheet, start = 0, 0
    begun: tuple[str, int, int, int] | None = None
    for key, head, cells in table.rows:
        name = squeezed(head)
        while (at := sheets[sheet].find(name, start)) < 0:
            sheet, start = sheet + 1, 0
            if sheet == len(sheets):
                return found
        if begun is not None and begun[1] == sheet:
            found[begun[0], ROW] = sheets[sheet][begun[2] : at]
        start = at + len(name)
        begun = (key, sheet, start, len(squeezed("".join(cells))))
        found[key, ROW] = sheets[sheet][start : start + begun[3]]
    return found
