"""Planted secrets are searched in every answer to every role that must not see them, and in all that is kept or written.

The walk asks every GET of the access table with every value its parts can have, collections in every form, and tiles at the
place of the house. `make test-full` walks as every role, follows every link, and reads binary files and real PDFs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.access_table import ACCESS
from api.services import Services
from geodata.cluster import Cluster
from geodata.exports.formats import FORMATS
from geodata.partner_keys import issue
from kyodo_geo.collections import COLLECTIONS
from kyodo_geo.roles import VACANT_HOUSE_READERS, Role
from tests.api import city, planted
from tests.api.conftest import once_more
from tests.api.role_sessions import sessions
from tests.api.test_privacy import PATHS as PUBLIC_PATHS
from tests.api.test_privacy import links
from tests.api.tile_reading import place
from tests.fixtures_db import DatabaseUrls

VALUES: dict[str, list[str]] = {
    "{no}": ["4"],
    "{association_id}": ["a41", "a42"],
    "{facility_id}": ["f1"],
    "{indicator_id}": ["rate"],
    "{house_id}": ["survey-house-77"],
    "{scope}": ["associations", "assignment"],
    "{kind}": ["officers", "contacts"],
    "{name}": ["membership"],
    "{collection_id}": ["vacant-houses"],
    "{feature_id}": ["survey-house-77"],
    "{z}/{x}/{y}": ["1/1/0"],
}
SPECIAL = {
    "/staff/maps/{name}.js": [f"/staff/maps/{name}.js" for name in ("membership", "at-risk")],
    "/staff/maps/{name}.csv": [f"/staff/maps/{name}.csv" for name in ("membership", "at-risk")],
    "/staff/maps/{name}.geojson": [f"/staff/maps/{name}.geojson" for name in ("membership", "at-risk")],
    "/api/v1/lookup": ["/api/v1/lookup?lon=141.135&lat=39.707"],
    "/progress/{name}.csv": ["/progress/indicators.csv", "/progress/initiatives.csv"],
}
TILED = ("districts", "associations", "facilities", "towns", "vacant-houses", "listed-houses")
FILES = [name for name, item in FORMATS.items() if item.text]
BINARY = [name for name, item in FORMATS.items() if not item.text]
QUICK = (Role.ASSOCIATION_OFFICER, Role.DISTRICT_OFFICER)
"""Somebody with a role who is no staff, and staff who may not see vacant houses: who else there is reads as one of them
(`api.auth.principals`), which the full walk proves. As the public `test_privacy.py` follows every link."""
TELLING = (
    "vacant-houses",
    "memberships",
    "association-contacts",
    "associations",
    "districts",
    "halls",
    "listed-houses",
)
"""Collections that hold a secret, or stand next to one."""


def concrete(template: str) -> Iterator[str]:
    """The addresses of a route; parts without a known value get one that nothing has."""
    if template in SPECIAL or template in PUBLIC_PATHS:
        yield from (SPECIAL | PUBLIC_PATHS | SPECIAL)[template]
        return
    names = [name for name in VALUES if name in template]
    for values in product(*(VALUES[name] for name in names)):
        path = template
        for name, value in zip(names, values, strict=True):
            path = path.replace(name, value)
        while "{" in path:
            before, _, rest = path.partition("{")
            path = f"{before}nosuch{rest.partition('}')[2]}"
        yield path


def addresses(whole: bool) -> list[str]:
    """Everything that is asked, whoever asks; `whole`: all collections in all forms too."""
    found = [
        path for (method, template), _ in ACCESS.items() if method == "GET" for path in concrete(template)
    ]
    found += [f"/districts/4?fiscal_year={planted.YEAR}", f"/maps/membership?fiscal_year={planted.YEAR}"]
    found += ["/api/v1/districts/4/profile?compare=city", "/maps/membership.js?compare_year=2018"]
    found += [
        f"/api/v1/districts?fiscal_year={planted.YEAR}",
        f"/downloads/districts.csv?fiscal_year={planted.YEAR}",
    ]
    for collection in COLLECTIONS if whole else TELLING:
        base = f"/ogc/collections/{collection}"
        found += [base, f"{base}/schema", f"{base}/queryables", f"{base}/sortables"]
        found += [f"{base}/items?f={form}" for form in ("html", "jsonfg", *FILES)]
        found += [f"{base}/items?f=json&limit=10000", f"{base}/items?bbox=141.13,39.70,141.14,39.71"]
    found += [f"/ogc/collections/vacant-houses/items/survey-house-77?f={form}" for form in ("json", "html")]
    found += [
        "/ogc/collections/association-contacts/items/a41.9",
        f"/ogc/collections/memberships/items/a41.{planted.YEAR}",
    ]
    found += [
        "/ogc/collections/vacant-houses/items?filter=rank%3D'A'",
        "/ogc/collections/vacant-houses/items?draft=true",
    ]
    for layer in TILED:
        for zoom in (8, 14, 16):
            at = place(planted.LON, planted.LAT, zoom)
            found.append(f"/ogc/collections/{layer}/tiles/WebMercatorQuad/{at}")
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def world(shared_town: DatabaseUrls, client: TestClient) -> dict[Role, dict[str, str]]:
    """The secrets, and who asks for them; the service has seen the new generation."""
    live = client.app.state.services.live
    before = live.revision(city.CODE)
    with psycopg.connect(shared_town.superuser) as conn:
        planted.plant(conn)
    with live._changed:
        assert live._changed.wait_for(lambda: live.revision(city.CODE) != before, 10)
    live.wait(city.CODE)
    return sessions(client, "a41")


@pytest.fixture
def paper_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet is what it is made of: quicker than a PDF, and nothing of it is packed."""
    monkeypatch.setattr("api.paper.serve.render", str.encode)


