"""The list of offices as a file: read with the readers of every other table."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from kyodo_geo.errors import InputError
from kyodo_geo.offices import OfficeRow, check_header, office_rows, refused_list


def read_office_list(content: bytes, shown: str = "一覧") -> list[OfficeRow]:
    """CSV (CP932 or UTF-8) → accounts; raises InputError or FileFormatError in Japanese, with row numbers."""
    from geodata.readers.text_tables import read_csv

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(content)
        table = read_csv(path, shown, None)
    if table.broken_rows:
        faults = [f"{number} 行目: {reason}" for number, reason in table.broken_rows]
        raise InputError(refused_list(faults), field="file")
    check_header(table.frame.columns)
    cells = ({str(name): cell for name, cell in row.items()} for row in table.frame.to_dict("records"))
    return office_rows(zip(table.frame.index, cells, strict=True))


def example() -> str:
    """A list to start from."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["事業所番号", "事業所名", "電話", "メール", "担当者", "利用者名"])
    writer.writerow(["A001", "見本不動産 本店", "019-000-0000", "", "見本 一郎", "a001.ichiro"])
    return out.getvalue()
