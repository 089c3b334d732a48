"""`kyodo-geo fetch`: the public originals from their official addresses, in place of the sample's geography."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from api.commands.context import open_database
from api.commands.datasets import operator
from api.settings import Settings, load_settings
from kyodo_geo.errors import InputError
from kyodo_geo.kinds import KIND_NAMES

if TYPE_CHECKING:
    from geodata.database import Database
    from geodata.fetch.collect import Collected
    from geodata.fetch.load import Done
    from geodata.fetch.sources import Source, SourceTable


def fetch(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="取得元の名前か種類（複数可、コンマ区切り）。省略時はすべて"),
    ] = None,
    sources: Annotated[Path | None, typer.Option(help="取得元の表（TOML）。省略時は同梱の表")] = None,
    dir_: Annotated[
        Path | None, typer.Option("--dir", help="保存先。省略時は専用データベースと同じ場所")
    ] = None,
    load: Annotated[
        bool, typer.Option("--load/--no-load", help="取得した後、データセットとして読み込む")
    ] = True,
    activate: Annotated[
        bool, typer.Option("--activate", help="読み込んだものを、まとめて有効にする")
    ] = False,
    accept_changed: Annotated[
        bool, typer.Option("--accept-changed", help="最初に取得したときと内容が替わっていても受け入れる")
    ] = False,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="外部に接続せず、保存先にあるファイルを使う（閉じたネットワーク用）"),
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="取得元の表を示して終わる")] = False,
) -> None:
    """公開されている原本を取得し、検査して読み込みます。--activate で見本の地理データと入れ替えます。"""
    from geodata.fetch.collect import collect
    from geodata.fetch.sources import load_sources

    if activate and not load:
        raise InputError("--no-load と --activate は同時に指定できません。")
    settings = load_settings()
    folder = dir_ or _default_folder(settings)
    table = load_sources(sources)
    chosen = table.select([name.strip() for names in only or [] for name in names.split(",") if name.strip()])
    if list_:
        _show_sources(chosen, folder)
        return
    _refuse_other_municipality(table, settings)
    _warn_of_unconfirmed(chosen, folder, offline)
    if load:
        _require_database(settings)
    with _Bars() as bars:
        collected = collect(chosen, folder, watch=bars, offline=offline, accept_changed=accept_changed)
    for part in collected:
        found = "、".join(f"{name} {value:,}" for name, value in part.found.items())
        typer.echo(f"{part.source.title}: {part.how.value}（{found}）")
    typer.echo(f"保存先: {folder}")
    if not load:
        return
    with open_database(settings) as (_, db):
        done = _load(db, settings.municipality, collected, folder)
        if activate:
            _activate(db, settings.municipality, done)
        elif any(item.stored for item in done):
            numbers = " ".join(str(number) for item in done for number in item.dataset_ids)
            typer.echo(f"有効にするには: kyodo-geo dataset activate {numbers}")


def _default_folder(settings: Settings) -> Path:
    from geodata.cluster.layout import default_state_dir

    return (settings.state_dir or default_state_dir()) / "fetch"


def _refuse_other_municipality(table: SourceTable, settings: Settings) -> None:
    if table.municipality != settings.municipality:
        raise InputError(
            f"取得元の表は市区町村 {table.municipality} のものです。設定（KYODO_MUNICIPALITY）は"
            f" {settings.municipality} です。この市区町村の表を作り、--sources で指定してください。",
            field="sources",
        )


def _require_database(settings: Settings) -> None:
    """Say that the database is not there before minutes of downloading, not after."""
    from geodata.database import Audience

    with open_database(settings) as (_, db), db.read(Audience.LOADER):
        pass


def _show_sources(chosen: Sequence[Source], folder: Path) -> None:
    from geodata.fetch.collect import is_confirmed

    for source in chosen:
        state = "同梱" if source.bundled else "確認済み" if is_confirmed(source, folder) else "未確認"
        typer.echo(f"{source.id}（{KIND_NAMES[source.kind]}）: {state}")
        typer.echo(f"  内容: {source.title}\n  取得元: {source.url or source.bundled}")
        if source.page:
            typer.echo(f"  案内: {source.page}")
        typer.echo(f"  出典: {source.source}\n  利用条件: {source.licence}")


def _warn_of_unconfirmed(chosen: Sequence[Source], folder: Path, offline: bool) -> None:
    from geodata.fetch.collect import is_confirmed

    names = [source.title for source in chosen if not source.bundled and not is_confirmed(source, folder)]
    if names and not offline:
        typer.echo(
            "次の取得元は未確認です（この環境でまだ一度も取得していません）。取得と検査に成功すると確認済みになります:\n"
            + "\n".join(f"  {name}" for name in names)
        )


def _load(db: Database, municipality: str, collected: Sequence[Collected], folder: Path) -> list[Done]:
    from geodata.fetch.load import items_of, load_all
    from geodata.municipalities import ensure_known

    ensure_known(db, municipality, by=operator())
    return load_all(db, municipality, items_of(collected, folder, by=operator()), say=typer.echo)


def _activate(db: Database, municipality: str, done: Sequence[Done]) -> None:
    from geodata.fetch.load import all_active
    from geodata.generations import activate

    if all_active(db, municipality, done):
        typer.echo("どれもすでに有効です。変わったものはありません。")
        return
    numbers = [number for item in done for number in item.dataset_ids]
    made = activate(db, municipality, numbers, by=operator(), note="kyodo-geo fetch")
    typer.echo(
        f"世代 {made.generation_no} を有効にしました（{'、'.join(KIND_NAMES[kind] for kind in made.activated)}）。"
    )
    if made.retired:
        typer.echo(
            "見本の地理データの上に作られていたため、次の見本データ（架空）は使わなくなりました: "
            + "、".join(KIND_NAMES[kind] for kind in made.retired)
            + "\nこれらの実データは `kyodo-geo import` で読み込めます。元に戻すには `kyodo-geo dataset rollback` です。"
        )


class _Bars:
    """One progress bar per file with size, speed and time left; plain lines where there is no terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def started(self, source: Source, already: int, size: int | None) -> None:
        if not self._console.is_terminal:
            known = f"、{size / 1e3:,.0f} kB" if size else ""
            resumed = f"、{already / 1e3:,.0f} kB から続き" if already else ""
            self.said(f"取得: {source.title}（{source.url}{known}{resumed}）")
        if source.id in self._tasks:
            self._progress.update(self._tasks[source.id], total=size, completed=already)
        else:
            self._tasks[source.id] = self._progress.add_task(source.title, total=size, completed=already)

    def advanced(self, source: Source, count: int) -> None:
        self._progress.advance(self._tasks[source.id], count)

    def said(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
