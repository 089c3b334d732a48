"""Generations: activate datasets, roll back, and know what must retire together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geodata.audit import record
from geodata.change_figures import change_figures
from geodata.database import Audience, Connection, Database, active_generation
from geodata.datasets import require_municipality, show_dataset
from kyodo_geo.errors import ConflictError, NotFoundError
from kyodo_geo.kinds import DEPENDS, KIND_NAMES, KINDS, retired_dependants
from kyodo_geo.quality import Quality


@dataclass(frozen=True, slots=True)
class Activation:
    """A new generation, the kinds it took in, and the sample kinds that were retired with it."""

    generation_no: int
    activated: tuple[str, ...]
    retired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Active:
    dataset_id: int
    quality: Quality
    derived_from: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an activation would do: kind → dataset that comes, kind → dataset that goes (retired or replaced)."""

    current_no: int | None
    fresh: dict[str, int]
    replaced: dict[str, int]
    retired: dict[str, int]


def activate(
    db: Database,
    municipality: str,
    dataset_ids: Sequence[int],
    *,
    by: str,
    note: str | None = None,
    expected: int | None = None,
) -> Activation:
    """Make generation n+1 out of the active one with these datasets in place of those of the same kinds.

    One transaction under a lock per municipality: two administrators never interleave. `expected` is the generation
    the caller has seen (0: none). Raises `NotFoundError` for unknown datasets and `ConflictError` where the set
    would not hold together or another generation is active.
    """
    with db.write(Audience.LOADER) as conn:
        return activate_in(conn, municipality, dataset_ids, by=by, note=note, expected=expected, figures=True)


def plan(conn: Connection, municipality: str, dataset_ids: Sequence[int]) -> Plan:
    """What `activate` would do now; raises what it would raise."""
    current_no = active_generation(conn, municipality)
    active = _set_of(conn, municipality, current_no)
    fresh, retired, _ = _planned(conn, municipality, dataset_ids, active)
    return Plan(
        current_no,
        _ids(fresh),
        {kind: active[kind].dataset_id for kind in fresh if kind in active},
        {kind: active[kind].dataset_id for kind in retired},
    )


def activate_in(
    conn: Connection,
    municipality: str,
    dataset_ids: Sequence[int],
    *,
    by: str,
    note: str | None = None,
    expected: int | None = None,
    figures: bool = False,
) -> Activation:
    """The same within a transaction of the caller's; `figures` writes into the audit how much changes."""
    require_municipality(conn, municipality)
    lock(conn, municipality)
    current_no = active_generation(conn, municipality)
    _refuse_unseen(conn, municipality, current_no, expected)
    active = _set_of(conn, municipality, current_no)
    fresh, retired, resulting = _planned(conn, municipality, dataset_ids, active)
    details: dict[str, Any] = {
        "datasets": {k: v.dataset_id for k, v in fresh.items()},
        "retired": list(retired),
        "note": note,
    }
    if figures:
        details["figures"] = change_figures(conn, municipality, _ids(active), _ids(fresh))
    number = _write(conn, municipality, resulting, by=by, note=note, retired=retired)
    record(conn, municipality, by, "generation.activate", str(number), details)
    return Activation(number, tuple(fresh), retired)


def _planned(
    conn: Connection, municipality: str, dataset_ids: Sequence[int], active: dict[str, _Active]
) -> tuple[dict[str, _Active], tuple[str, ...], dict[str, _Active]]:
    """(what comes, sample kinds that retire, the resulting set); raises where it would not hold together."""
    fresh: dict[str, _Active] = {}
    for dataset_id in dict.fromkeys(dataset_ids):
        row = show_dataset(conn, municipality, dataset_id)
        kind = row["kind"]
        if kind in fresh:
            raise ConflictError(
                f"{KIND_NAMES[kind]}のデータセットが2つ指定されています。1つにしてください。", kind=kind
            )
        quality = Quality(row["quality"])
        _refuse_sample_over_real(kind, quality, active)
        _refuse_stale_base(kind, row["base_dataset_id"], active)
        fresh[kind] = _Active(dataset_id, quality, tuple(row["derived_from"]))
    if not fresh:
        raise ConflictError("有効にするデータセットの番号を指定してください。")
    for companion in _companions(conn, municipality, fresh):
        fresh.setdefault(*companion)
    real = {kind for kind, item in fresh.items() if item.quality is not Quality.SAMPLE}
    qualities = {kind: item.quality for kind, item in active.items() if kind not in fresh}
    retired = tuple(kind for kind in retired_dependants(real, qualities) if kind not in fresh)
    resulting = {**{k: v for k, v in active.items() if k not in retired}, **fresh}
    _refuse_real_on_sample(fresh, resulting)
    _refuse_broken_derivation(resulting)
    return fresh, retired, resulting


