"""`kyodo-geo reach prepare`: make the arrays of reach by hand; the worker does it by itself within a minute.

`kyodo-geo reach project`: a projection by cohort as a file that can be loaded, with bounds and totals of one's own.
"""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="施設までの道のりを計算しておきます")


@app.callback()
def _group() -> None:
    """施設までの道のりを計算しておきます"""


@app.command()
def prepare(
    municipality: Annotated[
        str | None, typer.Option(help="市区町村コード（5桁）。なければ設定の市区町村")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="計算ずみでも、もう一度計算する")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSONで出力する")] = False,
) -> None:
    """いま有効なデータで、施設までの道のりと直線距離を計算して保存します。計算ずみなら何もしません。"""
    import numpy as np

    from api.commands.context import open_database
    from geodata import reach_arrays

    with open_database() as (settings, database):
        code = municipality or settings.municipality
        hashed, ready = reach_arrays.is_ready(database, code, settings.riding())
        began = time.monotonic()
        found = reach_arrays.held(database, code, hashed) if ready and not force else None
        made = found is None
        if found is None:
            hashed, found = reach_arrays.make(database, code, settings.riding())
    facts = {
        "municipality": code,
        "made": made,
        "input_hash": hashed,
        "cells": len(found.key),
        "facilities": len(found.site),
        "years": found.years.tolist(),
        "network": found.has_network,
        "parts": found.parts[:10].tolist(),
        "car": found.has_car,
        "car_parts": found.car_parts[:10].tolist(),
        "bus": found.has_bus,
        "cells_with_bus": int(np.isfinite(found.bus).any(axis=1).sum()) if found.has_bus else 0,
        "cells_far_from_network": int((found.cell_snap > 100).sum()),
        "seconds": round(time.monotonic() - began, 2),
    }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    typer.echo("計算しました。" if made else "計算ずみです（--force でもう一度計算します）。")
    typer.echo(
        f"需要点 {facts['cells']:,}、施設 {facts['facilities']:,}、年 {'、'.join(map(str, facts['years']))}"
    )
    typer.echo(
        f"自動車の道路網: 行き来できる部分 {len(found.car_parts):,} 個"
        if found.has_car
        else "自動車の道路網は読み込まれていません。"
    )
    typer.echo(
        f"バス: どこかの施設に行ける需要点 {facts['cells_with_bus']:,}"
        if found.has_bus
        else "バスの時刻表は読み込まれていません。"
    )
    if not found.has_network:
        typer.echo("歩行者の道路網が読み込まれていないため、直線距離×1.3 だけを計算しました。")
        return
    largest = found.parts[0] / max(int(found.parts.sum()), 1)
    typer.echo(
        f"道路網のつながり {len(found.parts):,} 個（最大のものが節点の {largest:.1%}）。"
        f"道路から 100 m より離れた需要点 {facts['cells_far_from_network']:,}"
    )


@app.command()
def project(
    output: Annotated[Path, typer.Argument(help="書き出すCSV（age-population として読み込めます）")],
    municipality: Annotated[
        str | None, typer.Option(help="市区町村コード（5桁）。なければ設定の市区町村")
    ] = None,
    least: Annotated[
        float, typer.Option(help="コーホートのもとの人数がこれ未満なら、地区や市の率を使う")
    ] = 50,
    apart: Annotated[float, typer.Option(help="率は、市の率のこの倍数（と逆数）の中に収める")] = 2,
    until: Annotated[int, typer.Option(min=1950, max=2150, help="この年まで、5年ごとに推計する")] = 2050,
    totals: Annotated[
        Path | None,
        typer.Option(help="合わせる市の総数のCSV（見出し：年,人口）。公表しない小地域は総数に入りません"),
    ] = None,
) -> None:
    """小地域の人口をコーホート変化率で推計し、国勢調査の人口とあわせてCSVに書きます。読み込みはしません。"""
    from api.commands.context import open_database
    from geodata.queries.generation import resolve
    from geodata.reach_demand import projection_rows
    from kyodo_geo.reach.cohort import Bounds

    wanted = {} if totals is None else _totals(totals)
    with open_database() as (settings, database), database.read() as conn:
        ref = resolve(conn, municipality or settings.municipality)
        rows = projection_rows(conn, ref, bounds=Bounds(least, apart), until=until, totals=wanted)
    with output.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("KEY_CODE", "年", "年齢", "人口", "推計"))
        for key, year, ages, people, by in rows:
            writer.writerow((key, year, ages, "*" if people is None else people, "はい" if by else "いいえ"))
    for year in sorted({year for _, year, *_ in rows}):
        of_year = [people for _, when, _, people, _ in rows if when == year]
        secret = sum(people is None for people in of_year)
        typer.echo(
            f"{year}年 {sum(people or 0 for people in of_year):,.0f} 人"
            + (f"（公表されない欄 {secret:,}）" if secret else "")
        )


def _totals(path: Path) -> dict[int, float]:
    from kyodo_geo.errors import InputError

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {int(row["年"]): float(row["人口"].replace(",", "")) for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError, AttributeError):
        raise InputError(
            "総数のCSVを読めません。見出しを「年,人口」とし、数だけを書いてください。", field="totals"
        ) from None
