"""From checked files to active datasets: a dry look, the load of each kind, and one generation for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geodata.database import Audience, Database
from geodata.datasets import DatasetMeta, list_datasets
from geodata.fetch.collect import UNPACKED, Collected
from geodata.fetch.facilities import combine
from geodata.fetch.sources import Source
from geodata.importing import Imported, ImportOptions, import_files
from kyodo_geo.errors import FileFormatError, KyodoError
from kyodo_geo.kinds import DEPENDS, KIND_NAMES, KINDS
from kyodo_geo.quality import Quality

if TYPE_CHECKING:
    from geodata.readers.result import ReadResult

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Item:
    """One kind to load: its files, what is known about them and the sources they came from."""

    kind: str
    files: tuple[Path, ...]
    meta: DatasetMeta
    options: ImportOptions
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """Dataset of a kind: stored now (with those derived from it), or there already with the same content."""

    kind: str
    dataset_ids: tuple[int, ...]
    stored: bool


def items_of(collected: Sequence[Collected], folder: Path, *, by: str) -> list[Item]:
    """What to load, in the order in which kinds stand on each other.

    Several sources of one kind become one file where we know how (facilities); raises `FileFormatError` else.
    """
    found = []
    for kind in KINDS:
        parts = [part for part in collected if part.source.kind == kind]
        if kind == "facilities" and parts:
            combined = combine(parts, folder / UNPACKED / "facilities.csv")
            found.append(
                Item(
                    kind,
                    (combined.path,),
                    _meta(parts, by, combined.notes),
                    ImportOptions(),
                    tuple(part.source for part in parts),
                )
            )
        elif len(parts) > 1:
            names = "、".join(part.source.id for part in parts)
            raise FileFormatError(
                f"{KIND_NAMES[kind]}の取得元が複数あります（{names}）。1つにしてください。", kind=kind
            )
        elif parts:
            source = parts[0].source
            options = ImportOptions(source.format, source.crs, source.encoding, None)
            found.append(Item(kind, parts[0].files[:1], _meta(parts, by, ()), options, (source,)))
    return found


def _meta(parts: Sequence[Collected], by: str, notes: Iterable[str]) -> DatasetMeta:
    sources = [part.source for part in parts]
    origins = [
        f"取得元: {part.source.url or '同梱 ' + str(part.source.bundled)}、SHA-256 {part.sha256}"
        + (f"、取得 {part.fetched_at}" if part.fetched_at else "")
        for part in parts
    ]
    dates = [part.as_of for part in parts]
    return DatasetMeta(
        title="、".join(source.title for source in sources),
        source="、".join(dict.fromkeys(source.source for source in sources)),
        source_url=next((source.page or source.url for source in sources if source.url), None),
        licence="、".join(dict.fromkeys(source.licence for source in sources)),
        authority="、".join(dict.fromkeys(source.authority for source in sources)),
        as_of=dates[0] if len(set(dates)) == 1 else None,
        quality=Quality.UNOFFICIAL if any(s.quality is Quality.UNOFFICIAL for s in sources) else Quality.REAL,
        loaded_by=by,
        notes=(*origins, *notes),
    )


def load_all(db: Database, municipality: str, items: Sequence[Item], *, say: Say) -> list[Done]:
    """Dry look at everything that can be looked at, then load each kind as an inactive dataset.

    A kind whose content is loaded already, and under which nothing is renewed now, is not loaded again. Raises
    what the importer raises; datasets stored before that stay inactive, and the message names them.
    """
    fresh: set[str] = set()
    looked: dict[str, Imported] = {}
    for item in items:
        if not _needs(item.kind) & {other.kind for other in items}:
            looked[item.kind] = _look(db, municipality, item)
    done: list[Done] = []
    try:
        for item in items:
            look = looked.get(item.kind) or _look(db, municipality, item)
            same = None if _needs(item.kind) & fresh else _stored_before(db, municipality, look.result)
            if same is not None:
                say(f"{KIND_NAMES[item.kind]}: 同じ内容がデータセット {same} にあるため、読み込みません。")
                done.append(Done(item.kind, (same,), stored=False))
                continue
            imported = import_files(db, municipality, item.kind, item.files, item.meta, item.options)
            fresh.add(item.kind)
            say(f"{KIND_NAMES[item.kind]}:")
            for line in imported.result.report.summary_ja():
                say(f"  {line}")
            for loaded in imported.stored:
                say(
                    f"データセット {loaded.dataset_id}: {KIND_NAMES[loaded.kind]} {loaded.rows:,} 行を保存しました。"
                )
            done.append(Done(item.kind, tuple(loaded.dataset_id for loaded in imported.stored), stored=True))
    except KyodoError as error:
        numbers = [str(number) for part in done if part.stored for number in part.dataset_ids]
        if numbers:
            left = "、".join(numbers)
            error.message += f"\n有効なデータは変わっていません。保存しただけのデータセット: {left}"
        raise
    return done


# The outline only bounds what is on it, as in generations.py: a new one does not renew the others.
_ONLY_BOUNDS = frozenset({"outline"})


def _needs(kind: str) -> set[str]:
    """Kinds that `kind` is checked against or computed from, through others too."""
    found: set[str] = set()
    todo = [kind]
    while todo:
        for needed in DEPENDS[todo.pop()] - _ONLY_BOUNDS - found:
            found.add(needed)
            todo.append(needed)
    return found


def _look(db: Database, municipality: str, item: Item) -> Imported:
    """Read without storing, and compare what the reader made of it with what the source promises.

    The report is not shown yet: what it compares with may be about to be replaced too.
    """
    look = import_files(db, municipality, item.kind, item.files, item.meta, item.options, dry_run=True)
    for source in item.sources:
        _check_result(source, look.result)
    return look


def _check_result(source: Source, result: ReadResult) -> None:
    rows = source.check.loaded_rows
    if rows is not None and len(result.frame) != rows:
        raise FileFormatError(
            f"{source.title}: 読み込むと {len(result.frame):,} 件になります。{rows:,} 件のはずです。読み込みは行いません。",
            file=source.filename,
        )
    for column, expected in source.check.loaded.items():
        total = round(float(result.frame[column].sum()))
        if total != expected:
            raise FileFormatError(
                f"{source.title}: 読み込むと「{column}」の合計が {total:,} になります。"
                f"公表されている合計は {expected:,} です。読み込みは行いません。",
                file=source.filename,
            )


def _stored_before(db: Database, municipality: str, result: ReadResult) -> int | None:
    """Newest dataset of the kind that is not sample data, when it has this content."""
    with db.read(Audience.LOADER) as conn:
        rows = list_datasets(conn, municipality, kind=result.kind, staff=True)
    newest = next((row for row in rows if row["quality"] != Quality.SAMPLE.value), None)
    return newest["dataset_id"] if newest and newest["checksum"] == result.checksum else None


def all_active(db: Database, municipality: str, done: Sequence[Done]) -> bool:
    """Whether every one of these datasets is in the active generation."""
    with db.read(Audience.LOADER) as conn:
        active = {row["dataset_id"] for row in list_datasets(conn, municipality, staff=True) if row["active"]}
    return {number for item in done for number in item.dataset_ids} <= active
