"""`kyodo-geo reach prepare`: make the arrays of reach by hand; the worker does it by itself within a minute."""

from __future__ import annotations

import json
import time
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
    from api.commands.context import open_database
    from geodata import reach_arrays

    with open_database() as (settings, database):
        code = municipality or settings.municipality
        hashed, ready = reach_arrays.is_ready(database, code)
        began = time.monotonic()
        found = reach_arrays.held(database, code, hashed) if ready and not force else None
        made = found is None
        if found is None:
            hashed, found = reach_arrays.make(database, code)
    facts = {
        "municipality": code,
        "made": made,
        "input_hash": hashed,
        "cells": len(found.key),
        "facilities": len(found.site),
        "years": found.years.tolist(),
        "network": found.has_network,
        "parts": found.parts[:10].tolist(),
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
    if not found.has_network:
        typer.echo("歩行者の道路網が読み込まれていないため、直線距離×1.3 だけを計算しました。")
        return
    largest = found.parts[0] / max(int(found.parts.sum()), 1)
    typer.echo(
        f"道路網のつながり {len(found.parts):,} 個（最大のものが節点の {largest:.1%}）。"
        f"道路から 100 m より離れた需要点 {facts['cells_far_from_network']:,}"
    )
