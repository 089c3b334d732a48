"""`kyodo-geo assets level`: works spread over the years under a ceiling, from a table of works, without database."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.siting import as_facts, in_words
from kyodo_geo.errors import FileFormatError, InputError, NotFoundError

app = typer.Typer(no_args_is_help=True, help="公共施設の工事の年度をならします（表を入力とする計算）")

MAX_WORKS = 5_000


@dataclass(frozen=True, slots=True)
class Work:
    """A work of the table: `cost` in `years` equal instalments, to begin in `wanted`, within earliest … latest."""

    name: str
    wanted: int
    cost: float
    years: int
    earliest: int
    latest: int


@app.callback()
def _group() -> None:
    """公共施設の工事の年度をならします（表を入力とする計算）"""


@app.command()
def level(
    works: Annotated[
        Path,
        typer.Option(
            help="工事の表（CSV、UTF-8）。見出し：工事,希望年,費用,年数,最早年,最遅年（後ろの3つは任意）"
        ),
    ],
    ceiling: Annotated[float, typer.Option(help="1年の上限額（円）")],
    base: Annotated[int, typer.Option(help="はじめの年（西暦）")],
    horizon: Annotated[int, typer.Option(help="期間の年数")] = 40,
    window: Annotated[int, typer.Option(help="最早年・最遅年のない工事を、前後に動かせる年数")] = 5,
    time_limit: Annotated[float | None, typer.Option(help="計算時間の上限（秒）")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSONで出力する")] = False,
) -> None:
    """各年の費用が上限を超えないように工事の始まりの年を決め、解・下界・差・状態を表示します。"""
    if time_limit is not None and not (math.isfinite(time_limit) and time_limit > 0):
        raise InputError("--time-limit は、0より大きい秒数で指定してください。", field="time_limit")
    if not (math.isfinite(ceiling) and ceiling >= 0):
        raise InputError("--ceiling は、0以上の数で指定してください。", field="ceiling")
    if not 1 <= horizon <= 200 or not 0 <= window <= horizon:
        raise InputError("--horizon は1〜200、--window は0〜期間の年数で指定してください。", field="horizon")
    table = read(works, base, horizon, window)
    facts = solved(table, ceiling, base, horizon, time_limit)
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else words(facts))


def solved(
    table: list[Work], ceiling: float, base: int, horizon: int, seconds: float | None
) -> dict[str, Any]:
    """What is printed: status, objective, bound, gap, the works with their years, and the cost of every year."""
    from kyodo_geo.assets import level as levelled
    from kyodo_geo.siting import Control

    found = levelled(
        [[work.cost / work.years] * work.years for work in table],
        [work.wanted for work in table],
        [work.earliest for work in table],
        [work.latest for work in table],
        ceiling,
        base=base,
        horizon=horizon,
        control=Control.within(seconds),
    )
    facts = as_facts(found.answer)
    facts.pop("open")
    if found.begins is None:
        return facts
    spent = [0.0] * horizon
    for work, begins in zip(table, found.begins.tolist(), strict=True):
        for year in range(begins, min(begins + work.years, base + horizon)):
            spent[year - base] += work.cost / work.years
    facts["works"] = [
        {"name": work.name, "wanted": work.wanted, "begins": begins, "moved": begins - work.wanted}
        for work, begins in zip(table, found.begins.tolist(), strict=True)
    ]
    facts["by_year"] = {str(base + number): round(yen) for number, yen in enumerate(spent)}
    return facts


def words(facts: dict[str, Any]) -> str:
    """The same for a person; the objective is yen times years moved."""
    lines = [line for line in in_words({**facts, "open": []}).split("\n") if not line.startswith("開設する")]
    lines = [line.replace("目的関数", "動かした量（円×年）") for line in lines]
    moved = [work for work in facts.get("works", []) if work["moved"]]
    if "works" in facts:
        lines.append(f"動かした工事: {len(moved)} / {len(facts['works'])} 件")
    lines += [f"  {work['name']}: {work['wanted']}年 → {work['begins']}年" for work in moved]
    return "\n".join(lines)


def read(path: Path, base: int, horizon: int, window: int) -> list[Work]:
    """The works of a CSV file. Raises `NotFoundError`, `FileFormatError`, `InputError` with the row."""
    if not path.is_file():
        raise NotFoundError(f"ファイルがありません: {path.name}", file=path.name)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise FileFormatError(f"{path.name} を CSV（UTF-8）として読めません。", file=path.name) from error
    missing = {"工事", "希望年", "費用"} - set(rows[0] if rows else {})
    if missing:
        raise FileFormatError(
            f"{path.name} に見出し「{'、'.join(sorted(missing))}」か、行がありません。", file=path.name
        )
    if len(rows) > MAX_WORKS:
        raise InputError(f"工事は {MAX_WORKS:,} 件までです。", field="works")
    return [_work(row, number, base, horizon, window) for number, row in enumerate(rows, start=2)]


def _work(row: dict[str, str | None], number: int, base: int, horizon: int, window: int) -> Work:
    def whole(name: str, otherwise: int | None = None) -> int:
        text = (row.get(name) or "").strip()
        if not text and otherwise is not None:
            return otherwise
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise InputError(f"{number} 行目：「{name}」は、0以上の整数で入力してください。", field="works")
        return int(text)

    last = base + horizon - 1
    wanted = whole("希望年")
    years = whole("年数", 1)
    if not 1 <= years <= 20:
        raise InputError(f"{number} 行目：「年数」は1〜20で入力してください。", field="works")
    if not base <= wanted <= last:
        raise InputError(f"{number} 行目：「希望年」は {base}〜{last} 年で入力してください。", field="works")
    return Work(
        (row.get("工事") or "").strip() or f"{number} 行目",
        wanted,
        float(whole("費用")),
        years,
        whole("最早年", max(base, wanted - window)),
        whole("最遅年", min(last, wanted + window)),
    )