def ask(client: TestClient, path: str, headers: dict[str, str]) -> Any:
    """The answer with its body as it came over the wire."""
    with client.stream("GET", path, headers={"accept-encoding": "identity", **headers}) as answer:
        raw = b"".join(answer.iter_raw())
    body = planted.plain(raw, answer.headers.get("content-encoding", ""))
    return answer, body


def found_in(path: str, answer: Any, body: bytes, secrets: tuple[planted.Secret, ...]) -> list[str]:
    """Names of the secrets in an answer or its headers."""
    heads = "\n".join(f"{k}: {v}" for k, v in answer.headers.multi_items()).encode()
    names = []
    for secret in secrets:
        # What was asked for comes back in links and in the address of an error: that is the asker's own.
        told = [text.encode() for text in secret.texts if text in path]
        cleaned = heads + b"\n" + body if not told else (heads + b"\n" + body).replace(told[0], b"")
        if planted.seen(secret, cleaned if told else body) or planted.seen(
            secret, heads.replace(*_gone(told))
        ):
            names.append(secret.name)
    if "/tiles/" in path and answer.status_code == 200 and "mvt" in answer.headers.get("content-type", ""):
        zoom, row, col = (int(part) for part in path.rsplit("/", 3)[1:])
        if planted.point_in_tile(body, zoom, row, col):
            names.append("house-point")
    return names


def _gone(told: list[bytes]) -> tuple[bytes, bytes]:
    return (told[0], b"") if told else (b"\0\0", b"")


def forbidden(role: Role) -> tuple[planted.Secret, ...]:
    return tuple(secret for secret in planted.SECRETS if role not in secret.readers)


