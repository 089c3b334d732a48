"""Whether a process can answer, and what somebody should look after although it can (`/readyz`)."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.live import NO_DATABASE
from geodata import health
from geodata.database import Database
from kyodo_geo.errors import KyodoError, UnavailableError

if TYPE_CHECKING:
    from api.services import Services

READ_ONLY = "主データベースに接続できません。読み取りだけに答えています。"
DRAINING = "停止の準備をしています。新しい要求は、ほかの実体に送ってください。"
OLD_SCHEMA = (
    "データベースのスキーマが古い版です（{found}。このプログラムは {known}）。"
    "`kyodo-geo db upgrade` を実行してください。"
)
NEW_SCHEMA = "データベースのスキーマが、このプログラムより新しい版です（{found}。このプログラムは {known}）。"
NO_WORKER = "仕事を実行するプロセス（kyodo-geo worker）が動いていないようです。メールの送信や定期の片付けが止まっています。"
REPLICA = "レプリカが遅れているか、止まっています。主データベースから読んでいます。"
CLOCK = "データベースの時計と {seconds:.0f} 秒ずれています。時刻の同期（NTP）を確かめてください。"
DISK = "状態フォルダーのディスクの空きが少なくなっています（残り {free:.1f} GB）。"

MAX_SKEW_S = 5.0
LEAST_FREE_BYTES = 2 * 2**30
LEAST_FREE_SHARE = 0.05
KEPT_S = 5.0
"""How long the state of jobs and disk is taken for true: anybody may ask here, again and again."""


@dataclass(frozen=True, slots=True)
class Told:
    """`status` is ok, read-only or unavailable (see `reasons`); `warnings` are for whoever runs the service."""

    status: str
    reasons: list[str]
    warnings: list[str]

    @property
    def ready(self) -> bool:
        return self.status != "unavailable"


@dataclass(slots=True)
class Readiness:
    """Of one process. `look` blocks for a moment: it asks the database."""

    _warnings: list[str] = field(default_factory=list)
    _looked_at: float = -KEPT_S

    def look(self, services: Services) -> Told:
        if services.draining.is_set():
            return Told("unavailable", [DRAINING], [])
        reasons = services.live.reasons()
        replica = services.database.replica
        # The primary is away and the replica is there: everything is answered, nothing can be written.
        read_only = reasons == [NO_DATABASE] and replica is not None
        warnings: list[str] = []
        if not reasons or read_only:
            try:
                reasons_of_base, warnings = of_base(health.base(services.database))
            except UnavailableError as error:
                return Told("unavailable", [error.message], [])
            if reasons_of_base:
                return Told("unavailable", reasons_of_base, warnings)
        if read_only:
            return Told("read-only", [READ_ONLY], warnings)
        if reasons:
            return Told("unavailable", reasons, warnings)
        warnings += self._looked_after(services)
        return Told("ok", [], warnings)

    def _looked_after(self, services: Services) -> list[str]:
        if time.monotonic() - self._looked_at >= KEPT_S:
            self._looked_at = time.monotonic()
            self._warnings = [*of_jobs(services.database), *of_disk(services)]
        replica = services.database.replica
        return [*self._warnings, *([REPLICA] if replica is not None and not replica.good else [])]


def of_base(found: health.Base) -> tuple[list[str], list[str]]:
    """Reasons and warnings."""
    known = health.known_schema()
    reasons, warnings = [], []
    if found.schema is None or found.schema < known:
        reasons.append(OLD_SCHEMA.format(found=found.schema or "不明", known=known))
    elif found.schema > known:
        warnings.append(NEW_SCHEMA.format(found=found.schema, known=known))
    if abs(found.clock_ahead_s) > MAX_SKEW_S:
        warnings.append(CLOCK.format(seconds=abs(found.clock_ahead_s)))
    return reasons, warnings


def of_jobs(database: Database) -> list[str]:
    try:
        return [] if health.jobs(database).worker_there else [NO_WORKER]
    except KyodoError:
        return []


def of_disk(services: Services) -> list[str]:
    """Nothing where the folder is not there yet: it is made when it is first needed."""
    try:
        disk = shutil.disk_usage(services.settings.state_folder)
    except OSError:
        return []
    if disk.free >= min(LEAST_FREE_BYTES, disk.total * LEAST_FREE_SHARE):
        return []
    return [DISK.format(free=disk.free / 2**30)]
