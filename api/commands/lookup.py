"""`kyodo-geo lookup`: the lookup without the web service."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any

import typer

from api.commands.context import open_database
from kyodo_geo.errors import InputError

HEADINGS = {
    "one": "町内会・自治会が見つかりました。",
    "several": "複数の候補があります。",
    "none_here": "この場所の町内会・自治会は登録されていません。",
    "outside_city": "この場所は市の外です。",
    "not_understood": "住所を読み取れませんでした。",
}


def lookup(
    address: Annotated[str | None, typer.Argument(help="住所（例 盛岡市内丸12番2号）")] = None,
    lon: Annotated[float | None, typer.Option(help="経度（度）")] = None,
    lat: Annotated[float | None, typer.Option(help="緯度（度）")] = None,
    municipality: Annotated[str | None, typer.Option(help="市区町村コード（5 桁）")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="API と同じ JSON で表示する")] = False,
) -> None:
    """住所または地点から、町内会・自治会を調べます。"""
    from api.asking import counted_town
    from api.memory import Reader, whole_register
    from geodata.database import Audience
    from geodata.lookup_counts import Count, add
    from geodata.queries.generation import resolve
    from geodata.queries.snapshot import lookup_snapshot
    from kyodo_geo.lookup import LookupIndex

    check(address, lon, lat)
    with open_database() as (settings, database):
        code = municipality or settings.municipality
        with database.read() as conn:
            snapshot = lookup_snapshot(conn, resolve(conn, code))
        index = LookupIndex(snapshot)
        if address is not None:
            # Run by the city, on its own machine: it reads the register of buildings.
            register = whole_register(database, code, Reader(Audience.STAFF))
            found = register.recall(index, address, index.by_address(address))
        else:
            assert lon is not None and lat is not None
            found = index.by_point(lon, lat)
        answer = found.as_dict()
        with database.write(Audience.AUTH) as conn:
            town, fault = counted_town(found), int(found.data_fault)
            add(conn, [Count(code, "command-line", found.outcome.value, town, "", 1, fault)])
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2) if as_json else words(answer))


def check(address: str | None, lon: float | None, lat: float | None) -> None:
    """Raise InputError unless there is exactly one question, with finite numbers in range."""
    from kyodo_geo.lookup.columns import MAX_ADDRESS

    if (lon is None) != (lat is None):
        raise InputError("経度（--lon）と緯度（--lat）は、両方を指定してください。")
    if (address is None) == (lon is None):
        raise InputError("住所か、経度（--lon）と緯度（--lat）の、どちらか一方を指定してください。")
    if lon is not None and lat is not None:
        finite = math.isfinite(lon) and math.isfinite(lat)
        if not finite or abs(lon) > 180 or abs(lat) > 90:
            raise InputError("経度は -180〜180、緯度は -90〜90 の数で指定してください。")
    if address is not None and not 0 < len(address) <= MAX_ADDRESS:
        raise InputError(f"住所は 1〜{MAX_ADDRESS} 文字で指定してください。")


def words(answer: dict[str, Any]) -> str:
    """The answer for people."""
    lines = [HEADINGS[answer["outcome"]]]
    for association in answer["associations"]:
        district = association["district"]
        place = f"（{district['no']} {district['name']}地区）" if district else ""
        lines.append(f"  {association['name']}{place}")
    lines.append(answer["message"])
    quality = (answer.get("dataset") or {}).get("quality_label")
    if quality:
        lines.append(f"データ: {quality}")
    return "\n".join(lines)