def walk(
    client: TestClient,
    headers: dict[str, str],
    secrets: tuple[planted.Secret, ...],
    *,
    whole: bool,
    follow: bool,
) -> dict[str, list[str]]:
    """Ask everything; where a secret was found: address → names. Raises where an answer is a 5xx."""
    todo, done, hits = addresses(whole), set(), {}
    while todo:
        path = todo.pop()
        if path in done:
            continue
        done.add(path)
        for accept in ("text/html", "application/json")[
            : 2 if whole and "f=" not in path and "/tiles/" not in path else 1
        ]:
            answer, body = ask(client, path, {"accept": f"{accept}, */*;q=0.1", **headers})
            assert answer.status_code < 500, (path, answer.status_code)
            names = found_in(path, answer, body, secrets)
            if names:
                hits.setdefault(path, []).extend(names)
            if follow and accept == "text/html" and "html" in answer.headers.get("content-type", ""):
                todo += [
                    link
                    for link in links(body.decode())
                    if not link.startswith(("/static", "/leaflet", "/map-static")) and not once_more(link)
                ]
    assert len(done) > 300
    return hits


@pytest.mark.parametrize("role", QUICK)
def test_no_answer_holds_what_its_reader_must_not_see(
    client: TestClient, world: dict[Role, dict[str, str]], paper_as_text: None, role: Role
) -> None:
    assert walk(client, world[role], forbidden(role), whole=False, follow=False) == {}


@pytest.mark.full
@pytest.mark.parametrize("role", sorted(set(Role) - VACANT_HOUSE_READERS))
def test_no_answer_by_any_link_either(
    client: TestClient, world: dict[Role, dict[str, str]], paper_as_text: None, role: Role
) -> None:
    assert walk(client, world[role], forbidden(role), whole=True, follow=True) == {}


@pytest.mark.full
@pytest.mark.parametrize("role", [Role.PUBLIC, Role.DISTRICT_OFFICER])
def test_no_binary_file_and_no_real_sheet_holds_one(
    client: TestClient, world: dict[Role, dict[str, str]], role: Role
) -> None:
    files = [f"/ogc/collections/{name}/items?f={form}" for name in COLLECTIONS for form in BINARY]
    files += [path for path in addresses(whole=False) if path.endswith((".pdf", ".xlsx"))]
    opened = 0
    for path in files:
        answer, body = ask(client, path, {"accept": "*/*", **world[role]})
        assert answer.status_code < 500, path
        assert found_in(path, answer, body, forbidden(role)) == [], path
        opened += answer.status_code == 200
    assert opened > 20


@pytest.mark.full
def test_a_partners_key_sees_no_more(
    client: TestClient, world: dict[Role, dict[str, str]], paper_as_text: None
) -> None:
    from geodata.database import Audience

    with client.app.state.services.database.write(Audience.AUTH) as conn:
        _, key = issue(conn, city.CODE, "試験", by="test", office_id="o1")
    headers = {"authorization": f"Bearer {key}"}
    assert walk(client, headers, forbidden(Role.PARTNER), whole=True, follow=False) == {}


def test_the_walk_finds_every_secret_for_who_may_see_it(
    client: TestClient, world: dict[Role, dict[str, str]], paper_as_text: None
) -> None:
    """Otherwise the walks above would prove nothing."""
    hits = walk(client, world[Role.FACILITY_STAFF], planted.SECRETS, whole=False, follow=False)
    assert {name for names in hits.values() for name in names} == {secret.name for secret in planted.SECRETS}
    for form in (*FILES, "html", "jsonfg"):
        if form != "jsonfg":
            assert set(hits[f"/ogc/collections/vacant-houses/items?f={form}"]) >= {
                "house-address",
                "house-rank",
            }, form
    assert (
        "house-point" in hits["/api/v1/vacant-houses"]
        and "house-point" in hits["/ogc/collections/vacant-houses/items?f=csv"]
    )
    assert "house-address" in hits["/staff/facilities/vacant-houses/survey-house-77/sheet.pdf"]


@pytest.mark.full
@pytest.mark.parametrize("form", BINARY)
def test_the_search_reads_every_binary_form(
    client: TestClient, world: dict[Role, dict[str, str]], form: str
) -> None:
    path = f"/ogc/collections/vacant-houses/items?f={form}"
    answer, body = ask(client, path, world[Role.PLANNER])
    assert set(found_in(path, answer, body, planted.SECRETS)) >= {
        "house-address",
        "house-rank",
        "house-point",
    }


