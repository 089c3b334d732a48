"""One run of levelling in a process with bounded memory and time: `python -m api.jobs.levelling_child`.

Told and heard as `api.jobs.siting_child`; the works stand in the question, so no database is asked.
"""

from __future__ import annotations

import sys
import threading

from api.bounded import bound, end_with_parent
from api.jobs.siting_child import Line, listen, told_of

SPARE_S = 120
"""CPU seconds beside solving: the libraries, the least ceiling."""


def main() -> None:
    """Bounds first, then the libraries."""
    end_with_parent()
    told, rest = told_of()
    cpu = int(told["question"]["seconds"]) + SPARE_S
    bound(told["memory"], cpu)
    line, stop = Line(), threading.Event()
    threading.Thread(target=listen, args=(rest, stop), daemon=True).start()

    from api import logs
    from kyodo_geo.assets.levelling_plan import Question, solve
    from kyodo_geo.errors import KyodoError
    from kyodo_geo.siting.control import Control

    logs.configure_child()
    try:
        asked = Question.of(told["question"])
        line.say("phase", phase="solving")
        control = Control.within(
            asked.seconds,
            stop.is_set,
            lambda objective, bound: line.say("progress", objective=objective, bound=bound),
        )
        line.say("done", result=solve(asked, control))
    except KyodoError as error:
        line.say("refused", sentence=error.message)
    except Exception as error:
        logs.SERVICE.error("levelling failed: %s", logs.failure(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
