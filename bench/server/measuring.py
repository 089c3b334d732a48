"""Interleaved measuring: A B A B …, a median over the rounds, right answers before any time."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.server import client
from bench.server.processes import Running, cpu_seconds
from bench.server.scenarios import Ask, Scenario

CHECKED = 20
"""Answers looked at before the timing, evenly over the requests."""
LEAST_CPU_S = 0.4
"""Processor time of a round at least: /proc counts in hundredths."""
MOST_REQUESTS = 6000


@dataclass(frozen=True)
class Cost:
    """Processor milliseconds per request: the server's and PostgreSQL's, medians over the rounds."""

    server_ms: float
    postgres_ms: float
    total_ms: float
    lowest_ms: float
    highest_ms: float
    requests: int


def check(server: Running, ask: Ask) -> None:
    """Exit when an answer is not right."""
    step = max(1, len(ask.requests) // CHECKED)
    for number in range(0, len(ask.requests), step):
        wrong = ask.check(number, client.fetch(server.port, ask.requests[number]))
        if wrong:
            raise SystemExit(f"{ask.server} answers wrongly: {wrong}\n{ask.requests[number].decode()}")


def measured(
    scenario: Scenario,
    servers: Mapping[str, Running],
    postgres: Callable[[], Sequence[int]],
    rounds: int,
    before_round: Callable[[Ask], None] | None = None,
) -> dict[str, Cost]:
    """Costs by server. Each asks the same requests in turn; how many is found out beforehand, round 0 warms up."""
    asks = [ask for ask in scenario.asks if ask.server in servers]
    for ask in asks:
        check(servers[ask.server], ask)
    numbers = {ask.server: _enough(servers[ask.server], ask, postgres, scenario.connections) for ask in asks}
    found: dict[str, list[tuple[float, float]]] = {ask.server: [] for ask in asks}
    for _ in range(rounds):
        for ask in asks:
            if before_round is not None:
                before_round(ask)
            cost = _round(servers[ask.server], ask, numbers[ask.server], postgres, scenario.connections)
            found[ask.server].append(cost)
    return {server: _cost(costs, numbers[server]) for server, costs in found.items()}


def _enough(server: Running, ask: Ask, postgres: Callable[[], Sequence[int]], connections: int) -> int:
    """How many requests cost `LEAST_CPU_S`."""
    number = min(50, len(ask.requests))
    while True:
        spent = sum(_round(server, ask, number, postgres, connections)) * number / 1000
        if spent >= LEAST_CPU_S or number >= MOST_REQUESTS:
            return number
        number = min(MOST_REQUESTS, max(number * 2, int(number * LEAST_CPU_S * 1.2 / max(spent, 0.01))))


def _round(
    server: Running, ask: Ask, number: int, postgres: Callable[[], Sequence[int]], connections: int
) -> tuple[float, float]:
    requests = [ask.requests[i % len(ask.requests)] for i in range(number)]
    ours, theirs = server.pids(), postgres()
    before = cpu_seconds(ours), cpu_seconds(theirs)
    statuses = client.load(server.port, requests, connections=connections)
    after = cpu_seconds(ours), cpu_seconds(theirs)
    if set(statuses) - {"200", "204", "304"}:
        raise SystemExit(f"{ask.server}: {statuses}")
    return (after[0] - before[0]) * 1000 / number, (after[1] - before[1]) * 1000 / number


def _cost(rounds: Sequence[tuple[float, float]], number: int) -> Cost:
    totals = [sum(cost) for cost in rounds]
    return Cost(
        statistics.median(cost[0] for cost in rounds),
        statistics.median(cost[1] for cost in rounds),
        statistics.median(totals),
        min(totals),
        max(totals),
        number,
    )
