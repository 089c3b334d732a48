"""Memory and processor time of one file against the number of rows: `python -m bench.exports gpkg --rows 200000`.

Rows are generated, so that nothing but the writer is measured; run one process per figure.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from geodata.exports.formats import FORMATS, Options
from geodata.exports.layer import Layer
from geodata.features.query import FeatureRow
from kyodo_geo.collections import Collection, Kind, Property

SQUARE = b"\x01\x03\x00\x00\x00\x01\x00\x00\x00\x05\x00\x00\x00"
PROPERTIES = (
    Property("no", "番号", Kind.INTEGER),
    Property("name", "名前", Kind.STRING),
    Property("rate", "率", Kind.NUMBER),
    Property("since", "初日", Kind.DATE),
)


def layer() -> Layer:
    collection = Collection("bench", "計測", "計測のための層。", ("x",), "Polygon", "no", PROPERTIES)
    return Layer(collection, {"quality": "sample"}, "03201", "盛岡市", 1, date(2026, 4, 1))


def rows(count: int, form: str) -> Iterator[FeatureRow]:
    """Squares in a grid, as `geojson` or `wkb`."""
    import struct

    for no in range(count):
        x, y = 141 + no % 500 / 1000, 39 + no // 500 / 1000
        ring = [(x, y), (x + 1e-3, y), (x + 1e-3, y + 1e-3), (x, y + 1e-3), (x, y)]
        shape: str | bytes
        if form == "geojson":
            shape = json.dumps({"type": "Polygon", "coordinates": [ring]}, separators=(",", ":"))
        else:
            shape = SQUARE + struct.pack("<10d", *(value for xy in ring for value in xy))
        properties = {"no": no, "name": f"第{no}の場所", "rate": no / 7, "since": date(2024, 4, 1)}
        yield FeatureRow(str(no), shape, properties)


def measure(name: str, count: int) -> dict[str, float]:
    """MB at most, processor seconds, and MB of the file."""
    item = FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"out.{item.ending}"
        began = time.process_time()
        if item.text:
            with path.open("wb") as out:
                out.writelines(item.writer()(layer(), rows(count, item.geometry), Options()))
        else:
            item.writer()(layer(), lambda: rows(count, item.geometry), Options(), path)
        spent = time.process_time() - began
        size = path.stat().st_size
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"memory_mb": round(most, 1), "cpu_s": round(spent, 2), "file_mb": round(size / 2**20, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("format", choices=FORMATS)
    parser.add_argument("--rows", type=int, default=200_000)
    asked = parser.parse_args()
    print(json.dumps({"format": asked.format, "rows": asked.rows, **measure(asked.format, asked.rows)}))


if __name__ == "__main__":
    main()
