"""The service under test: a state directory of its own, people who may sign in, and what is done beside the traffic."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from api.auth.sign_in import SignIn
from api.settings import Settings, load_settings
from bench.server.processes import Running, pss_mb, running
from bench.soak.client import Client
from geodata import accounts, offices, partner_keys
from geodata.database import Audience, Database
from geodata.queries.generation import resolve
from geodata.queries.snapshot import lookup_snapshot
from kyodo_geo.offices import OfficeRow
from kyodo_geo.roles import Role
from kyodo_geo.tile_grid import position

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).parent / "kyodo-geo"
WEST, SOUTH, EAST, NORTH = 141.0, 39.55, 141.35, 39.85


@dataclass
class World:
    """The running service and what the traffic needs of it."""

    running: Running
    settings: Settings
    addresses: list[str]
    session: str
    key: str
    environment: dict[str, str]
    folder: Path
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def log_faults(self) -> list[str]:
        """What the service itself logged as a fault."""
        lines = (self.folder / "up.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return [
            line
            for line in lines
            if "failed:" in line or "Traceback" in line or '"level":"error"' in line.lower()
        ]

    def client(self, who: str) -> Client:
        made = Client(self.running.port)
        if who == "staff":
            made.cookies["kyodo_session"] = self.session
        elif who == "program":
            made.key = self.key
        return made

    def tile(self, z: int, across: float, down: float) -> tuple[int, int]:
        x, y = position(WEST + across * (EAST - WEST), SOUTH + down * (NORTH - SOUTH), z)
        return int(x), int(y)

    def memory(self) -> dict[str, float]:
        """PSS in MB of each lasting process of ours, by what it is."""
        found = {}
        for pid in self.running.pids():
            with contextlib.suppress(OSError):
                words = (
                    Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
                if "postgres" in words.split(" ")[0] or "_child" in words or "resource_tracker" in words:
                    continue
                found[f"{_called(words)} {pid}"] = pss_mb(pid)
        return found

    def importing(self) -> subprocess.Popen[bytes]:
        """`kyodo-geo import` of facilities, as an administrator does it; nothing is activated."""
        path = self.folder / "facilities.csv"
        if not path.exists():
            lines = ["番号,名称,種別,経度,緯度"]
            lines += [
                f"soak{n},負荷試験 {n},集会所,{141.05 + n % 200 / 1000:.4f},{39.62 + n // 200 / 1000:.4f}"
                for n in range(20_000)
            ]
            path.write_text("\n".join(lines), encoding="utf-8")
        return self._start(
            "import", "facilities", str(path), "--quality", "unofficial", "--source", "負荷試験"
        )

    def solving(self) -> subprocess.Popen[bytes]:
        """The arrays of reach made anew, as after a new network: minutes of processor."""
        return self._start("reach", "prepare")

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        made = subprocess.Popen(
            [PROGRAM, *words], cwd=ROOT, env={**os.environ, **self.environment}, stdout=subprocess.DEVNULL,
            stderr=(self.folder / f"{words[0]}.log").open("ab"),
        )  # fmt: skip
        self.children.append(made)
        return made


def _called(words: str) -> str:
    for name in ("worker", "serve", "up", "spawn_main"):
        if name in words:
            return {"spawn_main": "web", "serve": "supervisor"}.get(name, name)
    return "other"


@contextlib.contextmanager
def world(workers: int) -> Iterator[World]:
    """A service of its own on the bundled sample, ended with the block."""
    with tempfile.TemporaryDirectory(prefix="kyodo-soak-") as place:
        Path(place).chmod(0o755)  # PostgreSQL may run as another user
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        state = Path(place) / "state"
        environment = {
            "KYODO_STATE_DIR": str(state), "KYODO_PORT": str(port), "KYODO_WORKERS": str(workers),
            "KYODO_LOG_LEVEL": "warning", "KYODO_BASE_URL": f"http://127.0.0.1:{port}",
        }  # fmt: skip
        log = Path(place) / "up.log"
        with running([PROGRAM, "up"], environment, port, "/readyz", log) as service:
            settings = load_settings(state_dir=state, port=port)
            database = Database(settings.app_url(), max_size=2)
            try:
                session, key = _people(database, settings)
                with database.read() as conn:
                    towns = lookup_snapshot(conn, resolve(conn, settings.municipality)).towns
            finally:
                database.close()
            names = cycle(f"盛岡市{town.name}{town.koaza or ''}" for town in towns)
            texts = [f"{name}{n % 30 + 1}番{n % 20 + 1}号" for n, name in enumerate(islice(names, 2_000))]
            made = World(service, settings, texts, session, key, environment, Path(place))
            try:
                yield made
            finally:
                for child in made.children:
                    if child.poll() is None:
                        child.terminate()
                        child.wait(30)


def _people(database: Database, settings: Settings) -> tuple[str, str]:
    """A session of an administrator, and a key of an office."""
    with database.write(Audience.AUTH) as conn:
        user = accounts.add_user(
            conn, settings.municipality, "soak", "負荷試験", {Role.ADMINISTRATOR}, by="soak"
        )
        session = SignIn(database, settings)._open(conn, user.user_id, None)
        rows = [OfficeRow("soak", "負荷試験店", "soak.office", "負荷試験")]
        offices.enter(conn, settings.municipality, "soak", "負荷試験", rows, by="soak")
        _, key = partner_keys.issue(conn, settings.municipality, "負荷試験", by="soak", office_id="soak")
    return session, key


def machine() -> str:
    """What the figures were measured on."""
    words = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return f"{len(words)} × {words[0] if words else '?'}, {time.strftime('%Y-%m-%d')}, {json.dumps(os.getloadavg())}"
