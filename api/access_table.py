"""Who may use which route: the one table (`api/access.py` checks every request against it).

A route that is missing here makes the application refuse to start. Audience of the data and audience of the
route are two locks: a route that is open to everybody reads as `kyodo_public`, whatever its code asks for.
"""

from __future__ import annotations

from kyodo_geo.roles import (
    CENTRE_KEEPERS,
    CONSENT_RECIPIENTS,
    DATASET_KEEPERS,
    FACILITY_KEEPERS,
    STAFF,
    VACANT_HOUSE_READERS,
    Role,
)
from kyodo_geo.tickets import COUNT_READERS, ERASERS, HANDLERS

EVERYBODY: frozenset[Role] = frozenset(Role)
SIGNED_IN: frozenset[Role] = EVERYBODY - {Role.PUBLIC}
PARTNERS_AND_STAFF: frozenset[Role] = frozenset(STAFF) | {Role.PARTNER}
ADMINISTRATORS: frozenset[Role] = frozenset({Role.ADMINISTRATOR})
OFFICE_KEEPERS: frozenset[Role] = frozenset({Role.PLANNER, Role.ADMINISTRATOR})
PLAN_KEEPERS: frozenset[Role] = frozenset({Role.PLANNER, Role.ADMINISTRATOR})
"""Who may make scenarios of the facilities, publish and withdraw them; other staff read."""
PARTNERS: frozenset[Role] = frozenset({Role.PARTNER})
EDITORS: frozenset[Role] = frozenset({Role.PLANNER, Role.ADMINISTRATOR})
"""Who may change the plans, projects, associations and districts."""

