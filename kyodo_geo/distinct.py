"""The different values of an array, without `numpy.ma`, which `np.unique` loads to ask whether there is a mask (2 MB)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Each value once, ascending; one dimension, whole numbers or texts."""
    ordered = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered
