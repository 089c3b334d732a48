"""施設カルテ: one facility as sections of facts and tables, the same for page, PDF and file.

`public` holds what everybody may read. `staff` adds judgement, evaluation, inspections, works and groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api import facility_zones
from api.credits import credit
from api.karte import outlook, place, use
from api.karte import staff as staff_sections
from api.karte.parts import Section
from geodata.queries import datasets as dataset_queries
from geodata.queries import facility_sheet

if TYPE_CHECKING:
    from datetime import date

    from api.answers import Reading
    from api.facility_portfolio import Line
    from geodata.queries.facility_sheet import Sheet, StaffPart


@dataclass(frozen=True, slots=True)
class Karte:
    """The sheet; `unknown` names facts that nobody has written down."""

    found: Sheet
    sections: list[Section]
    unknown: tuple[str, ...]
    dataset: dict[str, Any]
    extra: list[Section] = field(default_factory=list)


def public(reading: Reading, facility_id: str) -> Karte:
    """What everybody may see; raises NotFoundError."""
    found = facility_sheet.sheet(reading.conn, reading.ref, facility_id, on=reading.on)
    stands = facility_zones.standing(reading.conn, reading.ref, [found.site])
    dataset = _credit(reading, found, stands.loaded)
    return of_sheet(found, dataset, reading.on, outlook.renewal(reading, facility_id), stands)


def of_sheet(
    found: Sheet, dataset: dict[str, Any], on: date, renewal: Section, stands: facility_zones.Standing
) -> Karte:
    """Sections of a sheet."""
    sections = [
        place.place(found),
        place.land(found),
        place.buildings(found, on),
        renewal,
        use.use(found),
        use.rooms(found),
        place.opening(found),
        place.shelter(found),
        place.zones(found, stands),
    ]
    return Karte(found, sections, (*_unknown(found), *stands.missing), dataset)


def _credit(reading: Reading, found: Sheet, layers: Sequence[str]) -> dict[str, Any]:
    parts: Iterable[Sequence[Any]] = (
        found.buildings, found.demolished, found.rooms, found.room_years, found.years, found.openings, found.closures,
        found.shelters,
        [found.profile] if found.profile else [],
    )  # fmt: skip
    values = {item.quality for part in parts for item in part}
    datasets = dataset_queries.active_datasets(reading.conn, reading.ref)
    return credit(datasets, ("facilities", "districts", *layers), values=values)


def _unknown(found: Sheet) -> tuple[str, ...]:
    """Facts of the sheet that are not known, for the line at its head."""
    site, profile = found.site, found.profile
    checks = [
        ("所在地", site.address is None),
        ("運営", site.operator is None),
        ("定員", site.capacity is None),
        ("開設", site.opened_on is None),
        ("利用圏域", profile is None or profile.catchment is None),
        ("敷地の面積", profile is None or profile.land_m2 is None),
        ("土地の所有", profile is None or profile.land_tenure is None),
        ("建物", not found.buildings),
        ("延床面積", any(row.floor_area_m2 is None for row in found.buildings)),
        ("建築年", any(row.built_year is None for row in found.buildings)),
        ("耐震", any(row.seismic is None for row in found.buildings)),
        ("減価償却率", any(not row.acquired_yen or row.depreciated_yen is None for row in found.buildings)),
        ("開館時間", not found.openings),
        ("部屋", not found.rooms),
        ("稼働率", bool(found.rooms) and not any(row.occupancy is not None for row in found.room_years)),
        ("利用者", not any(row.users is not None for row in found.years)),
        ("費用", not any(row.cost_yen is not None for row in found.years)),
        ("指定管理料・委託料", not any(row.fee_yen is not None for row in found.years)),
    ]
    return tuple(name for name, missing in checks if missing)


def staff(found: Sheet, part: StaffPart, line: Line | None) -> list[Section]:
    """What staff see besides; `line` is the facility's place among its kind, None where it is not in service."""
    names = {row.building_id: row.name or f"{n}棟目" for n, row in enumerate(found.buildings, start=1)}
    return [
        staff_sections.stage(part),
        staff_sections.evaluation(line),
        staff_sections.inspections(part, names),
        staff_sections.works(part, names),
        staff_sections.groups(found, part),
    ]


HEADINGS = ("施設番号", "施設", "区分", "表", "行", "項目", "値")


def rows(karte: Karte) -> list[list[str]]:
    """The whole sheet as lines of a file: section, table, row, item, value."""
    site = karte.found.site
    found: list[list[str]] = []
    for section in [*karte.extra, *karte.sections]:
        head = [site.id, site.name, section.heading]
        found += [[*head, "", "", name, value] for name, value in section.facts]
        for grid in section.grids:
            for row in grid.rows:
                found += [
                    [*head, grid.caption, row[0], column, cell]
                    for column, cell in zip(grid.columns[1:], row[1:], strict=True)
                ]
        found += [[*head, "", "", "注", note] for note in section.notes]
    return found
