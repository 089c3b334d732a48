"""`kyodo-geo export` and `kyodo-geo dump`: collections as files, written by the functions that answer over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.clock import today
from api.commands.context import open_database
from api.commands.datasets import MunicipalityOption, operator
from kyodo_geo.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from geodata.database import Audience
    from geodata.exports.run import Job
    from geodata.queries.generation import Ref
    from kyodo_geo.collections import Collection

AsOfOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="この日の終わりに有効だったデータ（年-月-日）")
]


def export(
    collection: Annotated[
        str, typer.Argument(help="コレクションの id（例 districts。まちがえると一覧を表示します）")
    ],
    format_: Annotated[
        str, typer.Option("--format", help="geojson、geojsonseq、csv、gpkg、fgb、parquet、kml")
    ],
    out: Annotated[Path, typer.Option(help="書き出すファイル")],
    as_of: AsOfOption = None,
    municipality: MunicipalityOption = None,
    bbox: Annotated[str | None, typer.Option(help="範囲（西,南,東,北、度）")] = None,
    filter_: Annotated[str | None, typer.Option("--filter", help="CQL2 の条件（例 people > 1000）")] = None,
    sortby: Annotated[str | None, typer.Option(help="並べ方（例 name,-people）")] = None,
    properties: Annotated[str | None, typer.Option(help="書き出す属性（コンマ区切り）")] = None,
    crs: Annotated[str | None, typer.Option(help="座標参照系（コレクションの crs の URI）")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="件数の上限")] = None,
    csv_bom: Annotated[bool, typer.Option(help="CSV: 先頭に BOM を付ける")] = True,
    csv_shape: Annotated[str, typer.Option(help="CSV: 形状の列（auto、wkt、none）")] = "auto",
    csv_heading: Annotated[str, typer.Option(help="CSV: 見出し（name、title）")] = "name",
    staff: Annotated[bool, typer.Option(help="職員だけのデータも書き出す（監査の記録に残ります）")] = False,
    overwrite: Annotated[bool, typer.Option(help="同じ名前のファイルを置き換える")] = False,
) -> None:
    """コレクションをファイルに書き出します。"""
    from geodata.database import Audience
    from geodata.exports.run import check, to_file
    from geodata.features.query import ids

    if out.exists() and not overwrite:
        raise InputError(
            f"{out} はもうあります。置き換えるときは --overwrite を付けてください。", field="out"
        )
    if csv_shape not in ("auto", "wkt", "none") or csv_heading not in ("name", "title"):
        raise InputError(
            "--csv-shape は auto、wkt、none、--csv-heading は name、title で指定してください。", field="csv"
        )
    asked = _Asked(bbox, filter_, sortby, properties, crs, limit, csv_bom, csv_shape, csv_heading)
    day: date | None = as_of.date() if as_of else None
    audience = Audience.STAFF if staff else Audience.PUBLIC
    beside = out.with_name(f".{out.stem}.part{out.suffix}")
    with open_database() as (settings, db):
        try:
            with db.read(audience) as conn:
                job = _job(
                    conn, municipality or settings.municipality, collection, format_, day, asked, audience
                )
                check(job)
                if staff:
                    watched = collection == "vacant-houses"
                    seen = ids(conn, job.ref, job.collection, job.query, job.on) if watched else None
                    _look_down(db, municipality or settings.municipality, collection, seen)
                to_file(conn, job, beside)
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)
    typer.echo(f"{job.collection.title}（第 {job.ref.generation_no} 世代）を {out} に書き出しました。")


def dump(
    generation: Annotated[int | None, typer.Argument(help="世代の番号。指定しなければ、いまの世代")] = None,
    out: Annotated[
        Path | None, typer.Option(help="書き出すフォルダー。指定しなければ、サービスが配る場所")
    ] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """世代の公開データを、すべての形式で書き出します（一括ダウンロードのファイル）。"""
    from api.exports.dumps import shelf_of
    from geodata.database import Audience
    from geodata.exports import dump as dumps
    from geodata.queries.generation import at_generation, resolve

    with open_database() as (settings, db):
        code = municipality or settings.municipality
        with db.read(Audience.PUBLIC) as conn:
            ref = resolve(conn, code) if generation is None else at_generation(conn, code, generation)
        if out is None:
            shelf = shelf_of(settings)
            folder = shelf.folder(code, ref.generation_no, ref.suppress_below_households)
            told = shelf.fill(folder, lambda beside: dumps.make(db, code, ref.generation_no, beside))
        else:
            if out.exists() and any(out.iterdir()):
                raise InputError(f"{out} は空ではありません。", field="out")
            out.mkdir(parents=True, exist_ok=True)
            folder = out
            told = dumps.make(db, code, ref.generation_no, out)
    size = sum(file["bytes"] for file in told["files"]) / 2**20
    typer.echo(
        f"第 {ref.generation_no} 世代: {len(told['files'])} 個のファイル（{size:.1f} MB）を {folder} に書き出しました。"
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    bbox: str | None
    filter: str | None
    sortby: str | None
    properties: str | None
    crs: str | None
    limit: int | None
    csv_bom: bool
    csv_shape: str
    csv_heading: str


def _job(
    conn: Any, municipality: str, name: str, format_: str, day: date | None, asked: _Asked, audience: Audience
) -> Job:
    """The same question as over HTTP, read by the same functions."""
    from api.ogc.crs import box_of, crs_of
    from api.ogc.item_query import filter_of, properties_of, sort_of
    from api.ogc.params import ItemsParams
    from geodata.exports.formats import Options, format_named
    from geodata.exports.run import Job
    from geodata.features.query import FeatureQuery
    from geodata.queries.generation import resolve

    ref = resolve(conn, municipality, day)
    collection = _collection(conn, ref, name, audience)
    item = format_named(format_, collection.id)
    params = ItemsParams(filter=asked.filter, properties=asked.properties)
    system = crs_of(asked.crs, ref.plane_epsg, "crs")
    where, args = filter_of(params, collection, ref.plane_epsg)
    query = FeatureQuery(
        bbox=None if asked.bbox is None else box_of(asked.bbox, crs_of(None, ref.plane_epsg, "bbox-crs")),
        where=where,
        args=args,
        sort=sort_of(collection, asked.sortby),
        properties=properties_of(collection, params),
        epsg=system.epsg,
        flip=system.flip,
        limit=asked.limit,
    )
    options = Options(asked.csv_bom, asked.csv_shape, asked.csv_heading)  # type: ignore[arg-type]
    return Job(ref, collection, query, day or today(), item.id, options, system.authority)


def _collection(conn: Any, ref: Ref, name: str, audience: Audience) -> Collection:
    """The collection as the audience sees it; raises `NotFoundError` with those that there are."""
    from geodata.database import Audience
    from geodata.queries.datasets import active_datasets
    from kyodo_geo.collections import collections_for
    from kyodo_geo.roles import Role

    loaded = active_datasets(conn, ref)
    roles = {Role.PUBLIC, Role.ADMINISTRATOR} if audience is Audience.STAFF else {Role.PUBLIC}
    seen = {c.id: c for c in collections_for(roles) if not c.kinds or c.kinds[0] in loaded}
    if name not in seen:
        raise NotFoundError(f"「{name}」というコレクションはありません。使えるもの: {'、'.join(seen)}")
    return seen[name]


def _look_down(db: Any, municipality: str, collection: str, seen: list[str] | None) -> None:
    from geodata.audit import looked_at, record
    from geodata.database import Audience

    details = {"by": "export"} | (looked_at(seen) if seen is not None else {})
    with db.write(Audience.STAFF) as conn:
        record(conn, municipality, operator(), f"{collection}.view", None, details, kind="view")
