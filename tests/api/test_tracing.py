"""Traces, received by a real collector over HTTP and read as protobuf: what is in them, and what is not."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from api.app import create_app
from tests.api.conftest import client_of
from tests.api.test_workers import free_port
from tests.conftest import ROOT

ADDRESS = "盛岡市試験町一丁目5番1号"
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@dataclass
class Collector:
    url: str
    raw: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Span]:
        found = []
        for body in self.raw:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                assert {a.key for a in resource.resource.attributes} == {
                    "service.name", "service.version", "kyodo.municipality"
                }  # fmt: skip
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector("")

    class Take(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            import gzip

            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.raw.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Take)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def attributes(span: Span) -> dict[str, object]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}


def test_requests_and_their_statements_arrive_without_what_was_asked(
    town, settings_for, collector: Collector
) -> None:
    settings = settings_for(town, otlp_endpoint=collector.url, otlp_sample=1.0)
    with client_of(create_app(settings)) as client:
        answer = client.post("/api/v1/lookup", json={"address": ADDRESS})
        client.get(f"/lookup?q={ADDRESS}&secretname=1", headers={"referer": "http://secretsite/"})
        client.get("/districts/1", headers={"accept": "text/html", "user-agent": "secretagent"})
        client.get("/secretpath")
        client.request("SECRETMETHOD", "/districts/1")
    spans = collector.spans()
    asked = {span.name: span for span in spans if span.kind == Span.SPAN_KIND_SERVER}
    hot = attributes(asked["POST /api/v1/lookup"])
    assert hot == {
        "http.request.method": "POST", "http.route": "/api/v1/lookup", "http.response.status_code": 200,
        "kyodo.request_id": answer.headers["x-request-id"],
    }  # fmt: skip
    district = asked["GET /districts/{no}"]
    below = [span for span in spans if span.parent_span_id == district.span_id]
    assert below, "what a page asks of the database is seen"
    assert {span.kind for span in below} == {Span.SPAN_KIND_CLIENT}
    assert any(span.name.startswith("geodata.queries.") for span in below)
    assert all(attributes(span) == {"db.system.name": "postgresql"} for span in below)
    assert not any(span.events for span in spans)
    sent = b"".join(collector.raw)
    for secret in ("試験町", "secret", "SELECT", "03201/", "127.0.0.1", "testclient"):
        assert secret.encode() not in sent, secret


def test_a_trace_of_the_caller_is_gone_on_with_and_its_decision_kept(
    town, settings_for, collector: Collector
) -> None:
    with client_of(create_app(settings_for(town, otlp_endpoint=collector.url, otlp_sample=0.0))) as client:
        client.get("/healthz")
        client.get(
            "/api/v1/districts", headers={"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "secret=1"}
        )
        client.get("/api/v1/districts", headers={"traceparent": f"00-{TRACE}-{CALLER}-00"})
        client.get("/api/v1/districts", headers={"traceparent": "盛岡".encode()})
    (span,) = [span for span in collector.spans() if span.kind == Span.SPAN_KIND_SERVER]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, CALLER)
    assert not span.trace_state


def test_a_failure_is_marked_and_its_message_is_not_sent(town, settings_for, collector, monkeypatch) -> None:
    def fails(*_: object) -> None:
        raise ValueError(ADDRESS)

    monkeypatch.setattr("kyodo_geo.lookup.LookupIndex.by_point", fails)
    with client_of(create_app(settings_for(town, otlp_endpoint=collector.url, otlp_sample=1.0))) as client:
        assert client.get("/api/v1/lookup?lon=141.1&lat=39.7").status_code == 500
    (span,) = [span for span in collector.spans() if span.name == "GET /api/v1/lookup"]
    assert span.status.code == 2 and not span.status.message
    assert "試験町".encode() not in b"".join(collector.raw)


def test_a_collector_that_is_away_costs_nobody_anything(town, settings_for) -> None:
    settings = settings_for(town, otlp_endpoint=f"http://127.0.0.1:{free_port()}", otlp_sample=1.0)
    with client_of(create_app(settings)) as client:
        began = time.monotonic()
        assert {client.get("/api/v1/districts").status_code for _ in range(50)} == {200}
        assert time.monotonic() - began < 20, "a watchdog"
        ended = time.monotonic()
    assert time.monotonic() - ended < 20, "and the end does not wait for it"


def test_without_an_endpoint_nothing_of_it_is_imported() -> None:
    program = (
        "import sys; from api.app import create_app; from api.settings import Settings; "
        "create_app(Settings(database_url='postgresql://x/y')); "
        "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk', 'opentelemetry.exporter', 'prometheus_client',"
        " 'pythonjsonlogger'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
