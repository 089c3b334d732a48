"""`kyodo-geo records`: files of dated records that the city keeps (ledger, inspections, monthly use …)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.context import open_database
from api.commands.datasets import MunicipalityOption, operator, parse_mapping
from kyodo_geo.errors import InputError
from kyodo_geo.quality import Quality

app = typer.Typer(no_args_is_help=True, help="固定資産台帳・点検・月ごとの利用などの記録の読み込み")

SHOWN = 10


@app.command("kinds")
def kinds() -> None:
    """読み込める記録の種類と、その列を表示します。"""
    from geodata.record_files import RECORD_KINDS

    for kind, spec in RECORD_KINDS.items():
        columns = "、".join(f"{field.label}{'＊' if field.required else ''}" for field in spec.fields)
        typer.echo(f"{kind}: {spec.label}\n  列（＊は必須）: {columns}")


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="記録の種類（`kyodo-geo records kinds` で一覧）")],
    files: Annotated[list[Path], typer.Argument(help="読み込むファイル（CSV、Excel。複数可）")],
    source: Annotated[
        str | None, typer.Option(help="出典（画面に表示されます）。なければファイルの名前")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="文字コード（例 cp932, utf-8）")] = None,
    mapping: Annotated[list[str] | None, typer.Option("--map", help="項目名=列名（複数可）")] = None,
    municipality: MunicipalityOption = None,
    quality: Annotated[Quality, typer.Option(help="real=実データ、unofficial=非公式")] = Quality.REAL,
    dry_run: Annotated[bool, typer.Option(help="確認だけ行い、保存しません")] = False,
) -> None:
    """記録のファイルを読み、いまの記録との違いを表示し、保存します。"""
    from geodata.importing import ImportOptions
    from geodata.record_files import import_records

    if quality is Quality.SAMPLE:
        raise InputError("見本データは `kyodo-geo sample load` で読み込みます。", field="quality")
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        raise InputError("ファイルがありません: " + "、".join(missing), field="files")
    with open_database() as (settings, db):
        done = import_records(
            db,
            municipality or settings.municipality,
            kind,
            files,
            ImportOptions(encoding=encoding, mapping=parse_mapping(mapping or [])),
            source=source or "、".join(path.name for path in files),
            by=operator(),
            quality=quality,
            dry_run=dry_run,
        )
    for line in done.summary_ja():
        typer.echo(line)
    for change in done.changes[:SHOWN]:
        key = "・".join(str(value) for value in change.key.values())
        what = "追加" if change.before is None else "削除" if change.after is None else "変更"
        typer.echo(f"  {what} {key}: {_facts(change.before, change.after)}")
    if len(done.changes) > SHOWN:
        typer.echo(f"  ほか {done.added + done.changed + done.removed - SHOWN:,} 件")
    typer.echo("保存しました。" if done.stored else "確認だけを行いました。保存はしていません。")


def _facts(before: dict[str, object] | None, after: dict[str, object] | None) -> str:
    names = [name for name in (after or before or {}) if name not in ("quality", "source")]
    if before is None or after is None:
        return "、".join(f"{name}={(after or before or {})[name]}" for name in names)
    return "、".join(f"{name}: {before[name]} → {after[name]}" for name in names)
