"""Import of files: read, check against what is loaded, store as inactive datasets, derive what follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from geodata.database import Audience, Connection, Database, active_generation
from geodata.datasets import DatasetMeta, Loaded, insert_dataset, require_municipality
from geodata.kind_tables import kind_table
from geodata.queries.gazetteer import (
    association_facts,
    blocks_of,
    districts_of_associations,
    today_of,
    towns_of,
)
from geodata.rows import read_frame
from kyodo_geo.errors import InputError
from kyodo_geo.kinds import DEPENDS, KIND_NAMES
from kyodo_geo.quality import Quality

if TYPE_CHECKING:
    from geodata.readers.result import ReadContext, ReadResult


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read the files, where they do not say it themselves."""

    format: str | None = None
    crs: str | None = None
    encoding: str | None = None
    mapping: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found and, unless it was a dry run, stored (the derived datasets last).

    `derived`: the districts that an assignment makes, with their own report.
    """

    result: ReadResult
    stored: tuple[Loaded, ...]
    checked_against: dict[str, int]
    derived: ReadResult | None = None


Within = Callable[[Connection, Imported], None]
"""What happens in the transaction of the storing; an exception undoes it."""
STEPS = ("照合するデータの用意", "ファイルの読み取りと点検", "データベースへの格納")


def import_files(
    db: Database,
    municipality: str,
    kind: str,
    files: Sequence[Path],
    meta: DatasetMeta,
    options: ImportOptions,
    *,
    dry_run: bool = False,
    within: Within | None = None,
    on_step: Callable[[int], None] | None = None,
) -> Imported:
    """Read `files` as `kind` and store them as an inactive dataset; with `dry_run` only report.

    What the file is checked against is, kind by kind, the newest dataset that is not sample data, else the
    active one. `within` is called in the transaction of the storing, `on_step` with the place in `STEPS` of what
    begins. Raises `FileFormatError`/`InputError` with nothing stored.
    """
    from geodata.readers import read

    tell = on_step or (lambda _: None)
    kind_table(kind)
    tell(0)
    with db.read(Audience.LOADER) as conn:
        name = require_municipality(conn, municipality)["name"]
        against = _datasets_to_check_against(conn, municipality, kind)
        context = _context(conn, municipality, against, name)
        if kind == "association-rules":
            context = _with_gazetteer(conn, municipality, against, context)
        if kind == "membership":
            context = _with_register(conn, municipality, against, context)
        small_areas = (
            read_frame(conn, municipality, against["small-areas"], "small-areas")
            if kind == "district-assignment" and "small-areas" in against
            else None
        )
    if kind == "district-assignment" and small_areas is None:
        raise InputError(
            "地区の割り当ては小地域の上に作ります。先に小地域（small-areas）を読み込んでください。", kind=kind
        )
    tell(1)
    result = read(
        kind,
        list(files),
        format=options.format,
        crs=options.crs,
        encoding=options.encoding,
        mapping=options.mapping,
        municipality=municipality,
        context=context,
    )
    derived = _derived_districts(result, small_areas, context) if small_areas is not None else None
    if dry_run:
        return Imported(result, (), against, derived)
    note = "、".join(f"{KIND_NAMES[k]}=データセット {v}" for k, v in sorted(against.items()))
    meta = replace(
        meta, notes=(*meta.notes, f"照合したデータ: {note}" if note else "照合したデータはありません")
    )
    tell(2)
    with db.write(Audience.LOADER) as conn:
        stored = [insert_dataset(conn, municipality, result, meta)]
        if derived is not None:
            sources = (against["small-areas"], stored[0].dataset_id)
            stored.append(
                insert_dataset(conn, municipality, derived, _derived_meta(conn, municipality, meta, sources))
            )
        done = Imported(result, tuple(stored), against, derived)
        if within is not None:
            within(conn, done)
    return done


class _TriedError(Exception):
    """Ends the transaction of a trial."""


def try_files(
    db: Database,
    municipality: str,
    kind: str,
    files: Sequence[Path],
    meta: DatasetMeta,
    options: ImportOptions,
    *,
    within: Within,
    on_step: Callable[[int], None] | None = None,
) -> Imported:
    """The same as `import_files`, undone at the end: what `within` sees of the new rows is what an import would give."""
    tried: list[Imported] = []

    def look(conn: Connection, done: Imported) -> None:
        within(conn, done)
        tried.append(done)
        raise _TriedError

    with suppress(_TriedError):
        import_files(db, municipality, kind, files, meta, options, within=look, on_step=on_step)
    return tried[0]


def _datasets_to_check_against(conn: Connection, municipality: str, kind: str) -> dict[str, int]:
    """Dataset of each kind that a file of `kind` refers to (transitively), and the outline."""
    wanted = {"outline", "districts", "small-areas", "towns", "associations"} & (
        _all_needed(kind) | {"outline"}
    )
    if kind in ("district-assignment", "register-population"):
        wanted |= {"districts"}
    if kind == "association-rules":
        wanted |= {"blocks"}
    rows = conn.execute(
        """
        SELECT DISTINCT ON (d.kind) d.kind, d.dataset_id
        FROM dataset d
        LEFT JOIN generation_dataset g ON g.municipality_code = d.municipality_code
            AND g.dataset_id = d.dataset_id AND g.generation_no = %(g)s
        WHERE d.municipality_code = %(m)s AND d.kind = ANY(%(kinds)s)
          AND (d.quality <> 'sample' OR g.generation_no IS NOT NULL)
        ORDER BY d.kind, d.quality = 'sample', d.dataset_id DESC
        """,
        {"m": municipality, "g": active_generation(conn, municipality), "kinds": sorted(wanted)},
    )
    return {row["kind"]: row["dataset_id"] for row in rows}


def _all_needed(kind: str) -> set[str]:
    found: set[str] = set()
    todo = [kind]
    while todo:
        for needed in DEPENDS[todo.pop()]:
            if needed not in found:
                found.add(needed)
                todo.append(needed)
    return found


def _context(conn: Connection, municipality: str, against: dict[str, int], name: str) -> ReadContext:
    """What the readers compare with, from the datasets chosen."""
    from geodata.readers.result import ReadContext

    def column(kind: str, table: str, name: str) -> Any:
        if kind not in against:
            return None
        rows = conn.execute(
            f"SELECT DISTINCT {name} AS value FROM {table} "  # noqa: S608 - fixed names
            "WHERE municipality_code = %s AND dataset_id = %s",
            (municipality, against[kind]),
        )
        return {row["value"] for row in rows}

    outline = None
    if "outline" in against:
        row = conn.execute(
            "SELECT ST_AsBinary(ST_Union(geom)) AS wkb FROM outline WHERE municipality_code = %s AND dataset_id = %s",
            (municipality, against["outline"]),
        ).fetchone()
        outline = shapely.from_wkb(bytes(row["wkb"])) if row and row["wkb"] else None
    facts: dict[int, dict[str, Any]] | None = None
    if "districts" in against:
        rows = conn.execute(
            "SELECT district_no, name, kana, aliases FROM district_area WHERE municipality_code = %s AND dataset_id = %s",
            (municipality, against["districts"]),
        )
        facts = {
            row["district_no"]: {"name": row["name"], "kana": row["kana"], "aliases": list(row["aliases"])}
            for row in rows
        }
    return ReadContext(
        outline=outline,
        town_names=column("towns", "town", "name"),
        association_ids=column("associations", "association_area", "association_id"),
        small_area_keys=column("small-areas", "small_area", "key_code"),
        districts={no: fact["name"] for no, fact in facts.items()} if facts is not None else None,
        district_facts=facts,
        municipality_name=name,
    )


def _with_gazetteer(
    conn: Connection, municipality: str, against: dict[str, int], context: ReadContext
) -> ReadContext:
    """What rules are compared with besides: the rows of the gazetteer, its blocks, the associations' names."""
    names, buildings = association_facts(conn, municipality, against.get("associations"))
    return replace(
        context,
        towns=towns_of(conn, municipality, against.get("towns")),
        blocks=blocks_of(conn, municipality, against.get("blocks")),
        association_names=names,
        building_ids=buildings,
    )