_PUBLIC_GETS = [
    "/",
    "/lookup",
    "/datasets",
    "/about",
    "/api",
    "/districts",
    "/districts/{no}",
    "/associations/{association_id}",
    "/associations/{association_id}/leaflet.pdf",
    "/associations/{association_id}/fax-sheet.pdf",
    "/fax-sheet.pdf",
    "/progress",
    "/progress/indicators/{indicator_id}",
    "/progress/initiatives/{no}",
    "/progress/{name}.csv",
    "/progress/report.xlsx",
    "/progress/report.pdf",
    "/progress/evaluation",
    "/progress/evaluation.xlsx",
    "/progress/evaluation.pdf",
    "/progress/successor",
    "/progress/successor.xlsx",
    "/progress/meetings",
    "/facilities/costs",
    "/downloads/facility-costs.csv",
    "/facilities/{facility_id}",
    "/facilities/{facility_id}/sheet.pdf",
    "/facilities/{facility_id}/sheet.csv",
    "/facilities/{facility_id}/close",
    "/facilities/{facility_id}/close.pdf",
    "/maps",
    "/maps/plan-adoption",
    "/maps/membership",
    "/maps/projects",
    "/maps/facility-coverage",
    "/maps/{name}.js",
    "/embed/maps/{name}",
    "/embed/lookup",
    "/facilities",
    "/facilities/gaps",
    "/facilities/closing",
    "/maps/facility-list.js",
    "/maps/facility-gaps.js",
    "/downloads/facility-list.csv",
    "/downloads/facility-list.geojson",
    "/downloads/facility-gaps.csv",
    "/downloads/facility-gaps.geojson",
    "/downloads/facility-closing.csv",
    "/api/v1/facilities/closing",
    "/api/v1/facilities/gaps",
    "/facilities/scenarios",
    "/facilities/scenarios/compare",
    "/facilities/scenarios/compare.csv",
    "/facilities/scenarios/{scenario_id}",
    "/facilities/scenarios/{scenario_id}/map.js",
    "/facilities/scenarios/{scenario_id}/figures.csv",
    "/facilities/scenarios/{scenario_id}/report.pdf",
    "/api/v1/facilities/scenarios",
    "/api/v1/facilities/scenarios/{scenario_id}",
    "/maps/support",
    "/maps/support.js",
    "/downloads/support.csv",
    "/downloads/support.geojson",
    "/downloads/districts.csv",
    "/downloads/districts/{no}.csv",
    "/downloads/{name}.csv",
    "/downloads/{name}.geojson",
    "/opendata/standard/{name}.csv",
    "/opendata",
    "/opendata/catalog.jsonld",
    "/opendata/generations",
    "/opendata/generations/{no}",
    "/opendata/generations/{no}/{name}",
    "/referrals/new",
    "/referrals/done",
    "/join/new",
    "/join/done",
    "/login",
    "/login/oidc",
    "/login/oidc/return",
    "/login/code",
    "/login/enrol",
    "/welcome",
    "/healthz",
    "/readyz",
    "/meetings",
    "/meetings.ics",
    # a secret address of the staff's, for programs that cannot sign in: the database looks it up (0054)
    "/calendar/{token}.ics",
    "/events",
    "/events.csv",
    "/events.atom",
    "/events/{event_id}",
    "/centres/consultations",
    "/centres/consultations.csv",
    "/api/v1/events",
    "/api/v1/consultations",
    "/cases",
    "/cases/feed.atom",
    "/cases/{case_id}",
    "/cases/{case_id}/photos/{no}-{size}.jpg",
    "/maps/cases.js",
    "/downloads/cases.csv",
    "/downloads/cases.geojson",
    "/handbooks",
    "/handbooks/feed.atom",
    "/subsidy-information",
    "/subsidy-information/feed.atom",
    "/api/v1/cases",
    "/api/v1/handbooks",
    "/api/v1/subsidies",
    "/listed-houses",
    "/listed-houses.csv",
    "/robots.txt",
    "/favicon.ico",
    "/api/v1/openapi.json",
    "/api/v1/districts",
    "/api/v1/districts/{no}",
    "/api/v1/districts/{no}/profile",
    "/api/v1/associations",
    "/api/v1/associations/{association_id}",
    "/api/v1/facilities",
    "/api/v1/small-areas",
    "/api/v1/indicators",
    "/api/v1/initiatives",
    "/api/v1/datasets",
    "/api/v1/municipalities",
    "/api/v1/listed-houses",
    "/api/v1/lookup",
    "/widget/v1.js",
    "/partner/widget",
    "/static/{path:path}",
    "/map-static/{path:path}",
    "/leaflet/{path:path}",
    "/basemap/{z}/{x}/{y}",
    # below /ogc the collections themselves know their readers (kyodo_geo.collections)
    "/ogc",
    "/ogc/conformance",
    "/ogc/collections",
    "/ogc/collections/{collection_id}",
    "/ogc/api",
    "/ogc/collections/datasets",
    "/ogc/collections/datasets/items",
    "/ogc/collections/datasets/items/{record_id}",
    "/ogc/collections/{collection_id}/queryables",
    "/ogc/collections/{collection_id}/sortables",
    "/ogc/collections/{collection_id}/schema",
    "/ogc/collections/{collection_id}/items",
    "/ogc/collections/{collection_id}/items/{feature_id}",
    "/ogc/tileMatrixSets",
    "/ogc/tileMatrixSets/{tileMatrixSetId}",
    "/ogc/collections/{collection_id}/tiles",
    "/ogc/collections/{collection_id}/tiles/{tileMatrixSetId}",
    "/ogc/collections/{collection_id}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
    "/ogc/tiles",
    "/ogc/tiles/{tileMatrixSetId}",
    "/ogc/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
]

_ITEMS = "/ogc/collections/{collection_id}/items"
_ITEM = f"{_ITEMS}/{{feature_id}}"

