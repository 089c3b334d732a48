"""Small originals in the forms in which the real ones are published, for tests of `kyodo-geo fetch`.

Four square small areas of 0.01° near the middle of 03201, two by two, in two districts; their outline among
that of a neighbour; two towns; blocks; shelters of which one is also in the bundled table of centres.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.fetch_server import zipped

WEST, SOUTH, STEP = 141.10, 39.70, 0.01
KEYS = ("032010010", "032010020", "03201003001", "03201003002")
PEOPLE = (10, 20, 30, 40)
HOUSEHOLDS = (5, 10, 15, 20)


def ring(column: int, row: int, width: int = 1, height: int = 1) -> list[list[float]]:
    """A square (or rectangle) of the grid as a closed ring of lon/lat."""
    x0, y0 = round(WEST + STEP * column, 6), round(SOUTH + STEP * row, 6)
    x1, y1 = round(x0 + STEP * width, 6), round(y0 + STEP * height, 6)
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]


def geojson(features: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> bytes:
    """A FeatureCollection without crs member, as published."""
    listed = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    return json.dumps({"type": "FeatureCollection", "features": listed}, ensure_ascii=False).encode()


def quoted_csv(rows: Sequence[Sequence[Any]]) -> bytes:
    """CP932, everything quoted, CRLF: 位置参照情報."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("cp932")


def outline(geometry: dict[str, Any] | None = None) -> bytes:
    """N03 of a prefecture: the city and a neighbour."""

    def properties(code: str, name: str) -> dict[str, Any]:
        return {
            "N03_001": "岩手県",
            "N03_002": None,
            "N03_003": None,
            "N03_004": name,
            "N03_005": None,
            "N03_007": code,
        }

    own = geometry or {"type": "Polygon", "coordinates": [ring(0, 0, 2, 2)]}
    beside = {"type": "Polygon", "coordinates": [ring(200, 0)]}
    content = geojson([(properties("03201", "盛岡市"), own), (properties("03202", "宮古市"), beside)])
    return zipped(
        {"N03-20250101_03.geojson": content, "KS-META-N03.xml": b"<xml/>", "N03-20250101_03.prj": b""}
    )


def small_areas(folder: Path) -> bytes:
    """e-Stat's shapefile: CP932 without .cpg, plain lon/lat on JGD2011 with .prj."""
    import geopandas as gpd
    from shapely.geometry import Polygon

    shapes = [Polygon(ring(n % 2, n // 2)) for n in range(4)]
    names = ["内丸", "菜園一丁目", "大通一丁目", "大通二丁目"]
    columns = {"KEY_CODE": KEYS, "PREF": "03", "CITY": "201", "S_NAME": names, "R2KAxx": range(1, 5)}
    figures = {"HCODE": 8101, "JINKO": PEOPLE, "SETAI": HOUSEHOLDS}
    return shapefile(gpd.GeoDataFrame(columns | figures, geometry=shapes), folder, "r2ka03201")


def shapefile(frame: Any, folder: Path, name: str) -> bytes:
    from kyodo_geo.crs import JGD2011

    folder.mkdir(parents=True, exist_ok=True)
    frame.set_crs(JGD2011, allow_override=True).to_file(
        folder / f"{name}.shp", encoding="cp932", engine="pyogrio"
    )
    (folder / f"{name}.cpg").unlink(missing_ok=True)
    return zipped({path.name: path.read_bytes() for path in sorted(folder.glob(f"{name}.*"))})


def towns(
    rows: Sequence[tuple[str, float, float]] = (("内丸", 141.105, 39.705), ("大通二丁目", 141.115, 39.715)),
) -> bytes:
    """大字・町丁目レベル位置参照情報: backslashes in member names."""
    header = [
        "都道府県コード", "都道府県名", "市区町村コード", "市区町村名", "大字町丁目コード", "大字町丁目名", "緯度", "経度",
        "原典資料コード", "大字・字・丁目区分コード",
    ]  # fmt: skip
    listed = [
        ["03", "岩手県", "03201", "盛岡市", f"03201{n:07}", name, f"{lat:.6f}", f"{lon:.6f}", "1", "3" if "丁目" in name else "1"]
        for n, (name, lon, lat) in enumerate(rows, start=1)
    ]  # fmt: skip
    meta = b"<begin>2024-07-01</begin><end>2025-06-30</end>"
    return zipped(
        {
            "03201-19.0b\\03201_2025.csv": quoted_csv([header, *listed]),
            "03201-19.0b\\META_03201_2025.xml": meta,
        }
    )


def blocks(rows: Sequence[tuple[str, str, float, float]] = (("大通二丁目", "1", 141.115, 39.715),)) -> bytes:
    """街区レベル位置参照情報."""
    header = [
        "都道府県名", "市区町村名", "大字・丁目名", "小字・通称名", "街区符号・地番", "座標系番号", "Ｘ座標", "Ｙ座標", "緯度",
        "経度", "住居表示フラグ", "代表フラグ", "更新前履歴フラグ", "更新後履歴フラグ",
    ]  # fmt: skip
    listed = [
        ["岩手県", "盛岡市", town, "", block, "10", "0", "0", f"{lat:.6f}", f"{lon:.6f}", "1", "1", "0", "0"]
        for town, block, lon, lat in rows
    ]
    return zipped({"03201-24.0a\\03201_2025.csv": quoted_csv([header, *listed])})


def shelters(rows: Sequence[tuple[str, str, float, float]] | None = None) -> bytes:
    """指定避難所 of 国土地理院: (name, address, lon, lat)."""
    rows = rows or [
        ("大通小学校", "岩手県盛岡市大通二丁目1-1", 141.115, 39.715),
        (
            "盛岡市立中央公民館",
            "岩手県盛岡市愛宕町14-1",
            141.162055,
            39.710697,
        ),  # also in our table of centres
        ("内丸町会館", "岩手県盛岡市内丸1-1", 141.105, 39.705),
    ]
    return geojson(
        [
            (
                {"NO": str(n), "共通ID": f"F03201{n:06}", "施設・場所名": name, "住所": address, "受入対象者": None, "備考": ""},
                {"type": "Point", "coordinates": [lon, lat]},
            )
            for n, (name, address, lon, lat) in enumerate(rows, start=1)
        ]
    )  # fmt: skip


def assignment() -> bytes:
    """Our own table: the western areas to district 1, the eastern to district 2."""
    rows = ["key_code,district_no,confidence", *(f"{key},{n % 2 + 1},likely" for n, key in enumerate(KEYS))]
    return ("\n".join(rows) + "\n").encode()