@pytest.mark.full
def test_the_search_reads_real_sheets(client: TestClient, world: dict[Role, dict[str, str]]) -> None:
    path = "/staff/facilities/vacant-houses/survey-house-77/sheet.pdf"
    answer, body = ask(client, path, world[Role.PLANNER])
    assert body.startswith(b"%PDF")
    assert "house-address" in found_in("/", answer, body, planted.SECRETS)


def test_staff_who_work_elsewhere_see_memberships_and_contacts_but_no_house(
    client: TestClient, world: dict[Role, dict[str, str]]
) -> None:
    headers = world[Role.DISTRICT_OFFICER]
    for path, name in (
        ("/ogc/collections/memberships/items?limit=1000", "membership"),
        ("/ogc/collections/association-contacts/items?limit=1000", "contact"),
    ):
        answer, body = ask(client, path, headers)
        assert found_in(path, answer, body, planted.SECRETS) == [name]


ENCODINGS = ("br", "gzip", "zstd", "identity")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_packed_answers_are_looked_into(
    client: TestClient, world: dict[Role, dict[str, str]], encoding: str
) -> None:
    for path in ("/districts/4", "/maps/membership.js", "/api/v1/districts", "/downloads/districts.csv"):
        for _ in range(3):  # made, kept, and sent by the short way
            answer, body = ask(client, path, {"accept-encoding": encoding, "accept": "*/*"})
            assert answer.status_code == 200 and body
            assert found_in(path, answer, body, planted.SECRETS) == []


def test_nothing_that_is_kept_in_the_process_holds_one(
    client: TestClient, world: dict[Role, dict[str, str]], paper_as_text: None
) -> None:
    """Caches serve everybody: after staff and public have asked for everything, no entry has a secret of anybody."""
    for role in (Role.FACILITY_STAFF, Role.PUBLIC):
        for path in addresses(whole=False):
            ask(client, path, {"accept": "text/html, */*;q=0.1", **world[role]})
    services: Services = client.app.state.services
    kept = list(bodies(services.cache)) + list(bodies(services.tiles))
    assert len(kept) > 50
    for body in kept:
        for secret in planted.SECRETS:
            assert not planted.seen(secret, body), secret.name
    assert not planted.seen(planted.SECRETS[0], repr(services.counts.__dict__).encode())


def bodies(held: object, depth: int = 0) -> Iterator[bytes]:
    """Every run of bytes in an object, whatever it keeps them in."""
    if isinstance(held, bytes | bytearray | memoryview):
        yield bytes(held)
    elif isinstance(held, str):
        yield held.encode("utf-8", "replace")
    elif depth < 8:
        if isinstance(held, dict):
            parts: Any = [*held.keys(), *held.values()]
        elif isinstance(held, list | tuple | set | frozenset):
            parts = held
        else:
            slots = [n for c in type(held).__mro__ for n in getattr(c, "__slots__", ()) if hasattr(held, n)]
            parts = [*getattr(held, "__dict__", {}).values(), *(getattr(held, n) for n in slots)]
        for part in list(parts):
            if type(part).__module__.partition(".")[0] in ("builtins", "collections", "api"):
                yield from bodies(part, depth + 1)


OF_THE_TEST = frozenset({"httpx", "httpcore", "asyncio"})
"""Loggers of the browser that asks."""
SOURCES = {
    "kyodo_vacant.vacant_house": {"house-address", "house-rank", "house-point"},
    "kyodo.membership": {"membership"},
    "kyodo.association_contact": {"contact"},
}


