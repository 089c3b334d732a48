"""What the datasets pages show, read in one transaction of the loader's audience (blocking)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from api.services import Services
from api.staff_datasets.faults import Fault, counts_of, faults_of, shown_of
from geodata.audit import looked_at, record
from geodata.database import Audience, Connection, active_generation
from geodata.datasets import list_datasets, show_dataset
from geodata.diffs import DatasetDiff, diff
from geodata.queries.dataset_changes import (
    ChangedRow,
    changed_rows,
    membership_changes,
    previous_dataset,
    unchanged_shapes,
)
from geodata.queries.generation import resolve
from geodata.queries.outline import outline
from geodata.queries.rule_changes import RuleComparison, compare_rules
from geodata.trial_findings import label_of, membership_facts
from kyodo_geo.errors import ConflictError, InputError, UnavailableError
from kyodo_geo.kinds import DEPENDS, KIND_NAMES, KINDS
from kyodo_geo.quality import Quality

if TYPE_CHECKING:
    from maps.specs import BuiltMap

T = TypeVar("T")


def in_loader(services: Services, work: Callable[[Connection, str], T]) -> T:
    """`work(conn, municipality)` in a reading transaction of the loader."""
    with services.database.read(Audience.LOADER) as conn:
        return work(conn, services.settings.municipality)


def look_down(services: Services, by: str, row: dict[str, Any], part: str, ids: Iterable[str] = ()) -> None:
    """Write down that somebody looked into a dataset of vacant houses (blocking); nothing for other kinds."""
    if row["kind"] != "vacant-houses":
        return
    with services.database.write(Audience.STAFF) as conn:
        details = looked_at(ids) | {"part": part}
        target = f"dataset/{row['dataset_id']}"
        record(conn, services.settings.municipality, by, "vacant-houses.view", target, details, kind="view")


def credit_of(row: dict[str, Any]) -> dict[str, Any]:
    """The `dataset` of a page about one dataset: banner and source block follow from it."""
    quality = Quality(row["quality"])
    return {
        "quality": quality.value, "quality_label": quality.label, "source": row["source"], "as_of": row["as_of"],
        "licence": row["licence"], "parts": [],
    }  # fmt: skip


def listed(conn: Connection, municipality: str) -> list[dict[str, Any]]:
    """Kinds in order, each with its datasets, the active one first."""
    rows = list_datasets(conn, municipality, staff=True)
    for row in rows:
        row["quality_label"] = Quality(row["quality"]).label
    groups = []
    for kind, label in KIND_NAMES.items():
        mine = sorted((row for row in rows if row["kind"] == kind), key=lambda row: not row["active"])
        groups.append({"kind": kind, "label": label, "datasets": mine})
    return groups


@dataclass(frozen=True, slots=True)
class Report:
    """One dataset with its findings (`faults`: those shown, `all_faults`: every one) and their map."""

    row: dict[str, Any]
    active: bool
    faults: list[Fault]
    all_faults: list[Fault]
    counts: list[dict[str, Any]]
    map: BuiltMap


def report(services: Services, dataset_id: int) -> Report:
    """Raises NotFoundError for an unknown dataset."""

    def work(conn: Connection, municipality: str) -> Report:
        row = show_dataset(conn, municipality, dataset_id)
        everything = faults_of(row["kind"], row["report"])
        faults = shown_of(everything)
        key = ("staff", "dataset-faults", municipality, dataset_id, active_generation(conn, municipality))
        built = services.compared.get_or_make(
            key, 0, lambda: _faults_map(services, conn, municipality, row, faults)
        )
        return Report(
            row, is_active(conn, municipality, row), faults, everything, counts_of(row["report"]), built
        )

    return in_loader(services, work)


def is_active(conn: Connection, municipality: str, row: dict[str, Any]) -> bool:
    """Whether the dataset is in the active generation."""
    return bool(active_of(conn, municipality, row["kind"]) == row["dataset_id"])


def active_of(conn: Connection, municipality: str, kind: str) -> int | None:
    """Number of the active dataset of a kind."""
    return next(
        (row["dataset_id"] for row in list_datasets(conn, municipality, kind=kind) if row["active"]), None
    )


def city_outline(conn: Connection, municipality: str) -> str | None:
    """GeoJSON text of the city, or None while nothing is active."""
    try:
        return outline(conn, resolve(conn, municipality))
    except (
        UnavailableError
    ):  # nothing is active yet: the first datasets are looked at without a city around them
        return None


def _faults_map(
    services: Services, conn: Connection, municipality: str, row: dict[str, Any], faults: list[Fault]
) -> BuiltMap:
    return faults_map(
        services,
        faults,
        city_outline(conn, municipality),
        f"データセット {row['dataset_id']} の点検で見つかったところ",
    )


def _drawn(fault: Fault) -> dict[str, Any]:
    """What the map shows of a finding besides its label."""
    return {name: value for name, value in asdict(fault).items() if name != "nodes"}


def faults_map(services: Services, faults: list[Fault], city: str | None, caption: str) -> BuiltMap:
    """The findings drawn; also of an upload that is not a dataset yet."""
    from maps.build import build_map
    from maps.faults import FaultMark, FaultsSpec

    marks = tuple(FaultMark(label=fault.label, **_drawn(fault)) for fault in faults)
    return build_map(
        FaultsSpec(
            faults=marks,
            caption=f"{caption}（{len(marks):,} 件）",
            outline=city,
            basemap=services.pages.basemap,
        )
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """A dataset beside the one it is compared with (None: there is none)."""

    row: dict[str, Any]
    against: dict[str, Any] | None
    active: bool
    diff: DatasetDiff
    before: BuiltMap
    after: BuiltMap
    membership: dict[str, Any] | None
    others: tuple[tuple[int, str], ...] = ()
    """What else it can be compared with: number and title."""


def comparison(services: Services, dataset_id: int, against: int | None) -> Comparison:
    """Raises NotFoundError for unknown datasets and InputError where their kinds differ."""

    def work(conn: Connection, municipality: str) -> Comparison:
        row = show_dataset(conn, municipality, dataset_id)
        other = other_of(conn, municipality, row, against)
        number = other["dataset_id"] if other else None
        key = (
            "staff",
            "dataset-changes",
            municipality,
            dataset_id,
            number,
            active_generation(conn, municipality),
        )
        found = services.compared.get_or_make(
            key, 0, lambda: _compare(services, conn, municipality, row, other)
        )
        others = tuple(
            (
                item["dataset_id"],
                f"{item['dataset_id']} {item['title']}{'（いま有効）' if item['active'] else ''}",
            )
            for item in list_datasets(conn, municipality, kind=row["kind"])
            if item["dataset_id"] != dataset_id
        )
        return replace(found, others=others)

    return in_loader(services, work)


def other_of(
    conn: Connection, municipality: str, row: dict[str, Any], against: int | None
) -> dict[str, Any] | None:
    """What a dataset is compared with: the one asked for, else the active one or that which it replaced."""
    number = against or previous_dataset(conn, municipality, row["dataset_id"], row["kind"])
    other = show_dataset(conn, municipality, number) if number else None
    if other is not None and other["kind"] != row["kind"]:
        raise InputError("比べる相手は、同じ種類のデータセットにしてください。", field="against")
    return other


def _compare(
    services: Services, conn: Connection, municipality: str, row: dict[str, Any], other: dict[str, Any] | None
) -> Comparison:
    kind, dataset_id = row["kind"], row["dataset_id"]
    # 0 is no dataset: everything counts as added.
    found = diff(conn, municipality, dataset_id, other["dataset_id"] if other else 0)
    rows = changed_rows(conn, municipality, found)
    keys = [item.key for item in rows]
    # Rows that change but are not listed must not be drawn among those that stay.
    complete = len(rows) == found.added + found.changed + found.removed
    context = (
        tuple(unchanged_shapes(conn, municipality, kind, dataset_id, keys)) if other and complete else ()
    )
    before, after = (
        change_map(services, kind, rows, context, city_outline(conn, municipality), side)
        for side in ("before", "after")
    )
    membership = None
    if kind == "membership":
        membership = membership_facts(
            membership_changes(conn, municipality, dataset_id, other["dataset_id"] if other else None)
        )
    return Comparison(row, other, is_active(conn, municipality, row), found, before, after, membership)


def difference(services: Services, conn: Connection, municipality: str, dataset_id: int) -> DatasetDiff:
    """A dataset against the active one. Neither changes any more: counted once per generation."""
    key = ("staff", "dataset-diff", municipality, dataset_id, active_generation(conn, municipality))
    return services.compared.get_or_make(key, 0, lambda: diff(conn, municipality, dataset_id))


def rules_compared(
    services: Services, conn: Connection, municipality: str, fresh: Mapping[str, int]
) -> RuleComparison | None:
    """Overlaps and gaps that new address rules bring, against the active ones; None where no rules are among `fresh`."""
    dataset_id = fresh.get("association-rules")
    if dataset_id is None:
        return None
    key = ("staff", "rules", municipality, active_generation(conn, municipality), *sorted(fresh.values()))
    active = active_of(conn, municipality, "association-rules")
    return services.compared.get_or_make(
        key, 0, lambda: compare_rules(conn, municipality, dataset_id, active, fresh)
    )


def companions(conn: Connection, municipality: str, kind: str) -> list[dict[str, Any]]:
    """What may become active together with a dataset of `kind`: of every other kind the newest, if it is not active."""
    newest: dict[str, dict[str, Any]] = {}
    for row in list_datasets(conn, municipality):
        if row["kind"] != kind and not row["derived_from"]:
            newest.setdefault(row["kind"], row)
    return [
        {**row, "quality_label": Quality(row["quality"]).label, "kind_label": KIND_NAMES[row["kind"]]}
        for row in sorted(newest.values(), key=lambda row: KINDS.index(row["kind"]))
        if not row["active"]
    ]


def change_map(
    services: Services,
    kind: str,
    rows: list[ChangedRow],
    context: tuple[tuple[str, str], ...],
    city: str | None,
    side: str,
) -> BuiltMap:
    """One side of the comparison."""
    from maps.build import build_map
    from maps.changes import ChangeShape, ChangeSpec

    shapes = tuple(
        ChangeShape(
            number,
            item.name,
            item.verdict,
            "、".join(label_of(kind, column) for column in item.columns),
            item.before,
            item.after,
        )
        for number, item in enumerate(rows, start=1)
    )
    captions = {
        "before": "なくなるもの、変わるもの（いま有効なデータ）",
        "after": "増えるもの、変わるもの（このデータ）",
    }
    return build_map(
        ChangeSpec(
            side=side, shapes=shapes, context=context, caption=captions[side], outline=city,
            basemap=services.pages.basemap,
        )
    )  # fmt: skip


def qualities_for(conn: Connection, municipality: str) -> list[tuple[str, str]]:
    """What a new dataset may call itself: invented data only where invented data are active."""
    active = [row for row in list_datasets(conn, municipality) if row["active"]]
    offered = [Quality.REAL, Quality.UNOFFICIAL]
    if any(row["quality"] == Quality.SAMPLE for row in active):
        offered.append(Quality.SAMPLE)
    return [(quality.value, quality.label) for quality in offered]


def refuse_invented(conn: Connection, municipality: str, kind: str, quality: str) -> None:
    """Invented data may only replace invented data and stand on invented data. Raises ConflictError."""
    if quality != Quality.SAMPLE:
        return
    for row in list_datasets(conn, municipality):
        if row["active"] and row["kind"] in {kind, *DEPENDS[kind]} and row["quality"] != Quality.SAMPLE:
            raise ConflictError(
                f"{KIND_NAMES[row['kind']]}には実データが有効になっています。"
                f"{KIND_NAMES[kind]}を見本データ（架空）としては読み込めません。",
                kind=kind,
            )
