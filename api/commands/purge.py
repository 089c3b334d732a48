"""`kyodo-geo purge`: delete now what is past its time of keeping, or see what the nightly job would delete."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.context import open_database
from kyodo_geo.errors import KyodoError


def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="消さずに、消す件数だけを表示する")] = False,
) -> None:
    """保存期間を過ぎた記録を消します（ふだんは毎晩、自動で行います）。期間は設定で変えられます。"""
    from rich.console import Console
    from rich.table import Table

    from api.jobs import purging

    with open_database() as (settings, database):
        done = purging.purge(database, settings, dry_run=dry_run)
    labels = {kind.key: kind.label for kind in purging.KINDS} | {purging.DUMPS: "一括ダウンロードのファイル"}
    held = {kind.key: kind.setting for kind in purging.KINDS} | {purging.DUMPS: "dump_retention_days"}
    table = Table("種類", "消す件数" if dry_run else "消した件数", "期間の設定")
    for key, number in done.items():
        setting = held[key]
        told = f"KYODO_{setting.upper()}={getattr(settings, setting)}" if setting else "決まった期間"
        table.add_row(labels[key], "失敗" if number == purging.FAILED else f"{number:,}", told)
    Console().print(table)
    if purging.FAILED in done.values():
        raise KyodoError("消せなかったものがあります。サービスの記録（ログ）を確かめてください。")
