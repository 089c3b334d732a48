"""`kyodo-geo import` and `kyodo-geo dataset`: load files, compare, activate, roll back."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.commands.context import open_database
from kyodo_geo.crs import JGD2011
from kyodo_geo.errors import InputError
from kyodo_geo.kinds import KIND_NAMES, KINDS
from kyodo_geo.quality import Quality

app = typer.Typer(no_args_is_help=True, help="データセットの一覧・内容・比較・有効化・取り消し")

MunicipalityOption = Annotated[str | None, typer.Option("--municipality", help="市区町村コード（5桁）")]


def operator() -> str:
    """Who runs the command, for the audit log."""
    return f"cli:{getpass.getuser()}"


@contextmanager
def _working(text: str) -> Iterator[None]:
    """A spinner with the time that has passed, on stderr."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(text, total=None)
        yield


def parse_mapping(pairs: list[str]) -> dict[str, str] | None:
    """`field=column` pairs as a dict; raises `InputError` naming the pair that is not one."""
    found: dict[str, str] = {}
    for pair in pairs:
        field, sign, column = pair.partition("=")
        if not sign or not field.strip() or not column.strip():
            raise InputError(
                f"--map「{pair}」は「項目名=列名」の形で指定してください（例: --map name=町内会名）。",
                field="map",
            )
        found[field.strip()] = column.strip()
    return found or None


def import_files(
    kind: Annotated[str, typer.Argument(help="データの種類: " + "、".join(KINDS))],
    files: Annotated[list[Path], typer.Argument(help="読み込むファイル（複数可）")],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="形式（町・字: geolonia, abr-town など、住所の範囲: association-list, kokuji-text など）",
        ),
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help=f"座標系（ファイルに書かれていないとき。例 EPSG:{JGD2011}）")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="文字コード（例 cp932, utf-8）")] = None,
    mapping: Annotated[list[str] | None, typer.Option("--map", help="項目名=列名（複数可）")] = None,
    municipality: MunicipalityOption = None,
    title: Annotated[str | None, typer.Option(help="データセットの名前")] = None,
    source: Annotated[str | None, typer.Option(help="出典（画面に表示されます）")] = None,
    source_url: Annotated[str | None, typer.Option(help="出典のアドレス")] = None,
    licence: Annotated[str | None, typer.Option(help="利用条件")] = None,
    authority: Annotated[str | None, typer.Option(help="作成者")] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="時点（年-月-日）")] = None,
    quality: Annotated[Quality, typer.Option(help="real=公表データ、unofficial=非公式")] = Quality.REAL,
    dry_run: Annotated[bool, typer.Option(help="確認だけ行い、保存しません")] = False,
    activate: Annotated[bool, typer.Option(help="読み込んだあと、すぐに有効にします")] = False,
) -> None:
    """ファイルを読み込み、検査の結果を表示し、未有効のデータセットとして保存します。"""
    from geodata.datasets import DatasetMeta
    from geodata.generations import activate as make_active
    from geodata.importing import ImportOptions
    from geodata.importing import import_files as run
    from geodata.kind_tables import kind_table
    from geodata.municipalities import ensure_known
    from geodata.passing_folders import READING, sweep

    kind_table(kind)
    day: date | None = as_of.date() if as_of else None
    if dry_run and activate:
        raise InputError("--dry-run と --activate は同時に指定できません。")
    if quality is Quality.SAMPLE:
        raise InputError("見本データは `kyodo-geo sample load` で読み込みます。", field="quality")
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        raise InputError("ファイルがありません: " + "、".join(missing), field="files")
    sweep(READING)  # what an import that was killed has left
    with open_database() as (settings, db):
        code = municipality or settings.municipality
        ensure_known(db, code, by=operator())
        names = "、".join(path.name for path in files)
        meta = DatasetMeta(
            title=title or f"{KIND_NAMES.get(kind, kind)}（{names}）",
            source=source or names,
            source_url=source_url,
            licence=licence,
            authority=authority,
            as_of=day,
            quality=quality,
            loaded_by=operator(),
        )
        options = ImportOptions(format_, crs, encoding, parse_mapping(mapping or []))
        with _working(f"{KIND_NAMES.get(kind, kind)}を読み込んでいます"):
            done = run(db, code, kind, files, meta, options, dry_run=dry_run)
        for line in done.result.report.summary_ja():
            typer.echo(line)
        if done.derived is not None:
            typer.echo(f"{KIND_NAMES[done.derived.kind]}（この割り当てから作成）:")
            for line in done.derived.report.summary_ja():
                typer.echo(f"  {line}")
        if dry_run:
            typer.echo("確認だけを行いました。保存はしていません。")
            return
        for item in done.stored:
            carried = f"（ほかに引き継ぎ {item.carried_over} 行）" if item.carried_over else ""
            name = KIND_NAMES[item.kind]
            typer.echo(f"データセット {item.dataset_id}: {name} {item.rows} 行を保存しました{carried}。")
        numbers = [item.dataset_id for item in done.stored]
        if activate:
            _report(make_active(db, code, numbers, by=operator()))
        else:
            typer.echo(f"有効にするには: kyodo-geo dataset activate {' '.join(map(str, numbers))}")


