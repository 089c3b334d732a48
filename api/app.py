"""The composition root: one call builds one application out of its settings.

uvicorn --factory api.commands.serve:make_app
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware

from api import access, errors, logs, zones
from api.draining import draining_on_signal
from api.hosts import KnownHosts
from api.hot_answers import HotAnswers
from api.hot_lookup import HotLookup
from api.middleware import Guard, SecurityHeaders
from api.ogc import routes as ogc
from api.ogc import tiles as ogc_tiles
from api.ogc import write_routes as ogc_write
from api.public_cors import PublicCors
from api.requests import Requests
from api.routes import (
    accounts,
    agreement,
    association_pages,
    association_returns,
    associations,
    basemap,
    batch,
    buildings,
    calendar_links,
    case_data,
    cases,
    consultations,
    counter_tickets,
    datasets,
    disclosure,
    district_list,
    districts,
    downloads,
    embed,
    events,
    facilities,
    facility_close,
    facility_costs,
    facility_pages,
    facility_reach,
    facility_scenarios,
    facility_siting,
    faults,
    federation,
    files,
    keys,
    lookup,
    lookup_sheets,
    maps,
    municipalities,
    notation,
    offices,
    opendata,
    pages,
    partner_tickets,
    plan,
    plan_reviews,
    progress,
    provider,
    referrals,
    scenario_compare,
    second_step,
    service,
    sessions,
    shared_information,
    shown_houses,
    staff_accounts,
    staff_assignment,
    staff_associations,
    staff_at_risk,
    staff_audit,
    staff_bodies,
    staff_cases,
    staff_consultations,
    staff_contacts,
    staff_costs,
    staff_dataset_uploads,
    staff_datasets,
    staff_disclosures,
    staff_districts,
    staff_document_figures,
    staff_documents,
    staff_drafts,
    staff_evaluation,
    staff_event_figures,
    staff_events,
    staff_facility_gaps,
    staff_figures,
    staff_generations,
    staff_grant_case,
    staff_grant_cases,
    staff_grant_runs,
    staff_grants,
    staff_hall_terms,
    staff_halls,
    staff_inquiries,
    staff_inquiry_files,
    staff_levelling,
    staff_maps,
    staff_meeting_plans,
    staff_meetings,
    staff_plans,
    staff_progress,
    staff_projects,
    staff_record_files,
    staff_records,
    staff_return,
    staff_return_feed,
    staff_return_files,
    staff_return_labels,
    staff_return_letters,
    staff_returns,
    staff_scenario_actions,
    staff_scenario_plan,
    staff_scenario_view,
    staff_scenarios,
    staff_successor,
    staff_tickets,
    staff_vacant_houses,
    staff_vacant_runs,
    standard_sets,
    suggest,
    support,
    support_staff,
    tickets,
    vacant,
    widget,
)
from api.services import Services, build
from api.settings import Settings, load_settings
from api.tiles.hot import HotTiles
from api.widget_cors import WidgetCors
from api.written import ReadYourWrites
from geodata.database import Database
from kyodo_geo.errors import UnavailableError

ROUTERS = (
    pages.router,
    keys.router,
    disclosure.router,
    association_pages.router,
    lookup_sheets.router,
    consultations.router,
    events.router,
    staff_consultations.router,
    staff_event_figures.router,
    staff_events.router,
    staff_at_risk.router,
    # before maps and downloads, whose addresses with a name would take its own
    district_list.router,
    facility_reach.router,
    # before facility_scenarios, which takes any name
    scenario_compare.router,
    facility_scenarios.router,
    staff_scenario_view.router,
    facility_siting.router,
    support.router,
    cases.router,
    case_data.router,
    shared_information.router,
    support_staff.router,
    maps.router,
    embed.router,
    staff_maps.router,
    facility_costs.router,
    downloads.router,
    accounts.router,
    provider.router,
    second_step.router,
    sessions.router,
    staff_accounts.router,
    agreement.router,
    offices.router,
    buildings.router,
    batch.router,
    tickets.router,
    partner_tickets.router,
    counter_tickets.router,
    staff_tickets.router,
    staff_progress.router,
    # before /{inquiry_id}/{department_id}
    staff_inquiry_files.router,
    staff_inquiries.router,
    staff_bodies.router,
    staff_evaluation.router,
    staff_successor.router,
    staff_plans.router,
    staff_projects.router,
    staff_meeting_plans.router,
    calendar_links.router,
    staff_meetings.router,
    # before the records, whose addresses take any name
    staff_document_figures.router,
    staff_documents.router,
    # before the records, whose addresses take any kind
    staff_record_files.router,
    staff_records.router,
    # its /upload before the years
    staff_return_files.router,
    staff_returns.router,
    staff_return_feed.router,
    staff_return.router,
    staff_return_letters.router,
    staff_return_labels.router,
    association_returns.router,
    staff_cases.router,
    staff_figures.router,
    staff_audit.router,
    staff_associations.router,
    staff_contacts.router,
    staff_assignment.router,
    staff_drafts.router,
    staff_facility_gaps.router,
    staff_halls.router,
    staff_grant_cases.router,
    staff_grant_case.router,
    staff_grant_runs.router,
    staff_grants.router,
    staff_hall_terms.router,
    staff_disclosures.router,
    staff_vacant_houses.router,
    staff_vacant_runs.router,
    federation.router,
    faults.router,
    staff_dataset_uploads.router,
    staff_generations.router,
    staff_datasets.router,
    districts.router,
    associations.router,
    lookup.router,
    suggest.router,
    facilities.router,
    plan.router,
    # before /progress/{name}.csv
    plan_reviews.router,
    progress.router,
    datasets.router,
    opendata.router,
    standard_sets.router,
    municipalities.router,
    referrals.router,
    vacant.router,
    shown_houses.router,
    notation.router,
    staff_districts.router,
    widget.router,
    service.router,
    staff_costs.router,
    staff_levelling.router,
    # its /import before the one with any scenario's name
    staff_scenario_actions.router,
    staff_scenario_plan.router,
    staff_scenarios.router,
    # last of /facilities/…: they take any name
    facility_close.router,
    facility_pages.router,
    ogc.router,
    ogc_tiles.router,
    ogc_write.router,
    basemap.router,
    files.router,
)


@functools.cache
def routes() -> APIRouter:
    """Every route behind the table of access. Reading their signatures takes a quarter of a second, and no setting
    changes what they are: a process does it once, however many applications it makes.
    """
    whole = APIRouter(
        dependencies=[Depends(access.enforce)], generate_unique_id_function=lambda route: route.name
    )
    for router in ROUTERS:
        whole.include_router(router)
    return whole


def program_version() -> str:
    """Version of the installed distribution; a bare checkout says so."""
    try:
        return version("kyodo-geo")
    except PackageNotFoundError:
        return "0+checkout"


def _wait_until_ready(services: Services, seconds: float) -> None:
    services.live.wait(services.settings.municipality, seconds)
    told = services.readiness.look(services)
    if not told.ready:
        raise UnavailableError("".join(told.reasons))


def create_app(
    settings: Settings | None = None,
    *,
    database: Database | None = None,
    poll_s: float = 5.0,
    ready_within_s: float | None = None,
) -> FastAPI:
    """An application of its own: settings, connections, caches and threads belong to it alone; only the routes are shared.

    Nothing connects before the lifespan starts, and it starts even when the database is not there yet: `/readyz`
    then says why, and the application recovers by itself. `poll_s` is how often revisions are read again in case
    a notice was lost. With `ready_within_s` the start fails unless everything can be answered within so many seconds:
    a process that takes another one's place must be better than none.
    """
    settings = settings or load_settings()
    tracer = None
    if settings.otlp_endpoint:
        from api.tracing import Tracer  # brings OpenTelemetry

        tracer = Tracer(
            settings.otlp_endpoint,
            settings.otlp_sample,
            version=program_version(),
            municipality=settings.municipality,
        )
    services = build(
        settings, database, poll_s=poll_s, watcher=None if tracer is None else tracer.of_database
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        logs.configure(settings.log_level, settings.log_format)
        if settings.zone == zones.PUBLIC:
            # Nothing is answered before it is known that nothing is there that must not leave.
            from geodata.publishing.check import refuse_internal_data

            await run_sync(refuse_internal_data, services.database)
        await run_sync(services.start)
        try:
            if ready_within_s is not None:
                await run_sync(_wait_until_ready, services, ready_within_s)
            with draining_on_signal(services.draining, settings.drain_seconds):
                yield
        finally:
            await run_sync(services.stop)
            if tracer is not None:
                await run_sync(tracer.close)

    app = FastAPI(
        title="kyodo-geo",
        version=program_version(),
        lifespan=lifespan,
        # The interactive pages load scripts from elsewhere; /api is our own, and the schema has its own route.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # Never: it tells of addresses asked for, and looks for a receiver at each request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[
            Middleware(Requests, settings=settings, figures=services.figures, tracer=tracer),
            Middleware(HotLookup, settings=settings),
            Middleware(HotAnswers, uses=services.hot_uses),
            Middleware(HotTiles, settings=settings),
            Middleware(SecurityHeaders, settings=settings),
            Middleware(PublicCors),
            Middleware(Guard),
            Middleware(KnownHosts, settings=settings),
            Middleware(WidgetCors),
            *([Middleware(ReadYourWrites, settings=settings)] if settings.read_database_url else []),
        ],
    )
    app.state.services = services
    errors.install(app)
    app.router.routes.extend(routes().routes)
    files.mount(app)
    access.check_complete(app)
    return app
