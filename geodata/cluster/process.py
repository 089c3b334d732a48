"""Running PostgreSQL's programs as the right user, and telling a live server from a stale pid file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from geodata.cluster.layout import Account
from kyodo_geo.errors import UnavailableError

#: The programs get a fixed environment: no PG* variable of the caller may redirect them.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}


def run_as(account: Account, command: list[str], what: str, *, timeout: float = 300) -> str:
    """Run one program as `account` and return its output.

    Raises UnavailableError with the program's own words in `details["output"]` when it fails; `what` is
    the Japanese name of the step.
    """
    # setuid needs root and is a no-op (EPERM on setgroups) for everybody else, hence the condition.
    extra = account.uid != os.geteuid()
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            command,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            text=True,
            user=account.uid if extra else None,
            group=account.gid if extra else None,
            extra_groups=os.getgrouplist(account.name, account.gid) if extra else None,
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(
            f"{what}が{timeout:.0f}秒で終わりませんでした。", output=str(error.output)
        ) from error
    if done.returncode != 0:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise UnavailableError(f"{what}に失敗しました。\n{tail}", output=done.stdout, command=command[0])
    return done.stdout


def working_directory(pid: int) -> Path | None:
    """Current directory of a process; None when it has gone or is not ours to look at."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def processes_in(folder: Path) -> list[int]:
    """Processes whose current directory is `folder`: a PostgreSQL server and its children, all of them."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if working_directory(pid) == folder]


def read_pid(pid_file: Path) -> int | None:
    """Process number in the first line of postmaster.pid; None when there is no usable file."""
    try:
        first = pid_file.read_text().splitlines()[0]
        return abs(int(first))
    except (OSError, IndexError, ValueError):
        return None


def is_zombie(pid: int) -> bool:
    """A killed process nobody has waited for still has a number, though it runs no more."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] == "Z"
