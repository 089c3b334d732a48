"""Data reach folium through one function, and nothing in them becomes HTML or script."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.build import build_map
from maps.escape import Feature, feature_collection, safe_text
from maps.specs import FacilityCoverageSpec, MembershipSpec
from tests.unit.maps_world import HOSTILE, facility, features_of, rated

POINT = {"type": "Point", "coordinates": [1.0, 2.0]}


def shown(html: str) -> str:
    """The text a browser shows, or a failure when the text made an element."""
    tree = html5lib.parseFragment(f"<p>{html}</p>", namespaceHTMLElements=False)
    (paragraph,) = list(tree)
    assert list(paragraph) == []
    return paragraph.text or ""


def test_a_hostile_name_is_shown_as_its_own_text() -> None:
    assert shown(safe_text(HOSTILE)) == HOSTILE


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"])))
def test_every_text_is_shown_as_itself(text: str) -> None:
    assert shown(safe_text(text)) == text


def test_no_escaped_text_can_leave_an_attribute_or_a_template_literal() -> None:
    assert not set(safe_text("<>\"'`")) & set("<>\"'`")


def test_texts_in_lists_are_escaped_too() -> None:
    made = feature_collection([Feature(1, POINT, {"names": ["<b>"]})])
    assert made["features"][0]["properties"]["names"] == ["&lt;b&gt;"]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_know_become_missing(number: float) -> None:
    made = feature_collection([Feature(1, POINT, {"share": number})])
    assert made["features"][0]["properties"]["share"] is None


@pytest.mark.parametrize("identifier", ["a b", "x'", "あ", "", "1;alert(1)", True])
def test_an_id_outside_the_narrow_alphabet_is_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match="id"):
        feature_collection([Feature(identifier, POINT)])


def test_the_same_id_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        feature_collection([Feature(1, POINT), Feature(1, POINT)])


def test_a_property_name_from_data_is_refused() -> None:
    with pytest.raises(ValueError, match="property name"):
        feature_collection([Feature(1, POINT, {"${x}": 1})])


def test_a_property_that_is_no_plain_value_is_refused() -> None:
    with pytest.raises(TypeError):
        feature_collection([Feature(1, POINT, {"thing": {"a": 1}})])


def test_only_type_and_numbers_of_a_geometry_pass() -> None:
    made = feature_collection([Feature(1, {**POINT, "note": "<script>"})])
    assert made["features"][0]["geometry"] == POINT
    with pytest.raises(ValueError, match="finite"):
        feature_collection([Feature(1, {"type": "Point", "coordinates": ["<script>", 1]})])
    with pytest.raises(ValueError, match="geometry"):
        feature_collection([Feature(1, {"type": "<script>", "coordinates": []})])


def test_hostile_names_stand_in_a_map_only_as_escaped_data() -> None:
    districts = (rated(1, 0.9, name=HOSTILE, kana=HOSTILE), rated(2, 0.8))
    built = build_map(
        FacilityCoverageSpec(districts=districts, facilities=(facility(name=HOSTILE),), radius_m=500)
    )
    assert shown(features_of(built, "districts")[0]["properties"]["name"]) == HOSTILE
    assert shown(features_of(built, "facilities")[0]["properties"]["title"]) == HOSTILE
    code = "\n".join(line for line in built.script.splitlines() if "_add({" not in line)
    assert "window.x" not in code
    assert "</script" not in built.script.lower()
    assert "<img" not in built.script
    assert built.script.isascii()
    assert "onerror" not in built.html + built.legend


def test_a_hostile_name_stands_in_the_table_as_plain_text_for_the_template_to_escape() -> None:
    built = build_map(MembershipSpec(districts=(rated(1, 0.9, name=HOSTILE),), fiscal_year=2019))
    assert type(built.table.rows[0].name) is str
    assert built.table.rows[0].name == f"1 {HOSTILE}"


FORBIDDEN = {
    "Popup",
    "Tooltip",
    "Icon",
    "Choropleth",
    "ColorMap",
    "LinearColormap",
    "StepColormap",
    "Html",
    "IFrame",
}


def test_no_way_around_the_one_function() -> None:
    """folium's text-taking classes and its own page are not used anywhere in maps/."""
    package = Path(__file__).parents[2] / "maps"
    used = set()
    for path in package.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("folium", "branca")):
                used.update(alias.name for alias in node.names)
    assert "GeoJson" in used  # the scan sees folium's names
    assert not used & (FORBIDDEN | {"_repr_html_", "save", "show_in_browser"})
