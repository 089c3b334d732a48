"""The tables of the plan's progress: what pages show, cell by cell, and what files and paper repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.progress.report import Indicator, Initiative, Progress, YearValue
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.indicators import SHARE
from kyodo_geo.progress_entries import Document, web_link
from kyodo_geo.quality import Quality
from maps.tables import Cell, Column, Value

NONE = "－"
"""Where there can be nothing: a reference indicator has no target, a count has no sample."""
UNKNOWN = "不明"
BASELINE = "基準"
NOTHING = "記録なし"
KINDS = {"outcome": "成果指標", "reference": "参考指標"}
CHAPTERS = {"associations": "町内会・自治会", "districts": "地域協働"}
DIRECTIONS = {"up": "増えるほどよい", "down": "減るほどよい"}
NOVELTIES = {"new": "新規", "expanded": "拡充", None: "継続"}
NOISE = "調査の誤差の範囲"
"""Beside a state that the value itself does not reach, but its interval does."""
METHODS = {"given": "調査の報告書", "wilson": "回答者数から計算", None: NONE}
POLICIES = "①②③④⑤⑥⑦⑧⑨"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: cells by column, the address its name leads to, and the documents behind it."""

    key: str | int
    cells: Mapping[str, Cell]
    href: str | None = None
    documents: tuple[Document, ...] = ()

    def __getitem__(self, column: str) -> Cell:
        return self.cells[column]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; `name` is that of its file."""

    name: str
    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


def amount(value: float | None, unit: str, *, missing: str = UNKNOWN) -> str:
    """45.2 % / 1,180 件: shares with one or two decimals, counts without, unless they have some."""
    if value is None:
        return missing
    if unit == SHARE:
        return f"{figure(value, least=1)} %"
    return f"{figure(value)} {unit}"


def figure(value: float, *, least: int = 0) -> str:
    """At least `least` and at most two decimals."""
    text = f"{value:,.2f}"
    while text.endswith("0") and len(text.partition(".")[2]) > least:
        text = text[:-1]
    return text.removesuffix(".")


def target_body(row: Mapping[str, object]) -> str:
    """Whom an initiative is aimed at."""
    bodies = [CHAPTERS[name] for name in CHAPTERS if row[f"for_{name}"]]
    return "と".join(bodies) or UNKNOWN


def policy(number: int, name: str | None = None) -> str:
    """① 制度の充実と取り組みの強化; the mark alone where the name is not registered."""
    mark = POLICIES[number - 1] if 1 <= number <= len(POLICIES) else str(number)
    return f"{mark} {name}" if name else mark


def _sheet(name: str, title: str, columns: Iterable[tuple[str, str, bool]], lines: Iterable[Line]) -> Sheet:
    return Sheet(name, title, tuple(Column(*column) for column in columns), tuple(lines))


_YEAR_COLUMNS = (
    ("fiscal_year", "年度", False),
    ("value", "値", True),
    ("sample_size", "回答者数", True),
    ("low", "95 % 区間の下端", True),
    ("high", "95 % 区間の上端", True),
    ("interval_method", "区間の出し方", False),
    ("expected", "目標への道筋", True),
    ("state", "状態", False),
    ("noise", "誤差の範囲", False),
    ("quality", "データの品質", False),
    ("source", "出典", False),
)


def indicators(found: Progress) -> Sheet:
    """One line per indicator, in the year looked at."""
    columns = (
        ("id", "指標番号", False),
        ("title", "指標", False),
        ("chapter", "対象", False),
        ("kind", "種類", False),
        ("unit", "単位", False),
        ("direction", "望ましい向き", False),
        ("baseline_year", "基準の年度", False),
        ("baseline", "基準", True),
        ("target_year", "目標の年度", False),
        ("target", "目標", True),
        *_YEAR_COLUMNS,
        ("measured_by", "測り方", False),
    )
    lines = (
        Line(
            item.id,
            {**_head(item), **_goal(item), **_year(item, item.at(found.fiscal_year)),
             "measured_by": Cell.words(item.row["measured_by"] or UNKNOWN)},
            f"/progress/indicators/{item.id}",
        )
        for item in found.indicators
    )  # fmt: skip
    return _sheet("indicators", f"{fiscal_year_label(found.fiscal_year)}の指標の状態", columns, lines)


def values(found: Progress, only: Indicator | None = None) -> Sheet:
    """One line per indicator and year with a value."""
    columns = (("id", "指標番号", False), ("title", "指標", False), ("unit", "単位", False), *_YEAR_COLUMNS)
    lines = (
        Line(f"{item.id}-{year.fiscal_year}", {**_head(item), **_year(item, year)})
        for item in ([only] if only else found.indicators)
        for year in item.years
    )
    title = f"{only.row['title']}：年度ごとの値" if only else "指標の年度ごとの値"
    return _sheet("values", title, columns, lines)


def initiatives(found: Progress, shown: Iterable[Initiative] | None = None) -> Sheet:
    """One line per initiative, with the record of the year looked at."""
    columns = (
        ("no", "取組番号", True),
        ("title", "取組", False),
        ("policy", "基本方針", False),
        ("direction", "取組の方向性", False),
        ("priority", "重点", False),
        ("novelty", "区分", False),
        ("target", "対象", False),
        ("challenge", "課題", False),
        *_RECORD_COLUMNS,
    )
    lines = (_initiative(item, found.fiscal_year) for item in (found.initiatives if shown is None else shown))
    return _sheet("initiatives", f"取組と{fiscal_year_label(found.fiscal_year)}の実績", columns, lines)


_RECORD_COLUMNS = (
    ("fiscal_year", "年度", False),
    ("record", "実績", False),
    ("evidence", "資料", False),
    ("quality", "データの品質", False),
    ("source", "出典", False),
)


def records(found: Progress, only: Initiative | None = None) -> Sheet:
    """One line per initiative and year with a record."""
    columns = (("no", "取組番号", True), ("title", "取組", False), *_RECORD_COLUMNS)
    lines = (
        Line(
            f"{item.no}-{record['fiscal_year']}",
            {**_name(item), **_record(record)},
            documents=documents(record),
        )
        for item in ([only] if only else found.initiatives)
        for record in item.records
    )
    title = f"取組 {only.no} の年度ごとの実績" if only else "取組の年度ごとの実績"
    return _sheet("records", title, columns, lines)


SHEETS = {"indicators": indicators, "values": values, "initiatives": initiatives, "records": records}
"""Every table of a plan by its file's name."""


