"""Extracts of OpenStreetMap (.osm.pbf) → edges between crossings, as osmnx would write them. For the loader alone.

Two passes over the file: ways that are walked (driven) on, then the places of their nodes within the municipality's box.
What is kept is bounded by the roads of the file and of the box, not by the size of the file.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geodata.readers.osm_tags import DRIVE, is_used, one_way
from geodata.readers.positions import Place
from geodata.readers.sources import Table
from kyodo_geo.crs import WGS84
from kyodo_geo.errors import FileFormatError

MAX_REFS = 30_000_000
"""Nodes of the ways of a file, repeated ones counted: about all roads of a large region of Japan."""
MAX_NODES = 4_000_000
"""Nodes of roads within the municipality's box."""
MARGIN = 0.03
"""Degrees (about 3 km) around the outline: the shortest way may leave the city."""
Facts = tuple[str, str, str]
"""highway, oneway, maxspeed."""


@dataclass(slots=True)
class Edge:
    """A piece of road between two of its nodes; `nodes` has both ends."""

    nodes: list[int]
    facts: Facts

    @property
    def directed(self) -> bool:
        return self.facts[1] == "yes"


def read_pbf(path: Path, shown: str, mode: str, place: Place) -> Table:
    """The roads of the municipality and around it. Raises `FileFormatError` for a damaged file, or one without such roads."""
    import pandas as pd

    try:
        refs, lengths, facts = _ways(path, shown, mode)
        where = _places(path, shown, refs, _box(place))
    except RuntimeError as error:
        raise FileFormatError(
            f"{shown} を OpenStreetMap のデータ（.osm.pbf）として読めません。壊れているか、途中で切れています。",
            file=shown,
        ) from error
    edges = contracted(list(_pieces(refs, lengths, facts, where)))
    if not edges:
        raise FileFormatError(
            f"{shown} に、市域の{'車' if mode == DRIVE else '人'}の通れる道がありません。範囲の合うファイルを指定してください。",
            file=shown,
        )
    lines = shapely.linestrings(
        np.array([where[node] for edge in edges for node in edge.nodes]),
        indices=np.repeat(np.arange(len(edges)), [len(edge.nodes) for edge in edges]),
    )
    frame = pd.DataFrame(
        {
            "u": [str(edge.nodes[0]) for edge in edges],
            "v": [str(edge.nodes[-1]) for edge in edges],
            "highway": [edge.facts[0] for edge in edges],
            "oneway": [edge.facts[1] for edge in edges],
            "maxspeed": [edge.facts[2] for edge in edges],
        },
        index=range(1, len(edges) + 1),
        dtype=object,
    )
    notes = [
        f"{shown}: {len(lengths):,} 本の way から、市域とその周り（約 3 km）の道 {len(edges):,} 本を、交差点ごとに分けました。"
    ]
    return Table(shown, frame, geometry=lines, crs=f"EPSG:{WGS84}", notes=notes)


def _box(place: Place) -> tuple[float, float, float, float]:
    if place.outline is None or place.outline.is_empty:
        return place.box
    west, south, east, north = place.outline.bounds
    return west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN


def _ways(path: Path, shown: str, mode: str) -> tuple[np.ndarray, list[int], list[Facts]]:
    """(nodes of all ways one after the other, how many each has, its facts); ways against their arrow are turned."""
    import osmium

    refs, lengths, facts = array("q"), [], []
    known: dict[Facts, Facts] = {}
    ways: Any = osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    )
    for way in ways:
        tags = {tag.k: tag.v for tag in way.tags}
        if not is_used(tags, mode):
            continue
        nodes = [node.ref for node in way.nodes]
        direction = one_way(tags) if mode == DRIVE else "no"
        if direction == "-1":
            nodes, direction = nodes[::-1], "yes"
        own = tags["highway"], direction, tags.get("maxspeed", "") if mode == DRIVE else ""
        refs.extend(nodes)
        lengths.append(len(nodes))
        facts.append(known.setdefault(own, own))
        if len(refs) > MAX_REFS:
            raise FileFormatError(
                f"{shown} は範囲が広すぎます。市とその周りだけを切り出したファイルを指定してください。",
                file=shown,
            )
    return np.frombuffer(refs, dtype=np.int64) if refs else np.zeros(0, dtype=np.int64), lengths, facts


def _places(
    path: Path, shown: str, refs: np.ndarray, box: tuple[float, float, float, float]
) -> dict[int, tuple[float, float]]:
    """lon/lat of the nodes within the box."""
    import osmium

    west, south, east, north = box
    found: dict[int, tuple[float, float]] = {}
    if not len(refs):
        return found
    wanted = osmium.filter.IdFilter(np.unique(refs).tolist())
    nodes: Any = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(wanted)
    for node in nodes:
        if not node.location.valid():
            continue
        lon, lat = node.location.lon, node.location.lat
        if west <= lon <= east and south <= lat <= north:
            found[node.id] = lon, lat
            if len(found) > MAX_NODES:
                raise FileFormatError(
                    f"{shown} の市域の道が多すぎます。市域を先に読み込むか、範囲を切り出してください。",
                    file=shown,
                )
    return found


def _pieces(
    refs: np.ndarray, lengths: list[int], facts: list[Facts], where: dict[int, tuple[float, float]]
) -> Iterator[Edge]:
    """Ways cut at crossings, and at the border of the box."""
    runs: list[tuple[list[int], Facts]] = []
    uses: dict[int, int] = defaultdict(int)
    begin = 0
    for length, own in zip(lengths, facts, strict=True):
        run: list[int] = []
        for node in [*refs[begin : begin + length].tolist(), None]:
            if node is not None and node in where:
                if not run or run[-1] != node:
                    run.append(node)
                continue
            if len(run) > 1:
                runs.append((run, own))
                for at, one in enumerate(run):
                    uses[one] += 2 if at in (0, len(run) - 1) else 1
            run = []
        begin += length
    for run, own in runs:
        start = 0
        for at in range(1, len(run)):
            # An end, a place where two ways meet, or a way that meets itself.
            if uses[run[at]] > 1 or at == len(run) - 1:
                yield Edge(run[start : at + 1], own)
                start = at


def contracted(edges: list[Edge]) -> list[Edge]:
    """Edges joined at nodes where nothing happens: two edges of the same facts meet, and one may drive through."""
    at: dict[int, list[int]] = defaultdict(list)
    for number, edge in enumerate(edges):
        at[edge.nodes[0]].append(number)
        at[edge.nodes[-1]].append(number)

    def through(node: int) -> bool:
        """Whether the two edges here are one road."""
        here = at[node]
        if len(here) != 2 or here[0] == here[1]:
            return False
        one, other = edges[here[0]], edges[here[1]]
        if one.facts != other.facts:
            return False
        return not one.directed or (one.nodes[-1] == node) != (other.nodes[-1] == node)

    used = [False] * len(edges)

    def grown(start: int, nodes: list[int]) -> list[int]:
        """The chain of nodes on from its last one."""
        number = start
        while through(nodes[-1]):
            here = at[nodes[-1]]
            number = here[0] if here[1] == number else here[1]
            if used[number]:
                break
            used[number] = True
            more = edges[number].nodes
            nodes = nodes + (more[1:] if more[0] == nodes[-1] else more[-2::-1])
        return nodes

    found = []
    for number, edge in enumerate(edges):
        if used[number]:
            continue
        used[number] = True
        ahead = grown(number, list(edge.nodes))
        whole = grown(number, ahead[::-1])[::-1] if ahead[0] != ahead[-1] else ahead
        found.append(Edge(whole, edge.facts))
    return found
