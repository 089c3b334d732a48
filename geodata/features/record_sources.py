"""Sources of the collections of records: dated ones, membership by association, vacant houses."""

from __future__ import annotations

from typing import LiteralString

from geodata.features.source import NO_GEOMETRY, Source, of_generation, same


def _dated(
    table: LiteralString, id_: LiteralString, *names: LiteralString, public_where: LiteralString | None = None
) -> Source:
    """A table of dated records: all its rows, whatever the generation."""
    return Source(
        table=table + " r",
        id=id_,
        geom=NO_GEOMETRY,
        where="r.municipality_code = %(m)s",
        columns={"id": id_, **same(*names, of="r")},
        public_where=public_where,
    )


DISTRICT_PLANS = _dated(
    "district_plan", "r.district_no || '.' || r.record_no",
    "district_no", "record_no", "state", "title", "document_url", "stated_on", "note", "valid_from", "valid_to",
    "quality", "source",
)  # fmt: skip

PROJECTS = _dated(
    "project", "r.project_id",
    "project_id", "district_no", "fiscal_year", "title", "theme", "grant_yen", "participants",
    "counts_as_project", "quality", "source",
)  # fmt: skip

BUILDINGS = _dated(
    "building", "r.building_id",
    "building_id", "name", "address", "built_year", "structure", "floors", "floor_area_m2", "seismic", "ledger_no",
    "use_class", "extendable", "acquired_on", "acquired_yen", "useful_life", "depreciated_yen", "demolished_on",
    "quality", "source",
)  # fmt: skip

ROOMS = _dated(
    "room", "r.facility_id || '.' || r.room_no",
    "facility_id", "room_no", "name", "area_m2", "capacity", "valid_from", "valid_to", "quality", "source",
)  # fmt: skip

FACILITY_YEARS = _dated(
    "facility_year", "r.facility_id || '.' || r.fiscal_year",
    "facility_id", "fiscal_year", "users", "cost_yen", "income_yen", "upkeep_yen", "energy_yen", "staff_yen",
    "fee_yen", "open_days", "quality", "source",
)  # fmt: skip

# Who was the contact once is nobody's business: the public sees those of the present day, whatever day is asked for.
ASSOCIATION_CONTACTS = _dated(
    "association_contact", "r.association_id || '.' || r.contact_no",
    "association_id", "contact_no", "role", "name", "phone", "email", "address", "published", "valid_from",
    "valid_to",
    public_where=(
        "r.published AND daterange(r.valid_from, r.valid_to, '[)') @> (now() AT TIME ZONE 'Asia/Tokyo')::date"
    ),
)  # fmt: skip

MEMBERSHIPS = Source(
    table="membership m",
    id="m.association_id || '.' || m.fiscal_year",
    geom=NO_GEOMETRY,
    where=of_generation("m", "membership"),
    columns={
        **same("association_id", "fiscal_year", "households", "member_households", of="m"),
        "rate": "m.member_households::float8 / nullif(m.households, 0)",
        **same("denominator", "denominator_as_of", "denominator_source", of="m"),
    },
)

VACANT_HOUSES = Source(
    table="kyodo_vacant.vacant_house v",
    id="v.house_id",
    geom="v.geom",
    where=of_generation("v", "vacant-houses"),
    columns=same(
        "house_id", "state", "rank", "address", "structure", "floors", "floor_area_m2", "largest_room_m2",
        "built_year", "confirmed_on", "seismic", "road_access", "hazard", "owner_willing", "consented_to",
        "consented_on", "neglected", "certificate", "use_district", "office_answer", "capacity", "price_yen", of="v",
    ),
)  # fmt: skip

# A function of the database: nobody's role can read more than it gives, and it knows no day but today.
LISTED_HOUSES = Source(
    table="listed_houses(%(m)s) l",
    id="l.house_id",
    geom="l.geom",
    where="l.municipality_code = %(m)s",
    columns=same(
        "house_id", "address", "structure", "floors", "floor_area_m2", "largest_room_m2", "built_year", "seismic",
        "road_access", "use_district", "capacity", "quality", "source", of="l",
    ),
)  # fmt: skip

# Published ones for staff too: drafts have their own pages.
ACTIVITY_CASES = Source(
    table="activity_case c",
    id="c.case_id",
    geom="c.geom",
    where="c.municipality_code = %(m)s AND c.state = 'published'",
    columns=same(
        "case_id", "title", "summary", "theme", "district_no", "body", "association_id", "done_year", "story", "worked",
        "hard", "place_name", "published_on", "quality", "source", of="c",
    ),
)  # fmt: skip
