"""Columns, rows and totals of a downloaded file, compared with what its source promises before it is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geodata.fetch.sources import Source
from kyodo_geo.errors import FileFormatError

if TYPE_CHECKING:
    import pandas as pd

_GEOGRAPHIC = {".shp", ".geojson", ".json", ".gpkg"}


def check_contents(source: Source, path: Path) -> dict[str, int]:
    """Rows and totals found, as `{"行": …, column: …}`; raises `FileFormatError` saying what differs."""
    check = source.check
    frame = _attributes(source, path)
    missing = [name for name in (*check.columns, *check.where, *check.totals) if name not in frame.columns]
    if missing:
        raise _differs(
            source,
            f"列「{'」「'.join(dict.fromkeys(missing))}」がありません（ある列: {'、'.join(map(str, frame.columns))}）。",
        )
    for name, value in check.where.items():
        frame = frame[frame[name].astype("string").str.strip() == value]
    found = {"行": len(frame)}
    if check.rows is not None and len(frame) != check.rows:
        raise _differs(source, f"行の数が {len(frame):,} です。公表されている数は {check.rows:,} です。")
    if len(frame) < check.rows_min:
        raise _differs(source, f"行の数が {len(frame):,} しかありません（少なくとも {check.rows_min:,}）。")
    for name, expected in check.totals.items():
        total = _total(source, frame, name)
        if total != expected:
            raise _differs(
                source, f"「{name}」の合計が {total:,} です。公表されている合計は {expected:,} です。"
            )
        found[name] = total
    return found


def _total(source: Source, frame: pd.DataFrame, name: str) -> int:
    import pandas as pd

    numbers = pd.to_numeric(frame[name], errors="coerce")
    text = frame[name].astype("string").str.strip().fillna("")
    wrong = frame[name][numbers.isna() & (text != "")]
    if len(wrong):
        raise _differs(source, f"「{name}」に数でない値「{wrong.iloc[0]}」があります。")
    return round(float(numbers.fillna(0).sum()))


def _attributes(source: Source, path: Path) -> pd.DataFrame:
    """The table without its geometry; text stays text."""
    import pandas as pd

    try:
        if path.suffix.lower() not in _GEOGRAPHIC:
            encoding = source.encoding or "utf-8-sig"
            return pd.read_csv(path, dtype="string", encoding=encoding, keep_default_na=False)
        from pyogrio import read_dataframe
        from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

        try:
            return read_dataframe(path, read_geometry=False, encoding=source.encoding)
        except (DataLayerError, DataSourceError, FeatureError, FieldError) as error:
            raise ValueError(str(error)) from error
    except (OSError, ValueError) as error:  # pandas' parser and decoding errors are ValueErrors
        raise _differs(source, f"{path.name} を表として読めません（{error}）。") from error


def _differs(source: Source, what: str) -> FileFormatError:
    ask = f"提供元のページ（{source.page}）" if source.page else "提供元のページ"
    return FileFormatError(
        f"{source.title}: {what}読み込みは行いません。{ask}で内容が改められていないか確かめてください。",
        file=source.filename,
    )
