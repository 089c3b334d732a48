"""`kyodo-geo bundle`: one archive for machines that reach no package source."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from kyodo_geo.errors import InputError


def bundle(
    file: Annotated[Path, typer.Argument(help="作るファイル（例 kyodo-geo-bundle.tar）")],
    checkout: Annotated[Path, typer.Option(help="このプログラムのリポジトリ")] = Path(),
    private_key: Annotated[
        Path | None, typer.Option(help="一覧に署名する秘密鍵（kyodo-geo publish keygen で作る）")
    ] = None,
    since: Annotated[
        Path | None, typer.Option(help="前に渡した組。変わっていないファイルを省いた、小さな修正用の組を作る")
    ] = None,
    system: Annotated[bool, typer.Option(help="システムのパッケージもふくめる")] = True,
) -> None:
    """取得元のない機械で導入・更新・修正するための、1 つのファイルを作ります（取得元に届く機械で実行します）。"""
    from api.bundling import archive, collect

    lock, installer = checkout / "requirements.lock", checkout / ".ci" / "bundle" / "install.sh"
    for needed in (lock, installer):
        if not needed.exists():
            raise InputError(f"{needed} がありません。リポジトリのフォルダーで実行してください。")
    if file.exists():
        raise InputError(f"{file} はすでにあります。")
    before = archive.sums_of_archive(since) if since else None
    with tempfile.TemporaryDirectory(prefix="kyodo-geo-bundle-", dir=file.resolve().parent) as made:
        folder = Path(made)
        typer.echo("Python のパッケージを集めています…", err=True)
        collect.wheels(lock, folder / "wheels")
        own = collect.own_wheel(checkout.resolve(), folder / "wheels")
        (folder / "own.lock").write_text(collect.own_lock(own), encoding="ascii")
        (folder / "debs").mkdir()
        if system:
            typer.echo("システムのパッケージを集めています…", err=True)
            collect.system_packages(collect.SYSTEM_PACKAGES, collect.FRONT_PACKAGES, folder / "debs")
        typer.echo("ライセンスの文と部品の一覧を集めています…", err=True)
        collect.licences(folder, folder / "licences")
        collect.sbom(checkout.resolve(), folder / "sbom.json")
        shutil.copy(lock, folder / "requirements.lock")
        shutil.copy(installer, folder / "install.sh")
        shutil.copytree(checkout / "docs", folder / "docs", ignore=shutil.ignore_patterns("images"))
        commit = collect.commit(checkout.resolve())
        version = own.name.split("-")[1]
        digest = archive.sums_of(folder)
        told = {
            "id": f"{version}-{commit}-{_short(digest)}",
            "version": version,
            "commit": commit,
            "system": system,
        }
        (folder / "bundle.json").write_text(json.dumps(told, indent=1) + "\n", encoding="ascii")
        inside, listed = archive.pack(folder, file, private_key=private_key, since=before)
    typer.echo(
        f"{file} を作りました（{file.stat().st_size / 1e6:,.0f} MB、{inside} ファイル、一覧 {listed}）: {told['id']}"
    )


def _short(sums: dict[str, str]) -> str:
    """Eight digits over everything inside: another wheel or package makes another version."""
    import hashlib

    return hashlib.sha256("\n".join(f"{d} {n}" for n, d in sorted(sums.items())).encode()).hexdigest()[:8]