ACCESS: dict[tuple[str, str], frozenset[Role]] = {
    # Which collection takes which of them from whom: api/ogc/write_kinds.py. A collection that nobody may change says so
    # to everybody (405) before anybody is asked who they are (`api.access.FIRST`), and so do the last two lines.
    ("OPTIONS", _ITEMS): EVERYBODY,
    ("OPTIONS", _ITEM): EVERYBODY,
    ("POST", _ITEMS): EDITORS | FACILITY_KEEPERS,
    **{(method, _ITEM): EDITORS | FACILITY_KEEPERS for method in ("PUT", "PATCH", "DELETE")},
    **{(method, _ITEMS): EVERYBODY for method in ("PUT", "PATCH", "DELETE")},
    ("POST", _ITEM): EVERYBODY,
    **{("GET", path): EVERYBODY for path in _PUBLIC_GETS},
    ("POST", "/lookup"): EVERYBODY,
    ("POST", "/embed/lookup"): EVERYBODY,
    ("POST", "/lookup/suggest"): EVERYBODY,
    ("POST", "/associations/{association_id}/leaflet.pdf"): EVERYBODY,
    ("POST", "/lookup/sheet.pdf"): EVERYBODY,
    ("POST", "/api/v1/lookup"): EVERYBODY,
    ("POST", "/api/v1/lookup/batch"): EVERYBODY,
    ("POST", "/referrals/new"): EVERYBODY,
    ("POST", "/join/new"): EVERYBODY,
    ("GET", "/partner/tickets"): frozenset({Role.PARTNER}),
    ("GET", "/partner/tickets/{no}"): frozenset({Role.PARTNER}),
    ("GET", "/counter/tickets"): frozenset({Role.COUNTER}),
    ("GET", "/api/v1/referrals"): frozenset({Role.PARTNER}),
    ("POST", "/api/v1/referrals"): frozenset({Role.PARTNER}),
    ("GET", "/staff/tickets"): HANDLERS,
    ("GET", "/staff/tickets/{no}"): HANDLERS,
    ("POST", "/staff/tickets/{no}/state"): HANDLERS,
    ("POST", "/staff/tickets/{no}/note"): HANDLERS,
    ("POST", "/staff/tickets/{no}/erase"): ERASERS,
    ("GET", "/federation/joins"): COUNT_READERS,
    ("POST", "/login"): EVERYBODY,
    ("POST", "/login/code"): EVERYBODY,
    ("POST", "/login/enrol"): EVERYBODY,
    # sent by the city's sign-in service, which signs what it sends
    ("POST", "/login/oidc/signed-out"): EVERYBODY,
    ("POST", "/welcome"): EVERYBODY,
    ("POST", "/logout"): SIGNED_IN,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("GET", "/account/sessions"): SIGNED_IN,
    ("POST", "/account/sessions/{session_no}/end"): SIGNED_IN,
    ("POST", "/account/sessions/end-others"): SIGNED_IN,
    ("GET", "/account/codes"): SIGNED_IN,
    **{("POST", f"/account/codes/{deed}"): SIGNED_IN for deed in ("begin", "confirm", "recovery", "remove")},
    ("GET", "/staff/accounts"): ADMINISTRATORS,
    **{
        ("POST", f"/staff/accounts/{{login}}/{deed}"): ADMINISTRATORS
        for deed in ("unlock", "codes-reset", "sign-out")
    },
    ("GET", "/staff"): frozenset(STAFF),
    ("GET", "/staff/districts/{no}"): frozenset(STAFF),
    ("GET", "/staff/facilities/gaps"): frozenset(STAFF),
    ("GET", "/staff/facilities/gaps.csv"): frozenset(STAFF),
    ("GET", "/staff/facilities/halls"): frozenset(STAFF),
    ("GET", "/staff/facilities/halls.csv"): frozenset(STAFF),
    ("GET", "/staff/facilities/groups"): frozenset(STAFF),
    ("GET", "/staff/facilities/groups.csv"): frozenset(STAFF),
    **{
        ("GET", f"/facilities/siting{path}"): frozenset(STAFF)
        for path in (
            "",
            "/compare",
            "/{run_id}",
            "/{run_id}/state",
            "/{run_id}/map.js",
            "/{run_id}/table.csv",
            "/{run_id}/points.geojson",
        )
    },
    ("POST", "/facilities/siting"): frozenset(VACANT_HOUSE_READERS),
    ("POST", "/facilities/siting/{run_id}/cancel"): frozenset(VACANT_HOUSE_READERS),
    ("GET", "/staff/associations/{association_id}/membership"): frozenset(STAFF),
    ("GET", "/staff/progress"): PLAN_KEEPERS,
    ("GET", "/staff/progress/indicators/{indicator_id}"): PLAN_KEEPERS,
    ("POST", "/staff/progress/indicators/{indicator_id}"): PLAN_KEEPERS,
    ("GET", "/staff/progress/initiatives/{no}"): PLAN_KEEPERS,
    ("POST", "/staff/progress/initiatives/{no}"): PLAN_KEEPERS,
    **{
        ("GET", f"/staff/inquiries{path}"): frozenset(STAFF)
        for path in (
            "",
            "/{inquiry_id}",
            "/{inquiry_id}/sheets.zip",
            "/{inquiry_id}/reminder.pdf",
            "/{inquiry_id}/{department_id}",
            "/{inquiry_id}/{department_id}/sheet.xlsx",
            "/{inquiry_id}/{department_id}/{item_no}",
        )
    },
    # any member of staff may answer for a department; who decides what is kept are the planners
    ("POST", "/staff/inquiries/{inquiry_id}/{department_id}/{item_no}"): frozenset(STAFF),
    ("POST", "/staff/inquiries/upload"): frozenset(STAFF),
    **{
        ("POST", f"/staff/inquiries{path}"): PLAN_KEEPERS
        for path in (
            "",
            "/{inquiry_id}/state",
            "/{inquiry_id}/marks",
            "/{inquiry_id}/{department_id}/accept",
            "/{inquiry_id}/{department_id}/{item_no}/accept",
        )
    },
    **{
        ("GET", f"/staff/bodies{path}"): frozenset(STAFF)
        for path in ("", "/{meeting_id}/papers.pdf", "/{meeting_id}/papers.xlsx")
    },
    **{("GET", f"/staff/evaluation{ending}"): PLAN_KEEPERS for ending in ("", ".xlsx", ".pdf")},
    **{
        ("POST", f"/staff/evaluation{path}"): PLAN_KEEPERS
        for path in ("", "/scale", "/initiatives/{no}", "/indicators/{indicator_id}")
    },
    **{("GET", f"/staff/successor{ending}"): PLAN_KEEPERS for ending in ("", ".xlsx")},
    ("POST", "/staff/successor"): PLAN_KEEPERS,
    ("GET", "/staff/facilities/costs"): FACILITY_KEEPERS,
    ("POST", "/staff/facilities/costs/assumptions"): FACILITY_KEEPERS,
    ("POST", "/staff/facilities/costs/{rule_set}"): FACILITY_KEEPERS,
    ("GET", "/staff/facilities/scenarios/{scenario_id}/view"): frozenset(STAFF),
    ("GET", "/staff/facilities/scenarios/{scenario_id}/map.js"): frozenset(STAFF),
    ("GET", "/staff/facilities/scenarios/{scenario_id}/figures.csv"): frozenset(STAFF),
    ("GET", "/staff/facilities/scenarios/{scenario_id}/report.pdf"): frozenset(STAFF),
    ("GET", "/staff/facilities/portfolio"): frozenset(STAFF),
    **{
        ("GET", f"/staff/facilities/levelling{path}"): frozenset(STAFF)
        for path in ("", "/{run_id}", "/{run_id}/state", "/{run_id}/table.csv")
    },
    ("POST", "/staff/facilities/levelling"): FACILITY_KEEPERS,
    ("POST", "/staff/facilities/levelling/{run_id}/cancel"): FACILITY_KEEPERS,
    **{
        ("GET", f"/staff/facilities/scenarios{path}"): frozenset(STAFF)
        for path in (
            "",
            "/compare",
            "/compare.csv",
            "/{scenario_id}",
            "/{scenario_id}/changes",
            "/{scenario_id}/actions.csv",
            "/{scenario_id}/actions.xlsx",
            "/{scenario_id}/plan",
            "/{scenario_id}/plan.csv",
            "/{scenario_id}/plan.xlsx",
        )
    },
    **{
        ("GET", f"/staff/facilities/scenarios/{{scenario_id}}{path}"): FACILITY_KEEPERS
        for path in ("/publish", "/actions/{no}")
    },
    **{
        ("POST", f"/staff/facilities/scenarios{path}"): FACILITY_KEEPERS
        for path in (
            "",
            "/import",
            "/{scenario_id}",
            "/{scenario_id}/actions",
            "/{scenario_id}/actions/{no}",
            "/{scenario_id}/actions/{no}/remove",
            "/{scenario_id}/table",
            "/{scenario_id}/restore",
            "/{scenario_id}/publish",
            "/{scenario_id}/withdraw",
        )
    },
    ("GET", "/staff/facilities/{facility_id}"): frozenset(STAFF),
    ("GET", "/staff/facilities/{facility_id}/close"): frozenset(STAFF),
    ("GET", "/staff/facilities/{facility_id}/close.pdf"): frozenset(STAFF),
    ("GET", "/staff/facilities/{facility_id}/sheet.pdf"): frozenset(STAFF),
    ("GET", "/staff/facilities/{facility_id}/sheet.csv"): frozenset(STAFF),
    ("GET", "/staff/notation"): frozenset(STAFF),
    ("POST", "/staff/notation"): frozenset(STAFF),
    ("GET", "/staff/agreement"): frozenset(STAFF),
    ("GET", "/staff/agreement.csv"): frozenset(STAFF),
    ("GET", "/staff/unresolved"): frozenset(STAFF),
    **{
        ("GET", f"/maps/{name}{ending}"): frozenset(STAFF)
        for name in ("agreement", "grants", "halls")
        for ending in ("", ".js", ".csv", ".geojson")
    },
    ("GET", "/staff/offices"): OFFICE_KEEPERS,
    ("POST", "/staff/offices"): OFFICE_KEEPERS,
    ("POST", "/staff/offices/links.csv"): OFFICE_KEEPERS,
    ("POST", "/staff/offices/{office_id}/close"): OFFICE_KEEPERS,
    ("GET", "/staff/keys"): OFFICE_KEEPERS,
    ("POST", "/staff/keys"): OFFICE_KEEPERS,
    ("POST", "/staff/keys/{key_id}/rotate"): OFFICE_KEEPERS,
    ("POST", "/staff/keys/{key_id}/revoke"): OFFICE_KEEPERS,
    ("GET", "/partner/keys"): PARTNERS,
    ("POST", "/partner/keys/{key_id}/rotate"): PARTNERS,
    ("GET", "/staff/disclosure"): ADMINISTRATORS,
    ("POST", "/staff/disclosure/lookups"): ADMINISTRATORS,
    ("POST", "/staff/disclosure/person"): ADMINISTRATORS,
    ("GET", "/staff/plans"): EDITORS,
    ("GET", "/staff/plans/{no}"): EDITORS,
    ("POST", "/staff/plans/{no}"): EDITORS,
    ("POST", "/staff/plans/{no}/{record_no}"): EDITORS,
    ("POST", "/staff/plans/{no}/{record_no}/withdraw"): EDITORS,
    ("GET", "/staff/projects"): EDITORS,
    ("POST", "/staff/projects"): EDITORS,
    ("GET", "/staff/projects/{project_id}"): EDITORS,
    ("POST", "/staff/projects/{project_id}"): EDITORS,
    ("POST", "/staff/projects/{project_id}/withdraw"): EDITORS,
    ("POST", "/staff/projects/table"): EDITORS,
    **{
        ("GET", f"/staff/grants/cases{path}"): EDITORS
        for path in (
            "",
            "/ledger.csv",
            "/ledger.xlsx",
            "/new/{scheme}",
            "/past/{scheme}",
            "/year",
            "/{no}",
            "/{no}/papers/{paper}.pdf",
        )
    },
    **{
        ("POST", f"/staff/grants/cases{path}"): EDITORS
        for path in (
            "/new/{scheme}",
            "/past/{scheme}",
            "/budgets/{year}/{scheme}",
            "/{no}",
            "/{no}/steps/{deed}",
        )
    },
    # All staff see all of it, and change what they entered themselves; planners change everything (api/meetings/reading.py).
    **{
        ("GET", f"/staff/meetings{path}"): frozenset(STAFF)
        for path in (
            "",
            "/calendar.ics",
            "/load",
            "/load.csv",
            "/dates",
            "/links",
            "/entries",
            "/entries/table.csv",
            "/entries/{meeting_id}",
        )
    },
    **{
        ("POST", f"/staff/meetings{path}"): frozenset(STAFF)
        for path in (
            "/links",
            "/links/{link_id}/revoke",
            "/entries",
            "/entries/table",
            "/entries/{meeting_id}",
            "/entries/{meeting_id}/withdraw",
        )
    },
    **{
        ("GET", f"/staff/documents{path}"): frozenset(STAFF)
        for path in ("", "/figures", "/year.csv", "/year.xlsx", "/table.csv", "/{document_id}")
    },
    **{
        ("POST", f"/staff/documents{path}"): frozenset(STAFF)
        for path in ("", "/table", "/{document_id}", "/{document_id}/withdraw")
    },
    ("POST", "/staff/documents/rule"): PLAN_KEEPERS,
    ("POST", "/staff/documents/indicator"): PLAN_KEEPERS,
    ("GET", "/staff/audit"): EDITORS,
    ("GET", "/staff/audit.csv"): ADMINISTRATORS,
    ("GET", "/staff/grants"): EDITORS,
    ("GET", "/staff/grants/rules"): EDITORS,
    ("GET", "/staff/grants/rules/{scheme}/{year}"): EDITORS,
    ("GET", "/staff/grants/rules/{scheme}/{year}/draft"): EDITORS,
    ("GET", "/staff/grants/rules/{scheme}/{year}/trial"): EDITORS,
    ("GET", "/staff/grants/rules/{scheme}/{year}/compare"): EDITORS,
    ("GET", "/staff/grants/rules/{scheme}/{year}/compare.csv"): EDITORS,
    ("GET", "/staff/grants/runs"): EDITORS,
    ("GET", "/staff/grants/runs/{run_no}"): EDITORS,
    ("GET", "/staff/grants/runs/{run_no}/list.csv"): EDITORS,
    ("GET", "/staff/grants/runs/{run_no}/list.xlsx"): EDITORS,
    ("GET", "/staff/grants/runs/{run_no}/payment.xlsx"): EDITORS,
    ("GET", "/staff/grants/runs/{run_no}/sheets"): EDITORS,
    ("GET", "/staff/grants/runs/{run_no}/sheets.pdf"): EDITORS,
    ("GET", "/staff/grants/runs/{run_no}/sheets/{association_id}"): EDITORS,
    ("GET", "/staff/grants/runs/{run_no}/sheets/{association_id}/paper.pdf"): EDITORS,
    ("POST", "/staff/grants/rules/{scheme}/{year}/draft"): EDITORS,
    ("POST", "/staff/grants/rules/{scheme}/{year}/discard"): EDITORS,
    ("POST", "/staff/grants/rules/{scheme}/{year}/force"): EDITORS,
    ("POST", "/staff/grants/runs"): EDITORS,
    ("POST", "/staff/grants/runs/{run_no}/decide"): EDITORS,
    ("POST", "/staff/grants/runs/{run_no}/pay"): EDITORS,
    ("POST", "/staff/grants/runs/{run_no}/discard"): EDITORS,
    ("POST", "/staff/grants/runs/{run_no}/correct"): EDITORS,
    ("GET", "/staff/figures"): EDITORS,
    ("POST", "/staff/figures"): EDITORS,
    **{
        ("GET", f"/staff/records/import{path}"): FACILITY_KEEPERS
        for path in ("", "/{upload_id}", "/{upload_id}/state", "/{upload_id}/left-out.csv")
    },
    **{
        ("POST", f"/staff/records/import{path}"): FACILITY_KEEPERS
        for path in ("", "/{upload_id}/check", "/{upload_id}/keep", "/{upload_id}/discard")
    },
    **{
        ("GET", f"/staff/cases{path}"): EDITORS
        for path in ("", "/{case_id}", "/{case_id}/preview", "/{case_id}/photos/{no}-{size}.jpg")
    },
    **{
        ("POST", f"/staff/cases{path}"): EDITORS
        for path in (
            "",
            "/photos",
            "/{case_id}",
            "/{case_id}/withdraw",
            "/{case_id}/consents",
            "/{case_id}/consents/{no}/end",
            "/{case_id}/photos/{no}",
            "/{case_id}/photos/{no}/remove",
            "/{case_id}/state",
        )
    },
    ("GET", "/staff/subsidy-information"): EDITORS,
    ("GET", "/staff/records/{kind}"): EDITORS,
    ("POST", "/staff/records/{kind}"): EDITORS,
    ("GET", "/staff/records/{kind}/table.csv"): EDITORS,
    ("POST", "/staff/records/{kind}/table"): EDITORS,
    ("GET", "/staff/records/{kind}/{record_id}"): EDITORS,
    ("POST", "/staff/records/{kind}/{record_id}"): EDITORS,
    ("POST", "/staff/records/{kind}/{record_id}/withdraw"): EDITORS,
    **{
        ("GET", f"/staff/returns{path}"): EDITORS
        for path in (
            "",
            "/{fiscal_year}",
            "/{fiscal_year}/table.csv",
            "/{fiscal_year}/letters",
            "/{fiscal_year}/labels",
            "/{fiscal_year}/files",
            "/{fiscal_year}/feed",
            "/{fiscal_year}/of/{association_id}",
            "/{fiscal_year}/of/{association_id}/workbook.xlsx",
        )
    },
    **{
        ("POST", f"/staff/returns{path}"): EDITORS
        for path in (
            "",
            "/{fiscal_year}",
            "/{fiscal_year}/approve",
            "/{fiscal_year}/letters.pdf",
            "/{fiscal_year}/letters/mail",
            "/{fiscal_year}/letters/phone",
            "/{fiscal_year}/letters/sent",
            "/{fiscal_year}/labels.pdf",
            "/{fiscal_year}/labels.csv",
            "/{fiscal_year}/workbooks.zip",
            "/upload",
            "/{fiscal_year}/feed",
            "/{fiscal_year}/feed/compare",
            "/{fiscal_year}/feed/notes/{association_id}/{about}",
            "/{fiscal_year}/of/{association_id}",
            "/{fiscal_year}/of/{association_id}/approve",
            "/{fiscal_year}/of/{association_id}/check",
            "/{fiscal_year}/of/{association_id}/send-back",
            "/{fiscal_year}/of/{association_id}/code",
        )
    },
    # An association's own return: whoever has its code, or is its officer (api/returns/own.py).
    **{("GET", f"/returns{path}"): EVERYBODY for path in ("", "/form", "/check", "/copy.pdf")},
    **{("POST", f"/returns{path}"): EVERYBODY for path in ("", "/form", "/send", "/leave")},
    **{
        ("GET", f"/staff/consultations{path}"): CENTRE_KEEPERS
        for path in ("", "/table.csv", "/{consultation_id}")
    },
    **{
        ("POST", f"/staff/consultations{path}"): CENTRE_KEEPERS
        for path in ("", "/table", "/{consultation_id}", "/{consultation_id}/withdraw")
    },
    **{
        ("GET", f"/staff/at-risk{path}"): CENTRE_KEEPERS
        for path in (
            "",
            ".csv",
            "/new",
            "/{case_id}",
            "/{case_id}/sheet.pdf",
            "/{case_id}/visits/{visit_id}",
        )
    },
    **{
        ("POST", f"/staff/at-risk{path}"): CENTRE_KEEPERS
        for path in (
            "/new",
            "/{case_id}",
            "/{case_id}/withdraw",
            "/{case_id}/visits",
            "/{case_id}/dispatches",
            "/{case_id}/visits/{visit_id}",
            "/{case_id}/visits/{visit_id}/withdraw",
        )
    },
    ("GET", "/staff/event-figures"): EDITORS,
    ("POST", "/staff/event-figures"): EDITORS,
    **{
        ("GET", f"/staff/events{path}"): EDITORS
        for path in ("", "/table.csv", "/{event_id}", "/{event_id}/participants")
    },
    **{
        ("POST", f"/staff/events{path}"): EDITORS
        for path in ("", "/table", "/{event_id}", "/{event_id}/withdraw", "/{event_id}/participants")
    },
    ("GET", "/staff/associations"): EDITORS,
    ("GET", "/staff/associations/{association_id}"): EDITORS,
    ("POST", "/staff/associations/{association_id}"): EDITORS,
    ("POST", "/staff/associations/{association_id}/contacts"): EDITORS,
    ("POST", "/staff/associations/{association_id}/contacts/{number}"): EDITORS,
    ("POST", "/staff/associations/{association_id}/contacts/{number}/withdraw"): EDITORS,
    ("GET", "/staff/assignment"): EDITORS,
    ("POST", "/staff/assignment"): EDITORS,
    ("GET", "/staff/assignment/map.js"): EDITORS,
    ("GET", "/staff/drafts/{scope}"): EDITORS,
    ("POST", "/staff/drafts/{scope}/compare"): EDITORS,
    ("POST", "/staff/drafts/{scope}/activate"): EDITORS,
    ("POST", "/staff/drafts/{scope}/discard"): EDITORS,
    ("POST", "/staff/drafts/{scope}/take-out"): EDITORS,
    ("GET", "/partner"): PARTNERS,
    ("GET", "/buildings"): PARTNERS | STAFF,
    ("POST", "/buildings"): PARTNERS | STAFF,
    ("POST", "/buildings/new"): PARTNERS | STAFF,
    ("POST", "/buildings/search"): PARTNERS | STAFF,
    ("GET", "/staff/buildings"): frozenset(STAFF),
    ("POST", "/staff/buildings/{building_id}"): frozenset(STAFF),
    ("POST", "/partner/members"): PARTNERS,
    ("POST", "/partner/members/stop"): PARTNERS,
    ("GET", "/partner/batch"): PARTNERS_AND_STAFF,
    ("POST", "/partner/batch"): PARTNERS_AND_STAFF,
    ("GET", "/partner/batch/{job_id}"): PARTNERS_AND_STAFF,
    ("GET", "/partner/batch/{job_id}/state"): PARTNERS_AND_STAFF,
    ("GET", "/partner/batch/{job_id}/result"): PARTNERS_AND_STAFF,
    ("POST", "/partner/batch/{job_id}/start"): PARTNERS_AND_STAFF,
    ("POST", "/partner/batch/{job_id}/delete"): PARTNERS_AND_STAFF,
    ("GET", "/staff/maps/membership"): frozenset(STAFF),
    ("GET", "/staff/maps/at-risk"): frozenset(STAFF),
    ("POST", "/staff/maps/at-risk"): OFFICE_KEEPERS,
    ("GET", "/staff/maps/{name}.js"): frozenset(STAFF),
    ("GET", "/staff/maps/{name}.csv"): frozenset(STAFF),
    ("GET", "/staff/maps/{name}.geojson"): frozenset(STAFF),
    ("GET", "/staff/data-faults"): frozenset(STAFF),
    ("GET", "/staff/data-faults.csv"): frozenset(STAFF),
    ("GET", "/staff/uncovered-blocks.csv"): frozenset(STAFF),
    **{
        ("GET", f"/staff/datasets{path}"): DATASET_KEEPERS
        for path in (
            "",
            "/new",
            "/history",
            "/rollback",
            "/uploads/{upload_id}",
            "/uploads/{upload_id}/state",
            "/uploads/{upload_id}/faults.js",
            "/uploads/{upload_id}/faults.csv",
            "/{dataset_id}",
            "/{dataset_id}/faults.js",
            "/{dataset_id}/faults.csv",
            "/{dataset_id}/changes.csv",
            "/{dataset_id}/compare",
            "/{dataset_id}/compare-before.js",
            "/{dataset_id}/compare-after.js",
            "/{dataset_id}/activate",
        )
    },
    **{
        ("POST", f"/staff/datasets{path}"): DATASET_KEEPERS
        for path in (
            "/new",
            "/rollback",
            "/uploads/{upload_id}/check",
            "/uploads/{upload_id}/keep",
            "/uploads/{upload_id}/discard",
            "/{dataset_id}/activate",
        )
    },
    ("GET", "/api/v1/vacant-houses"): frozenset(VACANT_HOUSE_READERS),
    # whom an owner can name; which houses these are the database finds out by the session (0041)
    **{
        ("GET", path): CONSENT_RECIPIENTS
        for path in ("/consented-houses", "/consented-houses.csv", "/api/v1/consented-houses")
    },
    **{
        ("GET", f"/staff/facilities/vacant-houses{path}"): frozenset(VACANT_HOUSE_READERS)
        for path in (
            "",
            "/map.js",
            ".csv",
            "/{house_id}/sheet.pdf",
            "/terms",
            "/disclosures",
            "/runs/{run_id}",
        )
    },
    **{
        ("POST", f"/staff/facilities/vacant-houses{path}"): frozenset(VACANT_HOUSE_READERS)
        for path in ("/terms", "/disclosures", "/runs", "/runs/{run_id}/cancel")
    },
}

