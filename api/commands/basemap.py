"""`kyodo-geo basemap`: whether the base map of the settings can be drawn, before the service is started with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.basemap import open_ground
from api.settings import load_settings


def basemap(
    file: Annotated[Path | None, typer.Argument(help="確かめるタイル。書かなければ設定のもの")] = None,
) -> None:
    """背景地図の設定を確かめ、タイルの範囲・ズーム・出典を表示します。使えないときは終了コード 1 です。"""
    settings = load_settings(
        basemap_file=None if file is None else str(file), basemap=None if file is None else "local"
    )
    ground = open_ground(settings)
    try:
        typer.echo(f"背景地図: {ground.basemap.profile}")
        if ground.tiles is None:
            return
        info = ground.tiles.info
        typer.echo(f"形式: {info.format}（{'ベクトル' if info.vector else '画像'}）")
        typer.echo(f"名前: {info.name or '（なし）'}")
        typer.echo(f"ズーム: {info.min_zoom}〜{info.max_zoom}")
        west_to_north = "（書かれていない）" if info.bounds is None else ", ".join(map(str, info.bounds))
        typer.echo(f"範囲（西, 南, 東, 北）: {west_to_north}")
        typer.echo(f"出典: {ground.basemap.credit.striptags()}")
    finally:
        ground.close()
