# ruff: noqa: E501  (a table: one case, one line)
"""The table of cases: what is made, by which readers it is read, and how that ends."""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from tests.hostile import archives, others, shapes, texts

REFUSED, READ, EITHER = "refused", "read", "either"
AREAS = (
    "dataset:associations",
    "dataset:outline",
    "dataset:districts",
    "dataset:small-areas",
    "dataset:flood",
)
POINTS = ("dataset:facilities", "dataset:halls", "dataset:vacant-houses", "dataset:shelters")
TABLES = (
    "dataset:facilities", "dataset:towns", "dataset:membership", "dataset:association-rules", "dataset:blocks", "dataset:lots",
    "dataset:register-population", "dataset:district-assignment", "dataset:age-population", "dataset:mesh-population",
    "dataset:association-profiles", "dataset:association-districts", "records:asset-ledger", "batch", "scenario",
)  # fmt: skip
PACKED = ("dataset:facilities", "dataset:bus-timetable", "records:asset-ledger")
BOOKS = ("dataset:facilities", "dataset:membership", "records:asset-ledger", "batch", "scenario")
ROADS = ("dataset:walk-network", "dataset:drive-network")


@dataclass(frozen=True)
class World:
    """What a case may need: a folder of its own, a planted file, the address of a listener that must hear nothing."""

    folder: Path
    secret: Path
    listener: str

    def at(self, name: str) -> Path:
        return self.folder / name


@dataclass(frozen=True)
class Case:
    """`ends`: refused (with words of `saying`, if given), read, or either of the two."""

    name: str
    make: Callable[[World], Path | Sequence[Path]]
    readers: tuple[str, ...]
    ends: str = REFUSED
    saying: str = ""
    options: dict[str, Any] = field(default_factory=dict)


def text(
    name: str, content: str | bytes, encoding: str = "utf-8", suffix: str = ".csv"
) -> Callable[[World], Path]:
    return lambda world: texts.written(world.at(f"{name}{suffix}"), content, encoding)


def book(**parts: str) -> Callable[[World], Path]:
    return lambda world: archives.workbook(
        world.at("a.xlsx"), **{k: _placed(v, world) for k, v in parts.items()}
    )


def _placed(part: str, world: World) -> str:
    return part.replace("SECRET", world.secret.as_uri()).replace("LISTENER", world.listener)


def _fifo(world: World) -> Path:
    os.mkfifo(world.at("a.csv"))
    return world.at("a.csv")


def _folder(world: World) -> Path:
    world.at("a.csv").mkdir()
    return world.at("a.csv")


def _triggered(world: World) -> Path:
    path = shapes.point_package(world.at("a.gpkg"))
    with sqlite3.connect(path) as conn:
        for event in ("INSERT", "UPDATE", "DELETE"):
            conn.execute(
                f"CREATE TRIGGER t{event} AFTER {event} ON a BEGIN INSERT INTO a (名称) SELECT 名称 FROM a; END"
            )
    return path


def _tiles(query: str) -> Callable[[World], Path]:
    def make(world: World) -> Path:
        with sqlite3.connect(world.at("a.mbtiles")) as conn:
            conn.executescript(query)
        return world.at("a.mbtiles")

    return make


GEOM = "(SELECT geom FROM a LIMIT 1) AS geom"
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
EXTERNAL = '<!DOCTYPE z [<!ENTITY x SYSTEM "{}">]>'
PARAMETER = '<!DOCTYPE z [<!ENTITY % x SYSTEM "LISTENER">%x;]>'
FETCHING = archives.texts(1, "名称", "経度", "緯度", "種別", "住所") + archives.texts(
    2, "&x;", "141.1", "39.7", "集会所", "&x;"
)
GML = (
    "{}<gml:FeatureCollection xmlns:gml='http://www.opengis.net/gml/3.2'><gml:member><a><名称>&{};</名称></a></gml:member>"
    "</gml:FeatureCollection>"
)
KML = "{}<kml xmlns='http://www.opengis.net/kml/2.2'><Placemark><name>&{};</name></Placemark></kml>"
SQUARE = shapes.polygon(shapes.SQUARE)
HUGE = "9" * 5_000
FAR_DAYS = ("0001-01-01", "99999-12-31", "2024-02-30", "令和99年13月40日", "1e5", "-1")


