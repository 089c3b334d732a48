"""Unit costs of the ministry's renewal cost software (総務省 更新費用試算ソフト), prices of about 2011.

10,000 yen per m² of floor: (large-scale renovation, rebuilding). Every report shows the price index it multiplies them by.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.unit_costs import TEN_THOUSAND_YEN

YEN = 10_000.0


def unit_costs(kinds: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(large renovation, rebuilding) in yen per m² of each kind. Raises `InputError` for a kind that is not in the table."""
    try:
        pairs = np.array([TEN_THOUSAND_YEN[kind] for kind in kinds], dtype=float).reshape(-1, 2) * YEN
    except KeyError as error:
        raise InputError(f"更新単価の表に「{error.args[0]}」という分類がありません。", field="kind") from None
    return pairs[:, 0], pairs[:, 1]
