"""What a reader returns: rows in canonical columns, and a report of all it found on the way."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MAX_LISTED = 200
"""Entries of one list kept in a stored report; the counts are always whole."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not taken, and why."""

    file: str
    row: int | None
    column: str | None
    value: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Repair:
    """A geometry that was made valid; `displacement_m` is the largest move of its border."""

    key: str
    reason: str
    displacement_m: float


@dataclass(slots=True)
class LoadReport:
    """Everything a load found; stored with the dataset."""

    rows_read: int = 0
    rows_loaded: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    repaired: list[Repair] = field(default_factory=list)
    largest_displacement_m: float = 0.0
    overlaps: list[Any] = field(default_factory=list)
    gaps: list[Any] = field(default_factory=list)
    outside_city: list[Any] = field(default_factory=list)
    duplicates: list[Any] = field(default_factory=list)
    unmatched: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    totals: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; long lists are cut at `MAX_LISTED`, their whole length stands in `counts`."""
        found = asdict(self)
        lists = {name: value for name, value in found.items() if isinstance(value, list) and name != "notes"}
        return {
            **found,
            **{name: value[:MAX_LISTED] for name, value in lists.items()},
            "counts": {name: len(value) for name, value in lists.items()},
        }

    def summary_ja(self) -> list[str]:
        """The report in a few Japanese lines, worst first."""
        lines = [f"読み込んだ行: {self.rows_read:,}、登録する行: {self.rows_loaded:,}"]
        if self.rejected:
            lines.append(f"取り込まなかった行: {len(self.rejected):,}")
            for item in self.rejected[:5]:
                place = "".join(
                    [
                        item.file,
                        f" {item.row}行目" if item.row is not None else "",
                        f"「{item.column}」" if item.column else "",
                    ]
                )
                lines.append(f"  {place}: {item.reason}")
        if self.repaired:
            lines.append(
                f"直した図形: {len(self.repaired):,}（最大のずれ {self.largest_displacement_m:.3f} m）"
            )
        for label, items in (
            ("重なり", self.overlaps),
            ("すき間", self.gaps),
            ("市域の外", self.outside_city),
            ("重複", self.duplicates),
            ("照合できなかったキー", self.unmatched),
        ):
            if items:
                lines.append(f"{label}: {len(items):,}")
        lines += [f"{name}: {value:,}" for name, value in self.totals.items()]
        return lines + self.notes


@dataclass(slots=True)
class ReadResult:
    """One read file (or set of files): a canonical frame, its report and what to call it."""

    kind: str
    frame: pd.DataFrame
    report: LoadReport
    checksum: str
    default_title: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What a reader may compare a file with; None where nothing of the kind is loaded."""

    outline: Any = None
    town_names: set[str] | None = None
    association_ids: set[str] | None = None
    small_area_keys: set[str] | None = None
    districts: dict[int, str] | None = None
    district_facts: dict[int, dict[str, Any]] | None = None
