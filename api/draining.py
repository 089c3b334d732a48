"""The end of a web process, in order: it says so, lets the balancer take it out, finishes what it is at, and goes.

uvicorn closes its listening socket within a tenth of a second of SIGTERM, finishes the requests under way and closes
idle connections. What comes before that is here: `/readyz` answers 503 from the very signal on, and with
`KYODO_DRAIN_SECONDS` new connections are still taken for so long.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from api import logs


@contextlib.contextmanager
def draining_on_signal(draining: threading.Event, seconds: float) -> Iterator[None]:
    """Set `draining` at SIGTERM, and hand the signal to who handled it before `seconds` later; a second one at once.

    Does nothing outside of a process's main thread: there, nobody sends signals to this application.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: Any = signal.getsignal(signal.SIGTERM)
    if not callable(before):
        yield
        return
    loop = asyncio.get_running_loop()

    def told(number: int, frame: FrameType | None) -> None:
        again = draining.is_set()
        draining.set()
        if again or not seconds:
            before(number, frame)
        else:
            loop.call_soon_threadsafe(loop.call_later, seconds, before, number, None)
            logs.SERVICE.info("ending: not ready any more, new connections for %.0f s yet", seconds)

    signal.signal(signal.SIGTERM, told)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
