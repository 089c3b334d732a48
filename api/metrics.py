"""What one web process counts, and how it gets to whoever asks for the figures of all of them.

A request adds to plain numbers. Once a second a thread writes them into files that Prometheus' own library reads and
sums (its multi-process mode); `api/metrics_page.py` does that in the parent process. Labels are routes of the table of
access, methods, classes of status, channels and outcomes of lookups: nothing a visitor typed, no key and no person.
"""

from __future__ import annotations

import os
import resource
import threading
from bisect import bisect_left
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import logs

if TYPE_CHECKING:
    from api.services import Services

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment: where the files of this service's processes are (the library's own name for it)."""
EVERY_S = 1.0
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BOUNDS_MS = (1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10000.0)
LE = (*(f"{bound / 1000:g}" for bound in BOUNDS_MS), "+Inf")
REQUESTS, DURATION = "kyodo_http_requests", "kyodo_http_request_duration_seconds"
KINDS = ("counter", "histogram", "gauge_livesum", "gauge_livemin", "gauge_livemax")

HELP = {
    REQUESTS: "Requests answered, by method, route template and class of status.",
    DURATION: "Time from the request to the end of its answer.",
    "kyodo_http_in_flight": "Requests being answered.",
    "kyodo_lookups": "Lookups, by channel and outcome.",
    "kyodo_cache_hits": "Answers found in a cache.",
    "kyodo_cache_misses": "Answers not found in a cache.",
    "kyodo_cache_entries": "Entries of a cache.",
    "kyodo_cache_bytes": "Bytes in a cache.",
    "kyodo_pool_connections": "Database connections open.",
    "kyodo_pool_in_use": "Database connections in use.",
    "kyodo_pool_max": "Database connections allowed.",
    "kyodo_pool_waiting": "Requests waiting for a database connection.",
    "kyodo_pool_timeouts": "Requests that got no database connection in time.",
    "kyodo_generation_served": "Generation of the lookup index; the lowest of all processes.",
    "kyodo_revision_served": "Revision of the lookup index; the lowest of all processes.",
    "kyodo_index_build_seconds": "How long the latest lookup index took to build.",
    "kyodo_index_built_timestamp_seconds": "When the oldest lookup index in use was built.",
    "kyodo_database_connected": "1 while notices of the database arrive; the lowest of all processes.",
    "kyodo_replica_used": "1 while reads go to the replica; the lowest of all processes.",
    "kyodo_draining": "Processes that have been told to end.",
    "kyodo_web_processes": "Web processes.",
    "kyodo_process_cpu_seconds": "Processor time of the web processes.",
    "kyodo_process_resident_bytes": "Resident memory of the web processes.",
    "kyodo_process_open_fds": "Open files and connections of the web processes.",
    "kyodo_process_threads": "Threads of the web processes.",
}


class Figures:
    """The numbers of one application. `answered` runs in the event loop; the rest is read when it is written down."""

    def __init__(self, folder: Path) -> None:
        self.in_flight = 0
        self._folder = folder
        self._answers: dict[tuple[str, str, int], list[float]] = {}
        self._files: dict[str, Any] = {}
        self._keys: dict[tuple[str, ...], str] = {}
        self._written: dict[tuple[str, ...], float] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def answered(self, method: str, route: str, status: int, spent_ms: float) -> None:
        """One request. `route` is a template: there are as many as the table of access has."""
        kept = self._answers.get((method, route, status // 100))
        if kept is None:
            key = (method if method in METHODS else "other", route, status // 100)
            kept = self._answers.setdefault(key, [0.0] * (len(LE) + 1))
        kept[-1] += spent_ms
        kept[bisect_left(BOUNDS_MS, spent_ms)] += 1

    # -- to the files

    def start(self, services: Services) -> None:
        self._thread = threading.Thread(target=self._run, args=(services,), name="kyodo-figures", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)
        for file in self._files.values():
            file.close()
        self._files.clear()
        for kind in KINDS:
            # What has been counted stays counted; what only living processes have goes.
            if kind.startswith("gauge_live"):
                (self._folder / f"{kind}_{os.getpid()}.db").unlink(missing_ok=True)

    def _run(self, services: Services) -> None:
        ending = False
        while not ending:
            ending = self._stop.wait(EVERY_S)
            try:
                self.write(services)
            except Exception as error:  # a full disk must not end the counting
                logs.SERVICE.warning("figures not written: %s", logs.failure(error))

    def write(self, services: Services) -> None:
        """Everything as it is now."""
        self._requests()
        for (channel, outcome), number in list(services.counters.outcomes.items()):
            self._put("counter", "kyodo_lookups", number, channel=channel, outcome=outcome)
        self._caches(services)
        self._connections(services)
        self._index(services)
        self._process()
        self._put("gauge_livesum", "kyodo_http_in_flight", self.in_flight)
        self._put("gauge_livesum", "kyodo_draining", services.draining.is_set())
        self._put("gauge_livesum", "kyodo_web_processes", 1)

    def _requests(self) -> None:
        spent: dict[tuple[str, str], list[float]] = {}
        for (method, route, status), kept in list(self._answers.items()):
            shown = f"{status}xx" if status else "cut"
            number = sum(kept[:-1])
            self._put("counter", REQUESTS, number, method=method, route=route, status=shown)
            summed = spent.setdefault((method, route), [0.0] * len(kept))
            for i, value in enumerate(kept):
                summed[i] += value
        for (method, route), kept in spent.items():
            for le, value in zip(LE, kept, strict=False):
                self._put(
                    "histogram", DURATION, value, name=f"{DURATION}_bucket", method=method, route=route, le=le
                )
            self._put(
                "histogram", DURATION, kept[-1] / 1000, name=f"{DURATION}_sum", method=method, route=route
            )

    def _caches(self, services: Services) -> None:
        for name, cache in (("pages", services.cache), ("tiles", services.tiles.cache)):
            if cache is not None:
                entries, size = cache.filled
                self._put("counter", "kyodo_cache_hits", cache.hits, cache=name)
                self._put("counter", "kyodo_cache_misses", cache.misses, cache=name)
                self._put("gauge_livesum", "kyodo_cache_entries", entries, cache=name)
                self._put("gauge_livesum", "kyodo_cache_bytes", size, cache=name)
        uses = services.hot_uses
        self._put("counter", "kyodo_cache_hits", uses.hits, cache="ready answers")
        self._put("counter", "kyodo_cache_misses", uses.misses, cache="ready answers")
        self._put("gauge_livesum", "kyodo_cache_entries", uses.entries, cache="ready answers")

    def _connections(self, services: Services) -> None:
        used = services.database.used()
        size = used.get("pool_size", 0)
        self._put("gauge_livesum", "kyodo_pool_connections", size)
        self._put("gauge_livesum", "kyodo_pool_in_use", size - used.get("pool_available", 0))
        self._put("gauge_livesum", "kyodo_pool_max", used.get("pool_max", 0))
        self._put("gauge_livesum", "kyodo_pool_waiting", used.get("requests_waiting", 0))
        self._put("counter", "kyodo_pool_timeouts", used.get("requests_errors", 0))
        self._put("gauge_livemin", "kyodo_database_connected", services.live.connected)
        if services.database.replica is not None:
            self._put("gauge_livemin", "kyodo_replica_used", services.database.replica.good)

    def _index(self, services: Services) -> None:
        city = services.settings.municipality
        held = services.live.held_index(city)
        if held is not None:
            self._put("gauge_livemin", "kyodo_generation_served", held.generation_no, municipality=city)
            self._put("gauge_livemin", "kyodo_revision_served", held.revision, municipality=city)
            self._put("gauge_livemax", "kyodo_index_build_seconds", services.live.built_in_s)
            self._put("gauge_livemin", "kyodo_index_built_timestamp_seconds", services.live.built_at)
        weights = services.live.held()
        self._put("gauge_livesum", "kyodo_cache_entries", len(weights), cache="lookup indexes")
        self._put("gauge_livesum", "kyodo_cache_bytes", sum(weights.values()), cache="lookup indexes")

    def _process(self) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        self._put("counter", "kyodo_process_cpu_seconds", used.ru_utime + used.ru_stime)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        self._put("gauge_livesum", "kyodo_process_resident_bytes", pages * resource.getpagesize())
        self._put("gauge_livesum", "kyodo_process_open_fds", len(os.listdir("/proc/self/fd")))  # noqa: PTH208
        self._put("gauge_livesum", "kyodo_process_threads", threading.active_count())

    def _put(self, kind: str, metric: str, value: float, *, name: str | None = None, **labels: str) -> None:
        sample = name or (f"{metric}_total" if kind == "counter" else metric)
        series = (kind, sample, *labels.values())
        if self._written.get(series) == value:
            return
        from prometheus_client.mmap_dict import MmapedDict, mmap_key

        file = self._files.get(kind)
        if file is None:
            file = self._files[kind] = MmapedDict(str(self._folder / f"{kind}_{os.getpid()}.db"))
        key = self._keys.get(series)
        if key is None:
            key = mmap_key(metric, sample, list(labels), list(labels.values()), HELP[metric])
            self._keys[series] = key
        file.write_value(key, float(value), 0.0)
        self._written[series] = value
