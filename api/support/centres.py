"""Which civic collaboration centre is nearest, for the people of each district, in a straight line (取組17, 18)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.support.parts import Made, common, credits_of, districts_of, sample_mark
from geodata.queries import support as queries
from kyodo_geo.nearest import Nearest, borders, nearest_places
from kyodo_geo.per_people import class_of

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from api.support.themes import Theme
    from geodata.queries.support import CentreRow
    from maps.district_counts import Counted
    from maps.tables import Table

BREAKS_KM = (1.0, 2.0, 4.0, 8.0)
LABELS = ("1 km未満", "1 km以上2 km未満", "2 km以上4 km未満", "4 km以上8 km未満", "8 km以上")
DETOUR = "距離は直線で、道のりや川、坂は考えていません。人は、国勢調査の小地域の代表点に住んでいるとみなしています。"


def centres(reading: Reading, theme: Theme, found: DistrictFigures, year: int | None) -> Made:
    """Mean distance to the nearest centre as shade, the centres as points, the borders between them as lines."""
    from maps.district_counts import DistrictCountsSpec, Place, Shades
    from maps.palettes import ramp
    from maps.specs import Figure
    from maps.tables import Column

    rows = queries.centres(reading.conn, reading.ref, reading.on)
    nearest = _nearest(reading, rows)
    whole = _whole(nearest)
    mean = "不明" if whole is None else f"{whole / 1000:.1f} km"
    mark = sample_mark(found)
    spec = DistrictCountsSpec(
        name="support",
        label="市民協働推進センターの地図",
        caption="地区ごとの、いちばん近い市民協働推進センター（直線距離）",
        summary=(
            f"市民協働推進センターは {len(rows)} か所です。いちばん近いセンターまでの直線距離は、人口で重みをつけた"
            f"市全体の平均で {mean} です。"
        ),
        districts=districts_of(found),
        counted={no: _counted(item, rows) for no, item in nearest.items() if no is not None},
        columns=(
            Column("mean_km", "いちばん近いセンターまでの平均（km、直線）", numeric=True),
            Column("nearest", "近い人がいちばん多いセンター"),
            Column("share", "そのセンターが近い人の割合（%）", numeric=True),
            Column("population", "人口", numeric=True),
        ),
        shades=Shades(
            "いちばん近いセンターまでの平均の直線距離",
            "単位 km、人口で重みをつけた平均",
            LABELS,
            ramp("YlOrBr", 5),
        ),
        figures=(
            Figure("市民協働推進センター", f"{len(rows)} か所"),
            Figure("いちばん近いセンターまで（市全体の平均）", mean, "直線距離"),
        ),
        notes=(DETOUR, f"人口は国勢調査の小地域{mark}によります。"),
        places=tuple(
            Place(row.id, row.name, row.lon, row.lat, (row.facility or "不明", row.address or "不明"))
            for row in rows
        ),
        place_title="市民協働推進センター",
        place_details=("ある施設", "所在地"),
        borders=_borders(reading, rows),
        border_title="近いセンターが変わる境（直線）",
        **common(reading),
    )
    return Made(spec, *credits_of(rows), _table(rows, nearest), "センターの一覧")


def _nearest(reading: Reading, rows: list[CentreRow]) -> dict[int | None, Nearest]:
    import numpy as np
    import shapely

    from kyodo_geo.crs import to_plane

    cells = queries.cells(reading.conn, reading.ref)
    if not rows or not cells:
        return {}
    points = [shapely.Point(row.lon, row.lat) for row in rows]
    places = [to_plane(place, reading.ref.municipality_code) for place in points]
    return nearest_places(
        np.array([(cell.x, cell.y) for cell in cells]),
        [cell.people for cell in cells],
        [cell.district_no for cell in cells],
        np.array([(place.x, place.y) for place in places]),
    )


def _whole(nearest: dict[int | None, Nearest]) -> float | None:
    """Mean distance of all people, metres."""
    people = sum(item.people for item in nearest.values())
    return sum(item.mean_m * item.people for item in nearest.values()) / people if people else None


def _counted(item: Nearest, rows: list[CentreRow]) -> Counted:
    from maps.district_counts import Counted
    from maps.tables import Cell
    from maps.text import number

    km = round(item.mean_m / 1000, 1)
    share = round(item.share * 100, 1)
    return Counted(
        class_of(km, BREAKS_KM),
        (
            Cell(f"{km:.1f}", km),
            Cell.words(rows[item.place].name),
            Cell(f"{share:.1f}", share),
            Cell(number(item.people), item.people),
        ),
    )


def _table(rows: list[CentreRow], nearest: dict[int | None, Nearest]) -> Table:
    from maps.tables import Cell, Column, Row, Table
    from maps.text import number

    lines = []
    for index, row in enumerate(rows):
        people = sum(item.by_place[index] for item in nearest.values())
        cells: tuple[Any, ...] = (
            Cell.words(row.facility or "不明"),
            Cell.words(row.address or "不明"),
            Cell(number(people) if nearest else "不明", people if nearest else None),
        )
        lines.append(Row(row.id, row.name, cells))
    return Table(
        "市民協働推進センターと、そこがいちばん近い人（直線距離）",
        "センター",
        (
            Column("facility", "ある施設"),
            Column("address", "所在地"),
            Column("people_nearest", "ここがいちばん近い人", numeric=True),
        ),
        tuple(lines),
        layer="places",
    )


def _borders(reading: Reading, rows: list[CentreRow]) -> tuple[str, ...]:
    """Areas of the centres as GeoJSON texts; none without an outline or with a single centre."""
    import shapely

    from geodata.queries.outline import outline

    text = outline(reading.conn, reading.ref)
    if text is None or len(rows) < 2:
        return ()
    found = borders(
        [(row.lon, row.lat) for row in rows], shapely.from_geojson(text), reading.ref.municipality_code
    )
    return tuple(shapely.to_geojson(area) for area in found if not area.is_empty)
