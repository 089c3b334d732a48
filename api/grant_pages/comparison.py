"""Two rules beside each other with the same figures: what they say differently, the sums, and who gains or loses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import Request, Response

from api.answers import CSV
from api.auth.principals import Principal
from api.grant_pages.rules import NO_FIGURES, address
from api.grant_pages.trial import choices, version_of
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Services
from api.tables import rows_to_csv
from geodata.database import Audience, Connection
from geodata.grants import ground, rules
from geodata.grants.ground import Recipient
from geodata.grants.rules import HeldRule
from geodata.queries.generation import Ref, resolve
from kyodo_geo.errors import NotFoundError
from kyodo_geo.grants import words
from kyodo_geo.grants.calculate import calculate
from kyodo_geo.grants.changes import Change, Summary, changes, summary
from kyodo_geo.grants.schemes import Scheme, To


@dataclass(frozen=True, slots=True)
class Compared:
    """Both rules with the amounts that the figures of `year` give. `by_district` is empty where districts receive."""

    old: HeldRule
    new: HeldRule
    said: list[tuple[str, str, str]]
    recipients: list[tuple[Recipient, Change]]
    whole: Summary
    by_district: list[tuple[str, Summary]]


def compared(
    conn: Connection, ref: Ref, scheme: Scheme, year: int, old: str | None, new: str | None
) -> Compared | None:
    """None where there is nothing yet to compare with. Raises NotFoundError for a rule that is not there."""
    code = ref.municipality_code
    later = version_of(conn, code, scheme, new, year)
    earlier = (
        version_of(conn, code, scheme, old, year) if old is not None else _before(conn, code, scheme, later)
    )
    if earlier is None:
        return None
    known = ground.recipients(conn, ref, scheme, year)
    amounts = [
        {one.key: calculate(read, one.values()).total for one in known}
        for read in (earlier.read(), later.read())
    ]
    found = {change.key: change for change in changes(*amounts)}
    rows = [(one, found[one.key]) for one in known]
    return Compared(
        earlier, later, words.differences(earlier.table, later.table), rows, summary(found.values()),
        list(_districts(rows)) if scheme.to is To.ASSOCIATION else [],
    )  # fmt: skip


def _before(conn: Connection, code: str, scheme: Scheme, later: HeldRule) -> HeldRule | None:
    """What held before: of the same year, else the last one of an earlier year."""
    for one in rules.versions(conn, code, scheme.key):
        if one.state != "draft" and (one.fiscal_year, one.version) < (later.fiscal_year, later.version):
            return one
    return None


def _districts(rows: Iterable[tuple[Recipient, Change]]) -> Iterable[tuple[str, Summary]]:
    groups: dict[str, list[Change]] = {}
    for one, change in rows:
        label = f"{one.district_no} {one.district_name}" if one.district_no else "地区が未登録"
        groups.setdefault(label, []).append(change)
    for label, found in groups.items():
        yield label, summary(found)


def compare_page(
    request: Request, services: Services, user: Principal, scheme: Scheme, year: int, old: str | None, new: str | None
) -> Response:  # fmt: skip
    """Both rules, the sums, districts and recipients."""
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        found = compared(conn, ref, scheme, year, old, new)
        offered = choices(conn, code, scheme)
    typed_only = found is not None and found.whole.unknown == len(found.recipients)
    return page(
        request, services, "staff_grant_compare.html", ref=ref, dataset=None, user=user, csrf_token=user.csrf_token,
        scheme=scheme, year=year, base=address(scheme, year), found=found, offered=offered, typed_only=typed_only,
        no_figures=NO_FIGURES, states=rules.STATES,
        query=f"?old={_ref(found.old)}&new={_ref(found.new)}" if found else "",
        chosen=(_ref(found.old), _ref(found.new)) if found else ("", ""),
    )  # fmt: skip


def _ref(rule: HeldRule) -> str:
    return f"{rule.fiscal_year}-{rule.version}"


def compare_file(services: Services, scheme: Scheme, year: int, old: str | None, new: str | None) -> Response:
    """The recipients as CSV."""
    with services.database.read(Audience.STAFF) as conn:
        found = compared(conn, resolve(conn, services.settings.municipality), scheme, year, old, new)
    if found is None:
        raise NotFoundError("比べるきまりがまだありません。")
    head = [
        "番号", "名前", "地区の番号", "地区",
        f"前の額（円、{_ref(found.old)}版）", f"後の額（円、{_ref(found.new)}版）", "差（円）",
    ]  # fmt: skip
    cells = [
        [
            one.key, one.name, one.district_no or "", one.district_name or "",
            *("計算できません" if amount is None else amount for amount in (change.before, change.after)),
            "" if change.difference is None else change.difference,
        ]
        for one, change in found.recipients
    ]  # fmt: skip
    name = f"grant_compare_{scheme.key}_{_ref(found.old)}_{_ref(found.new)}.csv"
    return Response(rows_to_csv(head, cells), 200, {**NO_STORE, **disposition(name)}, media_type=CSV)
