"""Which municipalities there are: code, name, place and size. All invented but their number in each prefecture.

Codes are counted up from the prefecture's 201, so that 03201 is among them; they are not the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

MUNICIPALITIES, ASSOCIATIONS, ADDRESSES = 1_741, 300_000, 5_000_000
HOME, HOME_ASSOCIATIONS = "03201", 540
CELL = 0.1
"""Width and height of a municipality, degrees: some 90 km2."""
SPREAD = 1.0
"""Sigma of the lognormal sizes: half the municipalities have fewer than 100 associations, the largest some thousands."""

# Prefecture: municipalities, longitude and latitude of its capital (public facts, rounded).
PREFECTURES: tuple[tuple[str, int, float, float], ...] = (
    ("北海道", 179, 141.4, 43.1), ("青森県", 40, 140.7, 40.8), ("岩手県", 33, 141.2, 39.7), ("宮城県", 35, 140.9, 38.3),
    ("秋田県", 25, 140.1, 39.7), ("山形県", 35, 140.4, 38.2), ("福島県", 59, 140.5, 37.8), ("茨城県", 44, 140.4, 36.3),
    ("栃木県", 25, 139.9, 36.6), ("群馬県", 35, 139.1, 36.4), ("埼玉県", 63, 139.6, 35.9), ("千葉県", 54, 140.1, 35.6),
    ("東京都", 62, 139.7, 35.7), ("神奈川県", 33, 139.6, 35.4), ("新潟県", 30, 139.0, 37.9), ("富山県", 15, 137.2, 36.7),
    ("石川県", 19, 136.6, 36.6), ("福井県", 17, 136.2, 36.1), ("山梨県", 27, 138.6, 35.7), ("長野県", 77, 138.2, 36.7),
    ("岐阜県", 42, 136.7, 35.4), ("静岡県", 35, 138.4, 35.0), ("愛知県", 54, 136.9, 35.2), ("三重県", 29, 136.5, 34.7),
    ("滋賀県", 19, 135.9, 35.0), ("京都府", 26, 135.8, 35.0), ("大阪府", 43, 135.5, 34.7), ("兵庫県", 41, 135.2, 34.7),
    ("奈良県", 39, 135.8, 34.7), ("和歌山県", 30, 135.2, 34.2), ("鳥取県", 19, 134.2, 35.5), ("島根県", 19, 133.1, 35.5),
    ("岡山県", 27, 133.9, 34.7), ("広島県", 23, 132.5, 34.4), ("山口県", 19, 131.5, 34.2), ("徳島県", 24, 134.6, 34.1),
    ("香川県", 17, 134.0, 34.3), ("愛媛県", 20, 132.8, 33.8), ("高知県", 34, 133.5, 33.6), ("福岡県", 60, 130.4, 33.6),
    ("佐賀県", 20, 130.3, 33.2), ("長崎県", 21, 129.9, 32.7), ("熊本県", 45, 130.7, 32.8), ("大分県", 18, 131.6, 33.2),
    ("宮崎県", 26, 131.4, 31.9), ("鹿児島県", 43, 130.6, 31.6), ("沖縄県", 41, 127.7, 26.2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One municipality: its south-west corner in degrees, how many associations and addresses it has."""

    code: str
    name: str
    pref_name: str
    west: float
    south: float
    associations: int
    addresses: int


def country(
    seed: int = 1,
    *,
    municipalities: int = MUNICIPALITIES,
    associations: int = ASSOCIATIONS,
    addresses: int = ADDRESSES,
) -> tuple[Place, ...]:
    """The first `municipalities` of the country, with sizes as if all were there: a part is like the whole.

    The home city comes first, the others in an order that mixes large and small ones.
    """
    codes, names, prefs = [], [], []
    for number, (pref, count, _, _) in enumerate(PREFECTURES, start=1):
        for place in range(count):
            codes.append(f"{number:02d}{201 + place:03d}")
            names.append(f"{pref[:-1]}見本{place + 1}市")
            prefs.append(pref)
    assert len(codes) == MUNICIPALITIES
    home = codes.index(HOME)
    random = np.random.default_rng(seed)
    weights = random.lognormal(0.0, SPREAD, MUNICIPALITIES)
    weights[home] = 0
    share = weights / weights.sum() * (associations - HOME_ASSOCIATIONS * associations / ASSOCIATIONS)
    sizes = np.maximum(2, share.astype(int))
    sizes[home] = max(2, HOME_ASSOCIATIONS * associations // ASSOCIATIONS)
    _make_up(sizes, associations)
    asked = np.floor(sizes * (addresses / associations)).astype(int)
    _make_up(asked, addresses)
    corners = _corners()
    order = [home, *(int(i) for i in random.permutation(MUNICIPALITIES) if i != home)]
    return tuple(
        Place(codes[i], names[i], prefs[i], *corners[i], int(sizes[i]), int(asked[i]))
        for i in order[:municipalities]
    )


def _make_up(sizes: np.ndarray[Any, Any], total: int) -> None:
    """What rounding down left over, one by one to the largest; what the least size took too much, off them."""
    largest = np.argsort(-sizes, kind="stable")
    rest = total - int(sizes.sum())
    each, some = divmod(abs(rest), len(sizes) if rest > 0 else 100)
    step = 1 if rest > 0 else -1
    if rest > 0:
        sizes += each
    else:
        sizes[largest[:100]] -= each
    sizes[largest[:some]] += step


def _corners() -> list[tuple[float, float]]:
    """A cell of its own for each municipality, the free ones nearest to the prefecture's capital."""
    west, south, columns, rows = 123.0, 24.0, 300, 210
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    x, y = x.ravel(), y.ravel()
    taken = np.zeros(len(x), dtype=bool)
    found = []
    for _, count, lon, lat in PREFECTURES:
        far = (x - (lon - west) / CELL) ** 2 + (y - (lat - south) / CELL) ** 2
        far[taken] = np.inf
        nearest = np.argsort(far, kind="stable")[:count]
        taken[nearest] = True
        found += [
            (round(float(west + x[i] * CELL), 6), round(float(south + y[i] * CELL), 6)) for i in nearest
        ]
    return found
