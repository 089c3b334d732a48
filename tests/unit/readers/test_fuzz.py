"""Whatever bytes come: a result, or a Japanese message. Never another exception, never a half-read file."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.readers import read
from geodata.readers.result import LoadReport
from kyodo_geo.errors import KyodoError
from kyodo_geo.kinds import KINDS
from tests.unit.readers.files import CITY, cell, layer, zipped

BOUNDED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")

HEADINGS = (
    "名称", "町内会名", "町内会番号", "地区番号", "KEY_CODE", "町名", "小字", "番", "号", "年度", "世帯数", "加入世帯数", "経度",
    "緯度", "空き家番号", "状態", "住所", "基準日", "人口", "地番", "街区符号", "lg_code", "machiaza_id", "大字・丁目名", "",
    "街区符号・地番", "住居表示フラグ", "メッシュコード", "調査年", "年齢", "0～4歳", "65歳以上人口", "T001101001",
    "HTKSAKI", "u", "v",
)  # fmt: skip
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "", "1", "-1", "141.1", "39.7", "9" * 40, "1e400", "nan", "内丸", "みたけ三丁目", "第１〇地割", "地割", "丁目",
            "032010010", "2024-01-01", "令和元年度", "<img src=x onerror=alert(1)>", "${x}", "'; DROP TABLE x", "\u202e",
            "①", "a" * 3000, "区", "字",
        ]
    ),
)  # fmt: skip


def outcome(kind: str, *files: Path, **options):
    """The result, or None after checking that the refusal is one a person can use."""
    try:
        result = read(kind, list(files), municipality=CITY, **options)
    except KyodoError as error:
        assert JAPANESE.search(error.message)
        json.dumps(error.details, ensure_ascii=False)
        return None
    assert len(result.frame) == result.report.rows_loaded > 0
    json.dumps(result.report.as_dict(), ensure_ascii=False)
    assert all(JAPANESE.search(line) for line in result.report.summary_ja()[:1])
    return result


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@pytest.mark.parametrize("kind", KINDS)
@BOUNDED
@given(
    headings=st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=8),
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=8), max_size=5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp932"]),
)
def test_tables_with_any_cells_under_known_headings(kind, headings, rows, encoding):
    lines = [",".join(map(quoted, line)) for line in [headings, *rows]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes("\r\n".join(lines).encode(encoding, "replace"))
        outcome(kind, path)


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".zip", ".gpkg", ".shp", ".dbf", ".txt", ".xyz", ""])
@BOUNDED
@given(content=st.binary(max_size=400))
def test_any_bytes_under_any_suffix(suffix, content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(content)
        outcome("facilities", path)


@BOUNDED
@given(
    place=st.integers(0, 10_000),
    replaced=st.binary(min_size=1, max_size=8),
    suffix=st.sampled_from([".shp", ".shx", ".dbf", ".prj", ".cpg"]),
)
def test_a_shapefile_with_any_damage(tmp_path_factory, place, replaced, suffix):
    folder = tmp_path_factory.mktemp("damage")
    path = layer(
        folder / "a.shp",
        [({"自治会名": "城北", "no": 1}, cell(0, 0)), ({"自治会名": "表", "no": 2}, cell(1, 0))],
    )
    part = path.with_suffix(suffix)
    content = bytearray(part.read_bytes())
    at = place % len(content)
    content[at : at + len(replaced)] = replaced
    part.write_bytes(content)
    outcome("associations", path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@BOUNDED
@given(
    features=st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(["Feature", "feature", None]) | JSON,
                "properties": st.dictionaries(st.sampled_from(HEADINGS), JSON, max_size=3) | JSON,
                "geometry": st.fixed_dictionaries(
                    {
                        "type": st.sampled_from(["Point", "Polygon", "MultiPolygon", "LineString", "x"]),
                        "coordinates": JSON,
                    }
                )
                | JSON,
            }
        )
        | JSON,
        max_size=4,
    ),
    kind=st.sampled_from(
        ["outline", "small-areas", "districts", "associations", "facilities", "halls", "towns"]
    ),
)
def test_geojson_of_any_shape(tmp_path_factory, features, kind):
    path = tmp_path_factory.mktemp("json") / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    outcome(kind, path)


@BOUNDED
@given(
    entries=st.lists(
        st.dictionaries(st.sampled_from(["town", "koaza", "lat", "lng", "code", "names"]), JSON, max_size=5),
        max_size=4,
    )
)
def test_lists_of_towns_of_any_shape(tmp_path_factory, entries):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    outcome("towns", path)


@BOUNDED
@given(place=st.integers(0, 10_000), replaced=st.binary(min_size=1, max_size=6))
def test_an_archive_with_any_damage(tmp_path_factory, place, replaced):
    folder = tmp_path_factory.mktemp("zip")
    archive = zipped(folder / "a.zip", {"h\\a.csv": "名称,経度,緯度\n甲,141.1,39.7\n".encode() * 3})
    content = bytearray(archive.read_bytes())
    at = place % len(content)
    content[at : at + len(replaced)] = replaced
    archive.write_bytes(content)
    outcome("facilities", archive)
    assert {path.name for path in folder.iterdir()} == {"a.zip"}


@given(
    st.lists(
        st.tuples(
            st.text(max_size=5),
            st.none() | st.integers(1, 9),
            st.none() | st.text(max_size=9),
            st.text(max_size=9),
        ),
        max_size=300,
    )
)
@settings(max_examples=20, deadline=None)
def test_a_report_keeps_the_first_of_many_and_counts_all(rejections):
    report = LoadReport()
    for file, row, column, reason in rejections:
        report.reject(file, row, column, "x" * 500, reason)
    told = report.as_dict()
    assert told["counts"]["rejected"] == len(rejections)
    assert len(told["rejected"]) == min(len(rejections), 200)
    assert sum(report.reasons.values()) == len(rejections)
    assert all(len(item["value"]) == 100 for item in told["rejected"])
