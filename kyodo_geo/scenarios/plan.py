"""A scenario's costs of a few years project by project, adding up to the stream of cost (`effects`): for the 実施計画."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.scenarios.actions import Action
from kyodo_geo.scenarios.effects import Effects


@dataclass(frozen=True, slots=True)
class Project:
    """One line. `action` None: works by the rules that no action speaks of. `yen` by year, None where not known.

    `unknown` says in sentences what is in no sum, also where part of it is known. `facility` may be a line of `Costs`
    that is no facility.
    """

    facility: str
    action: Action | None
    yen: tuple[int | None, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Projects, upkeep of all facilities and their sum by year: sum of projects + upkeep = the stream, in whole yen."""

    years: tuple[int, ...]
    projects: tuple[Project, ...]
    upkeep: tuple[int, ...]
    total: tuple[int, ...]

    @property
    def sums(self) -> tuple[int, ...]:
        """Known cost of the projects by year."""
        return tuple(sum(project.yen[at] or 0 for project in self.projects) for at in range(len(self.years)))

    @property
    def undecided(self) -> tuple[int, ...]:
        """How many amounts are not known, by year."""
        return tuple(
            sum(project.yen[at] is None for project in self.projects) for at in range(len(self.years))
        )

    @property
    def partly(self) -> int:
        """How many projects have a cost of which a part is not known."""
        return sum(
            bool(project.unknown) and any(value is not None for value in project.yen)
            for project in self.projects
        )


def plan(effects: Effects, first: int, years: int = 3) -> Plan:
    """The years first … first + years − 1; raises `InputError` outside of the scenario's horizon."""
    if first < effects.base or first + years > effects.base + effects.horizon:
        raise InputError(
            f"最初の年度は、{effects.base} から {effects.base + effects.horizon - years} の間で指定してください。",
            field="from",
        )
    costs, at = effects.costs, slice(first - effects.base, first - effects.base + years)
    chosen = tuple(range(first, first + years))
    rest = (costs.works + costs.ending)[:, at].copy()
    place = {key: number for number, key in enumerate(costs.lines)}
    rows: list[tuple[str, Action | None, np.ndarray, tuple[str, ...], list[bool]]] = []
    for found in costs.actions:
        action, part = found.action, found.by_year[at]
        rest[place[action.facility_id]] -= part
        if action.action == "継続" or not (part.any() or action.year in chosen):
            continue
        open_ended = bool(found.unknown) and not found.by_year.any()
        rows.append(
            (
                action.facility_id,
                action,
                part,
                found.unknown,
                [open_ended and year == action.year for year in chosen],
            )
        )
    for number, key in enumerate(costs.lines):
        missing = int(costs.unknown[number])
        if not missing and np.abs(rest[number]).max() < 0.5:
            continue
        words = (
            (f"面積・建築年・用途の分類のどれかが不明な建物が {missing} 棟あり、その費用は未定です。",)
            if missing
            else ()
        )
        nothing = np.abs(rest[number]).max() < 0.5
        rows.append((key, None, rest[number], words, [bool(missing) and nothing] * years))
    upkeep = costs.upkeep[:, at].sum(axis=0)
    whole = np.array(
        [whole_yen([*(float(row[2][year]) for row in rows), float(upkeep[year])]) for year in range(years)]
    )
    projects = tuple(
        Project(
            key, action, tuple(None if unknown[year] else int(whole[year][number]) for year in range(years)), words
        )
        for number, (key, action, _, words, unknown) in enumerate(rows)
    )  # fmt: skip
    return Plan(
        chosen, projects, tuple(int(whole[year][-1]) for year in range(years)), tuple(int(row.sum()) for row in whole)
    )  # fmt: skip


def whole_yen(values: Sequence[float]) -> list[int]:
    """Whole yen that add up to the rounded sum: what is lost by rounding down goes to the largest remainders."""
    down = [int(np.floor(value)) for value in values]
    left = round(sum(values)) - sum(down)
    order = sorted(range(len(values)), key=lambda at: (down[at] - values[at], at))
    for at in order[:left]:
        down[at] += 1
    return down
