"""Files out: each format holds the same rows, values and coordinates, and other programs read them."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import shape

from geodata.exports import formats
from geodata.exports.formats import FORMATS, Format, Options, format_named
from geodata.exports.kml import shape_of as kml_shape
from geodata.exports.pieces import pieces
from geodata.exports.wkt import wkt
from kyodo_geo.errors import InputError
from tests.unit.export_world import HOSTILE, PROPERTIES, layer, rows, shape_of, values_of

NAMES = [item.name for item in PROPERTIES]
ROWS = 50


def written(
    folder: Path, name: str, geometry: str | None = "Point", *, epsg: int = 4326, lost: int | None = None,
    options: Options | None = None, count: int = ROWS,
) -> Path:  # fmt: skip
    """The file of a format with the generated rows."""
    item = FORMATS[name]
    path = folder / f"out.{item.ending}"
    what = layer(geometry, epsg=epsg)

    def given() -> Any:
        return rows(count, item.geometry, geometry, lost=lost)

    if item.text:
        path.write_bytes(b"".join(item.writer()(what, given(), options or Options())))
    else:
        item.writer()(what, given, options or Options(), path)
    return path


def read(path: Path) -> gpd.GeoDataFrame:
    if path.suffix == ".parquet":
        return gpd.read_parquet(path)
    if path.suffix == ".csv":
        return gpd.read_file(
            path, X_POSSIBLE_NAMES="lon,easting", Y_POSSIBLE_NAMES="lat,northing", GEOM_POSSIBLE_NAMES="WKT",
            AUTODETECT_TYPE="YES",
        )  # fmt: skip
    return gpd.read_file(path)


@pytest.mark.parametrize("geometry", ["Point", "MultiPolygon"])
@pytest.mark.parametrize("name", FORMATS)
def test_geopandas_reads_equal_counts_values_and_shapes(tmp_path: Path, name: str, geometry: str) -> None:
    found = read(written(tmp_path, name, geometry)).set_index("place_id")
    assert len(found) == ROWS
    for no in (0, 2, 3, 41):
        row, wanted = found.loc[f"p{no}"], values_of(no)
        # The KML driver of GDAL has the placemark's own name in place of a value of that name.
        assert row["Name" if name == "kml" else "name"] == wanted["name"]
        assert row["rate"] == pytest.approx(wanted["rate"], abs=1e-12)
        assert bool(row["open"]) is wanted["open"]
        assert str(row["since"])[:10] == wanted["since"].isoformat()
        assert str(row["seen_at"])[:16].replace("T", " ") == wanted["seen_at"].isoformat()[:16].replace(
            "T", " "
        )
        assert row["people"] == wanted["people"] or (no == 2 and np.isnan(float(row["people"] or "nan")))
        assert shapely.equals_exact(
            shapely.normalize(row.geometry), shapely.normalize(shape_of(no, geometry)), 1e-9
        )
    assert CRS("EPSG:4326").equals(found.crs or CRS("EPSG:4326"), ignore_axis_order=True)
    assert (found.crs is None) == (name == "csv")


@pytest.mark.parametrize("name", FORMATS)
def test_gdals_own_program_counts_the_same_rows(tmp_path: Path, name: str) -> None:
    if name == "parquet":  # Debian's GDAL was built without Arrow; pyarrow and geopandas read it above
        assert pq.ParquetFile(written(tmp_path, name)).metadata.num_rows == ROWS
        return
    command = ["ogrinfo", "-q", "-al", "-so", str(written(tmp_path, name))]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    listed = subprocess.run([*command[:1], *command[2:]], check=True, capture_output=True, text=True).stdout
    assert f"Feature Count: {ROWS}" in listed
    assert "may only be partially supported" not in told.stderr


@pytest.mark.parametrize("name", ["csv", "gpkg", "fgb", "parquet"])
def test_coordinates_of_the_plane_zone_stand_x_first_with_their_system(tmp_path: Path, name: str) -> None:
    found = read(written(tmp_path, name, epsg=6678)).set_index("place_id")
    assert (found.loc["p1"].geometry.x, found.loc["p1"].geometry.y) == (141.001, 39.7)
    assert name == "csv" or found.crs.to_epsg() == 6678
    if name == "csv":
        assert {"easting", "northing"} <= set(found.columns)


@pytest.mark.parametrize("name", FORMATS)
def test_a_row_without_a_shape_is_a_row_all_the_same(tmp_path: Path, name: str) -> None:
    found = read(written(tmp_path, name, lost=7)).set_index("place_id")
    assert len(found) == ROWS
    assert found.loc["p7"].geometry is None or found.loc["p7"].geometry.is_empty


@pytest.mark.parametrize("name", FORMATS)
def test_a_layer_without_shapes_is_a_table(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, None)
    found = pq.read_table(path).to_pandas() if name == "parquet" else pyogrio.read_dataframe(path)
    assert len(found) == ROWS
    assert set(NAMES) - {"name"} <= set(found.columns)


@pytest.mark.parametrize("name", FORMATS)
def test_every_file_says_what_it_is_and_that_it_is_a_sample(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name)
    held = path.read_bytes()
    if name == "parquet":
        told = json.loads(pq.ParquetFile(path).metadata.metadata[b"kyodo-geo"])
        held = json.dumps(told, ensure_ascii=False).encode()
    for words in ("見本データ（架空）", "出典の表", "CC BY 4.0", "2020-10-01"):
        assert words.encode() in held
    if name not in ("geojson", "geojsonseq", "csv"):
        assert "盛岡市 試験の場所".encode() in held


def test_titles_of_columns_stand_in_the_tables_of_the_geopackage(tmp_path: Path) -> None:
    with sqlite3.connect(written(tmp_path, "gpkg")) as conn:
        titles = dict(conn.execute("SELECT column_name, name FROM gpkg_data_columns"))
        units = dict(conn.execute("SELECT column_name, description FROM gpkg_data_columns"))
        layers = conn.execute("SELECT table_name, identifier FROM gpkg_contents").fetchall()
        indexes = conn.execute("SELECT name FROM sqlite_master WHERE name LIKE 'rtree_%'").fetchall()
    assert titles == {item.name: item.title for item in PROPERTIES}
    assert units["people"] == "単位: 人"
    assert layers == [("test_places", "盛岡市 試験の場所")]
    assert indexes


def test_a_second_layer_is_added_to_a_geopackage(tmp_path: Path) -> None:
    path = written(tmp_path, "gpkg")
    other = layer("MultiPolygon")
    object.__setattr__(other.collection, "id", "further")
    object.__setattr__(other.collection, "title", "別の層")
    FORMATS["gpkg"].writer()(other, lambda: rows(3, "wkb", "MultiPolygon"), Options(), path)
    assert {name for name, _ in pyogrio.list_layers(path)} == {"test_places", "further"}
    assert len(gpd.read_file(path, layer="test_places")) == ROWS


@pytest.mark.parametrize("name", FORMATS)
def test_equal_rows_make_equal_bytes(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert written(tmp_path / "a", name).read_bytes() == written(tmp_path / "b", name).read_bytes()


def test_titles_of_columns_stand_in_flatgeobuf_and_kml(tmp_path: Path) -> None:
    told = subprocess.run(
        ["ogrinfo", "-al", "-so", str(written(tmp_path, "fgb"))], check=True, capture_output=True, text=True
    ).stdout
    assert 'alternative name="人口"' in told
    assert "<displayName>人口</displayName>" in written(tmp_path, "kml").read_text(encoding="utf-8")


def test_geoparquet_metadata_are_of_1_1_with_a_covering_box(tmp_path: Path) -> None:
    path = written(tmp_path, "parquet", "MultiPolygon", lost=4)
    file = pq.ParquetFile(path)
    geo = json.loads(file.metadata.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == ["MultiPolygon"]
    assert column["crs"]["id"] == {"authority": "OGC", "code": "CRS84"}
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    frame = gpd.read_parquet(path)
    assert column["bbox"] == pytest.approx(frame.total_bounds.tolist())
    boxes = file.read(["bbox"])["bbox"].to_pylist()
    assert boxes[4] is None
    assert tuple(boxes[0].values()) == pytest.approx(shape_of(0, "MultiPolygon").bounds)
    west, south, east, north = shape_of(9, "MultiPolygon").bounds
    inside = gpd.read_parquet(path, bbox=(west, south, east, north))
    assert "p9" in set(inside["place_id"]) and len(inside) < 5


def test_parquet_is_cut_into_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodata.exports.arrow.ROWS", 20)
    assert pq.ParquetFile(written(tmp_path, "parquet")).metadata.num_row_groups == 3


def test_a_sequence_is_of_records_that_begin_with_the_separator(tmp_path: Path) -> None:
    held = written(tmp_path, "geojsonseq").read_bytes()
    records = held.split(b"\x1e")
    assert records[0] == b"" and len(records) == ROWS + 1
    assert all(record.endswith(b"\n") and record.count(b"\n") == 1 for record in records[1:])
    first = orjson.loads(records[1])
    assert first["dataset"]["quality"] == "sample"
    assert first["properties"]["seen_at"].endswith("Z")


def lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_csv_choices(tmp_path: Path) -> None:
    plain = written(tmp_path, "csv")
    assert plain.read_bytes().startswith(b"\xef\xbb\xbfplace_id,name,")
    assert lines(plain)[3] | {"lon": "141.003", "lat": "39.7", "tags": "甲;乙;丙"} == lines(plain)[3]
    bare = written(tmp_path, "csv", options=Options(bom=False, coordinates="wkt", heading="title"))
    assert bare.read_bytes().startswith("番号,名前,".encode())
    assert lines(bare)[3]["形状（WKT）"] == "POINT (141.003 39.7)"
    assert lines(bare)[3]["データの品質"] == "見本データ（架空）"
    none = written(tmp_path, "csv", options=Options(coordinates="none"))
    assert not {"lon", "lat", "WKT"} & set(lines(none)[0])


def test_no_cell_of_a_csv_runs_as_a_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(values_of.__globals__, "HOSTILE", "=HYPERLINK(1)")
    assert lines(written(tmp_path, "csv"))[1]["name"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("csv", "kml")])
def test_hostile_text_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    assert read(written(tmp_path, name)).set_index("place_id").loc["p1", "name"] == HOSTILE


def test_kml_leaves_out_what_xml_cannot_hold(tmp_path: Path) -> None:
    found = gpd.read_file(written(tmp_path, "kml")).set_index("place_id")
    assert found.loc["p1", "Name"] == HOSTILE.replace("\x0b", "")


@pytest.mark.parametrize(
    "text",
    [
        "POINT (1.5 2)", "LINESTRING (0 0, 1 1)", "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1))",
        "MULTIPOINT ((0 0), (1 1))", "MULTILINESTRING ((0 0, 1 1))", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))",
        "GEOMETRYCOLLECTION (POINT (0 0), LINESTRING (0 0, 1 1))", "MULTIPOLYGON EMPTY",
    ],
)  # fmt: skip
def test_wkt_of_every_kind_of_geometry(text: str) -> None:
    given = shapely.from_wkt(text)
    found = shapely.from_wkt(wkt(shapely.to_geojson(given)))
    assert shapely.equals_exact(found, given)
    assert shape(json.loads(shapely.to_geojson(given))).geom_type == found.geom_type
    spaced = json.dumps(json.loads(shapely.to_geojson(given)))
    assert wkt(spaced) == wkt(shapely.to_geojson(given))


@pytest.mark.parametrize(
    "text",
    [
        "POINT (1.5 2)", "LINESTRING (0 0, 1 1)", "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1))",
        "MULTIPOINT ((0 0), (1 1))", "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 9 5, 9 9, 5 5), (6 6, 7 6, 7 7, 6 6)))",
        "GEOMETRYCOLLECTION (POINT (0 0), LINESTRING (0 0, 1 1))",
    ],
)  # fmt: skip
def test_kml_of_every_kind_of_geometry(tmp_path: Path, text: str) -> None:
    given = shapely.from_wkt(text)
    path = tmp_path / "one.kml"
    placemark = f"<Placemark>{kml_shape(shapely.to_geojson(given))}</Placemark>"
    path.write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{placemark}</Document></kml>')
    (found,) = gpd.read_file(path).geometry
    assert shapely.equals(shapely.force_2d(found), given)
    assert found.geom_type == given.geom_type


def test_pieces_are_gathered_without_a_byte_lost() -> None:
    given = [bytes([i % 256]) * (i % 7) for i in range(1000)]
    found = list(pieces(iter(given), 100))
    assert b"".join(found) == b"".join(given)
    assert all(len(piece) >= 100 for piece in found[:-1])


def test_a_format_can_be_added_for_some_collections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "FORMATS", dict(FORMATS))
    formats.add(
        Format("own", "独自", "text/plain", "txt", "a:b", text=True, collections=frozenset({"facilities"}))
    )
    assert format_named("own", "facilities").id == "own"
    with pytest.raises(InputError, match="csv"):
        format_named("own", "towns")
    with pytest.raises(ValueError, match="own"):
        formats.add(Format("own", "", "", "", ""))
