"""Our own log: what was asked by route, never by address.

A request is logged as method, route template (`/districts/{no}`), status, milliseconds and bytes. Neither query
strings nor raw paths nor bodies are written anywhere: a lookup's address stands in them. uvicorn's own access log
stays off (`access_log=False`, and `uvicorn_log_config` leaves it out should somebody switch it on).
"""

from __future__ import annotations

import copy
import logging
import sys
import time
import traceback
from typing import Any

ACCESS = logging.getLogger("kyodo.access")
SERVICE = logging.getLogger("kyodo.service")
ACCESS_LINE = "%s %s %d %.0fms %dB"
FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"


def configure(level: str) -> None:
    """Let the loggers below `kyodo` write to standard error; harmless when called again."""
    logger = logging.getLogger("kyodo")
    logger.setLevel(level.upper())
    # Our lines name neither threads nor tasks: not to be looked up for each.
    logging.logThreads = logging.logMultiprocessing = False
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines(FORMAT))
        logger.addHandler(handler)


class Lines(logging.Formatter):
    """Writes the time of day once a second and its milliseconds for each line: a quarter of what a line costs."""

    _second = -1
    _written = ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        second = int(record.created)
        if second != self._second:
            written = self.converter(record.created)
            # The second last: another thread that sees it finds the text of it or of the one before.
            self._written = time.strftime("%Y-%m-%d %H:%M:%S", written)
            self._second = second
        return f"{self._written},{int(record.msecs):03d}"


def access(method: str, route: str, status: int, spent_ms: float, sent: int) -> None:
    """The one line of a request; `route` is a template and never what was asked."""
    if ACCESS.isEnabledFor(logging.INFO):
        # Without the look for the line of code that logs: it is always this one.
        values = (method, route, status, spent_ms, sent)
        ACCESS.handle(logging.LogRecord(ACCESS.name, logging.INFO, "", 0, ACCESS_LINE, values, None))


def uvicorn_log_config(level: str) -> dict[str, Any]:
    """uvicorn's logging without its access log, whose lines hold query strings."""
    from uvicorn.config import LOGGING_CONFIG

    config = copy.deepcopy(LOGGING_CONFIG)
    config["loggers"]["uvicorn.access"] = {"handlers": [], "level": "CRITICAL", "propagate": False}
    config["loggers"]["uvicorn"]["level"] = level.upper()
    return config


def failure(error: BaseException) -> str:
    """Where an unexpected failure happened: its class and the lines of code, without its message or any value.

    Messages of exceptions quote what they choked on ("could not convert string … to float").
    """
    frames = traceback.extract_tb(error.__traceback__)[-10:]
    places = " < ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    cause = error.__cause__ or error.__context__
    return f"{type(error).__name__} at {places}" + (f" | caused by {failure(cause)}" if cause else "")
