"""Starts the child that makes a PDF, and waits no longer than a person would."""

from __future__ import annotations

import os
import subprocess
import sys

from api import logs
from api.bounded import ROOT
from kyodo_geo.errors import UnavailableError

TIMEOUT_S = 45.0
AT_ONCE = 2
"""Renderings of one process at the same time: each takes a processor for about a second and 150 MB."""

# What a font library needs to find its fonts and its cache; no setting of ours, no password, no proxy.
_PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "XDG_CACHE_HOME",
    "FONTCONFIG_PATH",
    "FONTCONFIG_FILE",
    "TMPDIR",
)


def render(html: str, *, timeout_s: float = TIMEOUT_S) -> bytes:
    """PDF bytes of a finished page (blocking). Raises `UnavailableError` when it cannot be made."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "api.paper.child"],
            input=html.encode(),
            capture_output=True,
            timeout=timeout_s,
            check=False,
            cwd=ROOT,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logs.SERVICE.error("paper: %s", type(error).__name__)
        raise UnavailableError(_SORRY) from None
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        said = [
            line for line in done.stderr.decode("utf-8", "replace").splitlines() if "kyodo-paper:" in line
        ]
        logs.SERVICE.error("paper: exit %d %s", done.returncode, " ".join(said[-1:]))
        raise UnavailableError(_SORRY)
    return done.stdout


_SORRY = "PDF を作れませんでした。しばらくしてからもう一度お試しください。画面の印刷でもお渡しできます。"
