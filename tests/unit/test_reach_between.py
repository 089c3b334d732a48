"""Ways between facilities come out of the ways of cells: never too short, and right where cells stand on the way."""

from __future__ import annotations

import numpy as np
import pytest

from kyodo_geo.errors import InputError
from kyodo_geo.reach import Network
from kyodo_geo.reach.between import between


def test_on_a_grid_whose_nodes_all_have_a_cell_the_ways_are_the_shortest() -> None:
    r = np.random.default_rng(5)
    side = 9
    nodes = np.arange(side * side).reshape(side, side)
    ends = np.concatenate([
        np.c_[nodes[:, :-1].ravel(), nodes[:, 1:].ravel()], np.c_[nodes[:-1].ravel(), nodes[1:].ravel()],
        [[side * side, side * side + 1]],
    ])  # fmt: skip
    network = Network.of(ends, r.uniform(50, 150, len(ends)), nodes=side * side + 2)
    sites, snap = np.array([0, 40, 77, side * side]), r.uniform(0, 60, side * side)
    costs = network.costs(np.arange(side * side), sites) + snap[:, None]
    true = network.costs(sites, sites)
    np.testing.assert_allclose(between(costs, snap, range(4))[:3, :3], true[:3, :3], atol=1e-6)
    assert np.isinf(between(costs, snap, range(4))[3, :3]).all(), "another part of the network"
    few = between(costs[::7], snap[::7], [0, 1, 2])
    assert (few >= true[:3, :3] - 1e-6).all(), "by a cell beside the way it can only be longer"


def test_what_does_not_fit_together_is_refused_and_no_cells_reach_nothing() -> None:
    with pytest.raises(InputError):
        between(np.zeros((3, 2)), np.zeros(2), [0, 1])
    assert np.isinf(between(np.zeros((0, 2)), np.zeros(0), [0, 1])[0, 1])
