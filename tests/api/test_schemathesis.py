"""Generated requests: whatever they hold, the service answers without a 5xx and in the one error shape."""

from __future__ import annotations

import os
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from starlette.testclient import TestClient

from api.app import create_app
from api.openapi import schema as openapi_document
from api.settings import Settings
from tests.api import city
from tests.api.conftest import HOST

EXAMPLES = int(os.environ.get("KYODO_TEST_EXAMPLES", "8"))

# Describing the API needs no database; the requests go to the running application of the fixture.
document = openapi_document(create_app(Settings(database_url="postgresql://localhost/none")))
schema = schemathesis.openapi.from_dict(document)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_generated_request_breaks_the_service(client: TestClient, case: Any) -> None:
    # Through the running application's own client: schemathesis would start it once more.
    wanted = case.as_transport_kwargs(base_url=HOST)
    answer = client.request(**{key: value for key, value in wanted.items() if key != "cookies"})
    assert answer.status_code < 500, (answer.status_code, answer.text[:500])
    assert city.SECRET_ADDRESS not in answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
