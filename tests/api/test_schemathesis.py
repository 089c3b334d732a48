"""Generated requests as every role: whatever they hold, no 5xx, one error shape, and answers as the document says.

The default suite sends a few, the same each time; `make test-full` sends many new ones as every role, and follows the
document's links (stateful). Pages are in no document: their parameters are drawn in `test_page_fuzz.py`.
"""

from __future__ import annotations

import os
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from api.app import create_app
from api.openapi import schema as openapi_document
from api.settings import Settings
from geodata.database import Audience
from geodata.partner_keys import issue
from kyodo_geo.roles import VACANT_HOUSE_READERS, Role
from tests.api import city
from tests.api.conftest import HOST
from tests.api.role_sessions import sessions

EXAMPLES = int(os.environ.get("KYODO_TEST_EXAMPLES", "8"))
MANY = int(os.environ.get("KYODO_TEST_MANY_EXAMPLES", "25"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
KEY = "partner-key"
WHO = [*(role.value for role in Role), KEY]

# Describing the API needs no database; the requests go to the running application of the fixture.
document = openapi_document(create_app(Settings(database_url="postgresql://localhost/none")))
schema = schemathesis.openapi.from_dict(document)


@pytest.fixture(scope="module")
def credentials(client: TestClient) -> dict[str, dict[str, str]]:
    """Headers by who asks: every role by its session, and a partner's program by its key."""
    found = {role.value: headers for role, headers in sessions(client, "a11").items()}
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        _, key = issue(
            conn, city.CODE, "試験", by="test", office_id="o1", scopes=["lookup", "batch", "referral"]
        )
    return {**found, KEY: {"authorization": f"Bearer {key}"}}


def sent(client: TestClient, case: Any, who: str, headers: dict[str, str]) -> Any:
    """The answer to a drawn request as somebody, which must be one that may be given."""
    # Through the running application's own client: schemathesis would start it once more.
    wanted = case.as_transport_kwargs(base_url=HOST)
    wanted["headers"] = {
        **{k: v for k, v in (wanted.get("headers") or {}).items() if k.lower() not in headers},
        **headers,
    }
    client.cookies.clear()
    answer = client.request(**{key: value for key, value in wanted.items() if key != "cookies"})
    assert answer.status_code < 500, (who, answer.status_code, answer.text[:500])
    if who not in VACANT_HOUSE_READERS:
        assert city.SECRET_ADDRESS not in answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer


turns = cycle(WHO)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_generated_request_breaks_the_service(
    client: TestClient, credentials: dict[str, dict[str, str]], case: Any
) -> None:
    """The roles take turns."""
    who = next(turns)
    sent(client, case, who, credentials[who])


@pytest.mark.full
@pytest.mark.parametrize("who", WHO)
@schema.parametrize()
@settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck))
def test_as_every_role_answers_are_as_the_document_says(
    client: TestClient, credentials: dict[str, dict[str, str]], case: Any, who: str
) -> None:
    answer = sent(client, case, who, credentials[who])
    case.validate_response(answer, checks=CHECKS)


@pytest.mark.full
@pytest.mark.parametrize("who", WHO)
def test_following_the_links_of_the_document_breaks_nothing(
    client: TestClient, credentials: dict[str, dict[str, str]], who: str
) -> None:
    """Stateful: what one answer gives is asked for next."""
    linked = 0

    class Walk(schema.as_state_machine()):  # type: ignore[misc]
        def call(self, case: Any, **_: Any) -> Any:
            nonlocal linked
            linked += case._has_explicit_transition if hasattr(case, "_has_explicit_transition") else 1
            return schemathesis.Response.from_any(sent(client, case, who, credentials[who]))

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Walk.run(
        settings=settings(
            max_examples=MANY, stateful_step_count=5, deadline=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
    )  # fmt: skip
    assert linked
