"""Colours of map classes, outline and ground.

The five-class ramps follow ColorBrewer's YlGnBu, YlOrBr and PuOr. The first two are tuned: drawn at
`FILL_OPACITY` over white, any two classes of ours stay ΔE2000 ≥ 10 apart to normal, protan, deutan and tritan
eyes, and the dark outline keeps a contrast of 3:1 to the darkest class (the originals reach 8.2 and 2.8).
`tests/unit/test_maps_palettes.py` measures it.
"""

from __future__ import annotations

from kyodo_geo.errors import InputError

FILL_OPACITY = 0.8
"""Of every class, on the map and in the legend; lets a basemap's labels through."""

OUTLINE = "#10151c"
OUTLINE_WEIGHT = 1.2
SELECTED = "#10151c"
SELECTED_WEIGHT = 4.0
GROUND = "#f4f6f7"
"""Behind the map where there is no basemap."""

YLGNBU = ("#ffffb4", "#9dd2b4", "#28b6c5", "#3876ab", "#313d9d")
YLORBR = ("#fff7bc", "#ffcb3a", "#f07a35", "#b1490c", "#623622")
PUOR = ("#e66101", "#fdb863", "#f7f7f7", "#b2abd2", "#5e3c99")

RAMPS = {"YlGnBu": YLGNBU, "YlOrBr": YLORBR, "PuOr": PUOR}

YES = "#3876ab"
NO = "#ffffff"
MISSING = "#d7dbe0"
"""Ground of the hatches: for missing and for withheld values."""

# Which of five colours to take for fewer classes: the ends always, so that the extremes look alike on all maps.
_CHOICE = {1: (2,), 2: (0, 4), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}


def ramp(name: str, classes: int) -> tuple[str, ...]:
    """Colours of 1 to 5 classes, lowest first; raises `InputError` for an unknown ramp or another number."""
    if name not in RAMPS or classes not in _CHOICE:
        raise InputError("配色の名前または階級の数が正しくありません。", ramp=name, classes=classes)
    return tuple(RAMPS[name][index] for index in _CHOICE[classes])
