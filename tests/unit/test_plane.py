"""Our own plane zones against PROJ: every zone, there and back, far beyond its middle."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import shapely

from kyodo_geo import crs
from kyodo_geo.plane import ORIGINS, forward, inverse


@pytest.mark.parametrize("zone", ORIGINS)
def test_every_zone_agrees_with_the_library_both_ways(zone: int) -> None:
    r = np.random.default_rng(zone)
    lat0, lon0 = ORIGINS[zone]
    lon, lat = lon0 + r.uniform(-3.5, 3.5, 400), np.clip(lat0 + r.uniform(-6, 6, 400), 20, 46)
    plane = crs.JGD2011_PLANE_FIRST + zone - 1
    x, y = crs.transformer(crs.WGS84, plane).transform(lon, lat)
    mine = forward(zone, lon, lat)
    np.testing.assert_allclose(mine, (x, y), rtol=0, atol=1e-5)
    np.testing.assert_allclose(inverse(zone, x, y), (lon, lat), rtol=0, atol=1e-10)


def test_geometries_go_there_and_back_without_the_library() -> None:
    code = (
        "import sys, shapely; from kyodo_geo import crs; point = shapely.Point(141.1527, 39.7036); "
        "back = crs.from_plane(crs.to_plane(point, '03201'), '03201'); "
        "assert back.equals_exact(point, 1e-11); sys.exit('pyproj' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    area = crs.area_m2(shapely.box(141.1, 39.6, 141.2, 39.7), "03201")
    assert area == pytest.approx(95.3e6, rel=0.01)
    assert crs.to_plane(shapely.Point(), "03201").is_empty
