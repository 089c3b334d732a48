"""OpenTelemetry traces, only where `KYODO_OTLP_ENDPOINT` says where to: imported then, and not before.

A span per request has method, route template and status; one per transaction and statement on the database has the
name of the function that asked. No path, query, header, address, caller, SQL text or value is in any of them. Spans
wait in a bounded queue and are dropped when the collector is slow or away: no request waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Receive, Scope, Send

from api.metrics import METHODS
from api.requests import SEEN, Seen

TIMEOUT_S = 3.0
"""Of one delivery; after that its spans are gone."""
FLUSH_MS = 1500
PARENT = re.compile(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


class Tracer:
    """Of one application. `close` sends what is left, for a moment and no longer."""

    def __init__(self, endpoint: str, sample: float, *, version: str, municipality: str) -> None:
        url = endpoint.rstrip("/")
        self._provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(sample),
            # Written out: the library would add what it finds in the environment and of the machine.
            resource=Resource(
                {"service.name": "kyodo-geo", "service.version": version, "kyodo.municipality": municipality}
            ),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(
            endpoint=url if url.endswith("/v1/traces") else f"{url}/v1/traces", timeout=TIMEOUT_S
        )
        self._exporter = exporter
        self._processor = BatchSpanProcessor(
            exporter,
            max_queue_size=2048,
            schedule_delay_millis=1000,
            export_timeout_millis=int(TIMEOUT_S * 1000),
        )
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer("kyodo-geo")
        self._propagator = TraceContextTextMapPropagator()

    def close(self) -> None:
        self._processor.force_flush(FLUSH_MS)
        self._exporter.shutdown()
        self._provider.shutdown()

    def around(self, app: ASGIApp) -> ASGIApp:
        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            method = scope["method"] if scope["method"] in METHODS else "_OTHER"
            with self._tracer.start_as_current_span(
                method,
                context=self._propagator.extract(_parent(scope)),
                kind=SpanKind.SERVER,
                attributes={"http.request.method": method},
                # Messages of exceptions quote what they choked on.
                record_exception=False,
                set_status_on_exception=False,
            ) as span:
                try:
                    await app(scope, receive, send)
                finally:
                    _tell(span, method, scope.get(SEEN))

        return traced

    @contextmanager
    def of_database(self, name: str) -> Iterator[None]:
        """A span for what happens on the database inside a request that is traced; nothing elsewhere."""
        if not trace.get_current_span().is_recording():
            yield
            return
        with self._tracer.start_as_current_span(
            name,
            kind=SpanKind.CLIENT,
            attributes={"db.system.name": "postgresql"},
            record_exception=False,
            set_status_on_exception=False,
        ):
            yield


def _parent(scope: Scope) -> dict[str, str]:
    """The caller's `traceparent`, if there is exactly one and it is well formed; `tracestate` may hold any text."""
    found = [value for name, value in scope["headers"] if name == b"traceparent"]
    return {"traceparent": found[0].decode()} if len(found) == 1 and PARENT.fullmatch(found[0]) else {}


def _tell(span: Span, method: str, seen: Any) -> None:
    if not isinstance(seen, Seen) or not span.is_recording():
        return
    span.update_name(f"{method} {seen.route}" if seen.route != "-" else method)
    if seen.route != "-":
        span.set_attribute("http.route", seen.route)
    span.set_attribute("http.response.status_code", seen.status)
    span.set_attribute("kyodo.request_id", seen.id)
    if seen.status >= 500 or not seen.status:
        span.set_status(Status(StatusCode.ERROR))
