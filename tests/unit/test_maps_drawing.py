"""folium gives its map element and its script, and nothing else of it reaches a page."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from kyodo_geo.errors import InputError
from maps.basemaps import GSI, NONE, basemap
from maps.build import build_map
from maps.shapes import display_shapes
from maps.specs import MembershipSpec
from tests.unit.maps_world import rated, square

DISTRICTS = (rated(1, 0.9), rated(2, 0.8))
HOSTS = re.compile(r"https?://([^/\"'\\]+)")


def test_equal_figures_give_equal_bytes() -> None:
    spec = MembershipSpec(districts=DISTRICTS, fiscal_year=2019, outline=square(1, 0, 2))
    first, second = build_map(spec), build_map(spec)
    assert (first.html, first.script) == (second.html, second.script)
    assert not re.search(r"[0-9a-f]{32}", first.script + first.html)


def test_the_html_is_one_element_without_scripts_and_inline_styles() -> None:
    built = build_map(MembershipSpec(districts=DISTRICTS, fiscal_year=2019))
    assert re.findall(r"<(script|style|link|meta|iframe)\b", built.html) == []
    assert not re.search(r"\sstyle=", built.html)
    assert built.html.count('id="map_membership"') == 1


def test_the_script_needs_only_leaflet() -> None:
    script = build_map(MembershipSpec(districts=DISTRICTS, fiscal_year=2019)).script
    assert "<script" not in script
    for other in ("$.ajax", "$(document)", "topojson", "AwesomeMarkers", "eval(", "new Function"):
        assert other not in script


def test_without_a_basemap_no_host_is_named() -> None:
    built = build_map(MembershipSpec(districts=DISTRICTS, fiscal_year=2019, basemap=NONE))
    assert HOSTS.findall(built.script) == []
    assert "tileLayer" not in built.script


def test_with_gsi_tiles_only_their_host_and_their_credit_are_named() -> None:
    built = build_map(MembershipSpec(districts=DISTRICTS, fiscal_year=2019, basemap=GSI))
    assert set(HOSTS.findall(built.script)) == {"cyberjapandata.gsi.go.jp", "maps.gsi.go.jp"}
    assert "https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png" in built.script
    assert '"attribution"' in built.script


def test_profiles_have_names_and_an_unknown_one_says_what_to_do() -> None:
    assert (basemap("none"), basemap("gsi")) == (NONE, GSI)
    with pytest.raises(InputError, match="none（無地）、gsi"):
        basemap("google")


def test_neighbours_keep_one_border_when_thinned() -> None:
    """Two blocks of about 100 m with a wiggle of 1 m on the border between them: both lose it alike."""
    wiggle = [[0.001, 0], [0.00101, 0.00025], [0.001, 0.0005], [0.00099, 0.00075], [0.001, 0.001]]
    left = {"type": "Polygon", "coordinates": [[[0, 0], *wiggle, [0, 0.001], [0, 0]]]}
    right = {"type": "Polygon", "coordinates": [[*wiggle, [0.002, 0.001], [0.002, 0], [0.001, 0]]]}
    thinned = display_shapes([json.dumps(left), None, json.dumps(right)])
    assert thinned[1] is None
    borders = [
        {tuple(xy) for xy in shape["coordinates"][0] if 0.0005 < xy[0] < 0.0015} for shape in thinned if shape
    ]
    assert borders == [{(0.001, 0.0), (0.001, 0.001)}] * 2


def test_a_shape_smaller_than_the_tolerance_is_still_drawn() -> None:
    (shape,) = display_shapes([square(1, 1, 0.00005)])
    assert shape is not None
    assert len(shape["coordinates"][0]) >= 4


LOADED = """
import sys
import maps.build
assert not any(name.split(".")[0] in ("folium", "branca", "pandas", "shapely") for name in sys.modules), "import"
from maps.engine import load_folium
load_folium()
assert "folium" in sys.modules and not {"pandas", "requests"} & set(sys.modules), "building"
assert not sys.meta_path[0].__class__.__module__.startswith("maps"), "finder left behind"
import pandas
assert pandas.DataFrame
"""


def test_folium_is_imported_late_and_pandas_not_at_all() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
