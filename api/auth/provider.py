"""The city's sign-in service, spoken to in OpenID Connect: authorization code with PKCE, state and nonce.

Runs in a child process (`api.auth.apart`). Metadata and keys are fetched at each sign-in: a key that was changed at the
provider needs nothing here, and one it withdrew is no longer believed.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from api.sign_in_settings import is_loopback
from kyodo_geo.errors import ForbiddenError, InputError, UnavailableError

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

LEEWAY_S = 60
MAX_BYTES = 1 << 20
MAX_GROUPS = 1000
AGAIN = "サインインを初めからやり直してください。"
DOWN = (
    "市の認証システムにつながりません。しばらくしてからもう一度お試しください。"
    "続くときは、情報システムの担当にお問い合わせください。"
)
UNTRUSTED = f"市の認証システムからの応答を確かめられませんでした。{AGAIN}続くときは、情報システムの担当にお問い合わせください。"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

Config = dict[str, Any]
"""issuer, client_id, secret, secret_file, scopes, ca_file, timeout_s, algorithms, redirect_uri (`api.auth.elsewhere`)."""


def begin(config: Config, state: str, nonce: str, verifier: str) -> dict[str, Any]:
    """Where to send the browser."""
    with _client(config) as client:
        found = _metadata(client, config)
        url, _ = client.create_authorization_url(
            found["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
        )
    return {"url": url}


def finish(config: Config, code: str, iss: str | None, nonce: str, verifier: str) -> dict[str, Any]:
    """Claims of the ID token that the code stands for, once everything about it is verified."""
    from authlib.integrations.base_client import OAuthError

    with _client(config) as client:
        found = _metadata(client, config)
        # RFC 9207: an answer meant for another provider is never sent on to this one.
        if (
            iss is not None or found.get("authorization_response_iss_parameter_supported") is True
        ) and iss != config["issuer"]:
            raise InputError(UNTRUSTED, why="iss parameter")
        try:
            token = client.fetch_token(
                found["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier,
                redirect_uri=config["redirect_uri"],
            )  # fmt: skip
        except OAuthError as error:
            if error.error == "invalid_client":
                raise UnavailableError(DOWN, why="the provider refuses our client id or secret") from None
            raise InputError(
                f"サインインの引き換えができませんでした（時間切れか、使用済み）。{AGAIN}",
                why="token refused",
            ) from None
        id_token, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(id_token, str):
            raise UnavailableError(DOWN, why="no ID token")
        claims = _verified(client, found, config, id_token, nonce, access_token)
    return _kept(claims, config)


def end(config: Config, to: str) -> dict[str, Any]:
    """Where the browser signs out at the provider, None where it offers no such thing."""
    with _client(config) as client:
        endpoint = _metadata(client, config).get("end_session_endpoint")
    if endpoint is None:
        return {"url": None}
    joint = "&" if urlsplit(endpoint).query else "?"
    query = urlencode({"client_id": config["client_id"], "post_logout_redirect_uri": to})
    return {"url": f"{endpoint}{joint}{query}"}


def signed_out(config: Config, logout_token: str) -> dict[str, Any]:
    """Who signed out at the provider: `sub` and `sid` of its logout token (OpenID Connect Back-Channel Logout)."""
    from authlib.oauth2.claims import JWTClaims
    from joserfc.errors import JoseError

    with _client(config) as client:
        decoded = _decoded(client, _metadata(client, config), config, logout_token)
    claims = JWTClaims(
        decoded.claims,
        decoded.header,
        options={
            "iss": {"essential": True, "value": config["issuer"]},
            "aud": {"essential": True, "value": config["client_id"]},
            "iat": {"essential": True},
            "exp": {"essential": True},
            "jti": {"essential": True},
        },
    )
    try:
        claims.validate(leeway=LEEWAY_S)
    except JoseError as error:
        raise InputError(UNTRUSTED, why=f"logout token: {type(error).__name__}") from None
    sub, sid, events = claims.get("sub"), claims.get("sid"), claims.get("events")
    if (
        "nonce" in claims
        or not isinstance(events, dict)
        or LOGOUT_EVENT not in events
        or not all(value is None or isinstance(value, str) for value in (sub, sid))
        or not (sub or sid)
    ):
        raise InputError(UNTRUSTED, why="logout token: not one")
    return {"sub": sub, "sid": sid}


@contextmanager
def _client(config: Config) -> Iterator[OAuth2Client]:
    """A client that follows nothing and waits no longer than it is told; whatever fails on the way is the provider being down."""
    import httpx
    from authlib.integrations.httpx_client import OAuth2Client

    secret = config["secret"]
    try:
        if config["secret_file"]:
            secret = Path(config["secret_file"]).read_text(encoding="utf-8").strip()
        trust: ssl.SSLContext | bool = True
        if config["ca_file"]:
            trust = ssl.create_default_context(cafile=config["ca_file"])
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise UnavailableError(DOWN, why=f"secret or CA file: {type(error).__name__}") from None
    try:
        with OAuth2Client(
            client_id=config["client_id"],
            client_secret=secret or None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=config["scopes"],
            redirect_uri=config["redirect_uri"],
            code_challenge_method="S256",
            timeout=config["timeout_s"],
            verify=trust,
            follow_redirects=False,
        ) as client:
            yield client
    except httpx.HTTPError as error:
        raise UnavailableError(DOWN, why=type(error).__name__) from None


def _json(client: OAuth2Client, url: str) -> dict[str, Any]:
    """A JSON object from the provider, of bounded size."""
    import orjson

    body = b""
    with client.stream("GET", url, withhold_token=True, headers={"accept": "application/json"}) as answer:
        if answer.status_code != 200:
            raise UnavailableError(DOWN, why=f"HTTP {answer.status_code}")
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > MAX_BYTES:
                raise UnavailableError(DOWN, why="too large an answer")
    try:
        found = orjson.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UnavailableError(DOWN, why="no JSON object")
    return found


def _metadata(client: OAuth2Client, config: Config) -> dict[str, Any]:
    """OpenID Connect Discovery, believed only where it names our issuer and safe addresses."""
    issuer = config["issuer"]
    found = _json(client, issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise UnavailableError(
            DOWN, why="the metadata name another issuer: KYODO_OIDC_ISSUER has to be the same, to the last /"
        )
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"):
        url = found.get(name)
        if url is None and name == "end_session_endpoint":
            continue
        if not isinstance(url, str) or not (
            url.startswith("https://")
            or (url.startswith("http://") and is_loopback(issuer) and is_loopback(url))
        ):
            raise UnavailableError(DOWN, why=f"the metadata have no safe {name}")
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if client.client_secret and "client_secret_basic" not in methods and "client_secret_post" in methods:
        client.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - a name of the standard
    return found


def _decoded(client: OAuth2Client, metadata: dict[str, Any], config: Config, token: str) -> Any:
    """A token whose signature is one of the provider's present keys', in a way of signing we allow."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    known = _json(client, metadata["jwks_uri"]).get("keys")
    # Public keys for signatures alone: no secret that somebody lists there, no key for encryption.
    usable = [
        {name: value for name, value in key.items() if name not in ("d", "p", "q", "dp", "dq", "qi")}
        for key in (known if isinstance(known, list) else [])
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"
    ]
    if not usable:
        raise UnavailableError(DOWN, why="no usable key")
    try:
        return jwt.decode(token, KeySet.import_key_set({"keys": usable}), algorithms=config["algorithms"])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise InputError(UNTRUSTED, why=f"token: {type(error).__name__}") from None


