"""The description of the API: valid, complete, and every example in it runs on the bundled sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from starlette.testclient import TestClient

from api.access_table import ACCESS, EVERYBODY
from api.app import create_app
from api.auth.sign_in import SignIn
from api.reference import example_of
from api.settings import Settings
from geodata import accounts
from geodata.database import Audience
from geodata.partner_keys import issue
from kyodo_geo.roles import Role
from tests.api.conftest import client_of
from tests.api.ticket_world import add_offices
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls

PAGE_ROUTES = {
    "/",
    "/returns",
    "/returns/form",
    "/returns/check",
    "/returns/copy.pdf",
    "/returns/send",
    "/returns/leave",
    "/events",
    "/events.csv",
    "/events.atom",
    "/events/{event_id}",
    "/centres/consultations",
    "/centres/consultations.csv",
    "/lookup",
    "/lookup/suggest",
    "/lookup/sheet.pdf",
    "/fax-sheet.pdf",
    "/datasets",
    "/opendata",
    "/opendata/generations/{no}",
    "/about",
    "/api",
    "/districts",
    "/districts/{no}",
    "/robots.txt",
    "/favicon.ico",
    "/login",
    "/cases",
    "/cases/feed.atom",
    "/cases/{case_id}",
    "/cases/{case_id}/photos/{no}-{size}.jpg",
    "/maps/cases.js",
    "/handbooks",
    "/handbooks/feed.atom",
    "/subsidy-information",
    "/subsidy-information/feed.atom",
    "/listed-houses",
    "/meetings",
    "/meetings.ics",
    "/calendar/{token}.ics",
    "/listed-houses.csv",
    "/consented-houses",
    "/consented-houses.csv",
    "/logout",
    "/welcome",
    "/account",
    "/account/password",
    "/widget/v1.js",
    "/basemap/{z}/{x}/{y}",
    "/referrals/new",
    "/referrals/done",
    "/join/new",
    "/join/done",
}
# Pages of people who signed in, and their files: not for programs.
PAGE_FOLDERS = (
    "/login/",
    "/account/",
    "/embed",
    "/facilities",
    "/maps",
    "/staff",
    "/counter",
    "/partner",
    "/buildings",
    "/federation",
    "/associations/",
    "/progress",
    "/facilities/",
)


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    """The application on the bundled sample."""
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def document(sample: TestClient) -> dict[str, Any]:
    return sample.get("/api/v1/openapi.json").json()


@pytest.fixture(scope="module")
def staff(sample: TestClient) -> dict[str, str]:
    services = sample.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, "03201", "planner", "計画", {Role.PLANNER}, by="test")
        token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
    return {"cookie": f"kyodo_session={token}"}


@pytest.fixture(scope="module")
def partner(sample: TestClient, sample_town: DatabaseUrls) -> dict[str, str]:
    """A key of an office."""
    add_offices(sample_town)
    with sample.app.state.services.database.write(Audience.AUTH) as conn:
        _, key = issue(conn, "03201", "試験", by="test", office_id="o1")
    return {"authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def officer(sample: TestClient) -> dict[str, str]:
    """Somebody of an association, whom no owner has named."""
    services = sample.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, "03201", "officer", "役員", {Role.ASSOCIATION_OFFICER}, by="test")
        token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
    return {"cookie": f"kyodo_session={token}"}


@pytest.fixture(scope="module")
def credentials(
    staff: dict[str, str], partner: dict[str, str], officer: dict[str, str]
) -> Callable[[str], dict[str, str]]:
    """Headers with which an address may be asked."""
    of = {"vacant": staff, "referrals": partner, "consented": officer}
    return lambda address: next((given for word, given in of.items() if word in address), {})


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def requests(document: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any], Any]]:
    """(method, path of the document, address, query, body) of every request the examples describe: without options,
    with each option alone, and each body.
    """
    for method, path, operation in operations(document):
        parameters = operation.get("parameters", [])
        address = path
        for parameter in parameters:
            if parameter["in"] == "path":
                value = example_of(parameter)
                assert value is not None, f"{path}: {parameter['name']} has no example"
                address = address.replace("{" + parameter["name"] + "}", str(value))
        options = {p["name"]: example_of(p) for p in parameters if p["in"] == "query"}
        if path.startswith("/ogc/"):
            # A place in the pages there is signed: it stands in the links of an answer, not in an example.
            options.pop("cursor", None)
        missing = [name for name, value in options.items() if value is None]
        assert not missing, f"{path}: no example of {missing}"
        if method == "post":
            bodies = operation["requestBody"]["content"]["application/json"]["examples"]
            assert bodies
            for body in bodies.values():
                yield method, path, address, {}, body["value"]
        elif path == "/api/v1/lookup":
            yield method, path, address, {"address": options["address"]}, None
            yield (
                method,
                path,
                address,
                {"lon": options["lon"], "lat": options["lat"], "municipality": options["municipality"]},
                None,
            )
        else:
            yield method, path, address, {}, None
            for name, value in options.items():
                yield method, path, address, {name: value}, None


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


Asked = tuple[str, str, dict[str, Any], httpx.Response]


@pytest.fixture(scope="module")
def answers(
    sample: TestClient, document: dict[str, Any], credentials: Callable[[str], dict[str, str]]
) -> list[Asked]:
    """(method, path of the document, what was asked, answer) of every example."""
    found: list[Asked] = []
    for method, template, address, query, body in requests(document):
        extra = {"json": body} if body is not None else {}
        headers = {"accept": "application/json, */*;q=0.1", **credentials(address)}
        answer = sample.request(method, address, params=query, headers=headers, **extra)
        found.append((method, template, {"address": address, "query": query, "body": body}, answer))
    return found


def test_every_example_runs(answers: list[Asked]) -> None:
    for method, _, asked, answer in answers:
        assert answer.status_code == 200, (method, asked, answer.text)
    assert len(answers) > 50


def schema_of(document: dict[str, Any], operation: dict[str, Any], answer) -> dict[str, Any]:
    response = operation["responses"][str(answer.status_code)]
    media = answer.headers["content-type"].partition(";")[0]
    assert media in response["content"], f"{media} is not among {list(response['content'])}"
    return response["content"][media]["schema"]


def assert_fits(document: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> None:
    registry: Registry = Registry().with_resource("doc", Resource(document, DRAFT202012))

    def absolute(node: Any) -> Any:
        if isinstance(node, dict):
            return {k: ("doc" + v if k == "$ref" else absolute(v)) for k, v in node.items()}
        return [absolute(item) for item in node] if isinstance(node, list) else node

    registry = registry.with_resource("doc", Resource(absolute(document), DRAFT202012))
    errors = list(OAS31Validator(absolute(schema), registry=registry).iter_errors(value))
    assert not errors, (where, errors[0].message[:500], list(errors[0].absolute_path))


def test_every_answer_has_the_documented_shape(document: dict[str, Any], answers: list[Asked]) -> None:
    for method, path, asked, answer in answers:
        if "json" in answer.headers.get("content-type", "") and "openapi" not in path:
            schema = schema_of(document, document["paths"][path][method], answer)
            assert_fits(document, schema, answer.json(), f"{method} {asked}")


@pytest.mark.parametrize(
    "path", ["/api/v1/districts?nosuch=1", "/api/v1/districts/99", "/api/v1/vacant-houses"]
)
def test_every_problem_has_the_documented_shape(
    sample: TestClient, document: dict[str, Any], path: str
) -> None:
    answer = sample.get(path)
    assert_fits(document, document["components"]["schemas"]["Problem"], answer.json(), path)


def test_every_route_is_documented(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert operation["summary"] and operation["description"] and operation["tags"], (method, path)
        statuses = set(operation["responses"])
        assert "200" in statuses and statuses & {"400", "422"}, (method, path)
        for status, response in operation["responses"].items():
            if status not in ("200", "204") and path != "/readyz":
                assert "application/problem+json" in response["content"], (path, status)
        for parameter in operation.get("parameters", []):
            described = parameter.get("description") or parameter["schema"].get("description")
            inner = [part.get("description") for part in parameter["schema"].get("anyOf", [])]
            assert described or any(inner), (path, parameter["name"])


def test_the_document_holds_every_route_that_is_no_page(document: dict[str, Any]) -> None:
    documented = {(method.upper(), path) for method, path, _ in operations(document)}
    others = {
        (method, path)
        for method, path in ACCESS
        if path not in PAGE_ROUTES
        and not path.startswith(PAGE_FOLDERS)
        and "{path:path}" not in path
        # changes below /ogc are described in /ogc/api, to those who may make them
        and not (path.startswith("/ogc/") and method != "GET")
    }
    assert documented == others | {("POST", "/api/v1/lookup")}


def test_routes_that_need_somebody_say_so(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if ACCESS[method.upper(), path] != EVERYBODY:
            assert operation["security"] in ([{"session": []}], [{"partnerKey": []}])
            assert {"401", "403"} <= set(operation["responses"])


def test_the_reference_page_lists_every_route(sample: TestClient, document: dict[str, Any]) -> None:
    text = sample.get("/api", headers={"accept": "text/html"}).text
    for method, path, _ in operations(document):
        assert f"<code>{method.upper()} {path}</code>" in text
    assert 'id="not-found"' in text, "where the type of a problem points"


def test_the_written_reference_is_up_to_date(sample: TestClient) -> None:
    """docs/API.md is made by `python -m api.reference`."""
    from api.reference import markdown

    assert (ROOT / "docs" / "API.md").read_text(encoding="utf-8") == markdown(sample.app)


def test_docs_name_every_route() -> None:
    text = (ROOT / "docs" / "API.md").read_text(encoding="utf-8")
    for method, path in ACCESS:
        assert f"`{method} {path}`" in text