def point(x: Any, y: Any, *more: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y, *more]}


def binary(content: bytes) -> Callable[[World], Path]:
    return lambda world: shapes.binary_package(world.at("a.gpkg"), content)


def geojson(*geometries: Any, **members: Any) -> Callable[[World], Path]:
    """A geometry may be a function that makes it: a million corners are not drawn by whoever only lists the cases."""

    def make(world: World) -> Path:
        made = [geometry() if callable(geometry) else geometry for geometry in geometries]
        return shapes.geojson(world.at("a.geojson"), *made, **members)

    return make


def _all(path: Path) -> list[Path]:
    return [path]


def _virtual(world: World) -> Path:
    """A table that is a text file elsewhere; what SQLite does not know stands in the schema all the same."""
    path = shapes.point_package(world.at("a.gpkg"))
    with sqlite3.connect(path) as conn:
        conn.execute("PRAGMA writable_schema = 1")
        conn.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', 'v', 'v', 0, ?)",
            (f"CREATE VIRTUAL TABLE v USING VirtualOGR('{world.secret}')",),
        )
        conn.executescript(
            "UPDATE gpkg_contents SET table_name = 'v' WHERE table_name = 'a';"
            "UPDATE gpkg_geometry_columns SET table_name = 'v' WHERE table_name = 'a';"
        )
    return path


