"""A small real OpenID Connect provider (idpyoidc) on loopback, which tests may also make misbehave.

It keeps keys, sessions and codes of its own and answers over HTTP; nothing of it knows Authlib. `Provider.user` is who is
signed in there; `spoil` changes the ID token it is about to send, `answer` what it sends back through the browser.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptojwt.jwk.hmac import SYMKey
from cryptojwt.jws.jws import JWS, factory
from cryptojwt.key_jar import build_keyjar
from idpyoidc.server import Server
from idpyoidc.server.exception import ClientAuthenticationError

CLIENT, SECRET = "kyodo-geo", "a-secret-of-the-client-of-32-bytes"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_SIGNING = [{"type": "RSA", "key": "", "use": ["sig"]}]
_LOCKED = {
    "kwargs": {
        "keys": {"key_defs": [{"type": "OCT", "use": ["enc"], "kid": kid} for kid in ("password", "salt")]},
        "iterations": 1,
    }
}

Claims = dict[str, Any]


class Provider:
    """One running provider; `issuer` is its address."""

    def __init__(self, redirect_uri: str, people: dict[str, Claims]) -> None:
        self.user = next(iter(people))
        self.spoil: Callable[[Claims], Claims | str] | None = None
        self.answer: Callable[[dict[str, str]], dict[str, str]] | None = None
        self.metadata: Claims = {}
        self.asked: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._jar = build_keyjar(_SIGNING)
        self._jar.import_jwks(self._jar.export_jwks(private=True), self.issuer)
        self.server = Server(_configuration(self.issuer, people), keyjar=self._jar)
        self.server.context.cdb[CLIENT] = {
            "client_secret": SECRET,
            "redirect_uris": [(redirect_uri, {})],
            "token_endpoint_auth_method": "client_secret_basic",
            "response_types": ["code"],
            "response_types_supported": ["code"],
            "allowed_scopes": ["openid", "profile", "email"],
            "client_salt": "salted",
            "id_token_signed_response_alg": "RS256",
        }
        self._jar.add_symmetric(CLIENT, SECRET)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """No answer any more; harmless when called again."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    # -- keys and tokens ------------------------------------------------------------------------------------------

    def rotate(self) -> None:
        """New signing keys; the old ones are not published any more."""
        fresh = build_keyjar(_SIGNING)
        for owner in ("", self.issuer):
            del self._jar[owner]
            self._jar.import_jwks(fresh.export_jwks(private=True), owner)

    def signing_keys(self) -> list[Any]:
        """The present ones, with their private halves."""
        return list(self._jar.get_signing_key("rsa", self.issuer))

    def sign(self, claims: Claims, *, keys: list[Any] | None = None, alg: str = "RS256") -> str:
        """A signed token with these claims."""
        return str(JWS(json.dumps(claims), alg=alg).sign_compact(keys or self.signing_keys()))

    def sign_with_public_key(self, claims: Claims) -> str:
        """What an attacker can make who knows the public key alone: HMAC with its text as the secret."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        pem = self.signing_keys()[0].pub_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        key = SYMKey(key=pem, kid=self.signing_keys()[0].kid, alg="HS256")
        return str(JWS(json.dumps(claims), alg="HS256").sign_compact([key]))

    def unsigned(self, claims: Claims) -> str:
        """The same with `alg: none`."""
        return str(JWS(json.dumps(claims), alg="none").sign_compact([]))

    def logout_token(self, **claims: Any) -> str:
        """What it sends when somebody signs out there."""
        now = int(time.time())
        return self.sign(
            {
                "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "jti": "1", "events": {LOGOUT_EVENT: {}},
                **claims,
            }
        )  # fmt: skip

    # -- endpoints ------------------------------------------------------------------------------------------------

    def configuration(self) -> Claims:
        """Discovery."""
        found = self.server.endpoint["provider_config"].process_request()["response_args"]
        return {**found, **self.metadata}

    def authorize(self, query: dict[str, str]) -> str:
        """Where to send the browser: everybody is signed in and agrees."""
        endpoint = self.server.endpoint["authorization"]
        asked = endpoint.parse_request(query, http_info={})
        if "error" in asked:
            raise AssertionError(asked)
        for method in self.server.context.authn_broker.pick():
            method["method"].user = self.user
        done = endpoint.process_request(asked, http_info={})
        if "error" in done:
            raise AssertionError(done)
        sent = {
            name: str(value) for name, value in done["response_args"].to_dict().items() if name != "scope"
        }
        if self.answer is not None:
            sent = self.answer(sent)
        return f"{done['return_uri']}?{urlencode(sent)}"

    def token(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, Claims]:
        """The token endpoint."""
        endpoint = self.server.endpoint["token"]
        info = {"headers": headers}
        try:
            asked = endpoint.parse_request(form, http_info=info)
        except ClientAuthenticationError:
            return 401, {"error": "invalid_client"}
        if "error" in asked:
            return 400, {"error": asked["error"]}
        done = endpoint.process_request(asked, http_info=info)
        if "error" in done:
            return 400, {"error": done["error"]}
        sent = dict(done["response_args"])
        sent["scope"] = " ".join(sent.get("scope", []))
        if self.spoil is not None:
            read = factory(sent["id_token"])
            assert read is not None
            spoilt = self.spoil(read.jwt.payload())
            sent["id_token"] = spoilt if isinstance(spoilt, str) else self.sign(spoilt)
        return 200, sent


def _configuration(issuer: str, people: dict[str, Claims]) -> Claims:
    base = dict.fromkeys(("preferred_username", "name", "groups", "email", "email_verified"))
    return {
        "issuer": issuer,
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "profile", "email"],
        "key_conf": {"key_defs": _SIGNING, "uri_path": "jwks.json"},
        "endpoint": {
            "provider_config": {
                "path": ".well-known/openid-configuration",
                "class": "idpyoidc.server.oidc.provider_config.ProviderConfiguration",
                "kwargs": {},
            },
            "authorization": {
                "path": "authorization",
                "class": "idpyoidc.server.oidc.authorization.Authorization",
                "kwargs": {"response_types_supported": ["code"]},
            },
            "token": {
                "path": "token",
                "class": "idpyoidc.server.oidc.token.Token",
                "kwargs": {"client_authn_method": ["client_secret_basic", "client_secret_post"]},
            },
        },
        "authentication": {
            "anon": {
                "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:InternetProtocolPassword",
                "class": "idpyoidc.server.user_authn.user.NoAuthn",
                "kwargs": {"user": ""},
            }
        },
        "userinfo": {"class": "idpyoidc.server.user_info.UserInfo", "kwargs": {"db": people}},
        "authz": {
            "class": "idpyoidc.server.authz.AuthzHandling",
            "kwargs": {
                "grant_config": {
                    "usage_rules": {
                        "authorization_code": {"supports_minting": ["access_token", "id_token"], "max_usage": 1},
                        "access_token": {},
                    },
                    "expires_in": 43200,
                }
            },
        },
        "add_ons": {
            "pkce": {
                "function": "idpyoidc.server.oauth2.add_on.pkce.add_support",
                "kwargs": {"essential": True},
            }
        },
        "token_handler_args": {
            "key_conf": {"key_defs": [{"type": "oct", "bytes": "24", "use": ["enc"], "kid": "code"}]},
            "code": {"lifetime": 600, "kwargs": {"crypt_conf": _LOCKED}},
            "token": {
                "class": "idpyoidc.server.token.jwt_token.JWTToken",
                "kwargs": {"lifetime": 3600, "aud": [issuer], "alg": "RS256"},
            },
            "id_token": {
                "class": "idpyoidc.server.token.id_token.IDToken",
                "kwargs": {"lifetime": 300, "base_claims": base},
            },
        },
        "session_params": {"encrypter": _LOCKED},
    }  # fmt: skip


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if parts.path == "/.well-known/openid-configuration":
                self._json(200, provider.configuration())
            elif parts.path == "/jwks.json":
                self._json(200, provider._jar.export_jwks(issuer_id=provider.issuer))
            elif parts.path == "/authorization":
                self.send_response(303)
                self.send_header("Location", provider.authorize(dict(parse_qsl(parts.query))))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._json(404, {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._json(*provider.token(dict(parse_qsl(body)), headers))

        def _json(self, status: int, what: Claims) -> None:
            body = json.dumps(what, default=str).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    return Handler
