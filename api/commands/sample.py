"""`kyodo-geo sample`: the bundled sample (見本データ)."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from api.commands.context import open_database
from kyodo_geo.kinds import KIND_NAMES, SAMPLE_KINDS

app = typer.Typer(no_args_is_help=True, help="見本データ（架空）")

_STEPS = len(SAMPLE_KINDS) + 2  # generating and activating


@app.callback()
def _root() -> None:
    """見本データ（架空）"""


@app.command()
def load() -> None:
    """見本データ（架空）を読み込み、有効にします。見本でないデータが有効なときは、何もせずに断ります。"""
    from geodata.sample.load import load_sample

    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=Console(stderr=True)
    )
    with open_database() as (_, database), progress:
        task = progress.add_task("準備", total=_STEPS)

        def step(name: str) -> None:
            started = progress.tasks[0].description != "準備"
            progress.update(task, description=name, advance=1 if started else 0)

        summary = load_sample(database, on_step=step)
        progress.update(task, description="完了", completed=_STEPS)
    if not summary.loaded:
        missing = sum(summary.records.values())
        done = f"足りない記録を {missing:,} 件加えました。" if missing else "何も変えていません。"
        typer.echo(f"同じ見本データがすでに有効です（世代 {summary.generation_no}）。{done}")
        return
    for kind, rows in summary.rows.items():
        typer.echo(f"  {KIND_NAMES[kind]}: {rows:,} 行")
    typer.echo(f"見本データ（架空）を読み込み、世代 {summary.generation_no} を有効にしました。")