CASES = (
    # -- archives
    Case("zip-bomb", lambda w: archives.packed(w.at("a.zip"), {"a.csv": bytes(300 << 20)}), PACKED, saying="大きすぎます"),
    Case("zip-nested", lambda w: archives.nested(w.at("a.zip")), PACKED),
    Case("zip-overlapping", lambda w: archives.overlapping(w.at("a.zip")), PACKED),
    Case("zip-many-below-the-ratio", lambda w: archives.below_the_ratio(w.at("a.zip")), PACKED),
    Case("zip-many-members", lambda w: archives.packed(w.at("a.zip"), {f"{n}.csv": b"" for n in range(5000)}), PACKED),
    Case("zip-links", lambda w: archives.linking(w.at("a.zip"), str(w.secret)), PACKED[:1], EITHER),
    *(
        Case(f"zip-name-{n}", lambda w, name=name: archives.packed(w.at("a.zip"), {name: archives.CENTRES}), PACKED)
        for n, name in enumerate(("../../x.csv", "/tmp/x.csv", "a/../../../x.csv", "C:\\x.csv", "..\\..\\x.csv", "\\\\host\\x.csv"))
    ),
    # -- workbooks
    Case("xlsx-bomb", book(rows=archives.ROWS + " " * (240 << 20)), BOOKS),
    Case("xlsx-shared-strings", book(strings="<si><t>a</t></si>" * 9_000_000), BOOKS),
    Case("xlsx-shared-strings-in-bounds", book(strings="<si><t>a</t></si>" * 4_000_000), BOOKS, EITHER),
    Case("xlsx-overlapping", lambda w: archives.overlapping(w.at("a.xlsx"), b"xl/worksheets/sheet%d.xml"), BOOKS),
    Case("xlsx-laughs", book(rows=FETCHING.replace("&x;", "&l9;"), before=archives.laughing("は")), BOOKS),
    Case("xlsx-laughs-in-strings", book(**{"xl/sharedStrings.xml": f"{archives.laughing('は')}<sst><si><t>&l9;</t></si></sst>"}), BOOKS),
    Case("xlsx-file", book(rows=FETCHING, before=EXTERNAL.format("SECRET")), BOOKS),
    Case("xlsx-http", book(rows=FETCHING, before=EXTERNAL.format("LISTENER")), BOOKS),
    Case("xlsx-parameter", book(rows=FETCHING, before=PARAMETER), BOOKS),
    Case("xlsx-late-doctype", book(rows=FETCHING, before=f"<!--{'x' * 70_000}-->" + EXTERNAL.format("SECRET")), BOOKS),
    Case("xlsx-late-doctype-http", book(rows=FETCHING, before=f"<!--{'x' * 70_000}-->" + EXTERNAL.format("LISTENER")), BOOKS),
    Case("xlsx-late-laughs", book(rows=FETCHING.replace("&x;", "&l9;"), before=f"<!--{'x' * 70_000}-->" + archives.laughing("は")), BOOKS),
    Case("xlsx-deep", book(rows="<row>" * 200_000), BOOKS),
    Case("xlsx-long-cell", book(rows=archives.ROWS + archives.texts(3, "長" * 3_000_000, "141.1", "39.7", "集会所", "x")), BOOKS, EITHER),
    Case("xlsx-far-row", book(rows=archives.ROWS + archives.texts(1_048_576, "遠", "141.1", "39.7", "集会所", "x")), BOOKS, EITHER),
    Case("xlsx-rows-without-end", book(rows=archives.ROWS + f'<row r="{10**9}"><c><v>1</v></c></row>'), BOOKS, EITHER),
    Case("xlsx-wide", book(rows=archives.texts(1, *(f"h{n}" for n in range(10_000))) + archives.texts(2, *("x" * 10_000))), BOOKS),
    Case("xlsx-column", book(rows=archives.ROWS + '<row r="3"><c r="XFDXFD3"><v>1</v></c></row>'), BOOKS, EITHER),
    Case("xlsx-is-text", text("a", texts.table(texts.ROW), suffix=".xlsx"), BOOKS),
    # -- XML that is not read at all
    *(
        Case(f"{suffix[1:]}-{kind}", lambda w, body=body, kind=kind, suffix=suffix, doctype=doctype: texts.written(
            w.at(f"a{suffix}"), _placed(body.format(doctype, "l9" if kind == "laughs" else "x"), w)), POINTS + AREAS)
        for suffix, body in ((".gml", GML), (".kml", KML), (".xml", GML))
        for kind, doctype in (
            ("file", EXTERNAL.format("SECRET")), ("http", EXTERNAL.format("LISTENER")), ("parameter", PARAMETER),
            ("laughs", archives.laughing("は")),
        )
    ),
    Case("kml-called-geojson", lambda w: texts.written(w.at("a.geojson"), _placed(KML.format(EXTERNAL.format("SECRET"), "x"), w)), POINTS),
    Case("kmz", lambda w: archives.packed(w.at("a.kmz"), {"doc.kml": KML.format(archives.laughing("x"), "l9").encode()}), POINTS),
    *(
        Case(f"gpkg-is-{name}", lambda w, content=content: texts.written(w.at("a.gpkg"), _placed(content, w)), POINTS)
        for name, content in (
            ("vrt", "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>SECRET</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"),
            ("wfs", "<OGRWFSDataSource><URL>LISTENER</URL></OGRWFSDataSource>"),
        )
    ),
    *(
        Case(f"shp-is-{name}", lambda w, content=content: texts.written(w.at("a.shp"), _placed(content, w)), POINTS)
        for name, content in (
            ("vrt", "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>SECRET</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"),
            ("wfs", "<OGRWFSDataSource><URL>LISTENER</URL></OGRWFSDataSource>"),
        )
    ),
    # -- shapes
    Case("geojson-million", geojson(lambda: shapes.polygon(shapes.circle(1_000_000))), AREAS),
    Case("geojson-million-zigzag", geojson(lambda: shapes.polygon(shapes.zigzag(1_000_000))), AREAS),
    Case("geojson-zigzag", geojson(lambda: shapes.polygon(shapes.zigzag(20_000))), AREAS, EITHER),
    Case("shp-million", lambda w: _all(shapes.star_shapefile(w.at("a.shp"), shapes.circle(1_000_000))), AREAS),
    Case("gpkg-million", lambda w: shapes.geopackage(w.at("a.gpkg"), [shapely.Polygon(shapes.circle(1_000_000))]), AREAS),
    Case("shp-announces-more", lambda w: _all(shapes.flooded_shapefile(w.at("a.shp"), 500_000_000)), AREAS),
    Case("geojson-nan", text("a", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"名称":"a"},'
         '"geometry":{"type":"Point","coordinates":[NaN,Infinity]}}]}', suffix=".geojson"), POINTS),
    Case("geojson-huge", geojson(point(1e308, 1e308), point(-1e308, 1e308)), POINTS),
    Case("geojson-huge-integer", text("a", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"名称":"a"},'
         f'"geometry":{{"type":"Point","coordinates":[{HUGE},1]}}}}]}}', suffix=".geojson"), POINTS),
    Case("geojson-nan-ring", text("a", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"名称":"a"},"geometry":'
         '{"type":"Polygon","coordinates":[[[141,39],[NaN,39],[141.1,39.1],[141,39]]]}}]}', suffix=".geojson"), AREAS),
    Case("gpkg-nan", lambda w: shapes.geopackage(w.at("a.gpkg"), [shapely.Polygon([(141, 39), (float("inf"), 39), (141, 40)])]), AREAS),
    Case("geojson-3d", geojson(point(shapes.LON, shapes.LAT, 120.5)), POINTS[:1], READ),
    Case("gpkg-m", binary(struct.pack("<BIddd", 1, 2001, shapes.LON, shapes.LAT, 5.0)), POINTS[:1], READ),
    Case("gpkg-zm", binary(struct.pack("<BIdddd", 1, 3001, shapes.LON, shapes.LAT, 5.0, 6.0)), POINTS[:1], READ),
    Case("gpkg-circular-string", binary(shapes.curve(8)), AREAS),
    Case("gpkg-curve-polygon", binary(shapes.curve(10)), AREAS[:1], EITHER),
    Case("geojson-curve", geojson({"type": "CircularString", "coordinates": shapes.SQUARE}), AREAS),
    Case("antimeridian", geojson(shapes.polygon([[179, 39], [-179, 39], [-179, 40], [179, 40], [179, 39]])), AREAS),
    Case("swapped-areas", geojson(shapes.polygon([[y, x] for x, y in shapes.SQUARE])), AREAS, saying="緯度"),
    Case("swapped-points", geojson(point(shapes.LAT, shapes.LON)), POINTS[:2], saying="緯度"),
    Case("swapped-columns", text("a", texts.table("城北,39.70,141.10,集会所", "城南,39.71,141.11,集会所")), POINTS[:1], saying="緯度"),
    Case("swapped-names", text("a", "名称,緯度,経度,種別\n城北,141.10,39.70,集会所\n"), POINTS[:1], saying="緯度"),
    Case("wrong-crs", geojson(SQUARE, crs={"type": "name", "properties": {"name": "EPSG:6678"}}), AREAS, saying="座標系"),
    Case("wrong-crs-option", geojson(SQUARE), AREAS, saying="座標系", options={"crs": "EPSG:3857"}),
    Case("crs-is-a-url", geojson(SQUARE, crs={"type": "name", "properties": {"name": "LISTENER"}}), AREAS),
    Case("crs-is-a-file", geojson(SQUARE, crs={"type": "name", "properties": {"name": "/etc/passwd"}}), AREAS),
    Case("crs-pipeline", geojson(SQUARE, crs={"type": "name", "properties": {"name": "+proj=pipeline +step +proj=hgridshift +grids=http://127.0.0.1/x"}}), AREAS),
    Case("geojson-deep", text("a", '{"type":"FeatureCollection","features":' + "[" * 100_000 + "]" * 100_000 + "}", suffix=".geojson"), POINTS),
    Case("geojson-deep-properties", text("a", '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":'
         + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}]}", suffix=".geojson"), POINTS),
    Case("geojson-many-properties", lambda w: texts.written(w.at("a.geojson"), '{"type":"FeatureCollection","features":['
         + ",".join(f'{{"type":"Feature","geometry":{{"type":"Point","coordinates":[141.1,39.7]}},"properties":{{"名称":"a{n}","k{n}":1}}}}'
                    for n in range(12_000)) + "]}"), POINTS),
    Case("geojson-empty-rings", geojson({"type": "Polygon", "coordinates": [[]]}, {"type": "Polygon", "coordinates": []}), AREAS),
    Case("geojson-collection", geojson({"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": []}] * 1000}), AREAS),
    Case("geojson-deep-collection", lambda w: texts.written(w.at("a.geojson"), '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"名称":"a"},"geometry":'
         + '{"type":"GeometryCollection","geometries":[' * 400 + '{"type":"Point","coordinates":[141.1,39.7]}' + "]}" * 400 + "}]}"), POINTS + AREAS, EITHER),
    # -- databases
    Case("gpkg-endless-view", lambda w: shapes.as_view(w.at("a.gpkg"), f"{ENDLESS} SELECT x AS fid, {GEOM}, '城北' AS 名称 FROM c"), POINTS),
    Case("gpkg-large-view", lambda w: shapes.as_view(w.at("a.gpkg"), f"SELECT 1 AS fid, {GEOM}, printf('%.*c', 900000000, 'x') AS 名称"), POINTS),
    Case("gpkg-fetching-view", lambda w: shapes.as_view(w.at("a.gpkg"),
         f"SELECT 1 AS fid, {GEOM}, gdal_get_pixel_value('/vsicurl/{w.listener}x.tif', 'georef', 1, 0, 0) AS 名称"), POINTS),
    Case("gpkg-geocoding-view", lambda w: shapes.as_view(w.at("a.gpkg"), f"SELECT 1 AS fid, {GEOM}, ogr_geocode('盛岡') AS 名称"), POINTS),
    Case("gpkg-file-view", lambda w: shapes.as_view(w.at("a.gpkg"),
         f"SELECT 1 AS fid, {GEOM}, CAST(readfile('{w.secret}') AS TEXT) AS 名称"), POINTS),
    Case("gpkg-triggers", _triggered, POINTS[:1], READ),
    Case("gpkg-virtual-table", lambda w: _virtual(w), POINTS),
    Case("gpkg-empty", text("a", b"SQLite format 3\0" + bytes(4000), suffix=".gpkg"), POINTS),
    Case("mbtiles-endless-view", _tiles(f"CREATE TABLE metadata (name, value); CREATE VIEW tiles AS {ENDLESS} SELECT 1 AS zoom_level, "
         "x AS tile_column, x AS tile_row, x'89504E470D0A1A0A' AS tile_data FROM c"), ("tiles",)),
    Case("mbtiles-large-metadata", _tiles("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data); INSERT INTO tiles VALUES "
         f"(1, 0, 0, x'89504E470D0A1A0A'); CREATE VIEW metadata AS {ENDLESS} SELECT 'n' || x AS name, x AS value FROM c"), ("tiles",), READ),
    Case("mbtiles-large-blob", _tiles("CREATE TABLE metadata (name, value); CREATE VIEW tiles AS SELECT 1 AS zoom_level, 0 AS tile_column, "
         "0 AS tile_row, zeroblob(900000000) AS tile_data"), ("tiles",)),
    # -- base maps and roads
    Case("pmtiles-loop", lambda w: others.looping(w.at("a.pmtiles")), ("tiles",)),
    Case("pmtiles-directory-bomb", lambda w: others.directory_bomb(w.at("a.pmtiles")), ("tiles",)),
    Case("pmtiles-metadata-bomb", lambda w: others.metadata_bomb(w.at("a.pmtiles")), ("tiles",)),
    Case("pmtiles-many-entries", lambda w: others.many_entries(w.at("a.pmtiles")), ("tiles",)),
    Case("pbf-bomb", lambda w: others.pbf_bomb(w.at("a.osm.pbf"), 32 << 20, 1 << 30), ROADS),
    Case("pbf-announces-more", lambda w: others.pbf_bomb(w.at("a.osm.pbf"), 0x7FFFFFFF, 0), ROADS),
    Case("pbf-header-length", lambda w: others.pbf_strings(w.at("a.osm.pbf")), ROADS),
    Case("pbf-is-xml", text("a", "<osm>" + archives.laughing("a"), suffix=".osm.pbf"), ROADS),
    # -- texts
    Case("empty", text("a", ""), (*TABLES, "holidays", "links")),
    Case("blank", text("a", "\r\n \r\n,,,\r\n"), (*TABLES, "holidays", "links")),
    Case("folder", _folder, ("dataset:facilities", "holidays")),
    Case("fifo", _fifo, ("dataset:facilities", "records:asset-ledger", "holidays", "tiles")),
    Case("device", lambda w: Path("/dev/zero"), ("dataset:facilities", "records:asset-ledger", "holidays", "tiles")),
    Case("missing", lambda w: w.at("nothing.csv"), ("dataset:facilities", "holidays", "tiles")),
    Case("utf16", text("a", texts.table(texts.ROW), "utf-16"), (*TABLES, "links")),
    Case("utf32", text("a", texts.table(texts.ROW), "utf-32"), (*TABLES, "links")),
    Case("utf8-bom", text("a", texts.table(texts.ROW), "utf-8-sig"), ("dataset:facilities", "batch"), READ),
    Case("cp932", text("a", texts.table(texts.ROW), "cp932"), ("dataset:facilities", "batch"), READ),
    Case("said-utf8-is-cp932", text("a", texts.table(texts.ROW), "cp932"), ("dataset:facilities",), saying="文字コード", options={"encoding": "utf-8"}),
    Case("said-cp932-is-utf8", text("a", texts.table(texts.ROW)), ("dataset:facilities",), EITHER, options={"encoding": "cp932"}),
    Case("said-nonsense", text("a", texts.table(texts.ROW)), ("dataset:facilities",), options={"encoding": "zlib_codec"}),
    Case("nul", text("a", texts.table("城\0北,141.1,39.7,集会所")), (*TABLES, "links")),
    Case("unbalanced", text("a", texts.table('"城北,141.1,39.7,集会所', *[texts.ROW] * 5_000)), (*TABLES, "links")),
    Case("mixed-ends", text("a", f"{texts.HEAD}\r\n{texts.ROW}\n城南,141.11,39.71,集会所\r城西,141.12,39.72,集会所\r\n"), ("dataset:facilities",), READ),
    Case("same-headings", text("a", "名称,名称,経度,緯度,種別,経度\n城北,城南,141.1,39.7,集会所,999\n"), ("dataset:facilities",), EITHER),
    Case("ten-thousand-columns", text("a", ",".join(f"列{n}" for n in range(10_000)) + "\n" + "," * 9_999 + "\n"), (*TABLES, "links")),
    Case("columns-without-names", text("a", "," * 1_999 + "x\n" + "," * 1_999 + "x\n"), ("dataset:facilities", "dataset:membership")),
    Case("long-cell", text("a", texts.table("長" * 200_000 + ",141.1,39.7,集会所")), (*TABLES, "links")),
    Case("long-line", text("a", "x" * (40 << 20)), TABLES),
    Case("many-rows-of-nothing", text("a", texts.HEAD + "\n" + ",,,\n" * 3_000_000), TABLES[:3]),
    Case("many-short-rows", text("a", "名称\n" + "a\n" * 1_000_000), TABLES[:3]),
    Case("huge-integers", text("a", "町内会番号,年度,世帯数,加入世帯数,人口,番,号,小地域\n" + f"a1,{HUGE},{HUGE},{HUGE},{HUGE},{HUGE},{HUGE},{HUGE}\n"), TABLES[:13]),
    Case("exponents", text("a", "町内会番号,年度,世帯数,加入世帯数\na1,1e400,1e99,-1e308\na2,nan,inf,-inf\n"), TABLES[:8]),
    Case("days", text("a", "\n".join(("日付", *FAR_DAYS)) + "\n"), ("holidays",)),
    Case("days-in-tables", text("a", "町名,効力発生日,廃止日,町ID\n" + "".join(f"内丸,{d},{d},{n}\n" for n, d in enumerate(FAR_DAYS))), TABLES[:4], EITHER),
    Case("formulas", text("a", texts.table(*(f'"{f}cmd|x!A1",141.1,39.7,集会所' for f in ("=", "+", "-", "@")))), ("dataset:facilities",), READ),
    Case("kokuji-long", text("a", ("みたけ一丁目1番から" * 200_000), suffix=".txt"), ("dataset:association-rules",), EITHER, options={"format": "kokuji-text"}),
    Case("kokuji-brackets", text("a", "（" * 1_000_000, suffix=".txt"), ("dataset:association-rules",), EITHER, options={"format": "kokuji-text"}),
    Case("kokuji-lines", text("a", "\n" * 1_000_000, suffix=".txt"), ("dataset:association-rules",), EITHER, options={"format": "kokuji-text"}),
)  # fmt: skip
