"""Open data: the page, the catalogue as other programs read it, and the dump of each generation."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pyarrow.parquet as pq
import pyogrio
import pytest
from rdflib import Graph, Namespace
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata.cluster import Cluster
from geodata.database import Database
from geodata.exports import dump
from geodata.exports.shelf import Shelf
from tests.api import city
from tests.api.conftest import HOST, client_of
from tests.fixtures_db import DatabaseUrls, copied

SPDX = Namespace("http://spdx.org/rdf/terms#")
DUMP = "/opendata/generations/1"


@pytest.fixture(scope="module")
def open_town(cluster: Cluster, city_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    with copied(cluster, city_template) as found:
        yield found


@pytest.fixture(scope="module")
def visitor(open_town: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with a state folder of its own."""
    settings = Settings(
        database_url=open_town.app, owner_database_url=open_town.owner, database_pool_size=4,
        state_dir=tmp_path_factory.mktemp("state"),
    )  # fmt: skip
    with client_of(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def manifest(visitor: TestClient) -> dict[str, Any]:
    answer = visitor.get(f"{DUMP}/manifest.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture(scope="module")
def graph(visitor: TestClient, manifest: dict[str, Any]) -> Graph:
    answer = visitor.get("/opendata/catalog.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    return Graph().parse(data=answer.text, format="json-ld")


# -- dump


def test_the_manifest_tells_source_licence_day_and_checksum_of_every_file(
    visitor: TestClient, manifest: dict[str, Any]
) -> None:
    assert (manifest["generation_no"], manifest["municipality"], manifest["edition"]) == (1, "03201", 1)
    names = {file["name"] for file in manifest["files"]}
    public = {"districts", "associations", "small-areas", "outline", "facilities", "towns"}
    endings = {"geojson", "geojsons", "csv", "fgb", "parquet", "kml"}
    assert names == {f"{name}.{ending}" for name in public for ending in endings} | {"all.gpkg"}
    for file in manifest["files"]:
        answer = visitor.get(f"{DUMP}/{file['name']}")
        assert answer.status_code == 200
        assert len(answer.content) == file["bytes"] == int(answer.headers["content-length"])
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert answer.headers["etag"] == f'"{file["sha256"]}"'
        assert file["name"] == "all.gpkg" or (
            file["licence"] == "CC BY 4.0、CC BY 4.0" or "CC BY" in file["licence"]
        )
    kinds = {item["kind"] for item in manifest["datasets"]}
    assert "districts" in kinds and "vacant-houses" not in kinds
    assert all(item["source"] and item["as_of"] == "2020-10-01" for item in manifest["datasets"])


def test_all_layers_stand_in_one_geopackage(
    visitor: TestClient, manifest: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "all.gpkg"
    path.write_bytes(visitor.get(f"{DUMP}/all.gpkg").content)
    rows = {f["collection"].replace("-", "_"): f["rows"] for f in manifest["files"] if "rows" in f}
    assert {
        name: pyogrio.read_info(path, layer=name)["features"] for name, _ in pyogrio.list_layers(path)
    } == rows
    assert len(gpd.read_file(path, layer="districts")) == 4


def test_nothing_that_is_not_public_is_in_any_file(visitor: TestClient, manifest: dict[str, Any]) -> None:
    for file in manifest["files"]:
        body = visitor.get(f"{DUMP}/{file['name']}").content
        text = body.decode("utf-8", "replace")
        if file["format"] == "parquet":
            text = str(pq.read_table(io.BytesIO(body)).to_pydict())
        for secret in (city.SECRET_ADDRESS, "019-999-9999", "141.112345", "member_households", "vacant"):
            assert secret not in text, file["name"]


def test_a_file_that_is_known_is_not_sent_again(visitor: TestClient, manifest: dict[str, Any]) -> None:
    tag = f'"{manifest["files"][0]["sha256"]}"'
    answer = visitor.get(f"{DUMP}/{manifest['files'][0]['name']}", headers={"if-none-match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/opendata/generations/99/manifest.json", 404), ("/opendata/generations/99", 404),
        ("/opendata/generations/1/secret.csv", 404), ("/opendata/generations/1/..%2f..%2fetc", 404),
        ("/opendata/generations/x/all.gpkg", 400), ("/opendata/generations/1/all.gpkg?as_of=2026-01-01", 400),
        ("/opendata/generations/1/.lock", 400), ("/opendata?x=1", 400), ("/opendata/catalog.jsonld?base=http://x", 400),
        ("/opendata/generations/1/all.gpkg?municipality=22212", 404),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused(visitor: TestClient, address: str, status: int) -> None:
    assert visitor.get(address).status_code == status


def test_the_dump_is_the_same_whenever_it_is_made(open_town: DatabaseUrls, tmp_path: Path) -> None:
    """Records that change afterwards do not change it."""
    database = Database(open_town.app, max_size=2)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = dump.make(database, city.CODE, 1, tmp_path / "a")
    with psycopg.connect(open_town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        conn.execute("UPDATE district_plan SET state = 'expired'")
        conn.execute("UPDATE facility_year SET users = users + 1")
        conn.execute("UPDATE association_contact SET name = name || '改'")
    second = dump.make(database, city.CODE, 1, tmp_path / "b")
    database.close()
    assert [(f["name"], f["sha256"]) for f in first["files"]] == [
        (f["name"], f["sha256"]) for f in second["files"]
    ]


def told(**sizes: int) -> Any:
    """A maker of a dump with files of these sizes."""

    def make(folder: Path) -> dict[str, Any]:
        for name, size in sizes.items():
            (folder / name).write_bytes(b"x" * size)
        return {"files": [{"name": name, "sha256": str(size)} for name, size in sizes.items()]}

    return make


def test_the_shelf_keeps_within_its_bounds_and_remembers(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 5_000)
    one, two, three = (shelf.folder("03201", no, 10) for no in (1, 2, 3))
    for folder in (one, two):
        shelf.fill(folder, told(a=2_000))
    import os

    os.utime(one / "manifest.json", (2_000_000_000, 2_000_000_000))  # asked for last
    shelf.fill(three, told(a=2_000))
    assert [shelf.ready(folder) for folder in (one, two, three)] == [True, False, True]
    assert shelf.manifest(two) is not None
    assert shelf.fill(two, told(a=2_000))["edition"] == 1
    shelf.fill(three, told(a=1_999))  # it stands there: nothing is made
    (three / "a").unlink()
    assert shelf.fill(three, told(a=1_999))["edition"] == 2


def test_a_dump_that_failed_leaves_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 5_000)

    def fails(folder: Path) -> dict[str, Any]:
        (folder / "half").write_bytes(b"x")
        raise KeyError("x")

    with pytest.raises(KeyError):
        shelf.fill(shelf.folder("03201", 1, 10), fails)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / ".lock"]


# -- catalogue


def test_every_dataset_has_what_dcat_ap_asks_for(graph: Graph) -> None:
    (catalog,) = graph.subjects(RDF.type, DCAT.Catalog)
    for wanted in (
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.publisher,
        DCAT.dataset,
        DCAT.service,
        FOAF.homepage,
    ):
        assert list(graph.objects(catalog, wanted)), wanted
    datasets = set(graph.objects(catalog, DCAT.dataset))
    assert datasets == set(graph.subjects(RDF.type, DCAT.Dataset)) and len(datasets) >= 10
    for item in datasets:
        for wanted in (
            DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.license, DCTERMS.spatial, DCAT.keyword,
            DCAT.contactPoint, DCTERMS.accrualPeriodicity, DCAT.distribution, DCTERMS.identifier,
        ):  # fmt: skip
            assert list(graph.objects(item, wanted)), (item, wanted)
        (title,) = graph.objects(item, DCTERMS.title)
        assert title.language == "ja"
    for name in ("districts", "associations", "facilities", "towns"):
        (item,) = (found for found in datasets if str(found).endswith(f"#{name}"))
        assert list(graph.objects(item, DCTERMS.modified)) and list(graph.objects(item, DCTERMS.temporal))
    service = set(graph.subjects(RDF.type, DCAT.DataService))
    assert (
        all(set(graph.objects(item, DCAT.servesDataset)) == datasets for item in service)
        and len(service) == 1
    )


def test_every_distribution_has_address_type_and_licence(graph: Graph) -> None:
    found = set(graph.subjects(RDF.type, DCAT.Distribution))
    for item in found:
        for wanted in (DCAT.accessURL, DCAT.mediaType, DCTERMS.license, DCTERMS.title):
            assert list(graph.objects(item, wanted)), wanted
    sized = [item for item in found if list(graph.objects(item, DCAT.byteSize))]
    assert len(sized) == 36
    assert all(list(graph.objects(item, SPDX.checksum)) for item in sized)
    assert len(found) > len(sized)


def test_a_sample_is_called_one_in_the_catalogue(graph: Graph) -> None:
    (item,) = (
        found for found in graph.subjects(RDF.type, DCAT.Dataset) if str(found).endswith("#associations")
    )
    (description,) = graph.objects(item, DCTERMS.description)
    assert "見本データ（架空）" in description


def test_no_vacant_house_and_nothing_for_staff_is_in_the_catalogue(graph: Graph) -> None:
    text = graph.serialize(format="nt")
    assert "vacant" not in text and "memberships" not in text and "halls" not in text


def test_every_address_of_ours_answers(visitor: TestClient, graph: Graph) -> None:
    """One of each kind for the live files (they have tests of their own), all of the others."""
    ours = {str(node).partition("#")[0] for triple in graph for node in triple if str(node).startswith(HOST)}
    assert len(ours) > 60
    seen_live = set()
    for address in sorted(ours):
        if "/items?f=" in address:
            form = address.partition("f=")[2]
            if form in seen_live or form in ("gpkg", "fgb", "parquet"):
                continue
            seen_live.add(form)
        assert visitor.get(address).status_code == 200, address
    assert {"csv", "geojson", "geojsonseq", "kml"} <= seen_live


def test_the_document_needs_nothing_from_elsewhere(visitor: TestClient) -> None:
    context = visitor.get("/opendata/catalog.jsonld").json()["@context"]
    assert isinstance(context, dict) and "@import" not in json.dumps(context)


# -- pages


def test_the_page_lists_every_collection_format_and_generation(visitor: TestClient) -> None:
    html = visitor.get("/opendata", headers={"accept": "text/html"}).text
    assert "見本データ（架空）" in html
    for name in ("districts", "towns", "projects"):
        for form in ("csv", "gpkg", "parquet"):
            assert f'href="/ogc/collections/{name}/items?f={form}"' in html
    assert 'href="/opendata/generations/1"' in html and "catalog.jsonld" in html
    told = html.replace("公開されている空き家", "").replace(
        "空き家バンクなどで、所有者がいま公開している空き家。公開をやめたものは、過去の日を指定しても出ません。",
        "",
    )
    assert "vacant" not in html and "空き家" not in told, "but for those that are listed"
    assert 'href="/opendata"' in visitor.get("/datasets").text


def test_the_page_of_a_generation_lists_its_files(visitor: TestClient, manifest: dict[str, Any]) -> None:
    html = visitor.get("/opendata/generations/1", headers={"accept": "text/html"}).text
    for file in manifest["files"]:
        assert f'href="{DUMP}/{file["name"]}"' in html
    assert "KB" in html


# -- last: another generation becomes the active one


def test_a_further_generation_leaves_the_former_as_it_was(
    visitor: TestClient, manifest: dict[str, Any], open_town: DatabaseUrls
) -> None:
    with psycopg.connect(open_town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        conn.execute(
            "INSERT INTO generation (municipality_code, generation_no, activated_by) VALUES ('03201', 2, 'test')"
        )
        conn.execute(
            "INSERT INTO generation_dataset SELECT municipality_code, 2, kind, dataset_id FROM generation_dataset"
            " WHERE generation_no = 1 AND kind <> 'facilities'"
        )
    second = visitor.get("/opendata/generations/2/manifest.json").json()
    assert {f["collection"] for f in manifest["files"] if "collection" in f} - {
        f["collection"] for f in second["files"] if "collection" in f
    } == {"facilities"}
    assert visitor.get(f"{DUMP}/manifest.json").json() == manifest
    listed = visitor.get("/opendata/generations").json()["generations"]
    assert [item["generation_no"] for item in listed][-1] == 1
