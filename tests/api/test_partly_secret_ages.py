"""Areas that tell the people of some ages and keep others secret: counted as such on pages and in runs, never silently 0."""

from __future__ import annotations

import psycopg
import pytest
from starlette.testclient import TestClient

from geodata import reach_demand
from geodata.database import Audience, Database
from geodata.queries.generation import resolve
from kyodo_geo.reach.prepared import Prepared, prepare
from tests.api import city
from tests.api.conftest import PAGE
from tests.api.test_vacant_houses import again
from tests.fixtures_db import DatabaseUrls

CLASSES = {
    "032010001": [(0, 14, 10), (15, 64, None), (65, None, 5)],  # partly secret
    "032010002": [(0, 64, 20), (65, None, 3)],  # coarser classes, all of them published
    "032010003": [(0, 14, None), (15, 64, None), (65, None, None)],  # wholly secret
    "032010004": [(0, 14, 1), (15, 64, 2), (65, None, 3)],
}
WORDS = "一部の年齢の人数が公表されていない小地域 1 件は、公表された年齢の人だけを数えている"


@pytest.fixture(scope="module")
def held(shared_town: DatabaseUrls) -> Prepared:
    with psycopg.connect(shared_town.superuser) as conn:
        town = again(conn)
        town.dataset("age-population", "sample")
        for key, classes in CLASSES.items():
            for first, last, people in classes:
                town.row(
                    "age_population", dataset_id=town.ids["age-population"], area_kind="small-area", area_key=key,
                    year=2020, age_from=first, age_to=last, people=people, projected=False,
                )  # fmt: skip
        town.activate()
    database = Database(shared_town.app, max_size=1)
    with database.read(Audience.PUBLIC) as conn:
        found = reach_demand.areas(conn, resolve(conn, city.CODE), spread_out=False)
    database.close()
    return prepare(found.areas, found.years, [])


def test_only_an_area_with_secret_and_published_ages_is_partly_secret(held: Prepared) -> None:
    assert (held.partly.tolist(), held.secret.tolist()) == ([1], [1])
    assert held.people_in(2020).sum(axis=0).tolist() == [11, 2, 11, 20]
    assert Prepared.from_bytes(held.to_bytes()).partly.tolist() == [1]


def test_the_pages_say_how_many(held: Prepared, client: TestClient) -> None:
    client.app.state.services.live.wait(city.CODE)  # type: ignore[attr-defined]
    for path in ("/facilities/gaps", "/facilities/closing"):
        page = client.get(path, headers=PAGE)
        assert page.status_code == 200 and WORDS in page.text, path
        assert "人口が公表されていない小地域 1 件" in page.text
