"""What of every table may leave the internal side: the one list. A table or column without a decision fails a test.

`CARRIED` tables are selected as `kyodo_public`, so that the database has its own say; what a row or column must not be is
said here once more, because the public role's rights are wider than what is published (rows of drafts, names of staff).
Figures that only suppressing functions may tell are carried as those functions' answers (`FIGURES`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, LiteralString

Scope = Literal["municipality", "identity", "dataset", "record"]

PUBLISHED_DATASETS: LiteralString = (
    "SELECT gd.dataset_id FROM kyodo.generation_dataset gd WHERE gd.municipality_code = %(m)s"
)
_IN_PUBLISHED: LiteralString = f"dataset_id IN ({PUBLISHED_DATASETS} AND gd.kind <> 'vacant-houses')"
_ASSOCIATIONS: LiteralString = (
    f"SELECT i.association_id FROM kyodo.association_area i WHERE i.municipality_code = %(m)s AND i.{_IN_PUBLISHED} "  # noqa: S608
    f"UNION SELECT i.association_id FROM kyodo.address_rule i WHERE i.municipality_code = %(m)s AND i.{_IN_PUBLISHED} "
    "UNION SELECT i.association_id FROM kyodo.association_district i "
    f"WHERE i.municipality_code = %(m)s AND i.{_IN_PUBLISHED} "
    "UNION SELECT i.association_id FROM kyodo.association_profile i "
    f"WHERE i.municipality_code = %(m)s AND i.{_IN_PUBLISHED}"
)
_DISTRICTS: LiteralString = (
    f"SELECT i.district_no FROM kyodo.district_area i WHERE i.municipality_code = %(m)s AND i.{_IN_PUBLISHED} "  # noqa: S608
    "UNION SELECT i.district_no FROM kyodo.district_assignment i "
    f"WHERE i.municipality_code = %(m)s AND i.{_IN_PUBLISHED} "
    "UNION SELECT i.district_no FROM kyodo.association_district i "
    f"WHERE i.municipality_code = %(m)s AND i.{_IN_PUBLISHED}"
)
_FACILITIES: LiteralString = (
    f"SELECT i.facility_id FROM kyodo.facility_site i WHERE i.municipality_code = %(m)s AND i.{_IN_PUBLISHED}"  # noqa: S608
)
_DRAFT_BUILDINGS: LiteralString = (
    "SELECT b.building_id FROM kyodo.facility_building b WHERE b.municipality_code = %(m)s "  # noqa: S608
    f"GROUP BY b.building_id HAVING NOT bool_or(b.facility_id IN ({_FACILITIES}))"
)
"""Buildings of facilities that nobody has activated. One that no facility uses is in the public's sums."""
_OF_ASSOCIATION: LiteralString = f"association_id IN ({_ASSOCIATIONS})"
_OF_DISTRICT: LiteralString = f"(district_no IS NULL OR district_no IN ({_DISTRICTS}))"
_OF_FACILITY: LiteralString = f"(facility_id IS NULL OR facility_id IN ({_FACILITIES}))"
_EVENTS: LiteralString = (
    "SELECT e.event_id FROM kyodo.event e WHERE e.municipality_code = %(m)s AND e.published "  # noqa: S608
    f"AND {_OF_DISTRICT} AND {_OF_FACILITY}"
)
_CASES: LiteralString = (
    "SELECT c.case_id FROM kyodo.activity_case c WHERE c.municipality_code = %(m)s AND c.state = 'published' "  # noqa: S608
    f"AND c.district_no IN ({_DISTRICTS}) AND (c.association_id IS NULL OR c.association_id IN ({_ASSOCIATIONS}))"
)
_OF_CASE: LiteralString = f"case_id IN ({_CASES})"
_OF_PHOTO: LiteralString = (
    f"{_OF_CASE} AND (case_id, photo_no) IN (SELECT p.case_id, p.photo_no FROM kyodo.case_photo p "  # noqa: S608
    "WHERE p.municipality_code = %(m)s AND p.shown)"
)

