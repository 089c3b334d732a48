"""Measure confidence anew: `make calibrate` (needs ../shared/data).

Writes kyodo_geo/lookup/calibration.py, the measured part of docs/CONFIDENCE.md, and its two curves.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.curves import reliability_svg
from bench.observed import Observed, sample_associations, towns, yaizu_associations
from bench.unlisted import unlisted
from kyodo_geo.lookup.confidence import DEPTHS, TOWN_KINDS
from kyodo_geo.lookup.measured import Measured

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
Z = 1.959964
FOLDS = 5
BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0001)
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
RISING = [
    [*(f"several/area/{n}" for n in range(len(DEPTHS) + 1)), "one/area/town"],
    *([f"one/{basis}/new_house", f"one/{basis}/fine"] for basis in ("rule", "area")),
]
FALLING = [list(TOWN_KINDS), [f"several/rule/{n}" for n in range(1, 6)]]


def wilson_low(right: int, answers: int) -> float:
    """Lower end of the 95 % interval of a share (Wilson 1927): 0 of 0 gives 0, n of n gives n / (n + 3.84)."""
    if answers == 0:
        return 0.0
    share, z2 = right / answers, Z * Z
    spread = Z * math.sqrt(share * (1 - share) / answers + z2 / (4 * answers * answers))
    return max(0.0, (share + z2 / (2 * answers) - spread) / (1 + z2 / answers))


def table_of(observed: Iterable[Observed]) -> dict[str, Measured]:
    """Counts by kind, with a confidence that never falls where the evidence gets better."""
    answers, right = Counter[str](), Counter[str]()
    for item in observed:
        answers[item.kind] += 1
        right[item.kind] += item.right
    low = {kind: wilson_low(right[kind], answers[kind]) for kind in answers}
    for chain in [*RISING, *(list(reversed(kinds)) for kinds in FALLING)]:
        known = [kind for kind in chain if kind in low]
        for i, kind in enumerate(known):
            # From the better side: nobody is surer than the next better kind.
            low[kind] = min(low[better] for better in known[i:])
    return {
        kind: Measured(right[kind], answers[kind], math.floor(low[kind] * 1e4) / 1e4)
        for kind in sorted(answers)
    }


def held_out(observed: Sequence[Observed]) -> list[tuple[float, bool, str]]:
    """(confidence, right, source): each fifth of the groups judged by a table made from the other four."""
    folds: dict[int, list[Observed]] = defaultdict(list)
    for item in observed:
        folds[zlib.crc32(item.group.encode()) % FOLDS].append(item)
    judged = []
    for fold, items in folds.items():
        table = table_of(item for other, rest in folds.items() if other != fold for item in rest)
        judged += [(table[i.kind].confidence, i.right, i.source) for i in items if i.kind in table]
    return judged


def reliability(judged: Iterable[tuple[float, bool, str]]) -> list[tuple[str, str, int, float, float]]:
    """(source, bin, answers, mean confidence, share right) of each bin that occurs, and of all sources together."""
    cells: dict[tuple[str, int], list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right, source in judged:
        at = sum(confidence >= bound for bound in BINS) - 1
        for name in ("計", source):
            cells[name, at].append((confidence, right))
    return [
        (
            source, f"{BINS[at]:.2f}–{min(BINS[at + 1], 1):.2f}", len(items),
            sum(c for c, _ in items) / len(items), sum(r for _, r in items) / len(items),
        )
        for (source, at), items in sorted(cells.items())
    ]  # fmt: skip


def main() -> None:
    read = {
        "TOWNS": list(towns(SHARED)),
        "ASSOCIATIONS": [*sample_associations(), *unlisted(), *yaizu_associations(SHARED)],
    }
    tables = {name: table_of(observed) for name, observed in read.items()}
    (ROOT / "kyodo_geo/lookup/calibration.py").write_text(_module(tables), encoding="utf-8")
    parts = []
    for name, title, image in (
        ("TOWNS", "Towns", "confidence-towns.svg"),
        ("ASSOCIATIONS", "Associations", "confidence-associations.svg"),
    ):
        rows = reliability(held_out(read[name]))
        curve = [(mean, share, n) for source, _, n, mean, share in rows if source == "計"]
        (ROOT / "docs/images" / image).write_text(reliability_svg(title, curve), encoding="utf-8")
        parts.append(_section(title, image, tables[name], rows, held_out(read[name])))
    page = ROOT / "docs/CONFIDENCE.md"
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n" + "\n".join(parts) + f"\n{END}{after}", encoding="utf-8")


def _module(tables: dict[str, dict[str, Measured]]) -> str:
    lines = [
        '"""How often each kind of evidence was right. Written by bench/calibrate.py: do not edit.',
        "",
        "Our own counts over addresses whose truth is known; where they come from is in docs/CONFIDENCE.md.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from kyodo_geo.lookup.measured import Measured, table",
        "",
    ]
    for name, figures in tables.items():
        lines += [f"{name}: dict[str, Measured] = table(", '    """']
        lines += [
            f"    {kind:28} {m.right:>7,} {m.answers:>7,} {m.confidence:.4f}" for kind, m in figures.items()
        ]
        lines += ['    """', ")"]
    return "\n".join(lines) + "\n"


def _section(
    title: str,
    image: str,
    table: dict[str, Measured],
    rows: list[tuple[str, str, int, float, float]],
    judged: list[tuple[float, bool, str]],
) -> str:
    sure = [right for confidence, right, _ in judged if confidence >= 0.95]
    share = sum(sure) / max(len(sure), 1)
    held = f"Held out: of {len(sure):,} answers with confidence ≥ 0.95, {sum(sure):,} are right: {share:.2%}."
    lines = [
        f"### {title}", "", f"![Reliability: {title.lower()}](images/{image})", "",
        held, "",
        "| kind of evidence | right | of | confidence |", "|---|---|---|---|",
    ]  # fmt: skip
    lines += [f"| `{k}` | {m.right:,} | {m.answers:,} | {m.confidence:.4f} |" for k, m in table.items()]
    lines += ["", "| table | confidence | answers | mean confidence | right |", "|---|---|---|---|---|"]
    lines += [f"| {s} | {b} | {n:,} | {mean:.3f} | {share:.3f} |" for s, b, n, mean, share in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
