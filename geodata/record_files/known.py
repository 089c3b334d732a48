"""What records refer to: facilities by number or name, buildings by ledger number, rooms by number or name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from geodata.database import Connection, active_generation
from geodata.readers.values import narrow
from kyodo_geo.errors import InputError


def _plain(name: str) -> str:
    return narrow(name).replace(" ", "").casefold()


@dataclass(frozen=True, slots=True)
class Building:
    """A building that is stored, and the facilities that use it now or ever did."""

    building_id: str
    ledger_no: str | None
    facilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """The names of a municipality, folded, with what they stand for."""

    facilities: frozenset[str]
    facility_names: dict[str, list[str]]
    buildings: dict[str, Building]
    by_ledger: dict[str, str]
    of_facility: dict[str, list[str]]
    rooms: dict[str, dict[str, int]] = field(default_factory=dict)
    today: date = date.max
    """The day of the reading, in Japan."""

    def facility(self, cell: str) -> str:
        """Id of a facility by its id or its exact name; raises `InputError` for none or several."""
        if cell in self.facilities:
            return cell
        found = self.facility_names.get(_plain(cell), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                f"「{cell[:40]}」という施設は {len(found)} つあります。施設番号を書いてください。"
            )
        raise InputError(f"「{cell[:40]}」という施設は、登録されている施設にありません。")

    def building(self, cell: str | None, facility: str | None) -> str:
        """Id of a building by id or ledger number, else the only one of a facility; raises `InputError`."""
        if cell:
            found = cell if cell in self.buildings else self.by_ledger.get(narrow(cell))
            if found is None:
                raise InputError(f"「{cell[:40]}」という建物は、登録されている建物にありません。")
            return found
        if not facility:
            raise InputError("建物の番号か施設の名前が要ります。")
        own = self.of_facility.get(self.facility(facility), [])
        if len(own) != 1:
            raise InputError(
                f"「{facility[:40]}」の建物は {len(own)} 棟あります。建物の番号を書いてください。"
                if own
                else f"「{facility[:40]}」の建物は、まだ登録されていません。"
            )
        return own[0]

    def room(self, facility_id: str, cell: str) -> int:
        """Number of a room by number or exact name; raises `InputError`."""
        own = self.rooms.get(facility_id, {})
        number = own.get(_plain(cell))
        if number is None:
            raise InputError(f"「{cell[:40]}」という部屋は、この施設に登録されていません。")
        return number


def known(conn: Connection, municipality: str) -> Known:
    """Everything of a municipality that records may refer to (staff or loader)."""
    args = {"m": municipality, "g": active_generation(conn, municipality)}
    ids = {
        row["facility_id"]
        for row in conn.execute("SELECT facility_id FROM facility WHERE municipality_code = %(m)s", args)
    }
    names: dict[str, list[str]] = {}
    for row in conn.execute(
        "SELECT facility_id, name FROM facility_site WHERE municipality_code = %(m)s "
        "AND dataset_id = active_dataset(%(m)s, %(g)s, 'facilities') ORDER BY facility_id",
        args,
    ):
        names.setdefault(_plain(row["name"]), []).append(row["facility_id"])
    buildings: dict[str, Building] = {}
    of_facility: dict[str, list[str]] = {}
    for row in conn.execute(
        """
        SELECT b.building_id, b.ledger_no, coalesce(array_agg(DISTINCT u.facility_id)
               FILTER (WHERE u.facility_id IS NOT NULL), '{}') AS facilities
        FROM building b LEFT JOIN facility_building u USING (municipality_code, building_id)
        WHERE b.municipality_code = %(m)s GROUP BY b.building_id, b.ledger_no ORDER BY b.building_id
        """,
        args,
    ):
        buildings[row["building_id"]] = Building(
            row["building_id"], row["ledger_no"], frozenset(row["facilities"])
        )
        for facility in row["facilities"]:
            of_facility.setdefault(facility, []).append(row["building_id"])
    rooms: dict[str, dict[str, int]] = {}
    for row in conn.execute(
        "SELECT facility_id, room_no, name FROM room WHERE municipality_code = %(m)s ORDER BY facility_id, room_no DESC",
        args,
    ):
        own = rooms.setdefault(row["facility_id"], {})
        own[_plain(row["name"])] = row["room_no"]
        own[str(row["room_no"])] = row["room_no"]
    day = conn.execute("SELECT (now() AT TIME ZONE 'Asia/Tokyo')::date AS today").fetchone()
    assert day is not None
    ledger = {item.ledger_no: item.building_id for item in buildings.values() if item.ledger_no}
    return Known(frozenset(ids), names, buildings, ledger, of_facility, rooms, day["today"])
