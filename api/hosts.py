"""Answer only to our own names: a page of another site must not reach an internal service through DNS tricks."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import render_problem
from api.security import allowed_hosts
from api.settings import Settings
from kyodo_geo.errors import InputError


class KnownHosts:
    """Refuses requests whose Host header names somebody else, in the same error shape as everything."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.names = [name.lower() for name in allowed_hosts(settings)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.known(Request(scope).headers.get("host", "")):
            await self.app(scope, receive, send)
            return
        error = InputError("このホスト名では使えません。管理者は KYODO_TRUSTED_HOSTS を確かめてください。")
        await render_problem(Request(scope), error)(scope, receive, send)

    def known(self, header: str) -> bool:
        """Whether the value of a Host header names us."""
        host = header.lower()
        # [::1]:8000 and localhost:8000 alike
        name = host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
        name = name.strip("[]")
        return any(
            allowed == "*" or name == allowed or (allowed.startswith("*.") and name.endswith(allowed[1:]))
            for allowed in self.names
        )
