"""Ways on small networks, and against an algorithm that tries everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.errors import InputError
from kyodo_geo.reach import Network, slope_factor, snapped, walking_kmh

INF = np.inf


def test_the_shorter_of_two_edges_counts() -> None:
    network = Network.of(np.array([[0, 1], [0, 1], [1, 0]]), np.array([5.0, 3.0, 4.0]))
    assert network.costs([0], [1]).tolist() == [[3]]


def test_ways_go_towards_the_facility() -> None:
    network = Network.of(np.array([[0, 1]]), np.array([10.0]), np.array([25.0]))
    assert network.costs([0, 1], [0, 1]).tolist() == [[0, 10], [25, 0]]
    oneway = Network.of(np.array([[0, 1]]), np.array([10.0]), np.array([INF]))
    assert oneway.costs([0, 1], [0, 1]).tolist() == [[0, 10], [INF, 0]]


def test_parts_are_told_and_what_cannot_be_reached_is_infinite() -> None:
    network = Network.of(np.array([[0, 1], [2, 3]]), np.array([1.0, 1.0]), nodes=5)
    assert sorted(network.part_sizes.tolist()) == [1, 2, 2]
    assert np.isinf(network.costs([0, 4], [2])).all()
    assert network.costs([0], [1], limit=0.5).tolist() == [[INF]]


def test_an_edge_without_length_is_an_edge() -> None:
    network = Network.of(np.array([[0, 1], [1, 2]]), np.array([0.0, 7.0]))
    assert network.costs([0], [2])[0, 0] == pytest.approx(7)


def test_snapping_keeps_its_distance() -> None:
    node, metres = snapped(np.array([[0.0, 130.0], [9.0, 0.0]]), np.array([[0.0, 0.0], [10.0, 0.0]]))
    assert (node.tolist(), metres.tolist()) == ([0, 1], [130, 1])


def test_walking_on_slopes() -> None:
    assert walking_kmh(np.array([0, 0.05, 0.10, -0.05])) == pytest.approx(
        [5.037, 4.228, 3.549, 6.0], abs=5e-4
    )
    assert slope_factor(np.array([0.0, 5.0, 0.0]), np.array([100.0, 100.0, 0.0])) == pytest.approx(
        [1, 5.037 / 4.228, 1], abs=1e-3
    )


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 7),
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 9), st.integers(1, 9)), max_size=15
    ),
)
def test_against_floyd_and_warshall(nodes: int, edges: list[tuple[int, int, int, int]]) -> None:
    used = [(a % nodes, b % nodes, there, back) for a, b, there, back in edges]
    truth = np.where(np.eye(nodes, dtype=bool), 0, INF)
    for a, b, there, back in used:
        truth[a, b], truth[b, a] = min(truth[a, b], there), min(truth[b, a], back)
    for middle in range(nodes):
        truth = np.minimum(truth, truth[:, middle, None] + truth[middle])
    table = np.array(used, dtype=int).reshape(-1, 4)
    network = Network.of(table[:, :2], table[:, 2].astype(float), table[:, 3].astype(float), nodes=nodes)
    everywhere = np.arange(nodes)
    assert (network.costs(everywhere, everywhere) == truth).all()
    facilities = everywhere[::2]
    place, cost = network.nearest(facilities)
    assert (cost == truth[:, facilities].min(axis=1)).all()
    reached = np.isfinite(cost)
    assert (truth[everywhere[reached], facilities[place[reached]]] == cost[reached]).all()
    assert (place[~reached] == -1).all()


@pytest.mark.parametrize(
    ("ends", "cost", "nodes"),
    [
        ([[0.5, 1]], [1], None),
        ([[0, -1]], [1], None),
        ([[0, 1]], [-1], None),
        ([[0, 1]], [1, 2], None),
        ([[0, 9]], [1], 3),
    ],
)
def test_nonsense_is_refused(ends: list[list[float]], cost: list[float], nodes: int | None) -> None:
    with pytest.raises(InputError):
        Network.of(np.array(ends), np.array(cost, dtype=float), nodes=nodes)
