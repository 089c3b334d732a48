"""The rows of a theme as files, from the very table of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.geojson import collection, feature, point
from api.tables import rows_to_csv

if TYPE_CHECKING:
    from maps.district_counts import DistrictCountsSpec
    from maps.specs import BuiltMap
    from maps.tables import Cell, Column, Table

CREDIT = ("quality_label", "as_of", "source", "licence")


def table_csv(table: Table, dataset: Mapping[str, Any], period: str, *, left_out: int | None = None) -> bytes:
    """One line per row of the table, with its period and credit: every line stands for itself.

    `left_out`: districts whose count is unknown, so that who adds the lines up knows that the sum is not the city's.
    """
    header = [
        "番号", table.heading, *(column.label for column in table.columns),
        *(("数が不明の地区の数",) if left_out is not None else ()), "期間", "データの品質", "時点", "出典", "利用条件",
    ]  # fmt: skip
    credit = [
        *((left_out,) if left_out is not None else ()),
        period,
        *(str(dataset[key] or "不明") for key in CREDIT),
    ]
    return rows_to_csv(
        header,
        ([row.key, row.name, *map(_value, table.columns, row.cells), *credit] for row in table.rows),
    )


def _value(column: Column, cell: Cell) -> str | int | float:
    """The number as it is shown, without thousands separators; else the words of the table."""
    return cell.text if not column.numeric or cell.value is None else cell.value


def _properties(table: Table, cells: tuple[Cell, ...]) -> dict[str, Any]:
    """A withheld or unknown number is null; words are as in the table."""
    return {
        column.key: cell.value if column.numeric else cell.text
        for column, cell in zip(table.columns, cells, strict=True)
    }


def districts_geojson(
    spec: DistrictCountsSpec, built: BuiltMap, dataset: dict[str, Any], **members: Any
) -> bytes:
    """The districts with the figures of their rows and the class they have on the map."""
    from maps.district_counts import level

    features = []
    for district, row in zip(spec.districts, built.table.rows, strict=True):
        properties = {
            "no": district.no,
            "name": district.name,
            **_properties(built.table, row.cells),
            "class": level(spec, district),
        }
        features.append(feature(district.no, district.geometry, properties))
    if spec.left_out is not None:
        members = {**members, "districts_without_count": spec.left_out}
    return collection(features, dataset, **members)


def places_geojson(
    spec: DistrictCountsSpec, table: Table | None, dataset: dict[str, Any], **members: Any
) -> bytes:
    """The named points with the figures of their rows."""
    rows = {} if table is None else {row.key: _properties(table, row.cells) for row in table.rows}
    features = [
        feature(place.id, point(place.lon, place.lat), {"name": place.name, **rows.get(place.id, {})})
        for place in spec.places
    ]
    return collection(features, dataset, **members)
