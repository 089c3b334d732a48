"""p-median files of the OR-Library (Beasley 1985) as matrices of shortest ways."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "orlib"


def pmed(folder: Path, name: str, *, last_wins: bool = True) -> tuple[np.ndarray, int]:
    """(shortest ways between all nodes, p). An edge listed twice: the last line wins, as in the published optima."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    values = np.array((folder / "pmed" / f"{name}.txt").read_text().split(), dtype=int)
    nodes, edges, p = values[:3].tolist()
    lengths: dict[tuple[int, int], int] = {}
    for first, second, length in values[3 : 3 + 3 * edges].reshape(-1, 3).tolist():
        key = (min(first, second) - 1, max(first, second) - 1)
        lengths[key] = length if last_wins else min(length, lengths.get(key, length))
    ends = np.array(list(lengths))
    graph = csr_matrix(
        (np.array(list(lengths.values()), dtype=float), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes)
    )
    return dijkstra(graph, directed=False), p
