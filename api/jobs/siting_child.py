"""One siting run in a process with bounded memory and time: `python -m api.jobs.siting_child`.

Standard input: a line of JSON (url, municipality, model, question, memory), then "stop" when the run is to be ended; its end
means that the worker is gone, and ends this process. Standard output: a line of JSON per piece of news — `phase`,
`progress` (objective and bound), `found` (a result to keep when this process must be ended), at last `done` with the result
or `refused` with a sentence. The database is only read: what is kept is written by the worker.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import orjson

from api.bounded import bound, end_with_parent

GATHERING_S = 600
"""CPU seconds for everything but solving."""
ORPHANED = 3


class Line:
    """What stands on the pipe to the worker; nothing else may print there."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)  # libraries that print do it on the log

    def say(self, kind: str, **news: Any) -> None:
        try:
            self._out.write(
                orjson.dumps(
                    {"kind": kind, **news}, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
                )
            )
        except BrokenPipeError:
            os._exit(ORPHANED)


def listen(rest: bytes, stop: threading.Event) -> None:
    # Not through sys.stdin: a thread that waits there keeps the interpreter from ending.
    while b"stop\n" not in rest:
        more = os.read(0, 4096)
        if not more:
            os._exit(ORPHANED)
        rest += more
    stop.set()
    while os.read(0, 4096):
        pass
    os._exit(ORPHANED)


def told_of() -> tuple[dict[str, Any], bytes]:
    """(what is to be done, what was read beyond it)."""
    read = b""
    while b"\n" not in read:
        more = os.read(0, 65536)
        if not more:
            sys.exit(ORPHANED)
        read += more
    line, _, rest = read.partition(b"\n")
    return orjson.loads(line), rest


def main() -> None:
    """Bounds first, then the libraries."""
    end_with_parent()
    told, rest = told_of()
    cpu = int(told["question"]["seconds"]) + GATHERING_S
    bound(told["memory"], cpu)
    line, stop = Line(), threading.Event()
    threading.Thread(target=listen, args=(rest, stop), daemon=True).start()

    from api import logs
    from geodata.database import Database
    from kyodo_geo.errors import KyodoError

    logs.configure_child()
    database = Database(told["url"], max_size=2, statement_timeout_ms=120_000)
    try:
        _work_of(told["model"])(database, told["municipality"], told["question"], line, stop)
    except KyodoError as error:
        line.say("refused", sentence=error.message)
    except Exception as error:
        logs.SERVICE.error("siting failed: %s", logs.failure(error))
        sys.exit(1)
    finally:
        database.close()


def _work_of(model: str) -> Any:
    if model == "vacant-houses":
        from api.jobs.siting_vacant import work

        return work
    return _work


def _work(
    database: Any, municipality: str, question: dict[str, Any], line: Line, stop: threading.Event
) -> None:
    from geodata.database import Audience
    from geodata.queries.generation import resolve
    from geodata.siting_problem import Gathered, gather
    from kyodo_geo.siting import Answer, Control
    from kyodo_geo.siting_city.outcome import result_of
    from kyodo_geo.siting_city.question import Question, checked
    from kyodo_geo.siting_city.solving import solve

    asked = checked(Question.from_json(question))
    line.say("phase", phase="gathering")
    with database.read(Audience.STAFF) as conn:
        found: Gathered = gather(conn, resolve(conn, municipality), asked)
    line.say("phase", phase="solving")

    def result(answer: Answer) -> dict[str, Any]:
        made = result_of(found.problem, answer)
        for area in made["areas"]:
            area["lon"], area["lat"] = found.spots.get(area["key"], (None, None))
        return {**made, "made_of": found.made_of, "input_hash": found.input_hash}

    control = Control.within(
        asked.seconds,
        stop.is_set,
        lambda objective, bound: line.say("progress", objective=objective, bound=bound),
    )
    answer = solve(found.problem, control, lambda first: line.say("found", result=result(first)))
    line.say("done", result=result(answer))


if __name__ == "__main__":
    main()
