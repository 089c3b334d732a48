"""A draft becomes new datasets and a new generation, in one transaction of the audience `LOADER`.

The new datasets are the active ones with the draft's changes and nothing else. A change is refused when the active
dataset no longer says what its editor saw: somebody has loaded or rolled back something meanwhile. To compare before
deciding, the same transaction runs and is undone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from geodata.database import Audience, Connection, Database
from geodata.datasets import DatasetMeta, insert_dataset, show_dataset
from geodata.diffs import DatasetDiff, diff
from geodata.edits.active import active_facts, changed_frame
from geodata.edits.drafts import Change, Draft, checked, for_log, target
from geodata.edits.effects import NO_CHANGES, Piece, Shifted, pieces, rule_effects, shifted
from geodata.edits.history import tell
from geodata.generations import Activation, activate_in, lock
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import Ref, resolve
from geodata.rows import read_frame
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import DatasetInfo, Quality, worst
from kyodo_geo.rule_changes import RuleChanges

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Comparison:
    """What activating a draft would do to the generation `generation_no`. `redrawn`: districts that did not come from
    an assignment before would be drawn anew from the small areas. The rest is what else would follow."""

    draft: Draft
    generation_no: int
    diffs: tuple[DatasetDiff, ...]
    redrawn: bool
    rules: RuleChanges = NO_CHANGES
    pieces: tuple[Piece, ...] = ()
    shifted: tuple[Shifted, ...] = ()


class _UndoError(Exception):
    """Ends the transaction of a comparison."""


def compare(db: Database, code: str, scope: str, *, version: int, actor: str) -> Comparison:
    """How the draft differs from the active data; nothing is stored.

    Raises EditConflictError (the draft has changed), ConflictError (the active data have), NotFoundError.
    """
    found: list[Comparison] = []
    try:
        with db.write(Audience.LOADER) as conn:
            ref, draft = _locked(conn, code, scope, version)
            ids, redrawn = _store(conn, ref, draft, actor)
            diffs = tuple(diff(conn, code, dataset_id) for dataset_id in ids)
            found.append(_with_effects(conn, ref, Comparison(draft, ref.generation_no, diffs, redrawn)))
            raise _UndoError
    except _UndoError:
        pass
    return found[0]


def _with_effects(conn: Connection, ref: Ref, found: Comparison) -> Comparison:
    """What follows from the new datasets, which stand in the database until the comparison is undone."""
    rules = by_kind(found.draft).get("association-rules", [])
    if rules:
        found = replace(found, rules=rule_effects(conn, ref, rules))
    districts = next((item for item in found.diffs if item.kind == "districts" and item.against), None)
    if districts is None or districts.against is None:
        return found
    old, new = districts.against, districts.dataset_id
    return replace(
        found,
        pieces=pieces(conn, ref.municipality_code, old, new),
        shifted=shifted(conn, ref, old, new),
    )


def activate(
    db: Database,
    code: str,
    scope: str,
    *,
    version: int,
    generation_no: int,
    actor: str,
    note: str | None = None,
) -> Activation:
    """Make the draft a generation; `version` and `generation_no` are those of the comparison the editor saw.

    Raises EditConflictError when either has changed, ConflictError where the set would not hold together.
    """
    with db.write(Audience.LOADER) as conn:
        ref, draft = _locked(conn, code, scope, version)
        if ref.generation_no != generation_no:
            raise EditConflictError(
                ref.generation_no,
                f"比べた後に、世代 {ref.generation_no} が有効になりました。まだ何も変えていません。もう一度比べてください。",
            )
        ids, _ = _store(conn, ref, draft, actor)
        done = activate_in(conn, code, ids, by=actor, note=note or f"画面での変更（下書き {draft.draft_id}）")
        conn.execute(
            "UPDATE edit_draft SET state = 'activated', ended_at = now(), generation_no = %s "
            "WHERE municipality_code = %s AND draft_id = %s",
            (done.generation_no, code, draft.draft_id),
        )
        for change in draft.changes:
            tell(
                conn, code, actor, "edit.activate", f"{change.kind}/{change.key}", for_log(change.before),
                for_log(change.after), draft=draft.draft_id, generation=done.generation_no,
            )  # fmt: skip
        tell(
            conn, code, actor, "edit.draft.activate", target(scope), None, None,
            draft=draft.draft_id, generation=done.generation_no, changes_count=len(draft.changes), note=note,
        )  # fmt: skip
        return done


def outdated(conn: Connection, ref: Ref, draft: Draft) -> list[Change]:
    """Changes whose row the active dataset no longer has as the editor saw it."""
    found = []
    for kind, changes in by_kind(draft).items():
        whole = [change.key for change in changes if "geom" in (change.before or {})]
        active = active_facts(conn, ref, kind, [change.key for change in changes])
        active |= active_facts(conn, ref, kind, whole, whole=True) if whole else {}
        found += [change for change in changes if active.get(change.key) != change.before]
    return found


def by_kind(draft: Draft) -> dict[str, list[Change]]:
    """The draft's changes by kind of dataset."""
    kinds: dict[str, list[Change]] = {}
    for change in draft.changes:
        kinds.setdefault(change.kind, []).append(change)
    return kinds


