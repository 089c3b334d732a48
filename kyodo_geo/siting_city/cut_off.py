"""Why p-median and p-center have no answer where somebody stays without a way, in words for who asked, and what to do."""

from __future__ import annotations

import numpy as np

from kyodo_geo.siting_city.problem import Problem


def cut_off(problem: Problem) -> list[str]:
    """Who has no way to any permitted site; else which parts of the city are apart, so that each needs an open site.

    Empty where neither is so: then the reason is another.
    """
    usable = np.ones(len(problem.columns), dtype=bool)
    usable[list(problem.rules.forbidden)] = False
    ways = np.isfinite(problem.ways[:, problem.columns[usable]])
    lives = (problem.weight > 0) & ~problem.left_out
    lost = lives & ~ways.any(axis=1)
    if lost.any():
        return [
            (
                f"使える候補のどこにも行けない所が {_told(problem, lost)}あります。道がほかとつながっていないか、"
                "そこから行ける候補がどれも使えない条件になっています。"
            ),
            (
                "全員が行ける答えを求めているため、「答えなし」です。「どの候補にも届かない人を除いて解く」に印を付けるか、"
                "そこから行ける候補を加えるか、道路網の切れた所を確かめてください。"
            ),
        ]
    part = _parts(ways)
    if part.max(initial=0) == 0:
        return []
    kept = np.isin(np.flatnonzero(usable), [*problem.rules.existing, *problem.rules.required])
    cell_part = part[ways.argmax(axis=1)]
    count = len(np.unique(cell_part[lives]))
    if kept.any():
        what, without = "必ず開く施設がない部分", ~np.isin(cell_part, part[kept])
    else:
        people = np.bincount(cell_part[lives], problem.people[lives].sum(axis=1))
        what, without = "いちばん人の多い部分の外", cell_part != people.argmax()
    return [
        (
            f"道でつながっていない部分が {count:,} つあり、{what}に {_told(problem, lives & without)}あります。"
            "部分ごとに開く場所が要るため、この条件では、どう選んでも行ける場所のない人が残ります。"
        ),
        (
            "開く数か予算を増やすか、計算する地区を絞るか、全員に届かなくてもよい「決めた数で届く人を最も多く（MCLP）」を"
            "選んでください。道路網の切れた所が、読み込みの誤りでないかも確かめてください。"
        ),
    ]


def _told(problem: Problem, cells: np.ndarray) -> str:
    """Places and people of some cells."""
    number = len(np.unique(problem.held.key[cells]))
    return f"{number:,} か所（{float(problem.people[cells].sum()):,.0f} 人）"


def _parts(ways: np.ndarray) -> np.ndarray:
    """Number, from 0, of the part of each site (k): sites that some cell can both reach are in one. `ways` is cells × sites."""
    part = np.arange(ways.shape[1])
    for row in np.unique(ways, axis=0):
        if row.any():
            part[np.isin(part, part[row])] = part[row].min()
    return np.unique(part, return_inverse=True)[1]
