"""Work of sign-in that needs heavy libraries or waits for other servers: a short-lived process of its own.

Authlib, ldap3 and cryptography take 16, 5 and 7 MB of a web worker for good; what they read (tokens, certificates, answers
of a directory) comes from elsewhere. What the child is told goes through its standard input, never through its arguments.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

import orjson

from api import logs
from api.bounded import ROOT, environment
from kyodo_geo import errors

AT_ONCE = 4
WAIT_S = 3.0
"""How long a sign-in waits for its turn: others (local passwords) must go on while a provider hangs."""

# A city's way out may be a proxy, and its list of authorities a file.
_PASSED_ON = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")
_RAISED: dict[str, type[errors.KyodoError]] = {
    found.__name__: found
    for found in (errors.InputError, errors.ForbiddenError, errors.UnavailableError, errors.NotFoundError)
}
_TURNS = threading.BoundedSemaphore(AT_ONCE)
_BUSY = "サインインが混み合っています。しばらくしてからもう一度お試しください。"
_SORRY = "サインインの処理ができませんでした。しばらくしてからもう一度お試しください。"


def call(task: str, *, timeout_s: float, **given: Any) -> dict[str, Any]:
    """What the task of `api.auth.child` answers (blocking). Raises its error, and UnavailableError when it does not end."""
    if not _TURNS.acquire(timeout=WAIT_S):
        raise errors.UnavailableError(_BUSY)
    try:
        done = subprocess.run(  # noqa: S603 - our own program, a task of ours
            [sys.executable, "-m", "api.auth.child", task],
            input=orjson.dumps(given),
            capture_output=True,
            timeout=timeout_s,
            check=False,
            cwd=ROOT,
            env={**environment(), **{name: os.environ[name] for name in _PASSED_ON if name in os.environ}},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logs.SERVICE.error("sign-in: %s %s", task, type(error).__name__)
        raise errors.UnavailableError(_SORRY) from None
    finally:
        _TURNS.release()
    try:
        answer: dict[str, Any] = orjson.loads(done.stdout)
    except ValueError:
        logs.SERVICE.error("sign-in: %s exit %d", task, done.returncode)
        raise errors.UnavailableError(_SORRY) from None
    return unpacked(task, answer)


def unpacked(task: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The child's result; its error is raised, and logged with the reason that is for operators."""
    raised = _RAISED.get(answer.get("error", ""))
    if raised is not None:
        if answer.get("why"):
            logs.SERVICE.warning("sign-in: %s %s", task, answer["why"])
        raise raised(answer["message"], **answer.get("details", {}))
    result: dict[str, Any] = answer["result"]
    return result
