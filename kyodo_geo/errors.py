"""Domain exceptions. They know no HTTP: `api/errors.py` maps each class to a status in one table.

Every exception carries a Japanese sentence for the person who has to act on it, and JSON-able details for programs.
"""

from __future__ import annotations

from typing import Any

NO_ROOM_LEFT = (
    "サーバーのディスクに空きがないため、保存できませんでした。何も変えていません。"
    "管理者が空きを作ったあとで、もう一度お試しください。"
)


class KyodoError(Exception):
    """Base of all expected failures.

    `message` is plain, polite Japanese for the user; `details` are JSON-able facts for programs and logs.
    """

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InputError(KyodoError):
    """A value given by a person or a program cannot be used; `details["field"]` names it where known."""


class NotFoundError(KyodoError):
    """What was asked for does not exist (or does not exist for this reader)."""


class ContentError(InputError):
    """What was sent can be read, but does not hold: `details["field"]` names the property where known."""


class FileFormatError(InputError):
    """A file cannot be read as what it claims to be; details: file, row, column, value where known."""


class ConflictError(KyodoError):
    """The state has changed meanwhile, or the action contradicts what is stored."""


class StaleError(ConflictError):
    """The change rests on a version that is not the stored one any more."""


class UnseenError(KyodoError):
    """A change that does not say which version it rests on."""


class SignInRequiredError(KyodoError):
    """Nobody is signed in, and this needs somebody."""


class ForbiddenError(KyodoError):
    """The signed-in reader may not do this."""


class TooManyRequestsError(KyodoError):
    """Slow down; details["retry_after"] in seconds."""


class UnavailableError(KyodoError):
    """A part the answer needs is not there just now (database down, no data loaded); try again later."""


class StorageFullError(UnavailableError):
    """There is no room left where something had to be written; nothing of it was kept."""
