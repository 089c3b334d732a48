"""Findings of a load report as one numbered list: page, map and CSV are made of it.

Values of rows that were not loaded are withheld for kinds whose files are kept with persons in them: the row and the
column are enough to find the cell in one's own file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.staff_datasets.forms import for_page
from geodata.trial_findings import label_of

LABELS = {
    "rejected": "読み込まなかった行",
    "repaired": "直した形",
    "overlaps": "重なり",
    "gaps": "すき間",
    "outside_city": "市域の外",
    "duplicates": "重複",
    "unmatched": "対応するものがない",
    "texts": "区域の文の確かめる所",
}
APART = "離れた部分"
"""What a gap is in a network: crossings that hang together with nothing else."""
WITH_PERSONS = frozenset(
    {
        "associations", "association-rules", "association-districts", "association-profiles", "membership", "halls",
        "vacant-houses",
    }
)  # fmt: skip
"""Kinds of files that offices keep with names, telephones or addresses of persons in them."""
WITHHELD = "（値は表示しません）"
SHOWN = 200
"""Findings of each kind that a page lists and draws; all of them are in the CSV, under the same numbers."""
HEADER = ("番号", "種類", "場所", "内容", "面積（m²）", "動いた距離（m）", "経度", "緯度")


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding; `no` is its number on the page, on the map and in the CSV. `shape` is a GeoJSON geometry."""

    no: int
    kind: str
    place: str
    what: str
    area_m2: float | None = None
    shift_m: float | None = None
    lon: float | None = None
    lat: float | None = None
    shape: Mapping[str, Any] | None = None
    nodes: int | None = None

    @property
    def label(self) -> str:
        return LABELS[self.kind] if self.nodes is None else APART


def faults_of(kind: str, report: Mapping[str, Any]) -> list[Fault]:
    """The findings a report lists, kind of finding by kind, numbered from 1."""
    items = {**report, "texts": list(_doubts(report))}
    found = [fault for name in LABELS for item in items.get(name) or () for fault in _one(kind, name, item)]
    return [_numbered(number, fault) for number, fault in enumerate(found, start=1)]


def shown_of(faults: list[Fault]) -> list[Fault]:
    """Those that a page lists: the first `SHOWN` of each kind."""
    seen: Counter[str] = Counter()
    found = []
    for fault in faults:
        seen[fault.kind] += 1
        if seen[fault.kind] <= SHOWN:
            found.append(fault)
    return found


def table_rows(faults: list[Fault], credit: Sequence[str] = ()) -> Iterator[list[str | int | float]]:
    """Rows under `HEADER`, each ended by `credit`."""
    for fault in faults:
        figures = (fault.area_m2, fault.shift_m, fault.lon, fault.lat)
        yield [
            fault.no, fault.label, fault.place, fault.what,
            *("" if value is None else value for value in figures), *credit,
        ]  # fmt: skip


def counts_of(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many findings of each kind there were, those beyond the listed ones included."""
    counts = report.get("counts") or {}
    network = {"components", "strong_components"} & (report.get("totals") or {}).keys()
    return [
        {
            "key": name,
            "label": APART if network and name == "gaps" else label,
            "count": counts.get(name, len(report.get(name) or ())),
        }
        for name, label in LABELS.items()
        if name != "texts"
    ]


def _doubts(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a person has to look at in areas given in words; those with an error are among the rejected rows."""
    for text in report.get("texts") or ():
        for finding in text.get("findings") or ():
            if finding.get("kind") != "error":
                yield {"file": text.get("file"), "row": text.get("row"), "note": finding.get("message")}


def _numbered(number: int, facts: dict[str, Any]) -> Fault:
    return Fault(number, **facts)


def _one(kind: str, name: str, item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    where = {key: item.get(key) for key in ("lon", "lat", "shape")}
    if kind == "vacant-houses":
        where = dict.fromkeys(where)
    make = {"rejected": _rejected, "repaired": _repaired, "overlaps": _overlap, "gaps": _gap}.get(
        name, _other
    )
    place, what, figures = make(kind, item)
    yield {"kind": name, "place": place, "what": what, **figures, **where}


def _row(item: Mapping[str, Any]) -> str:
    file, row = item.get("file"), item.get("row")
    return f"{file or ''}{f' の {row:,} 行目' if isinstance(row, int) else ''}" or "全体"


def _rejected(kind: str, item: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    column, value, reason = item.get("column"), item.get("value"), for_page(str(item.get("reason_ja") or ""))
    column = label_of(kind, column) if column else None
    place = _row(item) + (f"「{column}」" if column else "")
    if kind not in WITH_PERSONS:
        return place, f"{reason}（値: {value}）" if value and value not in reason else reason, {}
    if value:
        # Readers quote the cell in their reason.
        shown = " ".join(str(value).split())
        for quoted in (str(value)[:40], shown[:40], shown):
            reason = reason.replace(f"「{quoted}」", WITHHELD)
    return place, reason, {}


def _repaired(kind: str, item: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return str(item.get("key")), str(item.get("reason_ja")), {"shift_m": item.get("displacement_m")}


def _overlap(kind: str, item: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    both = f"{item.get('first')} と {item.get('second')}"
    what = (
        f"同じ住所が両方に入っています: {item['where']}"
        if item.get("where")
        else "同じ場所が両方に入っています。"
    )
    return both, what, {"area_m2": item.get("area_m2")}


def _gap(kind: str, item: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    if nodes := item.get("nodes"):
        return f"交差点 {nodes:,} か所の部分", "ほかの道とつながっていません。", {"nodes": nodes}
    facts = [str(item[key]) for key in ("town", "koaza", "where", "text", "blocks", "note") if item.get(key)]
    return "、".join(facts) or "区域の間", "どこにも入っていない場所です。", {"area_m2": item.get("area_m2")}


def _other(kind: str, item: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    column = item.get("column")
    shown = {k: v for k, v in item.items() if k not in {"file", "row", "column", "lon", "lat", "shape"}}
    words = "、".join(str(value) for value in shown.values() if value not in (None, ""))
    place = _row(item) if item.get("file") else label_of(kind, column) if column else "全体"
    return place, words or "登録されているものにありません。", {}
