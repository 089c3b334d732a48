"""Child processes of `kyodo-geo up`: started together, watched, and ended together."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[2]


@dataclass
class Child:
    """One running `kyodo-geo` command."""

    name: str
    process: subprocess.Popen[bytes]


def start(name: str, *arguments: str) -> Child:
    """Start `kyodo-geo NAME ARGUMENTS` with our environment.

    The child gets a session of its own, so that Ctrl-C reaches only us and we decide the order; should we be
    killed outright, the kernel ends it (`setpriv --pdeathsig`).
    """
    setpriv = shutil.which("setpriv")
    leash = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
    # -P and PYTHONPATH: find our packages wherever we were started, and nothing from the current directory.
    environment = {**os.environ, "PYTHONPATH": str(PACKAGES)}
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*leash, sys.executable, "-P", "-m", "api.cli", name, *arguments],
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    return Child(name, process)


def first_ended(children: list[Child]) -> Child | None:
    """A child that is no longer running, if there is one."""
    return next((child for child in children if child.process.poll() is not None), None)


def stop_all(children: list[Child], *, grace_s: float = 15.0) -> list[str]:
    """Ask every child to end, newest first, and kill what has not ended after `grace_s` seconds.

    Returns the names of those that had to be killed.
    """
    for child in reversed(children):
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + grace_s
    killed = []
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
            killed.append(child.name)
    return killed
