"""What Prometheus reads: two processes summed rightly, few series whatever is asked, nothing of anybody in them."""

from __future__ import annotations

import re
import secrets
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api import metrics
from api.access_table import ACCESS
from api.app import create_app
from api.metrics_page import Alive, OfDatabase, serving
from api.settings import Settings
from tests.api.conftest import client_of
from tests.api.test_workers import free_port
from tests.fixtures_db import DatabaseUrls

ADDRESS = "盛岡市試験町一丁目5番1号"


@contextmanager
def measured(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    with serving(settings), client_of(create_app(settings)) as client:
        yield client


@pytest.fixture
def settings(town: DatabaseUrls, settings_for, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv(metrics.FOLDER, "")  # put back afterwards, whatever `serving` makes of it
    return settings_for(town, state_dir=tmp_path, metrics_port=free_port())


def page(settings: Settings) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{settings.metrics_port}/metrics", timeout=10) as answer:
        return answer.read().decode()


def values(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float:
    return values(text)[name, frozenset(labels.items())]


def flushed(client: TestClient) -> None:
    services = client.app.state.services
    services.figures.write(services)


def test_every_request_and_lookup_is_counted(settings: Settings, monkeypatch) -> None:
    with measured(settings, monkeypatch) as client:
        for _ in range(3):
            assert client.post("/api/v1/lookup", json={"address": ADDRESS}).status_code == 200
            assert client.get("/api/v1/districts").status_code == 200
        assert client.get("/api/v1/districts?nosuch=1").status_code == 400
        assert client.get("/districts/1", headers={"accept": "text/html"}).status_code == 200
        flushed(client)
        text = page(settings)
    total = "kyodo_http_requests_total"
    assert value(text, total, method="POST", route="/api/v1/lookup", status="2xx") == 3
    assert value(text, total, method="GET", route="/api/v1/districts", status="2xx") == 3
    assert value(text, total, method="GET", route="/api/v1/districts", status="4xx") == 1
    assert value(text, total, method="GET", route="/districts/{no}", status="2xx") == 1
    spent = "kyodo_http_request_duration_seconds"
    where = {"method": "GET", "route": "/api/v1/districts"}
    assert value(text, f"{spent}_count", **where) == 4
    assert value(text, f"{spent}_bucket", le="+Inf", **where) == 4
    assert 0 < value(text, f"{spent}_sum", **where) < 60
    assert value(text, "kyodo_lookups_total", channel="api", outcome="one") == 3
    assert value(text, "kyodo_cache_hits_total", cache="ready answers") == 2
    assert value(text, "kyodo_generation_served", municipality="03201") == value(
        text, "kyodo_generation_active", municipality="03201"
    )
    assert value(text, "kyodo_revision_served", municipality="03201") >= 1
    assert value(text, "kyodo_pool_max") == 4
    assert value(text, "kyodo_database_up") == value(text, "kyodo_schema_current") == 1
    assert value(text, "kyodo_web_processes") == 1
    for name in (
        "kyodo_index_build_seconds",
        "kyodo_jobs_waiting",
        "kyodo_mail_failed",
        "kyodo_process_resident_bytes",
    ):
        assert any(found == name for found, _ in values(text)), name
    assert not any(name.startswith("kyodo_tickets") for name, _ in values(text)), "few tickets are people"


def test_the_number_of_series_is_bounded_and_no_word_of_a_visitor_is_in_them(
    settings: Settings, monkeypatch
) -> None:
    secret = secrets.token_hex(4)
    with measured(settings, monkeypatch) as client:
        client.get(f"/{secret}0")
        client.request("BREW", f"/{secret}0")
        client.request("BREW", "/api/v1/districts")
        flushed(client)
        before = len(values(page(settings)))
        for i in range(300):
            client.get(
                f"/{secret}{i}?{secret}={i}",
                headers={"x-request-id": f"{i:032x}", "referer": f"http://{secret}/"},
            )
            client.request(f"{secret.upper()}{i}", f"/districts/{secret}{i}")
        client.post("/api/v1/lookup", json={"address": f"{ADDRESS}{secret}"})
        flushed(client)
        text = page(settings)
    routes = {path for _, path in ACCESS}
    shown = {dict(labels)["route"] for name, labels in values(text) if name == "kyodo_http_requests_total"}
    assert shown <= routes | {"-"}
    assert len(values(text)) <= before + 40
    assert secret not in text.lower()
    assert "試験町" not in text


def test_two_processes_are_summed_and_one_that_is_gone_leaves_its_counts(tmp_path: Path) -> None:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    one, other = metrics.Figures(tmp_path), metrics.Figures(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        for pid, figures, number, generation in ((1, one, 3, 7), (2**22 + 1, other, 4, 6)):
            patch.setattr(metrics.os, "getpid", lambda pid=pid: pid)
            for _ in range(number):
                figures.answered("GET", "/", 200, 3.0)
            figures._requests()
            figures._put("gauge_livesum", "kyodo_http_in_flight", number)
            figures._put("gauge_livemin", "kyodo_generation_served", generation, municipality="03201")

    def summed() -> str:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(tmp_path))
        return generate_latest(registry).decode()

    where = {"method": "GET", "route": "/"}
    assert value(summed(), "kyodo_http_requests_total", status="2xx", **where) == 7
    assert value(summed(), "kyodo_http_request_duration_seconds_bucket", le="0.005", **where) == 7
    assert value(summed(), "kyodo_http_request_duration_seconds_bucket", le="0.0025", **where) == 0
    assert value(summed(), "kyodo_http_in_flight") == 7
    assert value(summed(), "kyodo_generation_served", municipality="03201") == 6
    Alive(tmp_path).collect()  # no process has the second number: Linux gives none so high
    assert value(summed(), "kyodo_http_requests_total", status="2xx", **where) == 7
    assert value(summed(), "kyodo_http_in_flight") == 3
    assert value(summed(), "kyodo_generation_served", municipality="03201") == 7


def test_the_files_are_private_and_those_of_before_are_gone(
    settings: Settings, monkeypatch, tmp_path: Path
) -> None:
    with measured(settings, monkeypatch) as client:
        flushed(client)
        (folder,) = (tmp_path / "metrics").iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "counter_99.db").write_bytes(b"old")
    assert not folder.exists()


def test_without_a_database_the_page_says_so(settings: Settings) -> None:
    from geodata.database import Database

    away = Database("postgresql://nobody@127.0.0.1:1/none", timeout_s=0.2)
    found = {name: number for name, _, number, _ in OfDatabase(settings, away)._ask()}
    away.close()
    assert found["kyodo_database_up"] == 0
    assert found["kyodo_state_disk_free_bytes"] > 0


def test_without_a_port_nothing_is_counted_and_no_thread_runs(serve) -> None:
    client = serve()
    assert client.app.state.services.figures is None
    assert "kyodo-figures" not in [thread.name for thread in threading.enumerate()]
    assert client.get("/metrics").status_code == 404


def test_every_figure_says_what_it_is() -> None:
    source = Path(metrics.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'"(kyodo_[a-z_]+)", ', source)) <= set(metrics.HELP)
