"""Look up the addresses of a stretch of rows: the same index and columns as the service's, one part file as the result."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.batch.source import added_headings
from geodata.batch.work import result_of
from geodata.bulk import geoparquet, ground, parts
from geodata.bulk.running import Done
from kyodo_geo.errors import InputError
from kyodo_geo.lookup.columns import COLUMNS, Columns

if TYPE_CHECKING:
    import pyarrow as pa

    from kyodo_geo.lookup import LookupIndex

FORMAT = 1
"""Raise it when the result of the same input changes: finished parts of older programs are then made anew."""
ROWS = 50_000
"""Of one part: some seconds of work, so that little is lost with a worker."""
BATCH = 4_096
GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class LookupPart:
    """Rows `start` … `stop` − 1 of `source`, with the index of `code`. Names and numbers only: no address travels."""

    code: str
    source: str
    start: int
    stop: int
    column: str
    ground: str
    version: str
    target: str

    @property
    def size(self) -> int:
        return self.stop - self.start


def plan(source: Path, target: Path, grounds: Path, column: str, *, rows: int = ROWS) -> list[LookupPart]:
    """All parts of a run, municipality by municipality.

    Raises `InputError` for a file without the column, or a municipality whose ground is not there.
    """
    found = []
    for code, files in parts.municipalities(source):
        if not ground.known(grounds, code):
            raise InputError(f"{grounds} に、市区町村 {code} のデータがありません。", field="ground")
        version = ground.version(grounds, code, ground.LOOKUP)
        number = 0
        for path in files:
            with parts.opened(path) as file:
                if column not in file.schema_arrow.names:
                    raise InputError(f"{path} に「{column}」という列がありません。", field="column")
                total = file.metadata.num_rows
            content = parts.hash_of([path])
            for start in range(0, max(total, 1), rows):
                stop = min(start + rows, total)
                key = parts.key_of(f=FORMAT, what="lookup", content=content, start=start, stop=stop, column=column,
                                   version=version)  # fmt: skip
                made = str(parts.part_path(target, code, number, key))
                found.append(LookupPart(code, str(path), start, stop, column, str(grounds), version, made))
                number += 1
    return found


def run(part: LookupPart) -> Done:
    """Make the part's file; rows in the order of the source, memory that of a few thousand of them and the index."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    index = INDEXES.get(part.ground, part.code, part.version)
    outcomes: Counter[str] = Counter()
    bounds: tuple[float, ...] | None = None
    with Path(part.source).open("rb") as stream, pq.ParquetFile(stream) as file:
        own = file.schema_arrow.remove_metadata()
        names = added_headings(own.names)
        place = GEOMETRY if GEOMETRY not in own.names else f"{GEOMETRY}_2"
        schema = pa.schema([*own, *(pa.field(n, _type(c)) for n, c in zip(names, COLUMNS, strict=True)),
                            pa.field(place, pa.binary())])  # fmt: skip
        with (
            parts.whole(Path(part.target)) as passing,
            pq.ParquetWriter(passing, schema, compression="zstd") as out,
        ):
            for batch in _stretch(file, part.start, part.stop):
                texts = batch.column(part.column).to_pylist()
                found = [result_of(index, "" if text is None else str(text)) for text in texts]
                outcomes.update(columns.outcome for columns in found)
                lon, lat = [c.lon for c in found], [c.lat for c in found]
                bounds = geoparquet.joined(bounds, geoparquet.bounds_of(lon, lat))
                arrays = [
                    *batch.columns,
                    *_arrays(found),
                    pa.array(geoparquet.points_wkb(lon, lat), pa.binary()),
                ]
                out.write_batch(pa.record_batch(arrays, schema=schema))
            out.add_key_value_metadata(geoparquet.geo_metadata(place, bounds, ["Point"] if bounds else []))
    return Done(part.code, part.target, part.size, dict(outcomes))


def _stretch(file: Any, start: int, stop: int) -> Iterator[pa.RecordBatch]:
    """Rows from `start` to before `stop`, decoding the row groups they stand in only."""
    groups, before, first = [], 0, None
    for group in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if before < stop and before + rows > start:
            groups.append(group)
            first = before if first is None else first
        before += rows
    at = first or 0
    for batch in file.iter_batches(BATCH, row_groups=groups) if groups else ():
        begin, end = max(start - at, 0), min(stop - at, batch.num_rows)
        if begin < end:
            yield batch.slice(begin, end - begin)
        at += batch.num_rows
        if at >= stop:
            return


def _arrays(found: Sequence[Columns]) -> list[Any]:
    import pyarrow as pa

    cells = [columns.cells() for columns in found]
    return [pa.array([row[i] for row in cells], _type(name)) for i, name in enumerate(COLUMNS)]


def _type(name: str) -> Any:
    import pyarrow as pa

    if name in ("lon", "lat", "confidence"):
        return pa.float64()
    return pa.int32() if name == "accuracy_m" else pa.string()


class Indexes:
    """The lookup indexes that a worker process has built, the latest few. Thread-safe."""

    def __init__(self, most: int = 3) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], LookupIndex] = OrderedDict()

    def get(self, grounds: str, code: str, version: str) -> LookupIndex:
        from kyodo_geo.lookup import LookupIndex

        key = (grounds, code, version)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                while len(self._kept) >= self._most:  # before the next is built: never one more than `most`
                    self._kept.popitem(last=False)
                found = self._kept[key] = LookupIndex(ground.snapshot(Path(grounds), code))
            self._kept.move_to_end(key)
            return found


INDEXES = Indexes()
"""Of this process."""
