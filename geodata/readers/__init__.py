"""Readers: files as they are really published → canonical frames and a report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType

from geodata.readers.reading import Reading
from geodata.readers.result import LoadReport, ReadContext, ReadResult, Rejection, Repair
from kyodo_geo.errors import InputError
from kyodo_geo.kinds import AREA_LAYERS, KIND_NAMES, PLANNING_LAYERS

__all__ = ["FORMATS", "LoadReport", "ReadContext", "ReadResult", "Rejection", "Repair", "module_of", "read"]

FORMATS: dict[str, tuple[str, ...]] = {
    "association-rules": ("table", "area-text", "association-list", "kokuji-text"),
    "towns": ("geolonia", "abr-names", "abr-town", "abr-town-pos", "isj-oaza", "isj-gaiku", "table"),
    "blocks": ("isj-gaiku", "abr-rsdt", "abr-blk", "table"),
    "lots": ("isj-gaiku", "abr-parcel", "table"),
    "age-population": ("table", "projection"),
}
"""Formats a user may name for a kind; otherwise they are told apart by their columns."""

ROADS = {"walk-network": "walk", "drive-network": "drive"}
"""Kinds that can be read from an extract of OpenStreetMap, and whose roads these are."""

PLAIN = "kokuji-text"
"""The format whose .txt files are texts, not tables."""

WHOLE = frozenset({"outline", "small-areas", "districts", "district-assignment"})
"""Kinds that mean something only as a whole: one row that cannot be read refuses the file."""


def read(
    kind: str,
    files: Sequence[Path],
    *,
    format: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: dict[str, str] | None = None,
    municipality: str,
    context: ReadContext | None = None,
) -> ReadResult:
    """Read files that belong together as one dataset of `kind`.

    `mapping`: field → column for headings that are not recognised; `crs` and `encoding` override what the files
    say or lack. Raises `InputError` for an unknown kind, format or option, `FileFormatError` (details: file, row,
    column) when the files cannot be used as a whole. Single rows that cannot be used are in the report.
    """
    from geodata.readers import gtfs_files, personal, sources

    if kind not in KIND_NAMES:
        known = "、".join(f"{name}（{label}）" for name, label in KIND_NAMES.items())
        raise InputError(f"データの種類「{kind[:40]}」はありません。使える種類: {known}", field="kind")
    _check_format(kind, format)
    if not files:
        raise InputError("読み込むファイルを指定してください。", field="files")
    module = module_of(kind)
    opened = gtfs_files.opened if kind == "bus-timetable" else sources.opened
    roads = None
    if kind in ROADS:
        from geodata.readers import osm_roads
        from geodata.readers.positions import Place

        place = Place(municipality, None if context is None else context.outline)
        roads = partial(osm_roads.read_pbf, mode=ROADS[kind], place=place)
    before = sources.checksum_before(files)
    with opened(
        files, encoding=encoding, layer=(mapping or {}).get("layer"), plain_text=format == PLAIN, roads=roads
    ) as tables:
        reading = Reading(
            kind,
            municipality,
            tables,
            context or ReadContext(),
            format=format,
            crs=crs,
            mapping=mapping,
            whole=kind in WHOLE,
        )
        report = reading.report
        for table in tables:
            for note in table.notes:
                report.note(note)
            for row, reason in table.broken_rows:
                report.reject(table.source, row, None, None, reason)
            report.rows_read += len(table.frame) + len(table.broken_rows)
        if kind in personal.KINDS:
            personal.leave_out(tables, report)
        frame = module.read(reading)
    report.rows_loaded = len(frame)
    reading.refuse_if_useless(frame)
    names = "、".join(file.name for file in files)
    return ReadResult(
        kind=kind,
        frame=frame,
        report=report,
        checksum=sources.checksum_after(files, before),
        default_title=f"{KIND_NAMES[kind]}（{names}）",
        as_of=reading.as_of,
    )


def module_of(kind: str) -> ModuleType:
    """The module that reads a kind; the optional layers share one."""
    name = "area_layer" if kind in AREA_LAYERS or kind in PLANNING_LAYERS else kind.replace("-", "_")
    return import_module(f"geodata.readers.{name}")


def _check_format(kind: str, format: str | None) -> None:
    known = FORMATS.get(kind, ())
    if format is None or format in known:
        return
    if not known:
        raise InputError(f"{KIND_NAMES[kind]}には形式（--format）の指定は要りません。", field="format")
    raise InputError(
        f"{KIND_NAMES[kind]}の形式「{format[:40]}」はありません。使える形式: {'、'.join(known)}",
        field="format",
    )