def rollback(
    db: Database,
    municipality: str,
    *,
    by: str,
    to_generation: int | None = None,
    note: str | None = None,
    expected: int | None = None,
) -> Activation:
    """Make generation n+1 with the set of an earlier one.

    By default the one before the active one; where that was itself restored, the one before the restored one, so
    that a second roll-back goes one step further back. `expected` is the generation the caller has seen. Raises
    `ConflictError` when there is nothing before or another generation is active.
    """
    with db.write(Audience.LOADER) as conn:
        require_municipality(conn, municipality)
        lock(conn, municipality)
        current = active_generation(conn, municipality)
        _refuse_unseen(conn, municipality, current, expected)
        wanted, restored = _restorable(conn, municipality, current, to_generation)
        active = _set_of(conn, municipality, current)
        figures = change_figures(conn, municipality, _ids(active), _ids(restored))
        number = _write(conn, municipality, restored, by=by, note=note, retired=(), restored_from=wanted)
        record(
            conn,
            municipality,
            by,
            "generation.rollback",
            str(number),
            {"restored_from": wanted, "note": note, "figures": figures},
        )
        return Activation(number, tuple(restored), ())


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """What a roll-back would do: kind → (dataset that goes, dataset that comes; None where there is none)."""

    current_no: int
    wanted: int
    changes: dict[str, tuple[int | None, int | None]]


def plan_rollback(conn: Connection, municipality: str, to_generation: int | None = None) -> RollbackPlan:
    """What `rollback` would do now; raises what it would raise."""
    current = active_generation(conn, municipality)
    wanted, restored = _restorable(conn, municipality, current, to_generation)
    active = _set_of(conn, municipality, current)
    assert current is not None
    changes = {}
    for kind in KINDS:
        old, new = (side[kind].dataset_id if kind in side else None for side in (active, restored))
        if old != new:
            changes[kind] = (old, new)
    return RollbackPlan(current, wanted, changes)


def _restorable(
    conn: Connection, municipality: str, current: int | None, to_generation: int | None
) -> tuple[int, dict[str, _Active]]:
    wanted = _before(conn, municipality, current) if to_generation is None else to_generation
    if current is None or wanted < 1:
        raise ConflictError("これより前の世代はないため、戻せません。")
    restored = _set_of(conn, municipality, wanted)
    if not restored:
        raise NotFoundError(f"世代 {wanted} はありません。", generation=wanted)
    if wanted == current:
        raise ConflictError(f"世代 {wanted} はすでに有効です。")
    return wanted, restored


def _refuse_unseen(conn: Connection, municipality: str, current: int | None, expected: int | None) -> None:
    """Two people at once: the second learns what the first did instead of undoing it unseen."""
    if expected is None or expected == (current or 0):
        return
    row = conn.execute(
        "SELECT activated_by, note FROM generation WHERE municipality_code = %s AND generation_no = %s",
        (municipality, current),
    ).fetchone()
    by = row["activated_by"] if row else "不明"
    note = f"（理由: {row['note']}）" if row and row["note"] else ""
    raise ConflictError(
        f"確かめている間に、{by} さんが世代 {current} を有効にしました{note}。まだ何も変えていません。"
        "違いを見直してから、もう一度お試しください。",
        generation=current,
        expected=expected,
    )


def _before(conn: Connection, municipality: str, current: int | None) -> int:
    """Generation before the one whose set is active now; 0 when there is none."""
    number = current or 1
    while True:
        row = conn.execute(
            "SELECT restored_from FROM generation WHERE municipality_code = %s AND generation_no = %s",
            (municipality, number),
        ).fetchone()
        if row is None or row["restored_from"] is None:
            return number - 1
        number = row["restored_from"]


def _ids(items: dict[str, _Active]) -> dict[str, int]:
    return {kind: item.dataset_id for kind, item in items.items()}


