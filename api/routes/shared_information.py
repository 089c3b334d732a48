"""Handbooks and subsidies of others: their pages and feeds; for staff, what nobody has looked at for long."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator, Field

from api import feeds
from api.answers import HTML, Reading, answer
from api.auth.principals import signed_in
from api.clock import today
from api.ogc.links import links_of
from api.params import Data, DataParams, No, Place, left_empty
from api.routes.accounts import page
from api.routes.cases import FeedParams, away
from api.services import Served
from api.sharing import facts
from geodata.database import Audience
from geodata.queries import sharing as queries
from geodata.queries.generation import resolve
from geodata.queries.sharing import SubsidyRow
from kyodo_geo.sharing.deadlines import Phase, by_deadline, days_left, not_checked, phase
from kyodo_geo.sharing.themes import LABELS, label_of, on_offer

router = APIRouter(include_in_schema=False)

HANDBOOKS, SUBSIDIES = "/handbooks", "/subsidy-information"
GIVERS = {"national": "国", "prefecture": "県", "city": "市", "foundation": "財団・企業", "other": "そのほか"}


class SubsidyParams(DataParams):
    """Which theme; `past`: those whose applications have ended."""

    theme: Annotated[str | None, Field(pattern=r"^[a-z]{1,20}$"), BeforeValidator(left_empty)] = Field(
        default=None, description="テーマ: " + "、".join(LABELS), examples=["safety"]
    )
    past: bool = Field(default=False, description="受付の終わったものを見る")


@router.get(HANDBOOKS)
async def handbook_page(request: Request, params: Data) -> Response:
    """The register of handbooks: those to be used, then the old ones."""
    feed = _feed(HANDBOOKS, away(request, params))

    def build(reading: Reading) -> bytes:
        rows = queries.handbooks(reading.conn, reading.ref.municipality_code)
        return reading.services.pages.render(
            "handbooks.html", path=HANDBOOKS, ref=reading.ref, dataset=facts.credit_of(rows) if rows else None,
            current=[row for row in rows if not facts.is_old(row, reading.on)],
            old=[row for row in rows if facts.is_old(row, reading.on)],
            feed=feed,
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


@router.get(SUBSIDIES)
async def subsidy_page(request: Request, params: Annotated[SubsidyParams, Query()]) -> Response:
    """Subsidies by deadline; ended ones only when asked for."""
    feed = _feed(SUBSIDIES, away(request, params))

    def build(reading: Reading) -> bytes:
        rows = queries.subsidies(reading.conn, reading.ref.municipality_code)
        label = label_of(params.theme) if params.theme else None
        lines = [
            line
            for line in _lines(rows, reading)
            if label is None or label in (line["row"].themes or "").split("、")
        ]
        ended = [line for line in lines if line["phase"] is Phase.ENDED]
        shown = ended if params.past else [line for line in lines if line["phase"] is not Phase.ENDED]
        return reading.services.pages.render(
            "subsidy_information.html", path=SUBSIDIES, ref=reading.ref,
            dataset=facts.credit_of(line["row"] for line in shown) if shown else None,
            lines=shown, ended=len(ended), past=params.past, theme=params.theme,
            themes=[(theme.key, theme.label) for theme in on_offer()], municipality=params.municipality,
            feed=feed,
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


def _feed(page_path: str, code: str | None) -> str:
    return f"{page_path}/feed.atom" + (f"?municipality={code}" if code else "")


def _lines(rows: list[SubsidyRow], reading: Reading) -> list[dict[str, Any]]:
    ordered = by_deadline(rows, lambda row: (row.opens_on, row.closes_after), reading.on)
    return [_line(row, reading.on) for row in ordered]


def _line(row: SubsidyRow, on: Any) -> dict[str, Any]:
    return {
        "row": row,
        "phase": phase(row.opens_on, row.closes_after, on),
        "last": facts.last_day(row.closes_after),
        "left": days_left(row.closes_after, on),
        "giver": GIVERS.get(row.giver_kind, ""),
    }


@router.get(HANDBOOKS + "/feed.atom")
async def handbook_feed(request: Request, params: Place) -> Response:
    """The handbooks that are to be used."""
    links = links_of(request, {"municipality": away(request, params)})

    def build(reading: Reading) -> bytes:
        ref = reading.ref
        rows = queries.handbooks(reading.conn, ref.municipality_code)
        return feeds.feed(
            (
                feeds.Entry(
                    f"handbook/{row.id}", f"{row.title} {row.edition or ''}".strip(),
                    f"{row.audience}。{row.publisher}、{row.issued_on:%Y-%m-%d}。{row.summary or ''}",
                    f"{links.beside(HANDBOOKS)}#{row.id}", row.changed_at,
                )
                for row in rows if not facts.is_old(row, reading.on)
            ),
            code=ref.municipality_code, name="handbooks", title=f"{ref.name} 手引き・マニュアル", author=ref.name,
            self_link=links.beside(f"{HANDBOOKS}/feed.atom"), page=links.beside(HANDBOOKS), since=ref.activated_at,
        )  # fmt: skip

    based = FeedParams(municipality=params.municipality, base=links.base)
    return await answer(request, build, params=based, media_type=feeds.MEDIA)


@router.get(SUBSIDIES + "/feed.atom")
async def subsidy_feed(request: Request, params: Place) -> Response:
    """Subsidies whose applications have not ended."""
    links = links_of(request, {"municipality": away(request, params)})

    def build(reading: Reading) -> bytes:
        ref = reading.ref
        lines = _lines(queries.subsidies(reading.conn, ref.municipality_code), reading)
        return feeds.feed(
            (
                feeds.Entry(
                    f"subsidy/{line['row'].id}", line["row"].title, _summary(line),
                    f"{links.beside(SUBSIDIES)}#{line['row'].id}", line["row"].changed_at,
                    (line["row"].giver_kind, line["giver"]),
                )
                for line in lines if line["phase"] is not Phase.ENDED
            ),
            code=ref.municipality_code, name="subsidies", title=f"{ref.name} 補助金・助成金の情報", author=ref.name,
            self_link=links.beside(f"{SUBSIDIES}/feed.atom"), page=links.beside(SUBSIDIES), since=ref.activated_at,
        )  # fmt: skip

    based = FeedParams(municipality=params.municipality, base=links.base)
    return await answer(request, build, params=based, media_type=feeds.MEDIA)


def _summary(line: dict[str, Any]) -> str:
    last = f"締切 {line['last']:%Y-%m-%d}。" if line["last"] else ""
    return f"{line['row'].giver}。{last}{line['row'].purpose}"


@router.get("/staff/subsidy-information")
async def staff_subsidies(request: Request, services: Served, params: No) -> Response:
    """Notices by deadline, and those whose call nobody has looked at for long."""
    user = await signed_in(request)
    days = services.settings.subsidy_check_days

    def work() -> Response:
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            rows = queries.subsidies(conn, ref.municipality_code)
        on = today()
        ordered = by_deadline(rows, lambda row: (row.opens_on, row.closes_after), on)
        lines = [{**_line(row, on), "old": not_checked(row.checked_on, on, days)} for row in ordered]
        live = [line for line in lines if line["phase"] is not Phase.ENDED]
        return page(
            request, services, "staff_subsidies.html", user=user, csrf_token=user.csrf_token, ref=ref,
            dataset=facts.credit_of(rows) if rows else None, days=days, live=live,
            waiting=[line for line in live if line["old"]],
            ended=[line for line in lines if line["phase"] is Phase.ENDED],
        )  # fmt: skip

    return await run_sync(work, limiter=services.limiter)