def _locked(conn: Connection, code: str, scope: str, version: int) -> tuple[Ref, Draft]:
    """Draft and generation, neither of which anybody else can change until the transaction ends."""
    draft = checked(conn, code, scope, version)
    lock(conn, code)  # Before the active data are read.
    ref = resolve(conn, code)
    late = outdated(conn, ref, draft)
    if late:
        names = "、".join(f"{KIND_NAMES[change.kind]} {change.key}" for change in late[:5])
        raise ConflictError(
            f"下書きに入れた後に、有効なデータのほうが変わりました（{names}{' ほか' if len(late) > 5 else ''}）。"
            "その変更を下書きから外し、今の内容を見て入れ直してください。"
        )
    return ref, draft


def _store(conn: Connection, ref: Ref, draft: Draft, actor: str) -> tuple[list[int], bool]:
    """Insert the datasets of the draft; returns their numbers and whether districts are drawn anew."""
    code, active = ref.municipality_code, active_datasets(conn, ref)
    ids: list[int] = []
    redrawn = False
    for kind, changes in by_kind(draft).items():
        base = active.get(kind)
        frame = changed_frame(conn, code, kind, base.dataset_id if base else None, changes)
        meta = _meta(kind, base or active["associations"], draft, changes, actor, fresh=base is None)
        if (
            kind == "districts" and base is not None
        ):  # The areas are the same, and still come from where they came.
            stored = show_dataset(conn, code, base.dataset_id)
            meta = replace(meta, derived_from=tuple(stored["derived_from"]))
        ids.append(_insert(conn, code, kind, frame, meta, base, changes))
        if kind == "district-assignment":
            redrawn = not _derived(conn, code, active["districts"])
            ids.append(_districts(conn, ref, active, ids[-1], frame, draft, changes, actor))
    return ids, redrawn


def _meta(
    kind: str, base: DatasetInfo, draft: Draft, changes: list[Change], actor: str, *, fresh: bool = False
) -> DatasetMeta:
    """The active dataset's description, with a note of what was changed by hand."""
    keys = "、".join(change.key for change in changes[:20])
    before = "新しく作成" if fresh else f"データセット {base.dataset_id} から作成"
    return DatasetMeta(
        title=KIND_NAMES[kind] if fresh else base.title,
        source="市の職員による登録" if fresh else base.source,
        quality=base.quality,
        loaded_by=actor,
        licence=base.licence or None,
        authority=base.authority or None,
        as_of=None if fresh else base.as_of,
        notes=(f"画面での変更 {len(changes)} 件（下書き {draft.draft_id}、{before}）: {keys}",),
    )


def _insert(
    conn: Connection,
    code: str,
    kind: str,
    frame: pd.DataFrame,
    meta: DatasetMeta,
    base: DatasetInfo | None,
    changes: list[Change],
) -> int:
    from geodata.readers.result import LoadReport, ReadResult

    written = json.dumps(
        [base.checksum if base else None, [(change.key, change.after) for change in changes]],
        ensure_ascii=False,
    )
    checksum = hashlib.sha256(written.encode()).hexdigest()
    report = LoadReport(rows_read=len(frame), rows_loaded=len(frame))
    result = ReadResult(kind, frame, report, checksum, meta.title)
    return insert_dataset(conn, code, result, meta).dataset_id


def _districts(
    conn: Connection, ref: Ref, active: dict[str, DatasetInfo], assignment: int, frame: pd.DataFrame, draft: Draft,
    changes: list[Change], actor: str,
) -> int:  # fmt: skip
    """The districts that the new assignment makes, with the names of the active ones."""
    from geodata.readers.district_assignment import derive_districts
    from geodata.readers.result import LoadReport, ReadContext, ReadResult

    code, ground, base = ref.municipality_code, active["small-areas"], active["districts"]
    rows = conn.execute(
        "SELECT district_no, name, kana, aliases FROM district_area WHERE municipality_code = %s AND dataset_id = %s",
        (code, base.dataset_id),
    )
    facts: dict[int, dict[str, Any]] = {
        row["district_no"]: {**row, "aliases": list(row["aliases"])} for row in rows
    }
    small_areas = read_frame(conn, code, ground.dataset_id, "small-areas")
    whole = ReadResult("district-assignment", frame, LoadReport(), "", "")
    derived = derive_districts(whole, small_areas, ReadContext(district_facts=facts))
    _keep_drawn(derived.frame, read_frame(conn, code, base.dataset_id, "districts"))
    derived = replace(derived, checksum=hashlib.sha256(f"{base.checksum} {assignment}".encode()).hexdigest())
    meta = _meta("districts", base, draft, changes, actor)
    quality = worst([ground.quality, active["district-assignment"].quality, Quality.REAL])
    meta = replace(meta, quality=quality, derived_from=(ground.dataset_id, assignment))
    return insert_dataset(conn, code, derived, meta).dataset_id


def _keep_drawn(frame: pd.DataFrame, before: pd.DataFrame) -> None:
    """Areas that are the same as before keep their very points: merging may begin a ring elsewhere."""
    import shapely

    drawn = dict(zip(before["district_no"], before["geom"], strict=True))
    old = [drawn.get(no) for no in frame["district_no"]]
    same = shapely.equals(shapely.normalize(frame["geom"].to_numpy()), shapely.normalize(old))
    frame["geom"] = [
        former if equal else new for former, new, equal in zip(old, frame["geom"], same, strict=True)
    ]


def _derived(conn: Connection, code: str, districts: DatasetInfo) -> bool:
    """Whether the active districts were computed from an assignment (or are invented anyway)."""
    row = conn.execute(
        "SELECT cardinality(derived_from) > 0 AS derived FROM dataset WHERE municipality_code = %s AND dataset_id = %s",
        (code, districts.dataset_id),
    ).fetchone()
    return districts.quality is Quality.SAMPLE or bool(row and row["derived"])
