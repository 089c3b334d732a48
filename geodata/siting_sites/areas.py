"""Inner points of the small areas as possible new places."""

from __future__ import annotations

from geodata.database import Connection
from geodata.queries import demand, planning_layers
from geodata.queries.generation import Ref
from kyodo_geo.errors import InputError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.siting_city.place import Place
from kyodo_geo.siting_city.question import Question

PREFIX = "a-"
KIND = "小地域の代表点"


def gather(conn: Connection, ref: Ref, asked: Question) -> list[Place]:
    """One per small area of the asked districts, inside and outside of the asked layers. Raises `InputError`."""
    points = [
        point
        for point in demand.points(conn, ref)
        if not asked.new_districts or point.district_no in asked.new_districts
    ]
    wanted = (("residential-zone",) if asked.inside_zone else ()) + asked.avoid
    there = set(planning_layers.loaded(conn, ref)) if wanted else set()
    missing = [KIND_NAMES[kind] for kind in wanted if kind not in there]
    if missing:
        raise InputError(f"{'、'.join(missing)}が読み込まれていないため、場所を絞れません。", field="new")
    if wanted and points:
        inside: dict[int, set[str]] = {}
        for found in planning_layers.at_places(conn, ref, [(point.lon, point.lat) for point in points]):
            inside.setdefault(found.no, set()).add(found.kind)
        points = [
            point
            for no, point in enumerate(points)
            if not (inside.get(no, set()) & set(asked.avoid))
            and (not asked.inside_zone or "residential-zone" in inside.get(no, set()))
        ]
    return [
        Place(
            PREFIX + point.key_code, point.name or point.key_code, KIND, point.lon, point.lat, (point.x, point.y),
            point.district_no, point.association_id, asked.new_capacity,
        )
        for point in points
    ]  # fmt: skip
