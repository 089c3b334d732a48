"""Our own log: what was asked by route, never by address.

A request is logged as method, route template (`/districts/{no}`), status, milliseconds, bytes and the id that its
answer carries (`X-Request-ID`). Neither query strings nor raw paths nor bodies are written anywhere: a lookup's address
stands in them. uvicorn's own access log stays off (`access_log=False`, and `uvicorn_log_config` leaves it out should
somebody switch it on). One line is one record, as text or as JSON (`KYODO_LOG_FORMAT`).
"""

from __future__ import annotations

import copy
import logging
import os
import sys
import time
import traceback
from contextvars import ContextVar
from typing import Any

import orjson

ACCESS = logging.getLogger("kyodo.access")
SERVICE = logging.getLogger("kyodo.service")
ACCESS_LINE = "%s %s %d %.0fms %dB %s"
FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"

OF: ContextVar[str] = ContextVar("kyodo.of", default="")
"""What a line belongs to: `request <id>`, `job <task> <id>`; empty where nobody asked for anything."""
FORM, OF_PARENT = "LOG_FORM", "LOG_OF"
_form = "text"


def configure(level: str, form: str = "text") -> None:
    """Let the loggers below `kyodo` write to standard error, as `text` or `json`; harmless when called again."""
    global _form
    _form = form
    logger = logging.getLogger("kyodo")
    logger.setLevel(level.upper())
    # Our lines name neither threads nor tasks: not to be looked up for each.
    logging.logThreads = logging.logMultiprocessing = False
    if not logger.handlers:
        logger.addHandler(_handler(form))
        if form == "json" and not logging.getLogger().handlers:
            # What libraries warn of is a record like ours, and not a line of another shape among them.
            logging.getLogger().addHandler(_handler(form))
        logger.propagate = form != "json"


def configure_child() -> None:
    """For a process of ours that knows no settings: what `for_child` put into its environment."""
    configure("info", os.environ.get(FORM, "text"))
    OF.set(os.environ.get(OF_PARENT, ""))


def for_child() -> dict[str, str]:
    """Environment of a process whose lines are to be of our form and name our request or job."""
    return {FORM: _form, OF_PARENT: OF.get()}


def _handler(form: str) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(json_lines() if form == "json" else Lines(FORMAT))
    return handler


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

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        line = super().formatMessage(record)
        if record.name == "kyodo.access":
            return line
        of = OF.get()
        return f"{line} [{of}]" if of else line


def json_lines() -> logging.Formatter:
    """The formatter of JSON lines; the library comes with it, so only where it is wanted."""
    from pythonjsonlogger.orjson import OrjsonFormatter

    class JsonLines(OrjsonFormatter):
        """One object per line. Of exceptions only class and places: their messages quote what they choked on."""

        def format(self, record: logging.LogRecord) -> str:
            if record.name == "kyodo.access" and isinstance(record.args, tuple):
                values: tuple[Any, ...] = record.args
                method, route, status, spent, sent, request_id = values
                line = {
                    "time": _instant(record.created), "level": "INFO", "logger": "kyodo.access",
                    "pid": record.process, "message": "request", "method": method, "route": route,
                    "status": status, "ms": round(spent, 1), "bytes": sent, "request_id": request_id,
                }  # fmt: skip
                return orjson.dumps(line).decode()
            written: str = super().format(record)
            return written

        def add_fields(
            self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
        ) -> None:
            log_data.update(
                time=_instant(record.created),
                level=record.levelname,
                logger=record.name,
                pid=record.process,
                message=record.getMessage(),
            )
            kind, _, rest = OF.get().partition(" ")
            if kind == "request":
                log_data["request_id"] = rest
            elif kind == "job":
                log_data["task"], _, log_data["job_id"] = rest.rpartition(" ")
            if record.exc_info and record.exc_info[1] is not None:
                log_data["failure"] = failure(record.exc_info[1])

    return JsonLines()


_last = (-1, "")


def _instant(seconds: float) -> str:
    """The time in UTC; all but the milliseconds is written once a second."""
    global _last
    whole = int(seconds)
    second, written = _last  # taken and put as one: other threads may be here
    if second != whole:
        written = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
        _last = (whole, written)
    return f"{written}.{int((seconds - whole) * 1000):03d}Z"


def access(method: str, route: str, status: int, spent_ms: float, sent: int, request_id: str = "-") -> None:
    """The one line of a request; `route` is a template and never what was asked."""
    if ACCESS.isEnabledFor(logging.INFO):
        # Without the look for the line of code that logs: it is always this one.
        values = (method, route, status, spent_ms, sent, request_id)
        ACCESS.handle(logging.LogRecord(ACCESS.name, logging.INFO, "", 0, ACCESS_LINE, values, None))


def uvicorn_log_config(level: str, form: str = "text") -> dict[str, Any]:
    """uvicorn's logging without its access log, whose lines hold query strings."""
    from uvicorn.config import LOGGING_CONFIG

    config = copy.deepcopy(LOGGING_CONFIG)
    config["loggers"]["uvicorn.access"] = {"handlers": [], "level": "CRITICAL", "propagate": False}
    config["loggers"]["uvicorn"]["level"] = level.upper()
    if form == "json":
        config["formatters"]["default"] = {"()": "api.logs.json_lines"}
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
