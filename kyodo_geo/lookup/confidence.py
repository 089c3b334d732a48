"""How sure an answer is: which kind of evidence it rests on, and how often that kind was right when it was measured.

The figures are our own (`calibration.py`, written by bench/calibrate.py from addresses whose truth is known) and the
method is in docs/CONFIDENCE.md. A figure is the lower end of the 95 % interval of the share that was right, so a kind
seen seldom is never called sure. Kinds that have not been measured have no confidence: None.
"""

from __future__ import annotations

from collections.abc import Mapping

from kyodo_geo.addresses import Fit, Reading
from kyodo_geo.addresses.gazetteer import ALIAS, NAME
from kyodo_geo.lookup.calibration import ASSOCIATIONS, TOWNS
from kyodo_geo.lookup.measured import Measured

TOWN_KINDS = ("as_registered", "other_name", "loose_name", "part_missing", "left_over")
"""Kinds of reading a town, least doubtful first."""

DEPTHS = (-0.6, -0.3, 0.0, 0.3, 0.6)
"""Bounds between classes of depth: metres from the point to the area's border (inside positive) per accuracy."""


def town_kind(reading: Reading) -> str:
    """By what kind of reading the town was found."""
    if reading.unused is not None:
        return "left_over"
    if reading.fit is not Fit.FULL or reading.notes:
        return "part_missing"
    if reading.tier == NAME and reading.literal:
        return "as_registered"
    return "other_name" if reading.tier in (NAME, ALIAS) else "loose_name"


def area_kind(depth_m: float, accuracy_m: float) -> str:
    """Kind of a candidate by area among several: how deep the point lies in it (or outside), by its accuracy."""
    ratio = depth_m / max(accuracy_m, 1.0)
    return f"several/area/{sum(ratio >= bound for bound in DEPTHS)}"


def rule_kind(candidates: int) -> str:
    """Kind of a candidate by rule when the address leaves open which: by their number."""
    return f"several/rule/{min(candidates, 5)}"


def town_confidence(kind: str) -> float | None:
    """Confidence (0–1) that the town is right."""
    return _figure(TOWNS, kind)


def association_confidence(kind: str, town: float | None = 1.0) -> float | None:
    """Confidence (0–1) that the association is right; `town`: how sure the town is, 1 for a point on the map."""
    found = _figure(ASSOCIATIONS, kind)
    return None if found is None or town is None else round(found * town, 4)


def _figure(table: Mapping[str, Measured], kind: str) -> float | None:
    found = table.get(kind)
    return None if found is None else found.confidence
