"""Files → tables. One `Table` is one CSV, one GeoJSON, one shapefile or one GeoPackage layer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.passing_folders import READING, passing_folder
from kyodo_geo.errors import ConflictError, FileFormatError, InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DATA = (".shp", ".geojson", ".json", ".gpkg", ".csv", ".txt", ".tsv", ".xlsx", ".pbf")
SHAPEFILE_PARTS = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".qix", ".xml", ".qmd")
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
"""How .xls begins, and an .xlsx with a password."""
LABELS = "attributes.csv"
PLAIN_TEXT = "行"
"""The one column of a plain text: its lines."""
LABEL_HEADER = ["original_name", "display_name"]


@dataclass
class Table:
    """Cells as text ('' where nothing stands); the index is the row number a person would count.

    `geometry` stands beside the rows (None: the table has none). `crs` is what the file declares, None when it
    says nothing. `labels` gives the printed name of coded columns. `broken_rows` could not be read at all: row
    number and reason. `guarded`: the file is a list with persons in it, so that errors quote no headings. `titles`:
    what stands above the headings; quoted nowhere.
    """

    source: str
    frame: pd.DataFrame
    geometry: np.ndarray | None = None
    crs: Any = None
    labels: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    broken_rows: list[tuple[int, str]] = field(default_factory=list)
    guarded: bool = False
    titles: list[str] = field(default_factory=list)


def as_text(value: Any) -> str:
    """A cell of a typed file as the text a person would have written: 3.0 → 3, nothing → ''."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


@contextmanager
def opened(
    files: Sequence[Path],
    *,
    encoding: str | None,
    layer: str | None,
    plain_text: bool = False,
    roads: Callable[[Path, str], Table] | None = None,
) -> Iterator[list[Table]]:
    """Tables of all files; zip files are unpacked into a folder that lives as long as the context.

    `plain_text`: a .txt is no table but a text, one row per line. `roads`: what takes the roads out of an .osm.pbf, for the
    kinds that can be read from one.

    Raises `FileFormatError` for a file that is not what it claims to be, `InputError` when none holds data.
    """
    with passing_folder(READING) as folder:
        found = [
            item for number, file in enumerate(files) for item in unpacked(file, Path(folder) / str(number))
        ]
        primary = _primary(found)
        if not primary:
            names = "、".join(file.name for file in files)
            raise InputError(
                f"{names} に読み込めるデータがありません。CSV、Excel（.xlsx）、GeoJSON、シェープファイル、GeoPackage、"
                "またはそれらのzipを指定してください。",
                field="files",
            )
        yield [
            _roads(path, shown, roads)
            if path.suffix.lower() == ".pbf"
            else _table(path, shown, encoding=encoding, layer=layer, plain_text=plain_text)
            for path, shown in primary
        ]


