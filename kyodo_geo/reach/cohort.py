"""People by age of years to come, from two censuses five years apart: cohort change ratios (Hamilton–Perry).

A class of five years becomes the next one five years later, times the ratio by which it changed between the censuses
(deaths and moves together); children are counted by the adults of 20 to 44 years (child–adult ratio, since sex is not
known). Hamilton and Perry, "A Short Method for Projecting Population by Age from One Decennial Census to Another",
Social Forces 41 (1962); for census tracts Swanson, Schlottmann and Schmidt, Population Research and Policy Review 29 (2010);
taking the ratios of a larger area where the own ones are uncertain: Tayman and Swanson, Journal of Population Research
34 (2017). The ratios stay what they were: no one knows whether they will.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError

STEP = 5
ADULTS = (20, 45)
"""Ages (from, below) by whom children of 0–4 years are counted."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What keeps small numbers from running away.

    A ratio stands on the people it starts from: below `least` of them the district's ratio is taken, below `least` there
    the city's. No ratio is more than `apart` times, or less than one `apart`th of, the city's of the same age.
    """

    least: float = 50.0
    apart: float = 2.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.least) and self.least >= 0):
            raise InputError("コーホートの最小の人数は、0以上で指定してください。", field="least")
        if not (np.isfinite(self.apart) and self.apart >= 1):
            raise InputError("変化率の開きの上限は、1以上の数で指定してください。", field="apart")


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Per area (n) and class (k): `change` from class c to c + 1 (k − 1; the last is of the two oldest together), `children`
    (n) per adult. `level` (n × k): 0 own, 1 the district's, 2 the city's; the last column is that of the children.
    """

    change: np.ndarray
    children: np.ndarray
    level: np.ndarray


def five_year_classes(classes: Sequence[tuple[int, int | None]]) -> bool:
    """Whether these are 0–4, 5–9, … and an open one of at least 45 years, which this method needs."""
    ordered = sorted(classes, key=lambda item: item[0])
    if len(ordered) < 10 or ordered[-1][1] is not None:
        return False
    return all(
        first == STEP * place and (last is None or last == first + STEP - 1)
        for place, (first, last) in enumerate(ordered)
    )


def ratios(
    before: np.ndarray, after: np.ndarray, group: Sequence[int] | np.ndarray, bounds: Bounds | None = None
) -> Ratios:
    """Ratios of areas (n) in districts (`group`, −1: none) from two censuses (n × k, NaN: not published).

    An area that lacks a figure in either of them has no ratio of its own and counts in none. Raises `InputError`.
    """
    bounds = bounds or Bounds()
    before, after = _people(before), _people(after)
    if before.shape != after.shape:
        raise InputError("二つの国勢調査の地域または年齢区分が違います。", field="after")
    where = np.asarray(group)
    if where.dtype.kind not in "iu" or where.shape != (len(before),):
        raise InputError("地区は、地域ごとに1つの整数で指定してください。", field="group")
    both = np.isfinite(before).all(axis=1) & np.isfinite(after).all(axis=1)
    start, then = np.where(both[:, None], before, 0.0), np.where(both[:, None], after, 0.0)
    # Columns: classes c → c + 1, the last the two oldest into the oldest; then children by adults of the later census.
    base = np.column_stack([start[:, :-2], start[:, -2] + start[:, -1], _adults(then)])
    grown = np.column_stack([then[:, 1:], then[:, 0]])
    place = np.where(where >= 0, where, int(where.max(initial=-1)) + 1)
    count = int(place.max(initial=0)) + 1
    levels = [
        (base, grown),
        tuple(np.stack([np.bincount(place, c, count) for c in m.T], axis=1)[place] for m in (base, grown)),
    ]
    whole = tuple(np.broadcast_to(m.sum(axis=0), base.shape) for m in (base, grown))
    found, level = _ratio(*whole), np.full(base.shape, 2, dtype=np.int8)
    city = found
    for no in (1, 0):
        low, high = levels[no]
        enough = (low >= max(bounds.least, 1e-9)) & (both[:, None] if no == 0 else (where >= 0)[:, None])
        found, level = np.where(enough, _ratio(low, high), found), np.where(enough, np.int8(no), level)
    found = np.clip(found, city / bounds.apart, city * bounds.apart)
    return Ratios(found[:, :-1], found[:, -1], level)


def project(newest: np.ndarray, found: Ratios, steps: int) -> np.ndarray:
    """People (steps × n × k) 5, 10, … years after the newest census (n × k); areas not published there stay NaN."""
    now = _people(newest)
    if found.change.shape != (len(now), now.shape[1] - 1):
        raise InputError("変化率の数が、地域または年齢区分と合いません。", field="newest")
    now = np.where(np.isfinite(now).all(axis=1)[:, None], now, np.nan)
    out = np.empty((steps, *now.shape))
    for step in range(steps):
        aged = np.column_stack([now[:, :-2], now[:, -2] + now[:, -1]]) * found.change
        later = np.column_stack([np.zeros(len(now)), aged])
        later[:, 0] = _adults(later) * found.children
        out[step] = now = later
    return out


def scaled(people: np.ndarray, total: float | Sequence[float] | np.ndarray) -> np.ndarray:
    """The known people (n × k) times one factor, or one per class, so that they add up to a control total.

    `total` is a number or one per class. Raises `InputError` where there is nobody to scale.
    """
    people = _people(people)
    wanted = np.asarray(total, dtype=float)
    if wanted.shape not in ((), (people.shape[1],)) or not (
        np.isfinite(wanted).all() and (wanted >= 0).all()
    ):
        raise InputError("総数は、0以上の数（または年齢区分ごとの数）で指定してください。", field="total")
    have = np.nansum(people) if wanted.ndim == 0 else np.nansum(people, axis=0)
    if ((have <= 0) & (wanted > 0)).any():
        raise InputError("推計した人がいない年齢区分は、総数に合わせられません。", field="total")
    factor = np.divide(wanted, have, out=np.zeros_like(wanted), where=np.asarray(have) > 0)
    return people * factor


def _people(values: np.ndarray) -> np.ndarray:
    found = np.asarray(values, dtype=float)
    if found.ndim != 2 or found.shape[1] < 10:
        raise InputError("人数は、地域×5歳階級（10区分以上）の数で指定してください。", field="people")
    if (found < 0).any() or np.isinf(found).any():
        raise InputError("人数に、負の数または無限大があります。", field="people")
    return found


def _adults(people: np.ndarray) -> np.ndarray:
    found: np.ndarray = people[:, ADULTS[0] // STEP : ADULTS[1] // STEP].sum(axis=1)
    return found


def _ratio(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """1 where nobody was there to start from: those who come from nowhere are not expected again."""
    return np.divide(high, low, out=np.ones_like(high, dtype=float), where=low > 0)