def _report(done: object) -> None:
    from geodata.generations import Activation

    assert isinstance(done, Activation)
    names = "、".join(KIND_NAMES[kind] for kind in done.activated)
    typer.echo(f"世代 {done.generation_no} を有効にしました（{names}）。")
    if done.retired:
        retired = "、".join(KIND_NAMES[kind] for kind in done.retired)
        typer.echo(f"実データに替わったため、次の見本データは使わなくなりました: {retired}")


@app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option(help="種類で絞る")] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """データセットの一覧を、新しい順に表示します。"""
    from geodata.database import Audience
    from geodata.datasets import list_datasets
    from geodata.kind_tables import kind_table

    if kind is not None:
        kind_table(kind)
    with open_database() as (settings, db), db.read(Audience.LOADER) as conn:
        rows = list_datasets(conn, municipality or settings.municipality, kind=kind, staff=True)
    table = Table("番号", "種類", "名前", "行", "時点", "区分", "有効")
    for row in rows:
        table.add_row(
            str(row["dataset_id"]),
            KIND_NAMES[row["kind"]],
            row["title"],
            f"{row['row_count']:,}",
            str(row["as_of"] or "不明"),
            Quality(row["quality"]).label,
            "有効" if row["active"] else "",
        )
    Console().print(table if rows else "データセットはありません。")


@app.command()
def show(dataset_id: int, municipality: MunicipalityOption = None) -> None:
    """データセットの出典と検査の結果を表示します。"""
    from geodata.database import Audience
    from geodata.datasets import show_dataset

    with open_database() as (settings, db), db.read(Audience.LOADER) as conn:
        row = show_dataset(conn, municipality or settings.municipality, dataset_id)
    labels = {
        "kind": "種類", "title": "名前", "source": "出典", "source_url": "出典のアドレス", "licence": "利用条件",
        "authority": "作成者", "as_of": "時点", "loaded_at": "読み込み", "loaded_by": "読み込んだ人",
        "row_count": "行", "checksum": "SHA-256", "derived_from": "元のデータセット",
    }  # fmt: skip
    typer.echo(f"データセット {dataset_id}（{Quality(row['quality']).label}）")
    for key, label in labels.items():
        value = KIND_NAMES[row[key]] if key == "kind" else row[key]
        typer.echo(f"  {label}: {'不明' if value in (None, '') else value}")
    typer.echo("検査の結果:")
    for line in row["report"].get("summary", []):
        typer.echo(f"  {line}")


@app.command("diff")
def diff_(
    dataset_id: int,
    against: Annotated[int | None, typer.Option(help="比べる相手（省略時は有効なもの）")] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """データセットを、有効なものと比べます。"""
    from geodata.database import Audience
    from geodata.diffs import diff

    with open_database() as (settings, db), db.read(Audience.LOADER) as conn:
        found = diff(conn, municipality or settings.municipality, dataset_id, against)
    typer.echo(
        f"{KIND_NAMES[found.kind]}: 追加 {found.added}、削除 {found.removed}、変更 {found.changed}、"
        f"変わらない {found.unchanged}"
        + (f"（相手はデータセット {found.against}）" if found.against else "（有効なものはありません）")
    )
    for name, label in (("added", "追加"), ("removed", "削除"), ("changed", "変更")):
        if found.keys[name]:
            shown = "、".join(found.keys[name][:20])
            typer.echo(f"  {label}: {shown}{' …' if len(found.keys[name]) > 20 else ''}")
    for move in found.moved:
        people = "不明" if move.people is None else f"{move.people:,} 人"
        typer.echo(
            f"  地区 {move.from_no or 'なし'} → {move.to_no or 'なし'}: {move.area_m2 / 1e6:,.3f} km²、{people}"
        )


@app.command()
def activate(
    dataset_ids: list[int],
    note: Annotated[str | None, typer.Option(help="理由（記録に残ります）")] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """データセットを有効にし、新しい世代を作ります。"""
    from geodata.generations import activate as make_active

    with open_database() as (settings, db):
        _report(make_active(db, municipality or settings.municipality, dataset_ids, by=operator(), note=note))


@app.command()
def rollback(
    to: Annotated[int | None, typer.Option(help="戻す世代（省略時は一つ前）")] = None,
    note: Annotated[str | None, typer.Option(help="理由（記録に残ります）")] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """以前の世代の内容で、新しい世代を作ります。"""
    from geodata.generations import rollback as restore

    with open_database() as (settings, db):
        code = municipality or settings.municipality
        done = restore(db, code, by=operator(), to_generation=to, note=note)
        typer.echo(f"世代 {done.generation_no} を有効にしました（以前の内容に戻しました）。")