def checksum(files: Sequence[Path]) -> str:
    """SHA-256 over the files in the order of their names (a shapefile with its parts); one file: its own."""
    paths = sorted({part for file in files for part in _all_parts(file)})
    whole = hashlib.sha256()
    for path in paths:
        if not path.is_file():  # a pipe would be waited for
            raise FileNotFoundError(path.name)
        own = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                own.update(block)
        if len(paths) == 1:
            return own.hexdigest()
        whole.update(f"{path.name}\0{own.hexdigest()}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def checksum_before(files: Sequence[Path]) -> str | None:
    """The same, before anything is read; None where a file cannot be opened, which the reading then tells better."""
    try:
        return checksum(files)
    except OSError:
        return None


def checksum_after(files: Sequence[Path], before: str | None) -> str:
    """The checksum of what was read. Raises `ConflictError` where the files are not what they were when reading began."""
    try:
        found = checksum(files)
    except OSError:
        found = None
    if found is None or found != before:
        names = "、".join(file.name for file in files)
        raise ConflictError(
            f"読み込んでいる間に、ファイル（{names}）が書き換えられました。何も保存していません。"
            "書き込みが終わってから、もう一度読み込んでください。"
        )
    return found


def _all_parts(file: Path) -> list[Path]:
    if file.is_dir():
        return [path for path in file.iterdir() if path.is_file()]
    if file.suffix.lower() != ".shp":
        return [file]
    return [path for path in file.parent.iterdir() if path.stem == file.stem and path.is_file()]


def unpacked(file: Path, folder: Path) -> list[tuple[Path, str]]:
    """(path, name shown to people) of the files in a zip or a folder; a plain file stands for itself."""
    from geodata.readers.archives import extract

    try:
        if file.is_dir():
            return [(path, f"{file.name}/{path.name}") for path in sorted(file.iterdir()) if path.is_file()]
        if not file.is_file():
            raise InputError(f"ファイル {file.name} がありません。", field="files")
        with file.open("rb") as stream:
            start = stream.read(4)
    except OSError as error:
        raise InputError(f"ファイル {file.name} を開けません（{error.strerror}）。", field="files") from error
    if not start:
        raise FileFormatError(f"{file.name} は空のファイルです。", file=file.name)
    if start == OLD_OFFICE:
        raise FileFormatError(
            f"{file.name} は古い Excel の形式（.xls）か、パスワードの付いたブックです。"
            "Excelで開き、パスワードを外して「Excelブック（.xlsx）」か「CSV UTF-8」で保存し直してください。",
            file=file.name,
        )
    if file.suffix.lower() == ".xlsx":
        return [(file, file.name)]
    if file.suffix.lower() == ".zip" or start == b"PK\x03\x04":
        return extract(file, folder)
    return [(file, file.name)]


def _primary(found: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Files that hold rows; parts of shapefiles, documents and column labels are left to those they belong to."""
    shapes = {path.with_suffix("") for path, _ in found if path.suffix.lower() == ".shp"}
    primary = []
    for path, shown in found:
        suffix = path.suffix.lower()
        if suffix == ".dbf" and path.with_suffix("") not in shapes and not sibling(path, ".shp"):
            raise FileFormatError(
                f"{shown} だけでは読み込めません。同じ名前の .shp と .shx も一緒に指定してください。",
                file=shown,
            )
        if suffix in SHAPEFILE_PARTS or (path.name.lower() == LABELS and _is_label_table(path)):
            continue
        if suffix in DATA:
            primary.append((path, shown))
    return primary


def sibling(path: Path, suffix: str) -> Path | None:
    for other in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if other.is_file():
            return other
    return None


def _roads(path: Path, shown: str, roads: Callable[[Path, str], Table] | None) -> Table:
    if roads is None:
        raise FileFormatError(
            f"{shown}: この種類のデータは、OpenStreetMap のファイル（.osm.pbf）からは読み込めません。",
            file=shown,
        )
    return roads(path, shown)


def _table(path: Path, shown: str, *, encoding: str | None, layer: str | None, plain_text: bool) -> Table:
    from geodata.readers import json_files, spreadsheets, text_tables, vector

    suffix = path.suffix.lower()
    if suffix == ".shp":
        table = vector.read_shapefile(path, shown, encoding)
    elif suffix == ".gpkg":
        table = vector.read_geopackage(path, shown, layer)
    elif suffix in (".geojson", ".json"):
        table = json_files.read_json(path, shown)
    elif suffix == ".xlsx":
        table = spreadsheets.read_xlsx(path, shown, layer)
    elif suffix == ".txt" and plain_text:
        table = text_tables.read_lines(path, shown, encoding)
    else:
        table = text_tables.read_csv(path, shown, encoding)
    labels = path.parent / LABELS
    if labels.is_file() and labels != path and _is_label_table(labels):
        rows = text_tables.read_csv(labels, labels.name, None).frame
        table.labels = {
            code: label for code, label in zip(rows.iloc[:, 0], rows.iloc[:, 1], strict=True) if label
        }
    if not len(table.frame):
        raise FileFormatError(f"{shown} にデータの行がありません。", file=shown)
    return table


def _is_label_table(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.readline(200).decode("utf-8-sig", "replace")
    return head.strip().split(",")[:2] == LABEL_HEADER
