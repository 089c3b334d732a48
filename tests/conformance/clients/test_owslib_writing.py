"""OWSLib changes features with the session of a member of staff."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from owslib.ogcapi.features import Features

from api.app import create_app
from api.settings import Settings
from geodata.cluster import Cluster
from tests.api.conftest import client_of
from tests.api.ogc_writer import FEATURE, feature, writer
from tests.conformance.clients.conftest import serving
from tests.conformance.registry import requirement
from tests.conformance.report import CLIENTS
from tests.fixtures_db import DatabaseUrls, copied

CLASS = CLIENTS
PROJECT = {"title": "OWSLib の事業", "district_no": 1, "fiscal_year": 2024}


@pytest.fixture
def owslib(cluster: Cluster, sample_db_template: DatabaseUrls, tmp_path: Path) -> Iterator[Features]:
    with copied(cluster, sample_db_template) as town:
        settings = Settings(database_url=town.app, owner_database_url=town.owner, database_pool_size=4)
        with client_of(create_app(settings)) as client:
            signed_in = writer(client)
        cookie = f"kyodo_session={signed_in.client.cookies['kyodo_session']}"
        with serving(town, tmp_path / "serve.log") as url:
            yield Features(url, headers={"Cookie": cookie, "X-CSRF-Token": signed_in.token})


@requirement("OWSLib: writing", "A feature is created, replaced under its entity tag, and deleted.")
def test_writing(owslib: Features) -> None:
    assert owslib.collection_item_create("projects", feature(**PROJECT))
    path = owslib.response_headers["Location"].rpartition("/")[2]
    assert owslib.collection_item("projects", path)["properties"].items() >= PROJECT.items()

    tag = owslib.response_headers["ETag"]
    owslib.headers |= {"Content-Type": FEATURE, "If-Match": '"0"'}
    new = {**PROJECT, "theme": "防災"}
    body = json.dumps(feature(**new)).encode()
    with pytest.raises(RuntimeError, match="412"):
        owslib.collection_item_update("projects", path, body)
    owslib.headers["If-Match"] = tag
    assert owslib.collection_item_update("projects", path, body)
    assert owslib.collection_item("projects", path)["properties"]["theme"] == "防災"

    with pytest.raises(RuntimeError, match="412"):
        owslib.collection_item_delete("projects", path)
    owslib.headers["If-Match"] = owslib.response_headers["ETag"]
    assert owslib.collection_item_delete("projects", path)
    with pytest.raises(RuntimeError, match="404"):
        owslib.collection_item("projects", path)
