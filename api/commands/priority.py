"""Programs that compute for long step back, so that pages and lookups go first on a machine with few processors."""

from __future__ import annotations

import os
from contextlib import suppress

NICE = 10


def step_back() -> None:
    """Lower this process's priority; its children inherit it.

    Under systemd the unit does it (`Nice=`), and refuses us the call.
    """
    with suppress(OSError):
        if os.getpriority(os.PRIO_PROCESS, 0) < NICE:
            os.setpriority(os.PRIO_PROCESS, 0, NICE)
