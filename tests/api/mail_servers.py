"""Real mail servers on loopback, with and without encryption, and what they took."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope


@dataclass
class Post:
    """What a server took; `answer` is its reply to a mail, `refuse` recipients it does not know."""

    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refuse: tuple[str, ...] = ()
    answer: str = "250 OK"
    slow: bool = False
    port: int = 0

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if self.slow:
            await asyncio.sleep(3600)
        if self.answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            found = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(found, EmailMessage)
            self.taken.append((list(envelope.rcpt_tos), found))
        return self.answer


class AnyPort(Controller):
    """Listens on whatever port is free (the library connects to port 0 to see whether it is there)."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def mail_server_running(post: Post, **options: Any) -> Iterator[Post]:
    """`options` go to aiosmtpd: tls_context, require_starttls, authenticator …"""
    controller = AnyPort(post, hostname="127.0.0.1", port=0, **options)
    controller.start()
    post.port = controller.port
    try:
        yield post
    finally:
        controller.stop(no_assert=True)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of our own for 127.0.0.1, and the file to trust it by."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


def knows(user: str, password: str) -> Any:
    """An authenticator that takes one user."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (user.encode(), password.encode()))

    return check
