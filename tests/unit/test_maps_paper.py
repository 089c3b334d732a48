"""The map on paper: framed, escaped, in the colours of the screen, and honest about where a place lies."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

from maps.palettes import OUTLINE, YLGNBU
from maps.paper import Here, Label, PaperMapSpec, bounds_around, paper_map
from tests.unit.maps_world import HOSTILE, square

AREA = square(141.0, 39.0, 0.01)


def spec(**values: object) -> PaperMapSpec:
    return PaperMapSpec(**{"area": AREA, "title": "第1町内会", **values})  # type: ignore[arg-type]


def test_the_area_stands_in_the_middle_and_fills_most_of_the_paper() -> None:
    (path,) = re.findall(r'class="area" d="([^"]+)"', paper_map(spec(width=400, height=400)))
    numbers = [tuple(map(float, pair.split())) for pair in re.split("[MLZ]+", path) if pair]
    xs, ys = zip(*numbers, strict=True)
    assert abs(sum((min(ys), max(ys))) / 2 - 200) < 0.2
    assert abs(sum((min(xs), max(xs))) / 2 - 200) < 0.2
    assert 250 < max(ys) - min(ys) < 320
    # 0.01° is 865 m from west to east and 1,110 m from south to north here
    assert 0.77 < (max(xs) - min(xs)) / (max(ys) - min(ys)) < 0.79


def test_what_is_asked_of_the_database_is_the_ground_that_is_drawn() -> None:
    west, south, east, north = bounds_around(AREA, 400, 400)
    assert west < 141.0 < 141.01 < east
    assert south < 39.0 < 39.01 < north


def test_colours_are_those_of_the_screen_and_a_black_printer_gets_none() -> None:
    assert f'fill="{YLGNBU[1]}"' in paper_map(spec())
    assert f'stroke="{OUTLINE}"' in paper_map(spec())
    assert YLGNBU[1] not in paper_map(spec(mono=True))


def test_hostile_names_are_text() -> None:
    drawn = paper_map(spec(title=HOSTILE, labels=(Label(HOSTILE[:20], 141.005, 39.005),), font=4.0))
    tree = ElementTree.fromstring(str(drawn))
    assert tree.get("aria-label") == f"{HOSTILE}の区域の地図"
    assert {part.tag.rpartition("}")[2] for part in tree.iter()} <= {
        "svg",
        "title",
        "rect",
        "path",
        "text",
        "circle",
    }
    assert any(part.text == HOSTILE[:20] for part in tree.iter())


def test_labels_never_cover_each_other_nor_leave_the_paper() -> None:
    many = tuple(Label(f"町{n}", 141.0 + n / 20_000, 39.005) for n in range(-400, 400))
    drawn = ElementTree.fromstring(str(paper_map(spec(labels=many))))
    texts = [t for t in drawn.iter() if t.tag.endswith("text") and (t.text or "").startswith("町")]
    xs = sorted(float(t.get("x", "0")) for t in texts)
    assert len(texts) > 5
    assert all(b - a >= 24 for a, b in itertools.pairwise(xs))
    assert xs[0] > 0 and xs[-1] < 640


def test_a_neighbour_is_a_broken_line_cut_at_the_edge() -> None:
    drawn = paper_map(spec(neighbours=(square(141.01, 38.0, 2.0),)))
    (path,) = re.findall(r'class="neighbour" d="([^"]+)"', drawn)
    assert all(-10 <= float(number) <= 650 for number in re.findall(r"-?[0-9.]+", path))


def test_an_uncertain_place_is_a_ring_and_a_certain_one_a_dot() -> None:
    ring = paper_map(spec(here=Here(141.005, 39.005, 300)))
    dot = paper_map(spec(here=Here(141.005, 39.005, 0)))
    assert 'class="here"' in ring and 'stroke-dasharray="6 4"' in ring
    assert 'class="here"' in dot and 'stroke-dasharray="6 4"' not in dot


def test_equal_specifications_give_equal_bytes() -> None:
    assert paper_map(spec()) == paper_map(spec())


def test_a_place_is_shown_where_its_name_has_no_room() -> None:
    middle = (141.005, 39.005)
    crowded = (Label("広場", *middle), Label("集会所", *middle, "place"))
    assert "集会所" not in paper_map(spec(labels=crowded))
    assert "<circle" not in paper_map(spec(labels=crowded))
    assert paper_map(spec(labels=crowded, dots=(middle,))).count("<circle") == 1