def _with_register(
    conn: Connection, municipality: str, against: dict[str, int], context: ReadContext
) -> ReadContext:
    """What figures are compared with besides: names and districts of the associations, and the day."""
    names, _ = association_facts(conn, municipality, against.get("associations"))
    return replace(
        context,
        association_names=names,
        association_districts=districts_of_associations(conn, municipality, against.get("associations")),
        today=today_of(conn),
    )


def _derived_districts(result: ReadResult, small_areas: Any, context: ReadContext) -> ReadResult:
    from geodata.readers.district_assignment import derive_districts

    return derive_districts(result, small_areas, context)


def _derived_meta(
    conn: Connection, municipality: str, meta: DatasetMeta, sources: tuple[int, int]
) -> DatasetMeta:
    """Districts inherit the assignment's quality: an unofficial assignment makes unofficial districts."""
    row = conn.execute(
        "SELECT source, licence, as_of, quality FROM dataset WHERE municipality_code = %s AND dataset_id = %s",
        (municipality, sources[0]),
    ).fetchone()
    assert row is not None
    base = Quality(row["quality"])
    quality = Quality.SAMPLE if Quality.SAMPLE in (base, meta.quality) else meta.quality
    return replace(
        meta,
        title=f"コミュニティ推進地区（{meta.title}から作成）",
        source=f"{row['source']} の小地域を、{meta.source} により合併",
        licence=row["licence"] or meta.licence,
        as_of=meta.as_of or row["as_of"],
        quality=quality,
        derived_from=sources,
    )