def _verified(
    client: OAuth2Client,
    metadata: dict[str, Any],
    config: Config,
    id_token: str,
    nonce: str,
    access_token: Any,
) -> dict[str, Any]:
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import JoseError

    decoded = _decoded(client, metadata, config, id_token)
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={
            "iss": {"essential": True, "value": config["issuer"]},
            "aud": {"essential": True, "value": config["client_id"]},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "nonce": {"essential": True, "value": nonce},
        },
        params={"nonce": nonce, "client_id": config["client_id"], "access_token": access_token},
    )
    try:
        claims.validate(leeway=LEEWAY_S)
    except (JoseError, ValueError, TypeError) as error:
        name = getattr(error, "claim", "") or ""
        raise InputError(UNTRUSTED, why=f"ID token: {type(error).__name__} {name}".rstrip()) from None
    return claims


def _kept(claims: dict[str, Any], config: Config) -> dict[str, Any]:
    """What sign-in goes by, in forms it can trust; everything else is dropped here."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise InputError(UNTRUSTED, why="sub")
    login = claims.get(config["login_claim"])
    if config["login_claim"] == "email" and claims.get("email_verified") is not True:
        login = None
    groups = claims.get(config["group_claim"])
    if isinstance(groups, str):
        groups = [groups]
    if groups is not None and not (
        isinstance(groups, list) and len(groups) <= MAX_GROUPS and all(isinstance(one, str) for one in groups)
    ):
        raise ForbiddenError(UNTRUSTED, why="groups")
    name, acr, amr, sid = (claims.get(key) for key in ("name", "acr", "amr", "sid"))
    return {
        "subject": subject,
        "login": login if isinstance(login, str) else None,
        "groups": groups,
        "name": name[:100] if isinstance(name, str) else None,
        "strength": [acr] * isinstance(acr, str) + [one for one in amr or [] if isinstance(one, str)],
        "sid": sid if isinstance(sid, str) and len(sid) <= 2000 else None,
    }
