"""One change at a time: a file lock in the state directory, which the kernel gives back when we die."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from geodata.cluster.layout import Layout
from kyodo_geo.errors import UnavailableError

LOCK_WAIT_SECONDS = 120.0


@contextlib.contextmanager
def exclusive(layout: Layout) -> Iterator[None]:
    """Hold the lock of a state directory (made when missing) during the block.

    Raises UnavailableError when the directory cannot be written or another program holds on for too long.
    """
    state = layout.state_dir
    try:
        # 0711: the server's user has to pass through, nobody needs to list.
        for folder in reversed([folder for folder in [state, *state.parents] if not folder.exists()]):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o711)
        handle = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UnavailableError(
            f"状態フォルダー {state} に書けません（{error.strerror}）。"
            "KYODO_STATE_DIR に書き込めるフォルダーを指定してください。",
            path=str(state),
        ) from error
    try:
        deadline = time.monotonic() + LOCK_WAIT_SECONDS
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise UnavailableError(
                    "ほかの kyodo-geo が専用データベースを準備中のまま終わりません。"
                    "そのプログラムを終えてから、もう一度実行してください。"
                )
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
