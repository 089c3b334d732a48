"""`filter=` on every collection: each queryable can be compared as its type is, and nothing answers 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata.features import figures
from geodata.queries.generation import resolve
from kyodo_geo.collections import COLLECTIONS, Collection, Kind, Property
from kyodo_geo.roles import Role
from tests.api.conftest import client_of
from tests.fixtures_db import DatabaseUrls

VALUES = {
    Kind.STRING: ("'x'", ["{p} LIKE '%a_'", "CASEI({p}) IN (CASEI('x'), ACCENTI('é'))", "{p} < 'x'", "{p} <> {p}"]),
    Kind.INTEGER: ("1", ["{p} + 1 > 2 * {p}", "{p} BETWEEN 0 AND 5.5", "{p} IN (1, 2)", "{p} / 2 = {p} div 2"]),
    Kind.NUMBER: ("0.5", ["{p} + 1 > 2 * {p}", "{p} BETWEEN 0 AND 5.5", "{p} IN (1, 2.5)", "{p} ^ 2 > 1"]),
    Kind.BOOLEAN: ("TRUE", ["{p}", "NOT {p} OR {p} = FALSE"]),
    Kind.DATE: (
        "DATE('2020-04-01')",
        ["T_AFTER({p}, DATE('2020-04-01'))", "T_DURING(INTERVAL({p}, '..'), INTERVAL('2020-01-01', '..'))"],
    ),
    Kind.TIMESTAMP: ("TIMESTAMP('2020-04-01T00:00:00Z')", ["T_AFTER({p}, TIMESTAMP('2020-04-01T00:00:00Z'))"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    """The service on the bundled sample."""
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as found:
        found.headers["accept"] = "application/geo+json"
        yield found


def ask(client: TestClient, collection: str, text: str, **params: Any) -> Any:
    return client.get(f"/ogc/collections/{collection}/items", params={"filter": text, "limit": "1", **params})


def number(client: TestClient, collection: str, text: str, **params: Any) -> int:
    answer = ask(client, collection, text, **params)
    assert answer.status_code == 200, (text, answer.text)
    found = answer.json()
    assert found["numberMatched"] >= found["numberReturned"]
    return int(found["numberMatched"])


def filters_of(prop: Property) -> list[str]:
    if prop.kind is Kind.LIST:
        return [
            f"A_{op}({prop.name}, ('x', 'y'))" for op in ("CONTAINS", "CONTAINEDBY", "EQUALS", "OVERLAPS")
        ]
    value, more = VALUES[prop.kind]
    return [f"{prop.name} = {value}", f"{prop.name} >= {value}" if prop.kind is not Kind.BOOLEAN else "TRUE", *(
        text.format(p=prop.name) for text in more
    )]  # fmt: skip


PUBLIC = [found for c in COLLECTIONS.values() if (found := c.seen_by({Role.PUBLIC})) is not None]


@pytest.mark.parametrize("collection", PUBLIC, ids=[c.id for c in PUBLIC])
def test_every_queryable_can_be_compared(sample: TestClient, collection: Collection) -> None:
    listed = sample.get("/ogc/collections", headers={"accept": "application/json"}).json()["collections"]
    if collection.id not in {found["id"] for found in listed}:
        assert ask(sample, collection.id, "TRUE").status_code == 404
        return
    everything = number(sample, collection.id, "TRUE")
    for prop in collection.queryables:
        empty = number(sample, collection.id, f"{prop.name} IS NULL")
        assert number(sample, collection.id, f"{prop.name} IS NOT NULL") == everything - empty
        first, *others = filters_of(prop)
        yes, no = number(sample, collection.id, first), number(sample, collection.id, f"NOT ({first})")
        # Unknown is neither, and a scalar is unknown only where it is empty.
        assert yes + no == everything - empty, first
        any_of = " OR ".join(f"({text})" for text in others)
        assert (
            number(sample, collection.id, any_of) + number(sample, collection.id, f"NOT ({any_of})")
            <= everything
        )
    if collection.geometry is not None:
        inside = number(sample, collection.id, "S_INTERSECTS(geometry, BBOX(141.1, 39.6, 141.2, 39.75))")
        outside = number(sample, collection.id, "S_DISJOINT(geometry, BBOX(141.1, 39.6, 141.2, 39.75))")
        placed = number(sample, collection.id, "geometry IS NOT NULL")
        assert inside + outside == placed
        near = number(sample, collection.id, "S_DWITHIN(geometry, POINT(141.15 39.7), 3, 'km')")
        assert near <= placed
    else:
        assert ask(sample, collection.id, "geometry IS NULL").status_code == 400


def test_figures_of_districts_are_worked_out_once_per_revision(serve: Any, town: DatabaseUrls) -> None:
    client = serve()
    client.headers["accept"] = "application/geo+json"
    held = lambda: [key[5] for key in figures._held if key[2] == town.name]  # noqa: E731
    withheld = number(client, "districts", "membership_withheld = TRUE")
    number(client, "districts", "associations > 0 AND people >= 0")
    number(client, "districts", "membership_rate > 0.1", sortby="-membership_rate")
    assert len(held()) == 1
    number(client, "districts", "no = 1", properties="name")
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.municipality SET suppress_below_households = 1000000")
    client.app.state.services.live.wait(client.app.state.services.settings.municipality)
    assert number(client, "districts", "membership_withheld = TRUE AND membership_rate IS NULL") > withheld
    assert len(set(held())) <= 2


def test_figures_seen_while_writing_are_not_kept(town: DatabaseUrls) -> None:
    with psycopg.connect(town.superuser, row_factory=dict_row) as conn:
        conn.execute("SET LOCAL search_path = kyodo, public")
        figures.district_figures(conn, resolve(conn, "03201"))
    assert not [key for key in figures._held if key[2] == town.name]
