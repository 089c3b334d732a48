"""The API in words: one list of routes for the page /api and for docs/API.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from api.errors import DETAILS, TITLES, Problem
from api.openapi import schema

if TYPE_CHECKING:
    from fastapi import FastAPI


def routes(app: FastAPI) -> list[dict[str, Any]]:
    """Every documented route with an example that can be opened."""
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
                    "example": example(path, operation) if _can_be_opened(method, operation) else None,
                }
            )
    return found


def _can_be_opened(method: str, operation: dict[str, Any]) -> bool:
    """A link on a public page: nothing that needs a body or a signed-in member of staff."""
    return method == "get" and operation.get("security") != [{"session": []}]


def example(path: str, operation: dict[str, Any]) -> str:
    """Address of a request made of the parameters' own examples: those in the path, and the first of a lookup."""
    query = {}
    for parameter in operation.get("parameters", []):
        value = example_of(parameter)
        if parameter["in"] == "path" and value is not None:
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
