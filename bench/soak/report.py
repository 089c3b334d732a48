"""What a run is judged by, and the page that tells it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from bench.soak.traffic import SHARES, Seen

GROWTH = 0.05
TIMES = 3.0


@dataclass(frozen=True)
class Round:
    """One run."""

    minutes: float
    rate: float
    warm: Seen
    quiet: Seen
    busy: Seen
    rest: Seen
    memory: list[dict[str, float]]
    machine: str
    logged: list[str]
    beside: dict[str, int]

    @property
    def all(self) -> list[Seen]:
        return [self.warm, self.quiet, self.busy, self.rest]


@dataclass(frozen=True)
class Bar:
    what: str
    must: str
    here: str
    met: bool


def growth(memory: list[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """(median of the first fifth, median of the last fifth) in MB of every process that lived through the run."""
    part = max(1, len(memory) // 5)
    found = {}
    for name in memory[0]:
        if name in memory[-1]:
            first, last = (
                [sample[name] for sample in side if name in sample]
                for side in (memory[:part], memory[-part:])
            )
            found[name] = median(first), median(last)
    return found


def judged(done: Round) -> list[Bar]:
    """The bars of the issue."""
    faults = [fault for seen in done.all for fault in seen.faults] + done.logged
    p50, p99 = done.quiet.quantile("lookup", 0.5), done.busy.quantile("lookup", 0.99)
    bars = [
        Bar("answers of 500 and above, lost connections, errors in the log", "0", str(len(faults)), not faults),
        Bar("p99 of lookups beside an import and an analysis", f"≤ {TIMES:.0f} × p50 of the quiet stretch",
            f"{p99:.1f} ms = {p99 / p50:.1f} × {p50:.1f} ms", p99 <= TIMES * p50),
    ]  # fmt: skip
    for name, (first, last) in growth(done.memory).items():
        here = f"{first:.1f} → {last:.1f} MB ({last / first - 1:+.1%})"
        what = f"memory of {name.rpartition(' ')[0]} (PSS)"
        bars.append(Bar(what, f"≤ +{GROWTH:.0%}", here, last <= first * (1 + GROWTH)))
    return bars


def written(done: Round, bars: list[Bar]) -> str:
    """docs/SOAK.md."""
    lines = [
        "# Soak", "",
        "Written by `make soak` (`bench/soak/`): a service of its own with two web processes and a worker on the bundled sample,",
        "mixed traffic from one light client on the same machine, an import and an analysis repeated in the third stretch.", "",
        f"{done.minutes:g} minutes, {done.rate:g} requests a second in the mean, 8 to 64 connections; {done.machine}.",
        f"Beside the traffic: {', '.join(f'{k} × {v}' for k, v in sorted(done.beside.items())) or 'nothing ended'}.", "",
        "| what | must be | here | |", "|---|---|---|---|",
        *(f"| {bar.what} | {bar.must} | {bar.here} | {'✓' if bar.met else '✗'} |" for bar in bars), "",
        "Milliseconds until the whole answer was read (map: page and script; edit, upload: all their requests):", "",
        "| what | share | answers | p50 quiet | p99 quiet | p50 busy | p99 busy |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for what in SHARES:
        number = sum(len(seen.times.get(what, ())) for seen in done.all)
        cells = " | ".join(
            f"{seen.quantile(what, share):.0f}" for seen in (done.quiet, done.busy) for share in (0.5, 0.99)
        )
        lines.append(f"| {what} | {SHARES[what]} % | {number} | {cells} |")
    counted: dict[tuple[str, int], int] = {}
    for seen in done.all:
        for key, number in seen.statuses.items():
            counted[key] = counted.get(key, 0) + number
    odd = {key: number for key, number in counted.items() if key[1] not in (200, 204, 303)}
    told = ", ".join(f"{what} {status} × {number}" for (what, status), number in sorted(odd.items()))
    lines += ["", f"Statuses other than 200, 204 and 303: {told or 'none'}."]
    faults = [fault for seen in done.all for fault in seen.faults] + done.logged
    if faults:
        lines += ["", "Faults (the first ten):", "", *(f"- `{fault[:300]}`" for fault in faults[:10])]
    return "\n".join(lines) + "\n"
