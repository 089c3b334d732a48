"""`kyodo-geo grants`: the incentive (取組7) of a year for all associations, and the calculations that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.context import open_database
from api.commands.datasets import operator

if TYPE_CHECKING:
    from geodata.grants.runs import Run

app = typer.Typer(no_args_is_help=True, help="協働推進奨励金の計算と一覧（決定と支払は画面で行います）")


@app.command("list")
def list_(
    year: Annotated[int | None, typer.Option(help="年度（始まりの西暦）。なければすべて")] = None,
) -> None:
    """計算の一覧を、新しい順に表示します。"""
    from geodata.database import Audience
    from geodata.grants import runs

    with open_database() as (settings, db), db.read(Audience.STAFF) as conn:
        found = runs.runs(conn, settings.municipality, year=year)
    for run in found:
        typer.echo(_line(run))
    if not found:
        typer.echo("計算はまだありません。`kyodo-geo grants calculate 年度` で計算できます。")


@app.command()
def calculate(year: Annotated[int, typer.Argument(help="年度（始まりの西暦。例：2026）")]) -> None:
    """適用中のきまりで、すべての町内会・自治会の奨励金を計算します。決定するまでは、画面で消せます。"""
    from geodata.database import Audience
    from geodata.grants import runs
    from geodata.queries.generation import resolve

    with open_database() as (settings, db), db.write(Audience.STAFF) as conn:
        ref = resolve(conn, settings.municipality)
        number = runs.calculate(conn, ref, year, actor=operator())
        run = runs.one(conn, ref.municipality_code, number)
        unknown = [row for row in runs.rows(conn, ref.municipality_code, number) if row.amount_yen is None]
    typer.echo(_line(run))
    for row in unknown[:10]:
        typer.echo(f"  計算できません {row.association_id} {row.name}: {'、'.join(row.reasons)}")
    if len(unknown) > 10:
        typer.echo(f"  ほかに {len(unknown) - 10} 団体（/staff/grants/runs/{number} に全部あります）")


def _line(run: Run) -> str:
    from geodata.grants.runs import STATES

    return (
        f"第{run.run_no}号 {run.title} {STATES[run.state]}: {run.associations - run.unknown} 団体 "
        f"{run.total_yen:,}円、計算できない {run.unknown} 団体（きまり 第{run.rule_version}版）"
    )
