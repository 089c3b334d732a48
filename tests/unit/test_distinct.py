"""Each value once, as `np.unique` has it, without what `np.unique` loads."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from kyodo_geo.distinct import distinct


@pytest.mark.parametrize("values", [[], [3], [2, 1, 2, 2, 1], [-1, 0, -1], ["い", "あ", "い"]])
def test_it_is_what_numpy_says(values: list[object]) -> None:
    found = distinct(np.array(values))
    assert found.tolist() == np.unique(np.array(values)).tolist()


def test_masked_arrays_stay_unloaded() -> None:
    """If numpy no longer loads them for nothing, `distinct` can go."""
    code = "import sys, numpy; from {} import {} as f; f(numpy.array([1, 1])); sys.exit('numpy.ma' in sys.modules)"
    for module, name, loads in (("kyodo_geo.distinct", "distinct", 0), ("numpy", "unique", 1)):
        assert subprocess.run([sys.executable, "-c", code.format(module, name)]).returncode == loads
