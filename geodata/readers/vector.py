"""Shapefiles and GeoPackages through GDAL (pyogrio), checked first so that damage has a plain message."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path
from typing import Any

from geodata.readers.packages import check_package
from geodata.readers.sources import Table, as_text, sibling
from geodata.readers.text_tables import UNASSIGNED, check_encoding, decode
from kyodo_geo.errors import FileFormatError

SHAPEFILE_CODE = 9994
CODE_PAGES = {
    "shift_jis": "cp932", "shiftjis": "cp932", "sjis": "cp932", "cp932": "cp932", "932": "cp932", "ms932": "cp932",
    "windows-31j": "cp932", "ansi 932": "cp932", "x-sjis": "cp932", "utf-8": "utf-8", "utf8": "utf-8",
    "65001": "utf-8", "euc-jp": "euc_jp", "eucjp": "euc_jp", "iso-8859-1": "latin-1", "iso88591": "latin-1",
}  # fmt: skip
JAPANESE_LANGUAGE_DRIVERS = (0x13, 0x7B)
ONE_BYTE_PER_CHARACTER = "ISO-8859-1"
ENOUGH_BYTES = 1 << 22
CUT_SHORT = ("incomplete multibyte sequence", "unexpected end of data")
SQLITE_START = b"SQLite format 3\0"


def read_shapefile(path: Path, shown: str, encoding: str | None) -> Table:
    """A shapefile with its .dbf; the text's encoding from `encoding`, the .cpg, or the text itself.

    Raises `FileFormatError` when a part is missing, cut off or of another kind.
    """
    dbf = _part(path, shown, ".dbf", "属性")
    _check_length(_part(path, shown, ".shx", "索引"), shown)
    _check_length(path, shown)
    written = _dbf_text(dbf, shown)
    used = encoding or _code_page(path) or decode(written, shown, None)[1]
    check_encoding(used)
    # GDAL would turn undecodable bytes into other letters without a word: take the bytes and decode them here.
    frame, geometry, crs = _read(path, shown, encoding=ONE_BYTE_PER_CHARACTER)
    frame.columns = [_decoded(column, used) for column in frame.columns]
    for column in frame.columns:
        frame[column] = [_decoded(cell, used) for cell in frame[column]]
    broken = [
        (number, "属性に、文字として読めない部分があります（文字コードの誤り、または壊れた文字）。")
        for number, row in zip(frame.index, frame.to_numpy(), strict=True)
        if any(char in cell for cell in row for char in UNASSIGNED)
    ]
    keep = ~frame.index.isin([number for number, _ in broken])
    # A .prj that GDAL cannot make sense of must not pass for one that is missing.
    stated = crs if crs is not None else _projection(path)
    table = Table(shown, frame[keep], geometry=geometry[keep], crs=stated, broken_rows=broken)
    if used != "utf-8":
        table.notes.append(f"{shown}: 文字コードは {used} として読みました。")
    return table


def read_geopackage(path: Path, shown: str, layer: str | None) -> Table:
    """One layer of a GeoPackage: the only one with geometry, else the one named (`--map layer=NAME`)."""
    import pyogrio

    with path.open("rb") as stream:
        if stream.read(16) != SQLITE_START:
            raise FileFormatError(f"{shown} はGeoPackageではありません。", file=shown)
    check_package(path, shown)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layers = [
                str(name) for name, kind in pyogrio.list_layers(path) if kind is not None or name == layer
            ]
    except pyogrio.errors.DataSourceError as error:
        raise _damaged(shown) from error
    if layer is None and len(layers) == 1:
        layer = layers[0]
    if layer not in layers:
        reason = "地物のレイヤーがありません。"
        if layers:
            reason = f"{'、'.join(layers)} のレイヤーがあります。--map layer=レイヤー名 で1つ選んでください。"
        raise FileFormatError(f"{shown} には{reason}", file=shown)
    frame, geometry, crs = _read(path, shown, layer=layer)
    return Table(shown, frame, geometry=geometry, crs=crs)


def _read(path: Path, shown: str, **options: Any) -> tuple[Any, Any, Any]:
    """(text cells, geometries, declared CRS); the CRS is not looked at yet."""
    import pandas as pd
    import pyogrio
    import shapely

    errors = pyogrio.errors
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, _, shapes, values = pyogrio.raw.read(path, datetime_as_string=True, **options)
    except (
        errors.DataSourceError,
        errors.DataLayerError,
        errors.FeatureError,
        errors.GeometryError,
        errors.CRSError,
        errors.FieldError,
        UnicodeDecodeError,
        UnboundLocalError,  # what pyogrio raises for a coordinate system that is no text
        ValueError,
    ) as error:
        raise _damaged(shown) from error
    if shapes is None:
        raise FileFormatError(f"{shown} には図形がありません。", file=shown)
    if not len(shapes):
        raise FileFormatError(f"{shown} には地物が1件もありません。", file=shown)
    cells = {
        str(column): [as_text(value) for value in cell]
        for column, cell in zip(meta["fields"], values, strict=True)
    }
    frame = pd.DataFrame(cells, index=range(1, len(shapes) + 1), dtype=object)
    return frame, shapely.from_wkb(shapes, on_invalid="ignore"), meta["crs"]


def _damaged(shown: str) -> FileFormatError:
    return FileFormatError(f"{shown} を読めません。壊れているか、途中で切れています。", file=shown)


def _part(path: Path, shown: str, suffix: str, what: str) -> Path:
    part = sibling(path, suffix)
    if part is None:
        raise FileFormatError(
            f"{shown} と同じ場所に、同じ名前の {suffix}（{what}）がありません。"
            "シェープファイルは .shp、.shx、.dbf、.prj を揃えて指定してください。",
            file=shown,
        )
    return part


def _check_length(path: Path, shown: str) -> None:
    """The header of .shp and .shx states the length of the file in 16-bit words."""
    with path.open("rb") as stream:
        head = stream.read(100)
    if len(head) < 100 or struct.unpack(">i", head[:4])[0] != SHAPEFILE_CODE:
        raise FileFormatError(f"{shown} の {path.suffix} はシェープファイルではありません。", file=shown)
    if path.stat().st_size < 2 * struct.unpack(">i", head[24:28])[0]:
        raise FileFormatError(
            f"{shown} の {path.suffix} が途中で切れています。ファイルを取得し直してください。", file=shown
        )


def _dbf_text(path: Path, shown: str) -> bytes:
    """Column names and records of a .dbf, enough to recognise their encoding.

    Raises when the file is shorter than its header says.
    """
    content = path.read_bytes()
    if len(content) < 32:
        raise FileFormatError(f"{shown} の .dbf は属性の表ではありません。", file=shown)
    count, head, width = struct.unpack("<IHH", content[4:12])
    if head < 33 or width < 1 or len(content) < head + count * width:
        raise FileFormatError(
            f"{shown} の .dbf が途中で切れています。ファイルを取得し直してください。", file=shown
        )
    if count == 0:
        raise FileFormatError(f"{shown} には地物が1件もありません。", file=shown)
    names = [content[start : start + 11].partition(b"\0")[0] for start in range(32, head - 1, 32)]
    records = content[head : head + min(count * width, ENOUGH_BYTES)]
    return b"\n".join([*names, records.replace(b"\0", b" ")])


def _projection(path: Path) -> str | None:
    """Text of the .prj, None when there is none or it is empty."""
    prj = sibling(path, ".prj")
    return (prj.read_text("utf-8", "replace").strip() or None) if prj is not None else None


def _code_page(path: Path) -> str | None:
    """Encoding by the .cpg, or by the language byte of the .dbf; None when both are silent."""
    cpg = sibling(path, ".cpg")
    if cpg is not None:
        named = CODE_PAGES.get(cpg.read_bytes()[:40].decode("ascii", "ignore").strip().casefold())
        if named is not None:
            return named
    dbf = sibling(path, ".dbf")
    assert dbf is not None
    with dbf.open("rb") as stream:
        language = stream.read(30)[29]
    return "cp932" if language in JAPANESE_LANGUAGE_DRIVERS else None


def _decoded(cell: str, encoding: str) -> str:
    """Text from bytes that came as one character each.

    A .dbf cuts text at a number of bytes: half a kanji at the very end is dropped, damage elsewhere is marked.
    """
    if cell.isascii():
        return cell.strip()
    raw = cell.encode("latin-1", "replace")
    try:
        return raw.decode(encoding).strip()
    except UnicodeDecodeError as error:
        if error.reason in CUT_SHORT:
            return raw[: error.start].decode(encoding, "replace").strip()
        return raw.decode(encoding, "replace").strip()
