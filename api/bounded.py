"""What processes of ours with bounded memory and time have in common: limits, the little they are given, how they refuse.

Imported before the libraries that the limits are for: nothing here brings any.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import NoReturn

from kyodo_geo.errors import InputError, KyodoError

ROOT = Path(__file__).resolve().parents[1]
"""Where `python -m` finds our modules."""
REFUSED, UNAVAILABLE = 10, 11
"""Exit codes of a child whose sentence for the reader is on standard error: the question is at fault, or the service."""
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")


def bound(memory: int, seconds: int) -> None:
    """Limit this process to `memory` bytes of addresses and `seconds` of processor; no dump of it is ever written."""
    for what, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory)):
        _, ours = resource.getrlimit(
            what
        )  # we may have been started within narrower bounds, which only root may widen
        most = most if ours == resource.RLIM_INFINITY else min(most, ours)
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it would hold whatever the process was working on


def end_with_parent() -> None:
    """From now on the kernel ends this process when the thread that started it ends, even by kill -9.

    Only for children whose parent waits for them in the very thread that started them: an export that is streamed by
    whatever thread is free must not call this (its pipe ends it). Elsewhere than on Linux it does nothing.
    """
    import ctypes
    import signal

    set_parent_death_signal = 1
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(set_parent_death_signal, signal.SIGKILL)


def environment(*, database: bool = False) -> dict[str, str]:
    """What the libraries and the log lines need of our environment; no setting of ours.

    With `database` what the driver needs too (the password's place among it): never for a child that reads what a
    stranger sent, or speaks with another server, and asks the database nothing.
    """
    from api import logs

    given = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or (database and name.startswith("PG"))
    }
    return {**given, **logs.for_child()}


def give_up(error: KyodoError) -> NoReturn:
    """End this process with the sentence of the error, and the code by which its parent raises the like."""
    sys.stderr.write(error.message)
    sys.exit(REFUSED if isinstance(error, InputError) else UNAVAILABLE)