_OF_PLAN: LiteralString = (
    "plan_id IN (SELECT p.plan_id FROM kyodo.plan p WHERE p.municipality_code = %(m)s "
    "AND p.state = 'in_force')"
)
_EVALUATED: LiteralString = (
    "plan_id IN (SELECT e.plan_id FROM kyodo.plan_evaluation e WHERE e.municipality_code = %(m)s "
    "AND e.state = 'published')"
)


@dataclass(frozen=True, slots=True)
class Carried:
    """A table that goes across. Each of its columns is in exactly one of the five fields.

    `columns` as they are; `replaced` by a constant (SQL); `never` (left empty); `computed` by the database; `local` to each
    side. `published`: what every row of it fulfils on the public side (looked at again at each start); `within`: rows
    that hang on something published. Both are conditions on the table's own columns.
    """

    scope: Scope
    columns: str
    replaced: Mapping[str, LiteralString] = field(default_factory=dict)
    never: str = ""
    computed: str = ""
    local: str = ""
    published: LiteralString = "true"
    within: LiteralString = "true"
    key: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that stand in the file, in its order."""
        return ("municipality_code", *self.columns.split())


def _of_dataset(columns: str, *, computed: str = "") -> Carried:
    return Carried("dataset", f"dataset_id {columns}", computed=computed, within=_IN_PUBLISHED)


_NOBODY: dict[str, LiteralString] = {"created_by": "'-'"}

CARRIED: dict[str, Carried] = {
    # in the order in which rows refer to each other
    "kyodo.municipality": Carried(
        "municipality",
        "name pref_name plane_epsg contact_department contact_phone contact_email suppress_below_households",
        local="revision",
    ),
    "kyodo.association": Carried("identity", "association_id", within=_OF_ASSOCIATION, key="association_id"),
    "kyodo.district": Carried(
        "identity", "district_no", within=f"district_no IN ({_DISTRICTS})", key="district_no"
    ),
    "kyodo.facility": Carried(
        "identity", "facility_id", within=f"facility_id IN ({_FACILITIES})", key="facility_id"
    ),
    "kyodo.dataset": Carried(
        "identity",
        "dataset_id kind title source source_url licence authority as_of quality loaded_at checksum row_count "
        "derived_from base_dataset_id",
        replaced={"loaded_by": "'-'", "report": "'{}'"},
        published="kind <> 'vacant-houses'",
        within=_IN_PUBLISHED,
        key="dataset_id",
    ),
    "kyodo.outline": _of_dataset("part_no name geom", computed="geom_mercator"),
    "kyodo.small_area": _of_dataset("key_code name people households area_m2 geom", computed="geom_mercator"),
    "kyodo.register_population": _of_dataset("area_kind area_key as_of people households"),
    "kyodo.district_assignment": _of_dataset("key_code district_no confidence"),
    "kyodo.district_area": _of_dataset("district_no name kana aliases geom", computed="geom_mercator"),
    "kyodo.association_area": _of_dataset(
        "association_id name kana kind area_text geom", computed="geom_mercator"
    ),
    "kyodo.address_rule": _of_dataset(
        "association_id rule_no kind town koaza block_from block_to house_from house_to"
    ),
    "kyodo.association_district": _of_dataset("association_id district_no"),
    "kyodo.association_profile": _of_dataset("association_id fee activities joining website"),
    "kyodo.town": _of_dataset(
        "town_id name koaza oaza chome jiwari kana postal_code level aliases valid_from valid_to accuracy_m geom "
        "former_names",
        computed="geom_mercator",
    ),
    "kyodo.block": _of_dataset("block_no town koaza block house accuracy_m geom"),
    "kyodo.lot": _of_dataset("lot_no town koaza lot accuracy_m geom"),
    "kyodo.facility_site": _of_dataset(
        "facility_id name kana kind activity address operator capacity opened_on closed_on geom",
        computed="geom_mercator",
    ),
    "kyodo.network_edge": _of_dataset("edge_no u v length_m highway slope winter_factor geom"),
    "kyodo.drive_edge": _of_dataset(
        "edge_no u v length_m highway kmh speed_from congestion winter_factor minutes geom"
    ),
    "kyodo.bus_call": _of_dataset(
        "pattern_no seq line stop_id stop_name minutes board alight weekday saturday sunday geom"
    ),
    "kyodo.age_population": _of_dataset("area_kind area_key year age_from age_to people projected"),
    "kyodo.mesh_cell": _of_dataset("mesh_code year people aged65 merged_into geom"),
    "kyodo.area_layer": _of_dataset(
        "area_no name detail contact phone address geom", computed="geom_mercator"
    ),
    "kyodo.generation": Carried(
        "record",
        "generation_no activated_at retired_kinds",
        replaced={"activated_by": "'-'"},
        never="note restored_from",
    ),
    "kyodo.generation_dataset": Carried(
        "record", "generation_no kind dataset_id", published="kind <> 'vacant-houses'"
    ),
    "kyodo.association_contact": Carried(
        "record",
        "association_id contact_no role name phone email address published valid_from valid_to",
        published="published",
        within=_OF_ASSOCIATION,
    ),
    "kyodo.city_meeting": Carried(
        "record",
        "meeting_id title department held_on starts ends place facility_id audience district_nos association_ids required "
        "state shown note quality source changes changed_at",
        replaced={"entered_by": "'-'"},
        never="reason",
        published="shown",
        within=_OF_FACILITY,
    ),
    "kyodo.officer": Carried(
        "record",
        "officer_id district_no kind office office_phone valid_from valid_to quality source record_no",
        never="person_name",
        within=_OF_DISTRICT,
    ),
    "kyodo.body": Carried(
        "record",
        "body_id kind name district_no facility_id phone geom valid_from valid_to quality source",
        within=f"{_OF_DISTRICT} AND {_OF_FACILITY}",
    ),
    "kyodo.area_figure": Carried(
        "record",
        "area_kind area_key measure fiscal_year value unit quality source",
        published="area_kind <> 'association' AND NOT (area_kind = 'district' "
        "AND (starts_with(measure, 'participants_') OR starts_with(measure, 'grant_')))",
        within=f"(area_kind <> 'district' OR area_key IN (SELECT d.district_no::text FROM ({_DISTRICTS}) d))",  # noqa: S608
    ),
    "kyodo.plan": Carried(
        "record",
        "plan_id name first_fiscal_year last_fiscal_year successor_of state",
        published="state = 'in_force'",
    ),
    "kyodo.plan_policy": Carried("record", "plan_id policy_no name", within=_OF_PLAN),
    "kyodo.initiative": Carried(
        "record",
        "plan_id initiative_no title policy_no direction priority novelty for_associations for_districts challenge",
        within=_OF_PLAN,
    ),
    "kyodo.initiative_year": Carried(
        "record",
        "plan_id initiative_no fiscal_year record quality source version withdrawn changed_at evidence",
        never="changed_by",
        published="NOT withdrawn",
    ),
    "kyodo.indicator": Carried(
        "record",
        "plan_id indicator_id chapter kind title unit direction baseline_fiscal_year baseline target_fiscal_year target "
        "measured_by sort_order",
        within=_OF_PLAN,
    ),
    "kyodo.indicator_value": Carried(
        "record",
        "plan_id indicator_id fiscal_year value sample_size low high quality source version withdrawn changed_at",
        never="changed_by",
        published="NOT withdrawn",
    ),
    "kyodo.plan_mapping": Carried(
        "record",
        "mapping_id plan_id old_item new_item relation same_measure note",
        computed="old_plan_id old_initiative_no old_indicator_id new_plan_id new_initiative_no new_indicator_id",
        within=_OF_PLAN,
    ),
    "kyodo.plan_evaluation": Carried(
        "record",
        "plan_id state summary decided_on decided_by version changed_at",
        replaced={"changed_by": "'-'"},
        published="state = 'published'",
    ),
    "kyodo.evaluation_grade": Carried("record", "plan_id grade words sort_order", within=_EVALUATED),
    "kyodo.initiative_evaluation": Carried(
        "record",
        "plan_id initiative_no grade reason carry_over version changed_at",
        replaced={"changed_by": "'-'"},
        within=_EVALUATED,
    ),
    "kyodo.indicator_evaluation": Carried(
        "record",
        "plan_id indicator_id remark version changed_at",
        replaced={"changed_by": "'-'"},
        within=_EVALUATED,
    ),
    "kyodo.body_meeting": Carried(
        "record",
        "meeting_id body held_on place agenda attendance minutes questions published quality source",
        published="published",
    ),
    "kyodo.district_plan": Carried(
        "record",
        "district_no record_no state title document_url stated_on note valid_from valid_to quality source",
        within=_OF_DISTRICT,
    ),
    "kyodo.project": Carried(
        "record",
        "project_id district_no fiscal_year title theme grant_yen participants counts_as_project quality source",
        within=_OF_DISTRICT,
    ),
    "kyodo.building": Carried(
        "record",
        "building_id name address built_year structure floors floor_area_m2 seismic quality source ledger_no use_class "
        "extendable acquired_on acquired_yen useful_life depreciated_yen demolished_on",
        within=f"building_id NOT IN ({_DRAFT_BUILDINGS})",
    ),
    "kyodo.facility_building": Carried(
        "record",
        "facility_id building_id use_no floor_area_m2 valid_from valid_to quality source",
        within=_OF_FACILITY,
    ),
    "kyodo.room": Carried(
        "record",
        "facility_id room_no name area_m2 capacity valid_from valid_to quality source",
        within=_OF_FACILITY,
    ),
    "kyodo.room_year": Carried(
        "record",
        "facility_id room_no fiscal_year hours_open hours_used quality source",
        within=_OF_FACILITY,
    ),
    "kyodo.facility_year": Carried(
        "record",
        "facility_id fiscal_year users cost_yen quality source income_yen upkeep_yen energy_yen staff_yen open_days fee_yen",
        within=_OF_FACILITY,
    ),
    "kyodo.facility_profile": Carried(
        "record",
        "facility_id catchment land_m2 land_tenure land_leased_m2 quality source",
        within=_OF_FACILITY,
    ),
    "kyodo.facility_opening": Carried(
        "record", "facility_id weekday opens closes quality source", within=_OF_FACILITY
    ),
    "kyodo.facility_closure": Carried(
        "record", "facility_id closed_from reopens_on reason note quality source", within=_OF_FACILITY
    ),
    "kyodo.facility_shelter": Carried(
        "record", "facility_id role capacity hazards quality source", within=_OF_FACILITY
    ),
    "kyodo.unit_cost": Carried(
        "record",
        "rule_set version use_class large_yen_m2 rebuild_yen_m2 mid_share upkeep_yen_m2 valid_from created_at quality source",
        replaced=_NOBODY,
        never="note",
    ),
    "kyodo.cost_assumption": Carried(
        "record",
        "version price_index price_year demolition_yen_m2 not_extendable_share large_type large_share horizon_years "
        "ceiling_yen valid_from created_at quality source",
        replaced=_NOBODY,
        never="note",
    ),
    "kyodo.scenario": Carried(
        "record",
        "scenario_id version title author reason state base_year horizon basis created_at published_at quality source",
        replaced=_NOBODY,
        never="published_by",
        published="state = 'published'",
    ),
    "kyodo.scenario_action": Carried(
        "record",
        "scenario_id version action_no year facility_id action into_facility floor_area_m2 cost_yen note",
        within=_OF_FACILITY,
    ),
    "kyodo.consultation_topic": Carried(
        "record", "topic_id label sort_order valid_from valid_to quality source"
    ),
    "kyodo.event": Carried(
        "record",
        "event_id initiative_no title starts_on ends_on starts_at ends_at facility_id place district_no audience capacity "
        "apply_until apply_how state theme materials_url published changed_at quality source",
        never="participants",
        published="published",
        within=f"{_OF_DISTRICT} AND {_OF_FACILITY}",
    ),
    "kyodo.activity_case": Carried(
        "record",
        "case_id title summary theme district_no body association_id done_year story worked hard place_name geom public_place "
        "origin origin_note keywords state published_on withdrawn_on changed_at quality source",
        published="state = 'published'",
        within=f"{_OF_DISTRICT} AND (association_id IS NULL OR {_OF_ASSOCIATION})",
    ),
    "kyodo.case_photo": Carried(
        "record",
        "case_id photo_no sort_order alt credit faces shown width height sha256",
        published="shown",
        within=_OF_CASE,
    ),
    "kyodo.case_photo_file": Carried(
        "record", "case_id photo_no size width height content", within=_OF_PHOTO
    ),
    "kyodo.handbook": Carried(
        "record",
        "handbook_id title audience edition issued_on publisher topics summary link replaces_id retired_on changed_at "
        "quality source",
    ),
    "kyodo.subsidy_notice": Carried(
        "record",
        "notice_id title giver_kind giver applicants purpose amount rate opens_on closes_after themes link contact "
        "checked_on changed_at quality source",
    ),
}

FIGURES: dict[str, tuple[str, LiteralString]] = {
    "kyodo.published_district_membership": (
        (
            "generation_no district_no fiscal_year associations households member_households denominators "
            "denominator_as_of suppressed"
        ),
        (
            "SELECT %(m)s::text AS municipality_code, g.generation_no, d.district_no, d.fiscal_year, d.associations, "
            "d.households, d.member_households, d.denominators, d.denominator_as_of, d.suppressed "
            "FROM kyodo.generation g, kyodo.district_membership(g.municipality_code, g.generation_no) d "
            "WHERE g.municipality_code = %(m)s ORDER BY 2, 3, 4"
        ),
    ),
    "kyodo.published_city_membership": (
        "generation_no fiscal_year associations households member_households denominators denominator_as_of",
        (
            "SELECT %(m)s::text AS municipality_code, g.generation_no, c.fiscal_year, c.associations, c.households, "
            "c.member_households, c.denominators, c.denominator_as_of "
            "FROM kyodo.generation g, kyodo.city_membership(g.municipality_code, g.generation_no) c "
            "WHERE g.municipality_code = %(m)s ORDER BY 2, 3"
        ),
    ),
    "kyodo.published_participants": (
        "fiscal_year district_no participants withheld quality source",
        "SELECT %(m)s::text AS municipality_code, p.* FROM kyodo.event_participants(%(m)s) p ORDER BY 2, 3",
    ),
    "kyodo.published_participant_total": (
        "fiscal_year measure participants",
        "SELECT %(m)s::text AS municipality_code, p.* FROM kyodo.event_participant_totals(%(m)s) p ORDER BY 2, 3",
    ),
    "kyodo.published_event_size": (
        "event_id participants withheld",
        (
            "SELECT %(m)s::text AS municipality_code, s.* FROM kyodo.event_sizes(%(m)s) s "  # noqa: S608
            f"WHERE s.event_id IN ({_EVENTS}) ORDER BY 2"
        ),
    ),
    "kyodo.published_consultations": (
        "fiscal_year body_id topic_id consultations withheld quality",
        "SELECT %(m)s::text AS municipality_code, c.* FROM kyodo.consultation_counts(%(m)s) c ORDER BY 2, 3, 4",
    ),
    "kyodo.published_house": (
        (
            "house_id address structure floors floor_area_m2 largest_room_m2 built_year seismic road_access use_district "
            "capacity quality source ends_on geom"
        ),
        (
            "SELECT h.municipality_code, h.house_id, h.address, h.structure, h.floors, h.floor_area_m2, h.largest_room_m2, "
            "h.built_year, h.seismic, h.road_access, h.use_district, h.capacity, h.quality, h.source, "
            "kyodo.listed_until(h.municipality_code, h.house_id) AS ends_on, "
            "ST_AsText(h.geom, 15) AS geom FROM kyodo.listed_houses(%(m)s) h ORDER BY 2"
        ),
    ),
}
"""Answers of suppressing functions, asked as the public on the internal side: table → columns, question."""

NEVER: dict[str, str] = {
    "kyodo.membership": "households and members by association; the public has the functions' answers",
    "kyodo.hall": "rented halls may be homes",
    "kyodo.hall_subsidy": "by association and hall",
    "kyodo.hall_terms": "terms of staff's work",
    "kyodo.named_building": "buildings by name and address, confirmed by partners",
    "kyodo.building_confirmation": "who confirmed what",
    "kyodo.building_inspection": "staff's judgement",
    "kyodo.building_work": "staff's record",
    "kyodo.facility_group": "registered groups: people",
    "kyodo.facility_stage": "decisions not yet told",
    "kyodo.at_risk_rule": "staff's thresholds",
    "kyodo.grant_case": "applications, with whom to call; what was granted goes as project and area_figure",
    "kyodo.grant_step": "applications",
    "kyodo.grant_budget": "budgets of the city",
    "kyodo.grant_rule": "the city's rules of grants, drafts among them",
    "kyodo.grant_run": "calculations of grants, decided or not",
    "kyodo.grant_run_row": "households and amounts by association",
    "kyodo.busy_period": "staff's planning",
    "kyodo.sent_document": "the city's register of its own letters",
    "kyodo.sent_document_rule": "how staff count them",
    "kyodo.consultation": "what was consulted about, one by one; the public has the function's counts",
    "kyodo.event_attendance": "who came from where, event by event; the public has sums by year",
    "kyodo.risk_case": "associations that need support",
    "kyodo.risk_visit": "what they said",
    "kyodo.adviser_dispatch": "whom advice was given to",
    "kyodo.district_request": "requests of districts in words",
    "kyodo.return_round": "rounds of the yearly return",
    "kyodo.association_return": "answers of associations, with names and addresses of officers",
    "kyodo.return_reminder": "who was reminded",
    "kyodo.return_code": "codes of the internal side's web form",
    "kyodo.return_visit": "browsers on the internal side's web form",
    "kyodo.return_mail": "mail of reminders",
    "kyodo.return_feed": "what became of returns",
    "kyodo.return_note": "what associations said in words",
    "kyodo.circulation": "to whom circulars go",
    "kyodo.department": "whom the inquiry is sent to",
    "kyodo.responsibility": "who answers the inquiry",
    "kyodo.inquiry": "questions to departments",
    "kyodo.inquiry_sheet": "questions to departments",
    "kyodo.inquiry_item": "what departments were asked",
    "kyodo.inquiry_answer": "answers before they are decided on",
    "kyodo.initiative_review": "what departments say of themselves, for the two bodies",
    "kyodo.body_action": "what the two bodies want done",
    "kyodo.dataset_upload": "files on their way in",
    "kyodo.dataset_upload_piece": "files on their way in",
    "kyodo.edit_draft": "drafts",
    "kyodo.edit_draft_change": "drafts",
    "kyodo.case_consent": "who consented to the publication of a case",
    "kyodo.siting_run": "staff's questions and results",
    "kyodo.batch_job": "uploaded tables of addresses",
    "kyodo.batch_piece": "uploaded tables of addresses",
    "kyodo_vacant.disclosure_end": "why and for whom a house is shown no longer",
    "kyodo_vacant.vacant_house": "survey of vacant houses; listed ones go as published_house",
}
"""Tables that are empty on the public side: it refuses to start otherwise. Table → why."""

LOCAL: dict[str, str] = {
    "kyodo.app_user": "accounts of this side",
    "kyodo.user_role": "their roles; of staff there are none on the public side",
    "kyodo.calendar_link": "secret addresses of this side",
    "kyodo.session": "who is signed in here",
    "kyodo.sign_in_link": "invitations of this side",
    "kyodo.partner_key": "keys that this side issued",
    "kyodo.partner": "partners known to this side",
    "kyodo.partner_office": "their offices",
    "kyodo.user_identity": "how they sign in with a provider or directory",
    "kyodo.user_totp": "their second step",
    "kyodo.recovery_code": "their second step",
    "kyodo.pending_sign_in": "who is signing in here",
    "kyodo.sign_in_rate": "attempts counted here",
    "kyodo.partner_key_use": "when keys were used here",
    "kyodo.partner_key_minute": "lookups counted here",
    "kyodo.lookup_log": "lookups by keys of this side: outcome, town, key and time",
    "kyodo.audit": "what was done on this side",
    "kyodo.audit_chain": "its chain",
    "kyodo.computed": "arrays worked out here from what is here",
    "kyodo.leaflet_count": "counted here",
    "kyodo.lookup_count": "counted here",
    "kyodo.referral": "tickets entered here, until the internal side has them",
    "kyodo.join_wish": "tickets entered here, until the internal side has them",
    "kyodo.ticket_event": "of tickets entered here",
    "kyodo.ticket_notice": "of tickets entered here",
    "kyodo.publication": "packages made or taken in here",
    "kyodo.ticket_transfer": "which tickets went across",
}
"""Tables of which each side has its own rows; nothing of them is in a package. Table → what they hold there."""
