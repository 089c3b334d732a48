"""Coordinate reference systems by URI, with the order of their axes (Features Part 2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kyodo_geo.crs import JGD2011, WGS84, crs_uri
from kyodo_geo.errors import InputError

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass(frozen=True, slots=True)
class Crs:
    """`flip`: the authority puts latitude or northing first. Degrees are those of the stored data (JGD2011 = WGS 84)."""

    uri: str
    epsg: int
    flip: bool

    @property
    def authority(self) -> int:
        """EPSG number by which a file names the system; its own order of axes is x before y."""
        return self.epsg if self.uri == CRS84 else int(self.uri.rsplit("/", 1)[1])


def systems(plane_epsg: int) -> tuple[Crs, ...]:
    """Those a municipality's features are served in, the stored one first.

    Latitude/longitude on JGD2011 are the same numbers as on WGS 84 here: nothing is moved, only exchanged.
    """
    return (
        Crs(CRS84, WGS84, flip=False),
        Crs(crs_uri(WGS84), WGS84, flip=True),
        Crs(crs_uri(JGD2011), WGS84, flip=True),
        # X is the north in the plane zones, and stands first.
        Crs(crs_uri(plane_epsg), plane_epsg, flip=True),
    )


def crs_of(uri: str | None, plane_epsg: int, field: str) -> Crs:
    """The system of that URI; none said is CRS84. Raises `InputError` naming the parameter."""
    known = systems(plane_epsg)
    if uri is None:
        return known[0]
    for found in known:
        if found.uri == uri:
            return found
    raise InputError(
        f"「{field}」は、コレクションの crs にある URI のどれかで指定してください。", field=field, known=[
            found.uri for found in known
        ],
    )  # fmt: skip


def box_of(text: str, crs: Crs) -> tuple[float, float, float, float]:
    """(x min, y min, x max, y max) of `bbox`: 4 numbers, or 6 with heights, which are left out; in the order of `crs`.

    In degrees west may be east of east, across the 180th meridian. Raises `InputError`.
    """
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts if _plain(part)]
    except ValueError:
        numbers = []
    if len(numbers) != len(parts) or len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise InputError(
            "「bbox」は 4 つ（または高さを含めて 6 つ）の数をコンマで区切って指定してください。", field="bbox"
        )
    if len(numbers) == 6:
        if numbers[2] > numbers[5]:
            raise InputError("「bbox」の高さは、低い方を先に指定してください。", field="bbox")
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    low_x, low_y, high_x, high_y = _in_xy(numbers) if crs.flip else numbers
    in_degrees = crs.epsg == WGS84
    if low_y > high_y or (low_x > high_x and not in_degrees):
        raise InputError("「bbox」は、小さい方の角を先に指定してください。", field="bbox")
    if in_degrees and not (-180 <= low_x <= 180 and -180 <= high_x <= 180 and low_y >= -90 and high_y <= 90):
        raise InputError("「bbox」の経度は ±180、緯度は ±90 の中で指定してください。", field="bbox")
    if not in_degrees and max(map(abs, numbers)) > 3_000_000:
        raise InputError("「bbox」は、平面直角座標系の使える範囲の中で指定してください。", field="bbox")
    return low_x, low_y, high_x, high_y


def _plain(part: str) -> bool:
    """Digits, sign, point and exponent: Python would also read 1_0, nan and full-width digits."""
    if part.strip().isascii() and "_" not in part:
        return True
    raise ValueError(part)


def _in_xy(numbers: Sequence[float]) -> Sequence[float]:
    return numbers[1], numbers[0], numbers[3], numbers[2]
