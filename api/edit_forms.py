"""What the staff's editing pages share: the checked form, what was typed, errors by field, and both sides of a conflict."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.routes.accounts import NO_STORE
from api.services import Services
from api.tickets.forms import typed
from geodata.edits.history import Entry
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.quality import Quality
from maps.text import day as day_text

EMPTY = "（なし）"
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
STALE_FORM = "画面を開き直して、もう一度操作してください。"
QUALITY_CHOICES = [(quality.value, quality.label) for quality in Quality]


@dataclass(frozen=True, slots=True)
class Shown:
    """How a page is shown after a form was refused. `form`: which one; `values`: as typed; `conflict`: (label, stored, typed)."""

    status: int = 200
    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    error_field: str | None = None
    conflict: tuple[tuple[str, str, str], ...] | None = None
    extra: Any = None

    def value(self, form: str, name: str, stored: object = "") -> str:
        """What stands in a field: what was typed into this form, else what is stored."""
        if form == self.form:
            return self.values.get(name, "")
        return as_typed(stored)

    def wrong(self, form: str, name: str) -> str | None:
        """The message of a field."""
        return self.error if form == self.form and name == self.error_field else None


PLAIN = Shown()


@dataclass(frozen=True, slots=True)
class Sent:
    """A form whose token was right, and who sent it."""

    user: Principal
    form: FormData

    def text(self, name: str) -> str:
        return typed(self.form, name)

    def ticked(self, name: str) -> bool:
        return typed(self.form, name) == "yes"

    @property
    def version(self) -> str:
        """Mark of what the editor saw; what is no mark never matches."""
        return typed(self.form, "version")[:64]

    @property
    def actor(self) -> str:
        return self.user.login or ""

    def values(self) -> dict[str, str]:
        """Everything typed, to be shown again."""
        return {name: typed(self.form, name) for name in self.form if name not in (csrf.FIELD, "version")}


Work = Callable[[Sent], "str | Shown"]
Page = Callable[[Sent, Shown], Response]
Compare = Callable[[Sent, EditConflictError], Iterable[tuple[str, object, object]]]


async def act(
    request: Request,
    services: Services,
    form_name: str,
    work: Work,
    page: Page,
    compare: Compare,
    *,
    most_fields: int = 60,
) -> Response:
    """Do what the form says and go where `work` says; else the page again, as `work` says or with what was typed and why.

    `compare` gives (label, stored, typed) for the page of a conflict.
    """
    user = await signed_in(request)
    form = await request.form(max_files=0, max_fields=most_fields)
    csrf.check_form(request, form, services.settings, user)
    sent = Sent(user, form)

    def run() -> Response:
        try:
            to = work(sent)
        except EditConflictError as error:
            rows = tuple((label, shown(a), shown(b)) for label, a, b in compare(sent, error))
            return page(sent, Shown(409, form_name, sent.values(), error.message, conflict=rows))
        except ConflictError as error:  # what was to be changed has moved on: said on the page it stands on
            return page(sent, Shown(409, form_name, sent.values(), error.message))
        except InputError as error:
            name = error.details.get("field")
            return page(
                sent,
                Shown(400, form_name, sent.values(), error.message, name, extra=error.details.get("shown")),
            )
        return page(sent, to) if isinstance(to, Shown) else RedirectResponse(to, 303, NO_STORE)

    return await run_sync(run, limiter=services.limiter)


def as_typed(stored: object) -> str:
    """A stored value as it stands in a field."""
    if stored is None:
        return ""
    if isinstance(stored, date):
        return stored.isoformat()
    if isinstance(stored, bool):
        return "yes" if stored else ""
    return str(stored)


def shown(value: object) -> str:
    """A value as a comparison or a history reads it."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        return day_text(value)
    if isinstance(value, list | tuple):
        return "、".join(shown(item) for item in value)
    return str(value)


@dataclass(frozen=True, slots=True)
class Line:
    """One change of a history in words: (label, before, after) per field."""

    at: Any
    actor: str
    action: str
    changes: tuple[tuple[str, str, str], ...]
    note: str = ""


def history_lines(
    entries: Iterable[Entry],
    actions: Mapping[str, str],
    labels: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]] | None = None,
    note: Callable[[Entry], str] = lambda entry: "",
    say: Callable[[str, Any], str] | None = None,
) -> list[Line]:
    """Entries of the audit log in the page's words; fields without a label are left out.

    `words`: field → value → word; `say` puts any value of a field into words instead.
    """
    put = say or (lambda name, value: _word(words, name, value))
    return [
        Line(
            entry.at,
            entry.actor,
            actions.get(entry.action, entry.action),
            tuple(
                (labels[name], put(name, sides["before"]), put(name, sides["after"]))
                for name, sides in entry.changes.items()
                if name in labels and not (put(name, sides["before"]) == put(name, sides["after"]) == EMPTY)
            ),
            note(entry),
        )
        for entry in entries
    ]


def _word(words: Mapping[str, Mapping[str, str]] | None, name: str, value: object) -> str:
    known = (words or {}).get(name, {})
    return known[value] if isinstance(value, str) and value in known else shown(value)
