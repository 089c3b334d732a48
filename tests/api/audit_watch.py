"""Watches every test of the service: whoever is signed in and changes something leaves an audit entry, or the test fails.

So each test of a form proves it for its route. `KYODO_TEST_WATCHED=file` writes down which routes were proven
(`tests/api/test_staff_audit.py` says where those of the staff are sent).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.access_table import ACCESS, EVERYBODY
from geodata.database import Audience
from kyodo_geo.errors import KyodoError

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LEAVE_NONE = {
    ("POST", "/staff/notation"): "reads a text back; nothing is stored",
    ("POST", "/staff/drafts/{scope}/compare"): "tried and undone",
    ("POST", "/staff/datasets/uploads/{upload_id}/check"): "reads the upload again",
    ("POST", "/staff/returns/{fiscal_year}/feed/compare"): "tried and undone",
    (
        "POST",
        "/staff/offices/links.csv",
    ): "the same links once more; `user.link` was written when they were made",
    ("POST", "/logout"): "ends one's own session; sign-ins have entries of their own",
    ("POST", "/buildings/search"): "a search whose text stands in no address",
    ("POST", "/buildings/new"): "the form, filled in from a lookup",
    ("POST", "/api/v1/referrals"): "a program with its key: the ticket itself says by whom and when",
}
_SHOWN_FIRST = "what is pasted is shown first and saved by a second form"
_ASKED_BEFORE = "a question asked before is answered from the run that is there"
_OWN = "one's own sessions and codes, before they are confirmed"
SOMETIMES = {
    ("POST", "/account/sessions/{session_no}/end"): _OWN,
    ("POST", "/account/sessions/end-others"): _OWN,
    ("POST", "/account/codes/begin"): _OWN,
    ("POST", "/account/codes/recovery"): _OWN,
    ("POST", "/account/codes/remove"): _OWN,
    ("POST", "/staff/accounts/{login}/codes-reset"): "of somebody who has none",
    ("POST", "/partner/batch/{job_id}/start"): "somebody pressed twice: it works already",
    ("POST", "/buildings"): "offices: their statements are kept with who made them (`building_statement`)",
    ("POST", "/staff/associations/{association_id}"): "saved without a change",
    ("POST", "/staff/figures"): "saved without a change",
    ("POST", "/staff/returns/{fiscal_year}/feed"): "pressed twice: everything has been taken in",
    ("POST", "/staff/returns/{fiscal_year}/feed/notes/{association_id}/{about}"): "ticked off already",
    ("POST", "/staff/returns/{fiscal_year}"): "no association is new; closed already",
    ("POST", "/staff/returns/{fiscal_year}/approve"): "nothing of what was chosen can be approved any more",
    ("POST", "/staff/returns/{fiscal_year}/of/{association_id}"): "the same answers once more",
    ("POST", "/staff/grants/rules/{scheme}/{year}/draft"): "room for more rows, or saved without a change",
    ("POST", "/staff/progress/indicators/{indicator_id}"): "saved without a change",
    ("POST", "/staff/projects/table"): _SHOWN_FIRST,
    ("POST", "/staff/grants/cases/past/{scheme}"): _SHOWN_FIRST,
    ("POST", "/staff/records/{kind}/table"): _SHOWN_FIRST,
    ("POST", "/staff/meetings/entries/table"): _SHOWN_FIRST,
    ("POST", "/staff/documents/table"): _SHOWN_FIRST,
    ("POST", "/staff/consultations/table"): _SHOWN_FIRST,
    ("POST", "/staff/events/table"): _SHOWN_FIRST,
    ("POST", "/staff/events/{event_id}/participants"): "saved without a change",
    ("POST", "/staff/event-figures"): "saved without a change",
    ("POST", "/staff/facilities/scenarios/{scenario_id}/table"): _SHOWN_FIRST,
    ("POST", "/staff/facilities/scenarios/import"): _SHOWN_FIRST,
    ("POST", "/staff/inquiries/upload"): "the same sheet once more, or one that is refused whole",
    ("POST", "/staff/inquiries/{inquiry_id}/{department_id}/{item_no}"): "the same answer once more",
    (
        "POST",
        "/staff/inquiries/{inquiry_id}/{department_id}/{item_no}/accept",
    ): "an unlikely value is asked about first",
    ("POST", "/facilities/siting"): _ASKED_BEFORE,
    ("POST", "/staff/facilities/levelling"): _ASKED_BEFORE,
    ("POST", "/staff/facilities/vacant-houses/runs"): _ASKED_BEFORE,
}
"""Forms whose success may change nothing: proven where they leave an entry."""
_PATTERNS = [
    (method, path, re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path) + r"(\?.*)?"))
    for method, path in sorted(ACCESS, key=lambda at: at[1].count("{"))
    if method in CHANGING
]


def route_of(method: str, url: str) -> tuple[str, str] | None:
    path = re.sub(r"^https?://[^/]*", "", url)
    return next(((m, p) for m, p, form in _PATTERNS if m == method and form.fullmatch(path)), None)


def _last(client: TestClient) -> int | None:
    try:
        with client.app.state.services.database.read(Audience.AUTH) as conn:  # type: ignore[attr-defined]
            row = conn.execute("SELECT coalesce(max(entry_no), 0) AS n FROM audit").fetchone()
    except (KyodoError, AttributeError):
        return None  # a test without database, or one that took it away
    return row["n"] if row else None


@contextmanager
def watching() -> Iterator[None]:
    """Every request of the test clients, while this lasts."""
    plain = TestClient.request
    proven: set[tuple[str, str]] = set()

    def request(self: TestClient, method: str, url: Any, *args: Any, **kwargs: Any) -> Any:
        route = route_of(method.upper(), str(url)) if method.upper() in CHANGING else None
        if route is None or route in LEAVE_NONE or ACCESS[route] == EVERYBODY:
            return plain(self, method, url, *args, **kwargs)
        before = _last(self)
        answer = plain(self, method, url, *args, **kwargs)
        if before is not None and answer.status_code < 400:
            after = _last(self)
            if after is not None and after > before:
                proven.add(route)
            else:
                assert route in SOMETIMES, f"{route} answered {answer.status_code} and left no entry"
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestClient, "request", request)
        yield
    out = os.environ.get("KYODO_TEST_WATCHED")
    if out:
        with Path(out).open("a", encoding="utf-8") as file:
            file.writelines(f"{method} {path}\n" for method, path in sorted(proven))
