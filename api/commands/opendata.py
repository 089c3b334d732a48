"""`kyodo-geo opendata`: the city's data in the layouts of the 自治体標準オープンデータセット."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.clock import today
from api.commands.context import open_database
from api.commands.datasets import MunicipalityOption

app = typer.Typer(no_args_is_help=True, help="自治体標準オープンデータセットの形式での書き出し")


@app.command("list")
def list_() -> None:
    """書き出せるファイルの名前を表示します。"""
    from kyodo_geo.opendata.layouts import LAYOUTS

    for item in LAYOUTS.values():
        typer.echo(f"{item.name}: {item.number} {item.title}（{len(item.columns)} 列）")


@app.command("export")
def export(
    name: Annotated[str, typer.Argument(help="ファイルの名前（`kyodo-geo opendata list` で一覧）")],
    output: Annotated[
        Path | None,
        typer.Option(help="書き出すファイル。指定しなければ、いまのフォルダーに標準の名前で書きます"),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="この日の終わりに有効だったデータ（年-月-日）"),
    ] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """公開しているデータを、標準の列の並びのCSV（UTF-8、BOM付き）で書き出します。"""
    from api import standard_sets
    from geodata.database import Audience
    from geodata.queries.generation import resolve
    from kyodo_geo.opendata.codes import six_digits

    wanted = standard_sets.layout(name)
    day: date | None = as_of.date() if as_of else None
    with open_database() as (settings, db), db.read(Audience.PUBLIC) as conn:
        ref = resolve(conn, municipality or settings.municipality, day)
        body = standard_sets.file_of(name, conn, ref, day or today())
    path = output or Path(f"{six_digits(ref.municipality_code)}_{name}.csv")
    path.write_bytes(body)
    rows = body.count(b"\r\n") - 1
    typer.echo(f"{wanted.title} {rows:,} 行を {path} に書き出しました。")