def _head(item: Indicator) -> dict[str, Cell]:
    return {
        "id": Cell.words(item.id),
        "title": Cell.words(item.row["title"]),
        "unit": Cell.words(item.row["unit"]),
    }


def _goal(item: Indicator) -> dict[str, Cell]:
    goal = item.goal
    return {
        "chapter": Cell.words(CHAPTERS[item.row["chapter"]]),
        "kind": Cell.words(KINDS[item.row["kind"]]),
        "direction": Cell.words(DIRECTIONS[goal.direction]),
        "baseline_year": Cell(fiscal_year_label(goal.baseline_year), goal.baseline_year),
        "baseline": Cell(amount(goal.baseline, goal.unit), goal.baseline),
        "target_year": Cell(fiscal_year_label(goal.target_year), goal.target_year)
        if goal.target_year
        else Cell(NONE),
        "target": Cell(amount(goal.target, goal.unit, missing=NONE), goal.target),
    }


def _year(item: Indicator, year: YearValue) -> dict[str, Cell]:
    unit, interval = item.goal.unit, year.judged.interval
    row: Mapping[str, Value] = year.row or {}
    size = row.get("sample_size")
    no_sample = UNKNOWN if unit == SHARE and item.row["kind"] == "outcome" else NONE
    return {
        "fiscal_year": Cell(fiscal_year_label(year.fiscal_year), year.fiscal_year),
        "value": Cell(amount(year.value, unit), year.value),
        "sample_size": Cell(f"{size:,} 人" if isinstance(size, int) else no_sample, size),
        "low": Cell(NONE) if interval is None else Cell(amount(interval.low, unit), interval.low),
        "high": Cell(NONE) if interval is None else Cell(amount(interval.high, unit), interval.high),
        "interval_method": Cell.words(METHODS[interval.method if interval else None]),
        "expected": Cell(amount(year.expected, unit, missing=NONE), year.expected),
        "state": Cell.words(year.state or BASELINE),
        "noise": Cell.words(NOISE if year.judged.within_noise else NONE),
        **_credit(year.row),
    }


def _credit(row: Mapping[str, Value] | None) -> dict[str, Cell]:
    if row is None:
        return {"quality": Cell(NONE), "source": Cell(NONE)}
    return {
        "quality": Cell.words(Quality(str(row["quality"])).label),
        "source": Cell.words(str(row["source"] or UNKNOWN)),
    }


def _name(item: Initiative) -> dict[str, Cell]:
    return {"no": Cell(str(item.no), item.no), "title": Cell.words(item.row["title"])}


def _initiative(item: Initiative, fiscal_year: int) -> Line:
    row, record = item.row, item.at(fiscal_year)
    cells = {
        **_name(item),
        "policy": Cell.words(policy(row["policy_no"], row["policy"])),
        "direction": Cell.words(row["direction"]),
        "priority": Cell.words("★ 重点" if row["priority"] else NONE),
        "novelty": Cell.words(NOVELTIES[row["novelty"]]),
        "target": Cell.words(target_body(row)),
        "challenge": Cell.words(row["challenge"]),
        "fiscal_year": Cell(fiscal_year_label(fiscal_year), fiscal_year),
        "record": Cell(NOTHING),
        "evidence": Cell(NONE),
        **_credit(record),
        **(_record(record) if record else {}),
    }
    return Line(item.no, cells, f"/progress/initiatives/{item.no}", documents(record) if record else ())


def _record(record: Mapping[str, Any]) -> dict[str, Cell]:
    year: int = record["fiscal_year"]
    return {
        "fiscal_year": Cell(fiscal_year_label(year), year),
        "record": Cell.words(str(record["record"])),
        "evidence": Cell.words("\n".join(map(str, documents(record))) or NONE),
        **_credit(record),
    }


def documents(record: Mapping[str, Any]) -> tuple[Document, ...]:
    """The documents behind a record; an address that no page may lead to is left out."""
    return tuple(Document(one["title"], web_link(one["url"]), one["number"]) for one in record["evidence"])
