"""`kyodo-geo bulk …`: millions of rows and the whole country, on this machine or on a Dask scheduler."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from geodata.bulk.running import Done, Failed

app = typer.Typer(no_args_is_help=True, help="たくさんの市区町村をまとめて処理します（Dask で分担できます）")

Scheduler = Annotated[
    str | None,
    typer.Option(help="Dask のスケジューラー（tcp://… または tls://…）。なければこの機械だけで処理する"),
]
Workers = Annotated[
    int, typer.Option(min=0, max=64, help="この機械で分担するプロセスの数。0 ならこのプロセスだけ")
]
Memory = Annotated[str, typer.Option(help="--workers の 1 プロセスが使うメモリの上限")]
Force = Annotated[bool, typer.Option("--force", help="OUT にほかの入力や条件の結果があれば置き換える")]
Ground = Annotated[
    Path,
    typer.Option(help="市区町村のデータのフォルダー（kyodo-geo bulk export が書くもの）", show_default=False),
]


@app.callback()
def _group() -> None:
    """たくさんの市区町村をまとめて処理します（Dask で分担できます）"""


@app.command()
def lookup(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="調べる表のフォルダー（municipality=NNNNN/*.parquet）")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="結果のフォルダー（同じ形の GeoParquet）")],
    ground: Ground,
    column: Annotated[str, typer.Option(help="住所の列の名前")] = "住所",
    rows: Annotated[int, typer.Option(min=1_000, max=1_000_000, help="1 つの結果のファイルの行数")] = 50_000,
    scheduler: Scheduler = None,
    workers: Workers = 0,
    memory: Memory = "1GiB",
    force: Force = False,
) -> None:
    """市区町村ごとの表の住所を調べ、結果の列を足した GeoParquet を書きます。止まっても、同じコマンドで続きから始めます。"""
    from geodata.bulk import lookup as work

    parts = work.plan(source, target, ground, column, rows=rows)
    about = {"what": "lookup", "column": column, "rows": sum(part.size for part in parts)}
    with _result(target, parts, about, force):
        outcomes = _run(parts, work.run, "行", scheduler=scheduler, workers=workers, memory=memory)
        _finish(target, parts, about)
    told = "、".join(f"{name} {count:,}" for name, count in sorted(outcomes.items()))
    typer.echo(
        f"{about['rows']:,} 行を調べました。今回の分: {told or 'なし（すべてできていました）'}", err=True
    )


@app.command()
def coverage(
    target: Annotated[Path, typer.Argument(metavar="OUT", help="結果のフォルダー")],
    ground: Ground,
    of: Annotated[
        str, typer.Option(help="activity 活動に使える施設 / facilities すべての施設 / halls 自治公民館")
    ] = "activity",
    distances: Annotated[str, typer.Option(help="距離（m）をコンマで区切って並べる")] = "500,800,1200",
    on: Annotated[str | None, typer.Option(help="施設が使われている日（YYYY-MM-DD）。なければ今日")] = None,
    scheduler: Scheduler = None,
    workers: Workers = 0,
    memory: Memory = "1GiB",
    force: Force = False,
) -> None:
    """施設や公民館に歩いて行ける人を数えます（直線距離×1.3）。小地域ごとの表と、市区町村ごとの coverage.csv を書きます。"""
    from api.clock import today
    from geodata.bulk import coverage as work

    if of not in ("activity", "facilities", "halls"):
        raise InputError("--of は activity、facilities、halls のどれかにしてください。", field="of")
    parts = work.plan(ground, target, of=of, on=_day(on) if on else today(), distances=_metres(distances))
    about = {"what": "coverage", "of": of, "on": parts[0].on, "distances": list(parts[0].distances)}
    with _result(target, parts, about, force):
        _run(parts, work.run, "市区町村", scheduler=scheduler, workers=workers, memory=memory)
        _write_totals(target / "coverage.csv", [work.facts_of(Path(part.target)) for part in parts])
        _finish(target, parts, about)
    typer.echo(f"{len(parts):,} 市区町村を調べました: {target / 'coverage.csv'}", err=True)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(metavar="OUT", help="書くフォルダー")],
    municipality: Annotated[
        list[str] | None,
        typer.Option(help="市区町村コード（5 桁）。何度でも書ける。なければ読み込まれているすべて"),
    ] = None,
) -> None:
    """有効なデータを、bulk lookup と bulk coverage が使う GeoParquet に書きます。連絡先や空き家は書きません。"""
    from api.commands.context import open_database
    from geodata.bulk.export import export as write
    from geodata.database import Audience
    from geodata.queries.generation import active_codes, resolve

    with open_database() as (_, database):
        with database.read(Audience.STAFF) as conn:
            codes = municipality or active_codes(conn)
        for code in codes:
            with database.read(Audience.STAFF) as conn:
                counts = write(conn, resolve(conn, code), target)
            typer.echo(f"{code}: " + "、".join(f"{kind} {count:,}" for kind, count in counts.items()))


@contextmanager
def _result(target: Path, parts: Sequence[Any], about: dict[str, Any], force: bool) -> Iterator[None]:
    from geodata.bulk.parts import result

    try:
        with result(target, [Path(part.target) for part in parts], about=about, force=force):
            yield
    except KeyboardInterrupt:
        typer.echo("中止しました。同じコマンドをもう一度実行すると、続きから始めます。", err=True)
        raise typer.Exit(130) from None


def _run(
    parts: Sequence[Any],
    work: Callable[[Any], Done],
    unit: str,
    *,
    scheduler: str | None,
    workers: int,
    memory: str,
) -> Counter[str]:
    """Run what is not there yet, with a bar; returns outcomes. Ends with status 1 when a part failed."""
    from geodata.bulk.running import Failed, run

    outcomes: Counter[str] = Counter()
    ready = sum(part.size for part in parts if Path(part.target).exists())
    with _bar(sum(part.size for part in parts), ready, unit) as advance:

        def on_result(found: Done | Failed) -> None:
            if not isinstance(found, Failed):
                outcomes.update(found.outcomes)
                advance(found.rows)

        failed = run(parts, work, scheduler=scheduler, workers=workers, memory=memory, on_result=on_result)
    if failed:
        for one in failed[:20]:
            typer.echo(f"エラー: {one.code}（{Path(one.target).name}）: {one.why}", err=True)
        typer.echo(
            f"{len(failed):,} 個ができませんでした。もう一度実行すると、その分だけを調べます。", err=True
        )
        raise typer.Exit(1)
    return outcomes


def _finish(target: Path, parts: Sequence[Any], about: dict[str, Any]) -> None:
    from geodata.bulk.parts import MANIFEST, write_json

    listed = [{"path": str(Path(part.target).relative_to(target)), "rows": part.size} for part in parts]
    write_json(target / MANIFEST, {**about, "parts": listed})


def _write_totals(path: Path, facts: list[dict[str, Any]]) -> None:
    from api.tables import rows_to_csv
    from geodata.bulk.parts import whole

    names = list(facts[0]["within"])
    header = (
        "市区町村", "施設", "小地域", "人口が公表されない小地域", "人口", *(f"{n}m以内" for n in names),
        "施設がない", "平均距離m",
    )  # fmt: skip
    lines = (
        (
            one["municipality"], one["facilities"], one["areas"], one["unpublished"], round(one["people"]),
            *(round(one["within"][name]) for name in names), round(one["unreachable"]),
            "" if one["mean_m"] is None else round(one["mean_m"]),
        )
        for one in facts
    )  # fmt: skip
    with whole(path) as passing:
        passing.write_bytes(rows_to_csv(header, lines))


def _metres(text: str) -> tuple[float, ...]:
    try:
        found = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError:
        found = ()
    if not found or not all(0 < value <= 100_000 for value in found) or len(found) > 10:
        raise InputError(
            "距離は、0 より大きく 100000 以下の数を 10 個まで、コンマで区切ってください。", field="distances"
        )
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("日付は YYYY-MM-DD の形で指定してください。", field="on") from None


@contextmanager
def _bar(total: int, ready: int, unit: str) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; yields what takes further work done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("調べています"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total, completed=ready)
        yield lambda more: progress.advance(task, more)
