"""The API in words: one list of routes for the page /api and for docs/API.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from api.errors import DETAILS, TITLES, Problem
from api.openapi import schema

if TYPE_CHECKING:
    from fastapi import FastAPI

    from kyodo_geo.roles import Role


def routes(app: FastAPI, known: Mapping[str, str | None] | None = None) -> list[dict[str, Any]]:
    """Every documented route with an example that can be opened.

    `known` names values that exist for parameters in the path (an association's id; None while there is none);
    otherwise the examples of the schema are used, which fit the bundled sample.
    """
    found = []
    for path, operations in schema(app)["paths"].items():
        for method, operation in operations.items():
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation["summary"],
                    "description": operation["description"],
                    "parameters": operation.get("parameters", []),
                    "tag": operation["tags"][0],
                    "example": example(path, operation, known or {})
                    if _can_be_opened(method, operation)
                    else None,
                }
            )
    return found


def _can_be_opened(method: str, operation: dict[str, Any]) -> bool:
    """A link on a public page: nothing that needs a body, a key or a signed-in member of staff."""
    return method == "get" and operation.get("security") in (None, [{}, {"partnerKey": []}])


def example(path: str, operation: dict[str, Any], known: Mapping[str, str | None]) -> str | None:
    """Address of a request made of the parameters' own examples: those in the path, and the first of a lookup."""
    query = {}
    for parameter in operation.get("parameters", []):
        value = known.get(parameter["name"], example_of(parameter))
        if parameter["in"] == "path":
            if value is None:
                return None
            path = path.replace("{" + parameter["name"] + "}", str(value))
        elif parameter["name"] in ("lon", "lat") and value is not None:
            query[parameter["name"]] = value
    return f"{path}?{urlencode(query)}" if query else path


def example_of(parameter: dict[str, Any]) -> Any:
    """First example of a parameter wherever OpenAPI lets it stand, or None."""
    named = parameter.get("examples")
    if named:
        return next(iter(named.values()))["value"]
    if "example" in parameter:
        return parameter["example"]
    schema_of = parameter.get("schema", {})
    for candidate in (schema_of, *schema_of.get("anyOf", [])):
        if candidate.get("examples"):
            return candidate["examples"][0]
    return None


def problems() -> list[dict[str, Any]]:
    """What each kind of failure means; the `type` of a problem points at its slug."""
    told = {
        401: "鍵またはサインインが必要です。鍵は Authorization: Bearer で送ってください。",
        403: "この役割では使えません。必要なときは管理者にお問い合わせください。",
        409: "状態が変わっています。読み込み直して、もう一度お試しください。",
        422: "送られた内容の項目を、errors の説明に従って直してください。",
        429: "Retry-After の秒数だけ待ってから、もう一度お試しください。",
        503: "しばらくしてからもう一度お試しください。/readyz に理由があります。",
    }
    return [
        {
            "slug": Problem(status, title, "").slug,
            "status": status,
            "title": title,
            "detail": told.get(status) or DETAILS.get(status, title + "。"),
        }
        for status, title in TITLES.items()
    ]


HEAD = """# API

この文書は `python -m api.reference > docs/API.md` が作ります（テストが最新かどうかを確かめます）。
使い方の説明は、動いているサービスの `/api` と `/api/v1/openapi.json` にもあります。

- 座標は経度・緯度（WGS 84）の順で、GeoJSON は RFC 7946 に従います。
- どの答えにも、出典・利用条件・時点・品質の `dataset` が付きます。`sample` は「見本データ（架空）」です。
- 失敗は RFC 9457（`application/problem+json`）です。知らない名前のパラメーターは 400 で断ります。
- `ETag` と `If-None-Match` で、変わっていない答えの送り直しを省けます。
- 会員店などのプログラムは `Authorization: Bearer kg_…` で鍵を送ります。取り消しは 1 秒以内に効きます。
- 住所は `POST /api/v1/lookup` の本文で送ってください。`GET` でも使えますが、アドレスは途中の機器に残ることがあります。
"""


def markdown(app: FastAPI) -> str:
    """docs/API.md: every route with its parameters, who may use it, and the failures."""
    from api.access_table import ACCESS, EVERYBODY

    lines = [HEAD]
    for route in routes(app):
        lines += [
            f"## `{route['method']} {route['path']}`",
            "",
            f"{route['summary']}。{route['description']}",
            "",
        ]
        if ACCESS[route["method"], route["path"]] != EVERYBODY:
            roles = sorted(role.label for role in ACCESS[route["method"], route["path"]])
            lines += [f"使える役割: {'、'.join(roles)}", ""]
        if route["parameters"]:
            lines += ["| 名前 | 場所 | 説明 | 例 |", "|---|---|---|---|"]
            lines += [_parameter_row(parameter) for parameter in route["parameters"]]
            lines.append("")
        if route["example"]:
            lines += [f"例: `{route['example']}`", ""]
    documented = {(route["method"], route["path"]) for route in routes(app)}
    lines += ["## 画面とファイル", "", "| アドレス | 使える役割 |", "|---|---|"]
    for (method, path), allowed in ACCESS.items():
        if (method, path) not in documented:
            lines.append(f"| `{method} {path}` | {_roles(allowed, EVERYBODY)} |")
    lines += ["", "## 失敗の種類", "", "| 種類 | 状態 | 意味 | すること |", "|---|---|---|---|"]
    lines += [f"| `/api#{p['slug']}` | {p['status']} | {p['title']} | {p['detail']} |" for p in problems()]
    return "\n".join(lines) + "\n"


def _parameter_row(parameter: dict[str, Any]) -> str:
    described = parameter.get("schema", {})
    inner = [part.get("description") for part in described.get("anyOf", [])]
    text = parameter.get("description") or described.get("description") or next(filter(None, inner), "")
    place = {"query": "? の後", "path": "アドレス"}[parameter["in"]]
    value = example_of(parameter)
    return f"| `{parameter['name']}` | {place} | {text} | {'' if value is None else f'`{value}`'} |"


def _roles(allowed: frozenset[Role], everybody: frozenset[Role]) -> str:
    from api.access_table import SIGNED_IN

    if allowed == everybody:
        return "だれでも"
    if allowed == SIGNED_IN:
        return "サインインした人"
    return "、".join(sorted(role.label for role in allowed))


def main() -> None:
    """Write docs/API.md to standard output; needs no database."""
    import sys

    from api.app import create_app
    from api.settings import Settings

    sys.stdout.write(markdown(create_app(Settings(database_url="postgresql://localhost/none"))))


if __name__ == "__main__":
    main()