def lock(conn: Connection, municipality: str) -> None:
    """Until the transaction ends nobody else activates or rolls back."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('kyodo.generation'), %s)", (int(municipality),))


def _set_of(conn: Connection, municipality: str, generation: int | None) -> dict[str, _Active]:
    rows = conn.execute(
        """
        SELECT g.kind, d.dataset_id, d.quality, d.derived_from FROM generation_dataset g
        JOIN dataset d USING (municipality_code, dataset_id, kind)
        WHERE g.municipality_code = %s AND g.generation_no = %s
        """,
        (municipality, generation),
    )
    return {
        row["kind"]: _Active(row["dataset_id"], Quality(row["quality"]), tuple(row["derived_from"]))
        for row in rows
    }


def _companions(conn: Connection, municipality: str, fresh: dict[str, _Active]) -> list[tuple[str, _Active]]:
    """Datasets computed wholly from the ones being activated (districts from an assignment) come along."""
    ids = [item.dataset_id for item in fresh.values()]
    rows = conn.execute(
        """
        SELECT DISTINCT ON (kind) kind, dataset_id, quality, derived_from FROM dataset
        WHERE municipality_code = %s AND derived_from && %s::int[] ORDER BY kind, dataset_id DESC
        """,
        (municipality, ids),
    ).fetchall()
    return [
        (row["kind"], _Active(row["dataset_id"], Quality(row["quality"]), tuple(row["derived_from"])))
        for row in rows
        if set(row["derived_from"]) & {fresh[k].dataset_id for k in fresh if k == "district-assignment"}
    ]


def _write(
    conn: Connection,
    municipality: str,
    resulting: dict[str, _Active],
    *,
    by: str,
    note: str | None,
    retired: tuple[str, ...],
    restored_from: int | None = None,
) -> int:
    row = conn.execute(
        """
        INSERT INTO generation (municipality_code, generation_no, activated_at, activated_by, note,
                                retired_kinds, restored_from)
        SELECT %s, coalesce(max(generation_no), 0) + 1, clock_timestamp(), %s, %s, %s, %s
        FROM generation WHERE municipality_code = %s
        RETURNING generation_no
        """,
        (municipality, by, note, list(retired), restored_from, municipality),
    ).fetchone()
    assert row is not None
    number: int = row["generation_no"]
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO generation_dataset (municipality_code, generation_no, kind, dataset_id) "
            "VALUES (%s, %s, %s, %s)",
            [(municipality, number, kind, item.dataset_id) for kind, item in resulting.items()],
        )
    return number


def _refuse_sample_over_real(kind: str, quality: Quality, active: dict[str, _Active]) -> None:
    before = active.get(kind)
    if quality is Quality.SAMPLE and before is not None and before.quality is not Quality.SAMPLE:
        raise ConflictError(
            f"{KIND_NAMES[kind]}には実データが有効になっています。見本データで置き換えることはできません。",
            kind=kind,
        )


def _refuse_stale_base(kind: str, base: int | None, active: dict[str, _Active]) -> None:
    before = active.get(kind)
    if base is not None and (before is None or before.dataset_id != base):
        raise ConflictError(
            f"読み込んだ後に、有効な{KIND_NAMES[kind]}が別のものに替わりました。もう一度ファイルを読み込んでください。",
            kind=kind,
        )


# Edges of DEPENDS along which real data must not stand on sample data. The outline only bounds; towns, small
# areas and facilities are true on their own.
_ONLY_BOUNDS = frozenset({"outline"})


def _refuse_real_on_sample(fresh: dict[str, _Active], resulting: dict[str, _Active]) -> None:
    for kind in sorted(fresh, key=KINDS.index):
        if fresh[kind].quality is Quality.SAMPLE:
            continue
        for needed in sorted(DEPENDS[kind] - _ONLY_BOUNDS, key=KINDS.index):
            if needed in resulting and resulting[needed].quality is Quality.SAMPLE:
                raise ConflictError(
                    f"{KIND_NAMES[kind]}の実データを、見本の{KIND_NAMES[needed]}の上に重ねることはできません。"
                    f"先に（または同時に）{KIND_NAMES[needed]}の実データを有効にしてください。",
                    kind=kind,
                    needs=needed,
                )


def _refuse_broken_derivation(resulting: dict[str, _Active]) -> None:
    """Derived areas must stand beside exactly what they were computed from."""
    ids = {item.dataset_id for item in resulting.values()}
    for kind, item in resulting.items():
        missing = [source for source in item.derived_from if source not in ids]
        if missing:
            numbers = "、".join(map(str, missing))
            raise ConflictError(
                f"{KIND_NAMES[kind]}（データセット {item.dataset_id}）は、データセット {numbers} から計算したものです。"
                "元になったデータセットも一緒に有効にするか、読み込みからやり直してください。",
                kind=kind,
                missing=missing,
            )
