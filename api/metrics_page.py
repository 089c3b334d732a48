"""The page that Prometheus reads, on a listener of its own (`KYODO_METRICS_PORT`): never on the public one.

It runs in the process that started the web processes and sums what they wrote (`api/metrics.py`); what the database
knows of jobs, generations and tickets is asked when the page is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import logs
from api.metrics import FOLDER
from api.settings import Settings
from geodata import health
from geodata.database import Database
from kyodo_geo.errors import InputError, KyodoError

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

KEPT_S = 5.0
FEW = 10
"""Numbers of tickets below it are not told: few of them are people who can be found out."""


def make_folder(settings: Settings) -> Path:
    """An empty private folder for the files of this service's processes, and the environment that names it."""
    name = f"{socket.gethostname()}-{settings.port}"
    folder = settings.state_folder / "metrics" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ[FOLDER] = str(folder)
    return folder


@dataclass(eq=False)
class OfDatabase:
    """A collector of Prometheus' library; asks the database at most every `KEPT_S` seconds."""

    settings: Settings
    database: Database
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _found: list[tuple[str, str, float, dict[str, str]]] = field(default_factory=list)
    _asked_at: float = -KEPT_S

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        from prometheus_client.core import GaugeMetricFamily

        with self._lock:
            if time.monotonic() - self._asked_at >= KEPT_S:
                self._asked_at = time.monotonic()
                self._found = self._ask()
            found = self._found
        for name, words, value, labels in found:
            family = GaugeMetricFamily(name, words, labels=list(labels))
            family.add_metric(list(labels.values()), value)
            yield family

    def _ask(self) -> list[tuple[str, str, float, dict[str, str]]]:
        city = {"municipality": self.settings.municipality}
        found: list[tuple[str, str, float, dict[str, str]]] = []

        def tell(name: str, words: str, value: float | None, labels: dict[str, str] | None = None) -> None:
            if value is not None:
                found.append((name, words, float(value), labels or {}))

        up = 1.0
        try:
            base = health.base(self.database)
            tell(
                "kyodo_database_clock_ahead_seconds", "Clock of the database minus ours.", base.clock_ahead_s
            )
            current = base.schema == health.known_schema()
            tell(
                "kyodo_schema_current", "1 while the schema is the one this program was written for.", current
            )
            tell("kyodo_database_bytes", "Size of the database.", health.size(self.database))
            active = health.active(self.database, self.settings.municipality)
            if active is not None:
                tell("kyodo_generation_active", "Active generation.", active.generation_no, city)
                tell("kyodo_generation_age_seconds", "Time since the activation.", active.age_s(), city)
                tell("kyodo_revision_active", "Revision in the database.", active.revision, city)
            age = health.backup_age_s(self.database, self.settings.municipality)
            tell("kyodo_backup_age_seconds", "Time since the latest backup of the database.", age)
            self._jobs(tell)
            self._tickets(tell)
        except KyodoError:
            up = 0.0
        except Exception as error:
            logs.SERVICE.warning("figures of the database not read: %s", logs.failure(error))
            up = 0.0
        tell("kyodo_database_up", "1 while the database answers.", up)
        self._replica(tell)
        with contextlib.suppress(OSError):
            disk = shutil.disk_usage(self.settings.state_folder)
            tell("kyodo_state_disk_free_bytes", "Free room of the state folder's disk.", disk.free)
            tell("kyodo_state_disk_bytes", "Size of the state folder's disk.", disk.total)
        return found

    def _jobs(self, tell: Any) -> None:
        jobs = health.jobs(self.database)
        tell("kyodo_jobs_waiting", "Jobs waiting.", jobs.waiting)
        tell("kyodo_jobs_running", "Jobs running.", jobs.running)
        tell("kyodo_jobs_failed", "Jobs that failed.", jobs.failed)
        tell("kyodo_jobs_oldest_seconds", "How long the first job that could run has waited.", jobs.oldest_s)
        tell("kyodo_job_worker_seen_seconds", "Time since a job worker was seen.", jobs.seen_s)

    def _tickets(self, tell: Any) -> None:
        tickets = health.tickets(self.database, self.settings.municipality)
        for name in ("open", "overdue"):
            if tickets[name] >= FEW:
                tell(f"kyodo_tickets_{name}", f"Tickets {name}; absent below {FEW}.", tickets[name])
        tell("kyodo_mail_failed", "Mails given up.", tickets["mail_failed"])
        tell("kyodo_mail_waiting", "Mails waiting.", tickets["mail_pending"])

    def _replica(self, tell: Any) -> None:
        if self.settings.read_database_url is None:
            return
        up, behind = 1.0, None
        try:
            behind = health.replica_behind(self.settings.listen_url(), self.settings.read_database_url)
        except KyodoError:
            up = 0.0
        tell("kyodo_replica_up", "1 while primary and replica can be compared.", up)
        tell("kyodo_replica_behind_bytes", "Log of the primary that the replica has not replayed.", behind)


class Alive:
    """Files of gauges of processes that are gone are removed before the others are summed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> list[Any]:
        for file in self._folder.glob("gauge_live*.db"):
            pid = file.stem.rpartition("_")[2]
            if not Path(f"/proc/{pid}").exists():
                file.unlink(missing_ok=True)
        return []


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """The page, while the block runs; nothing without `KYODO_METRICS_PORT`.

    Raises `InputError` when the port cannot be had.
    """
    if settings.metrics_port is None:
        yield
        return
    folder = make_folder(settings)
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    database = Database(settings.app_url(), pooled=settings.pooled, min_size=1, max_size=2, timeout_s=2.0)
    registry = CollectorRegistry()
    registry.register(Alive(folder))
    MultiProcessCollector(registry, str(folder))
    registry.register(OfDatabase(settings, database))
    try:
        server, _ = start_http_server(settings.metrics_port, settings.metrics_host, registry)
    except OSError as error:
        raise InputError(
            f"測定値のポート {settings.metrics_port} で待ち受けられません（{error.strerror or error}）。"
            "KYODO_METRICS_PORT と KYODO_METRICS_HOST を確かめてください。",
            field="KYODO_METRICS_PORT",
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        database.close()
        shutil.rmtree(folder, ignore_errors=True)
