"""`kyodo-geo audit`: whether the chain of the audit log holds, and its head for keeping elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.context import open_database
from kyodo_geo.errors import InputError, KyodoError

app = typer.Typer(no_args_is_help=True, help="監査の記録の鎖（改ざんの検査と、控え）")

BY = "command line"


@app.command()
def head() -> None:
    """鎖の先頭（いちばん新しい記録の番号とハッシュ）を表示します。紙や書き換えられない媒体に控えてください。"""
    from geodata import audit_chain
    from geodata.database import Audience

    with open_database() as (settings, database), database.read(Audience.AUTH) as conn:
        found = audit_chain.head(conn, settings.municipality)
    typer.echo(str(found))
    if found.at is not None:
        typer.echo(
            f"市区町村 {settings.municipality}、{found.at.astimezone():%Y-%m-%d %H:%M:%S} の記録まで",
            err=True,
        )


@app.command()
def verify(
    against: Annotated[
        list[str] | None,
        typer.Option("--head", help="控えておいた先頭（番号:ハッシュ）。いくつでも"),
    ] = None,
    heads: Annotated[
        Path | None,
        typer.Option(help="控えのファイル（KYODO_AUDIT_HEAD_FILE に書かれたもの。1 行に 1 つ）"),
    ] = None,
    note: Annotated[bool, typer.Option("--note", help="結果を監査の記録に書く")] = False,
) -> None:
    """鎖をはじめから終わりまで検査します。壊れていれば最初の場所を示し、終了コード 1 で終わります。

    いちばん新しい側の記録が消されたことと、全部が作り直されたことは、控えがあるときだけ分かります。
    """
    from geodata import audit_chain
    from geodata.database import Audience

    lines = [*(against or ()), *(_lines(heads) if heads else ())]
    with open_database() as (settings, database):
        try:
            kept = [audit_chain.read_head(line) for line in lines]
        except ValueError:
            raise InputError(
                "控えは「番号:ハッシュ（64 文字）」の形で指定してください。", field="head"
            ) from None
        # Over the whole log: no bound on the time of a statement, as reads of the service have.
        with database.write(Audience.AUTH) as conn:
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            found = audit_chain.verify(conn, settings.municipality, against=kept)
        if note:
            with database.write(Audience.AUTH) as conn:
                audit_chain.note_check(conn, settings.municipality, found, by=BY)
    if found.removed:
        typer.echo(f"保存期間を過ぎた {found.removed:,} 番までは、消したと記録されています。", err=True)
    if found.broken is not None:
        where = "".join(
            [
                f"鎖の {found.chain_no:,} 番" if found.chain_no is not None else "",
                f"（記録 {found.entry_no}）" if found.entry_no is not None else "",
            ]
        )
        raise KyodoError(
            f"監査の記録が壊れています：{found.broken}。{where}。そこまでの {found.entries:,} 件は正しい記録です。"
        )
    typer.echo(f"{found.entries:,} 件を検査しました。異常はありません。")
    typer.echo(str(found.head))


def _lines(path: Path) -> list[str]:
    """Heads of a file of ours: the second word of each line, behind the time."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"控えのファイル「{path}」を読めません。", field="heads") from None
    return [line.split()[-1] for line in text.splitlines() if line.strip() and not line.startswith("#")]
