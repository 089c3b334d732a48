"""The plane zones of 平面直角座標系 by formula (Krüger's series to n⁶ on GRS80), so that serving needs no projection library.

Agrees with PROJ to a hundredth of a millimetre inside Japan (a test compares all zones). Lon/lat on WGS84 are taken for
JGD2011, as everywhere in this program.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# Latitude and longitude of the origin, degrees; 平成14年国土交通省告示第9号.
ORIGINS = {
    1: (33, 129 + 30 / 60), 2: (33, 131), 3: (36, 132 + 10 / 60), 4: (33, 133 + 30 / 60), 5: (36, 134 + 20 / 60), 6: (36, 136),
    7: (36, 137 + 10 / 60), 8: (36, 138 + 30 / 60), 9: (36, 139 + 50 / 60), 10: (40, 140 + 50 / 60), 11: (44, 140 + 15 / 60),
    12: (44, 142 + 15 / 60), 13: (44, 144 + 15 / 60), 14: (26, 142), 15: (26, 127 + 30 / 60), 16: (26, 124), 17: (26, 131),
    18: (20, 136), 19: (26, 154),
}  # fmt: skip
_SCALE, _A, _F = 0.9999, 6_378_137.0, 1 / 298.257222101
_N = _F / (2 - _F)
_E = float(np.sqrt(_F * (2 - _F)))
_RADIUS = _SCALE * _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
_THERE = np.array([
    np.polyval([7891 / 37800, -127 / 288, 41 / 180, 5 / 16, -2 / 3, 1 / 2, 0], _N),
    np.polyval([-1983433 / 1935360, 281 / 630, 557 / 1440, -3 / 5, 13 / 48, 0, 0], _N),
    np.polyval([167603 / 181440, 15061 / 26880, -103 / 140, 61 / 240, 0, 0, 0], _N),
    np.polyval([6601661 / 7257600, -179 / 168, 49561 / 161280, 0, 0, 0, 0], _N),
])  # fmt: skip
_BACK = np.array([
    np.polyval([96199 / 604800, -81 / 512, -1 / 360, 37 / 96, -2 / 3, 1 / 2, 0], _N),
    np.polyval([-1118711 / 3870720, 46 / 105, -437 / 1440, 1 / 15, 1 / 48, 0, 0], _N),
    np.polyval([5569 / 90720, -209 / 4480, -37 / 840, 17 / 480, 0, 0, 0], _N),
    np.polyval([-830251 / 7257600, -11 / 504, 4397 / 161280, 0, 0, 0, 0], _N),
])  # fmt: skip


def forward(zone: int, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(x to the east, y to the north), metres, of degrees."""
    middle = np.radians(ORIGINS[zone][1])
    around = np.radians(np.asarray(lon, dtype=float)) - middle
    tangent = _conformal(np.tan(np.radians(np.asarray(lat, dtype=float))))
    along = np.arctan2(tangent, np.cos(around))
    across = np.arcsinh(np.sin(around) / np.hypot(tangent, np.cos(around)))
    there = (along + 1j * across)[..., None] * 2 * np.arange(1, 5)
    found = along + 1j * across + (np.sin(there) * _THERE).sum(axis=-1)
    return _RADIUS * found.imag, _RADIUS * (found.real - _origin(zone))


def inverse(zone: int, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(lon, lat) in degrees of metres."""
    at = np.asarray(y, dtype=float) / _RADIUS + _origin(zone) + 1j * np.asarray(x, dtype=float) / _RADIUS
    at = at - (np.sin(at[..., None] * 2 * np.arange(1, 5)) * _BACK).sum(axis=-1)
    wanted = np.sin(at.real) / np.hypot(np.sinh(at.imag), np.cos(at.real))
    tangent = wanted
    for _ in range(3):  # Newton; the second step is exact already
        now = _conformal(tangent)
        slope = (1 + (1 - _E**2) * tangent**2) / ((1 - _E**2) * np.hypot(1, tangent))
        tangent = tangent + (wanted - now) / np.hypot(1, now) * slope
    lon = ORIGINS[zone][1] + np.degrees(np.arctan2(np.sinh(at.imag), np.cos(at.real)))
    return lon, np.degrees(np.arctan(tangent))


def _conformal(tangent: np.ndarray) -> np.ndarray:
    """Tangent of the conformal latitude."""
    side = np.hypot(1, tangent)
    twist = np.sinh(_E * np.arctanh(_E * tangent / side))
    found: np.ndarray = tangent * np.hypot(1, twist) - twist * side
    return found


@lru_cache(maxsize=19)
def _origin(zone: int) -> float:
    """The origin's way from the equator, in units of the rectifying radius."""
    along = np.arctan(_conformal(np.tan(np.radians(float(ORIGINS[zone][0])))))
    return float(along + (np.sin(along * 2 * np.arange(1, 5)) * _THERE).sum())