def test_no_table_but_its_own_and_no_log_holds_one(
    client: TestClient,
    world: dict[Role, dict[str, str]],
    shared_town: DatabaseUrls,
    cluster: Cluster,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    paper_as_text: None,
    tmp_path: Path,
) -> None:
    """After staff have looked at everything, after every kind of mistake: tables (audit, counters, results of jobs), the
    service's log, and the log of PostgreSQL itself.
    """
    caplog.set_level(logging.DEBUG)
    headers = world[Role.FACILITY_STAFF]
    for path in addresses(whole=False):
        if "vacant" in path or "contacts" in path or "memberships" in path:
            ask(client, path, {"accept": "*/*", **headers})
    # a question that fails with the secret in it: refused, and broken on the way
    asked = (
        f"/ogc/collections/vacant-houses/items?filter=house_id%3D'x'%20AND%20address%3D'{planted.ADDRESS}'"
    )
    assert ask(client, asked, headers)[0].status_code == 400

    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"could not use {planted.ADDRESS} at {planted.LON} {planted.LAT} {planted.PHONE}")

    with monkeypatch.context() as patch:
        patch.setattr("geodata.queries.vacant.houses", broken)
        for accept in ("application/json", "text/html"):
            answer, body = ask(client, "/api/v1/vacant-houses", {"accept": accept, **headers})
            assert answer.status_code == 500
            assert found_in("/", answer, body, planted.SECRETS) == [], "not even to who may see the house"
    with psycopg.connect(shared_town.app) as conn:
        conn.execute("SET ROLE kyodo_loader")
        with pytest.raises(psycopg.errors.CheckViolation):
            conn.execute(
                "INSERT INTO kyodo_vacant.vacant_house (municipality_code, dataset_id, house_id, state, address, geom) "
                "VALUES (%s, 1, 'survey-house-77', 'nosuch', %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
                (city.CODE, planted.ADDRESS, planted.LON, planted.LAT),
            )
    told = "\n".join(
        record.getMessage() + str(record.exc_text or "")
        for record in caplog.records
        if record.name not in OF_THE_TEST
    ).encode()
    files = sorted((cluster.layout.state_dir / "log").glob("postgresql-*.log"))
    server = b"".join(path.read_bytes() for path in files)
    assert b"failed: /api/v1/vacant-houses ValueError" in told and b"ck_vacant_house_state_known" in server
    for secret in planted.SECRETS:
        assert not planted.seen(secret, told), ("log of the service", secret.name)
        assert not planted.seen(secret, server), ("log of PostgreSQL", secret.name)
    with psycopg.connect(shared_town.superuser) as conn:
        tables = conn.execute(
            "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
            "AND c.relnamespace::regnamespace::text LIKE 'kyodo%'"
        ).fetchall()
        for (table,) in tables:
            rows = "\n".join(
                str(row) for row in conn.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            ).encode()
            names = {secret.name for secret in planted.SECRETS if planted.seen(secret, rows)}
            allowed = SOURCES.get(table, set()) | ({"house-rank"} if table == "kyodo.audit" else set())
            assert names <= allowed, (table, names)
            assert table not in SOURCES or names, f"{table} has it"


def test_public_numbers_do_not_give_the_figure_by_subtraction(
    client: TestClient, world: dict[Role, dict[str, str]]
) -> None:
    """What is told of a year: no sum, no difference of any two told numbers is a withheld one."""
    numbers: set[int] = set()
    for path in (
        f"/api/v1/districts?fiscal_year={planted.YEAR}",
        f"/api/v1/districts/4?fiscal_year={planted.YEAR}",
        "/api/v1/districts/4/profile?compare=city",
        "/api/v1/districts/1/profile?compare=4",
        "/api/v1/associations",
        "/api/v1/indicators",
    ):
        answer, _ = ask(client, path, {"accept": "application/json"})
        assert answer.status_code == 200
        numbers |= set(_whole(client.get(path).json()))
    assert set(planted.TOLD) <= numbers, "the city and the district that may be told"
    hidden = {*planted.WITHHELD, 173_941 - 156_677, 174_141 - 156_849, 512_345 - 401_239}
    told = {a - b for a in numbers for b in numbers} | {a + b for a in numbers for b in numbers} | numbers
    assert not hidden & told


def _whole(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _whole(part)
    elif isinstance(value, list):
        for part in value:
            yield from _whole(part)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        yield int(value)
