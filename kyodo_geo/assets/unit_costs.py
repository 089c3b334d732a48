"""Unit costs of the ministry's renewal cost software (総務省 更新費用試算ソフト), prices of about 2011.

10,000 yen per m² of floor: (large-scale renovation, rebuilding). Every report shows the price index it multiplies them by.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kyodo_geo.errors import InputError

UNIT_COSTS: dict[str, tuple[float, float]] = {
    "市民文化": (25, 40),
    "社会教育": (25, 40),
    "スポーツ・レクリエーション": (20, 36),
    "産業": (25, 40),
    "学校": (17, 33),
    "子育て": (17, 33),
    "保健・福祉": (20, 36),
    "医療": (25, 40),
    "行政": (25, 40),
    "公営住宅": (17, 28),
    "公園": (17, 33),
    "供給処理": (20, 36),
    "その他": (20, 36),
}

YEN = 10_000.0


def unit_costs(kinds: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(large renovation, rebuilding) in yen per m² of each kind. Raises `InputError` for a kind that is not in the table."""
    try:
        pairs = np.array([UNIT_COSTS[kind] for kind in kinds], dtype=float).reshape(-1, 2) * YEN
    except KeyError as error:
        raise InputError(f"更新単価の表に「{error.args[0]}」という分類がありません。", field="kind") from None
    return pairs[:, 0], pairs[:, 1]