FOR_PAGES_ELSEWHERE = frozenset({("POST", "/api/v1/lookup")})
"""What a publishable key may do: the only route that other sites' pages may call with one (`api/widget_cors.py`)."""

_DATA = tuple(
    sorted(
        {"/".join(path.split("/")[:4]) for path in _PUBLIC_GETS if path.startswith("/api/v1/")}
        - {"/api/v1/lookup"}
    )
)
_READ_ELSEWHERE = ("/ogc", "/opendata", *_DATA)


def read_elsewhere(path: str) -> bool:
    """Whether pages of every other site may read this address without a key (`api/public_cors.py`)."""
    return path.startswith(_READ_ELSEWHERE) and any(
        path == start or path.startswith(start + "/") for start in _READ_ELSEWHERE
    )


KEY_SCOPES: dict[tuple[str, str], str] = {
    ("POST", "/api/v1/lookup"): "lookup",
    ("GET", "/api/v1/lookup"): "lookup",
    ("POST", "/api/v1/lookup/batch"): "batch",
    ("GET", "/api/v1/referrals"): "referral",
    ("POST", "/api/v1/referrals"): "referral",
}
"""What a key must be allowed (`geodata.partner_keys.SCOPES`) on the routes that are for keys. Public data need none; every
other route is for people who sign in."""

SCOPE_LABELS = {"lookup": "1 件ずつ調べる", "batch": "まとめて調べる", "referral": "取次"}
