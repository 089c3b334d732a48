"""Where the private cluster keeps its files, which programs it runs and as which operating-system user.

Nothing here starts a process. As root the server cannot run as root (PostgreSQL refuses), so it runs as
Debian's `postgres` user; otherwise it runs as whoever started it.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kyodo_geo.errors import UnavailableError

#: `sun_path` of a unix socket address holds 108 bytes with its terminating zero.
MAX_SOCKET_PATH_BYTES = 107
SOCKET_NAME = ".s.PGSQL.5432"
PREFERRED_MAJOR = 15
CHECKOUT = Path(__file__).resolve().parents[2]


def default_state_dir(checkout: Path = CHECKOUT) -> Path:
    """State directory of one checkout: under /var/lib as root, else under the XDG state directory.

    The hash of the checkout's path keeps two checkouts on one machine apart.
    """
    name = hashlib.sha256(os.fsencode(checkout.resolve())).hexdigest()[:12]
    if os.geteuid() == 0:
        return Path("/var/lib/kyodo-geo") / name
    xdg = os.environ.get("XDG_STATE_HOME", "")
    base = Path(xdg) if xdg.startswith("/") else Path.home() / ".local" / "state"
    return base / "kyodo-geo" / name


@dataclass(frozen=True)
class Account:
    """An operating-system account the server or its owner runs as."""

    name: str
    uid: int
    gid: int

    @classmethod
    def current(cls) -> Account:
        """The account of this process; peer authentication needs it to have a name."""
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError:
            raise UnavailableError(
                f"実行中の利用者（uid {os.geteuid()}）に名前がないため、専用データベースを使えません。"
                "名前のある利用者で実行するか、KYODO_DATABASE_URL で既存の PostGIS を指定してください。"
            ) from None
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @classmethod
    def for_server(cls) -> Account:
        """`postgres` when we are root, otherwise ourselves."""
        if os.geteuid() != 0:
            return cls.current()
        try:
            entry = pwd.getpwnam("postgres")
        except KeyError:
            raise UnavailableError(
                "利用者 postgres がありません。`make up` を実行して PostgreSQL を導入してください。"
            ) from None
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True)
class Layout:
    """All paths of one private cluster."""

    state_dir: Path

    @property
    def data(self) -> Path:
        return self.state_dir / "pgdata"

    @property
    def data_unfinished(self) -> Path:
        """Where initdb works; renamed to `data` only once it has succeeded."""
        return self.state_dir / "pgdata.unfinished"

    @property
    def log(self) -> Path:
        return self.state_dir / "log"

    @property
    def lock(self) -> Path:
        return self.state_dir / "lock"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def socket_dir(self) -> Path:
        """`run` in the state directory, or a short directory under /tmp when that path would be too long.

        Depends on the state directory alone, so that every process of the same checkout finds it.
        """
        inside = self.state_dir / "run"
        if len(os.fsencode(inside / SOCKET_NAME)) <= MAX_SOCKET_PATH_BYTES:
            return inside
        name = hashlib.sha256(os.fsencode(self.state_dir)).hexdigest()[:16]
        return Path("/tmp") / f"kyodo-geo-{name}"  # noqa: S108 - ownership is verified by private_dir

    @property
    def socket(self) -> Path:
        return self.socket_dir / SOCKET_NAME

    @property
    def socket_lock(self) -> Path:
        """PostgreSQL's second lock file, beside the socket, holding the same process number."""
        return self.socket_dir / f"{SOCKET_NAME}.lock"

    def url(self, role: str, dbname: str) -> str:
        """libpq URL over the unix socket; there is no password, the kernel tells the server who we are."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{quote(role, safe='')}@/{quote(dbname, safe='')}?host={host}"


def private_dir(path: Path, account: Account) -> None:
    """Make `path` a directory of mode 0700 owned by `account`; refuse one that belongs to somebody else.

    A name under /tmp can be taken beforehand by another user, hence `lstat` and the refusal of links.
    """
    if not os.path.lexists(path):
        path.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(path, account.uid, account.gid)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise UnavailableError(
            f"{path} は利用者 {account.name} のフォルダーではないため、データベースに使えません。"
            "中身を確かめて移動してから、もう一度実行してください。",
            path=str(path),
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)


def require_reachable(path: Path, account: Account) -> None:
    """Raise UnavailableError when `account` may not enter every folder above and including `path`."""
    if account.uid == os.geteuid():
        return
    groups = os.getgrouplist(account.name, account.gid)
    for folder in [*reversed(path.parents), path]:
        found = folder.stat()
        others = stat.S_IXGRP if found.st_gid in groups else stat.S_IXOTH
        if not found.st_mode & (stat.S_IXUSR if found.st_uid == account.uid else others):
            raise UnavailableError(
                f"データベースの利用者 {account.name} がフォルダー {folder} に入れません。"
                "KYODO_STATE_DIR に、誰でも通れるフォルダーの下（例 /var/lib/kyodo-geo）を指定してください。",
                path=str(folder),
            )


def find_binaries(data: Path | None = None) -> Path:
    """Folder of PostgreSQL's server programs with PostGIS beside them.

    An existing data directory decides the major version; else 15 is preferred, else the oldest newer one.
    """
    wanted: int | None = None
    if data is not None and (data / "PG_VERSION").is_file():
        wanted = int((data / "PG_VERSION").read_text().strip())
    found: dict[int, Path] = {}
    for folder in Path("/usr/lib/postgresql").glob("*/bin"):
        major = folder.parent.name
        control = Path("/usr/share/postgresql") / major / "extension" / "postgis.control"
        if major.isdigit() and (folder / "postgres").exists() and control.exists():
            found[int(major)] = folder
    if wanted is None and found:
        newer = sorted(m for m in found if m >= PREFERRED_MAJOR)
        wanted = newer[0] if newer else None
    if wanted is None or wanted not in found:
        raise UnavailableError(
            f"PostgreSQL {wanted or PREFERRED_MAJOR} と PostGIS 3 が見つかりません。"
            "`make up` を実行すると導入します。"
            "既存の PostGIS を使う場合は KYODO_DATABASE_URL を指定してください。"
        )
    return found[wanted]
