"""The unfinished file of a download (`*.part`) and the note beside it that says what it is a part of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO

from geodata.fetch.state import write_whole

# RFC 9110, 8.8.2.2: a Last-Modified date identifies exact bytes only when it is clearly older than the answer.
_SETTLED = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Validators:
    """What identifies the bytes of an answer: ETag and Last-Modified as the server wrote them."""

    etag: str | None = None
    last_modified: str | None = None
    date: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Validators:
        return cls(headers.get("etag"), headers.get("last-modified"), headers.get("date"))

    @property
    def exact(self) -> str | None:
        """For If-Range: a strong ETag, else a settled date, else None (the answer cannot be continued)."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        if self.last_modified and self.date:
            try:
                written = parsedate_to_datetime(self.last_modified)
                if parsedate_to_datetime(self.date) - written > _SETTLED:
                    return self.last_modified
            except (ValueError, TypeError):  # no date, or one with and one without time zone
                return None
        return None


class Part:
    """`target` with `.part` at the end. It can be continued only when the note names the same address."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")
        self.validators = Validators()

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def continue_from(self, url: str) -> int:
        """Bytes already here that a server can be asked to continue; 0 (and nothing kept) otherwise."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            self.validators = Validators(note["etag"], note["last_modified"], note["date"])
            if note["url"] == url and self.size and self.validators.exact:
                return self.size
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self.discard()
        return 0

    def restart(self, url: str, validators: Validators) -> IO[bytes]:
        """An empty file to write to, with a note of what it will be."""
        self.validators = validators
        file = self.path.open("wb")
        note = {
            "url": url,
            "etag": validators.etag,
            "last_modified": validators.last_modified,
            "date": validators.date,
        }
        write_whole(self._note, json.dumps(note).encode())
        return file

    def append(self) -> IO[bytes]:
        """The file, to be written on at its end."""
        return self.path.open("ab")

    def discard(self) -> None:
        """Forget everything received."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.validators = Validators()

    def finish(self, target: Path) -> None:
        """Move the complete file to its name in one step."""
        self.path.replace(target)
        self._note.unlink(missing_ok=True)
