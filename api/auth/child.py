"""`python -m api.auth.child TASK`: one task of sign-in, its question on standard input, its answer on standard output."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

import orjson

from api.bounded import bound, end_with_parent
from kyodo_geo.errors import KyodoError

MEMORY = 1 << 30
SECONDS = 20


def answer(task: str, given: dict[str, Any]) -> dict[str, Any]:
    """`{"result": …}`, or the error as `{"error": class, "message": …, "details": …, "why": for operators}`."""
    from api.auth import authenticator, directory, provider

    tasks: dict[str, Callable[..., dict[str, Any]]] = {
        "provider.begin": provider.begin,
        "provider.finish": provider.finish,
        "provider.end": provider.end,
        "provider.signed-out": provider.signed_out,
        "directory.check": directory.check,
        "authenticator.make": authenticator.make,
        "authenticator.show": authenticator.show,
        "authenticator.step": authenticator.step,
    }
    try:
        return {"result": tasks[task](**given)}
    except KyodoError as error:
        details = {name: value for name, value in error.details.items() if name in ("field", "reason")}
        return {
            "error": type(error).__name__,
            "message": error.message,
            "details": details,
            "why": error.details.get("why"),
        }


def main() -> None:
    """Answer and end; a fault we did not expect ends without an answer and without a word of what was sent."""
    end_with_parent()
    bound(MEMORY, SECONDS)
    warnings.simplefilter("ignore")
    try:
        told = answer(sys.argv[1], orjson.loads(sys.stdin.buffer.read()))
    except Exception as error:
        # Class and place only: messages quote what was sent.
        sys.stderr.write(type(error).__name__)
        sys.exit(1)
    sys.stdout.buffer.write(orjson.dumps(told))


if __name__ == "__main__":
    main()
