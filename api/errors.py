"""The one place where failures become HTTP: exception class → status, for programs and for people.

Programs (`/api/…`, or whoever does not ask for `text/html`) get RFC 9457 `application/problem+json`; people get a
Japanese page. Nothing a visitor sent is repeated in either, because it may be an address.
"""

from __future__ import annotations

import errno
import http
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.problems import field_errors
from api.requests import request_id
from kyodo_geo import errors as domain

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

PROBLEM_JSON = "application/problem+json"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})

STATUS: dict[type[Exception], int] = {
    domain.FileFormatError: 422,
    domain.ContentError: 422,
    domain.InputError: 400,
    domain.SignInRequiredError: 401,
    domain.ForbiddenError: 403,
    domain.NotFoundError: 404,
    domain.StaleError: 412,
    domain.ConflictError: 409,
    domain.UnseenError: 428,
    domain.TooManyRequestsError: 429,
    domain.UnavailableError: 503,
    domain.StorageFullError: 507,
    domain.KyodoError: 500,
}

TITLES: dict[int, str] = {
    400: "指定した値を確かめてください",
    401: "サインインが必要です",
    403: "この操作はできません",
    404: "ページまたはデータが見つかりません",
    405: "この方法では使えません",
    406: "この形式では返せません",
    409: "状態が変わっています",
    412: "ほかの人が先に変えています",
    413: "送られた内容が大きすぎます",
    415: "この形式の内容は受け取れません",
    421: "このアドレスでは使えません",
    422: "送られた内容を確かめてください",
    428: "どの版を変えるかが必要です",
    429: "しばらくお待ちください",
    431: "要求の見出しが大きすぎます",
    500: "サーバーで問題が起きました",
    503: "ただいま利用できません",
    507: "保存する場所がいっぱいです",
}

DETAILS: dict[int, str] = {
    400: "送られた内容を読み取れませんでした。書き方を確かめて、もう一度お試しください。",
    404: "アドレスを確かめるか、入口のページから探してください。",
    405: "このアドレスは、この方法（メソッド）では使えません。",
    412: "今の内容を読み直してから、もう一度お試しください。",
    413: "内容を短くして、もう一度お試しください。",
    415: "内容の形式（Content-Type）を確かめてください。",
    428: "見た版の ETag を、見出し If-Match に付けてください。",
    500: "問題は記録されました。しばらくしてからもう一度お試しください。",
}


class MethodRefusedError(HTTPException):
    """405 of an address whose methods depend on more than its route; `allow` are those it takes."""

    def __init__(self, allow: Iterable[str]) -> None:
        super().__init__(405, headers={"Allow": ", ".join(allow)})


@dataclass(frozen=True, slots=True)
class Problem:
    """One failure, ready to be told: status, Japanese title and detail, facts for programs, headers."""

    status: int
    title: str
    detail: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """Last part of the problem's `type`, explained on the API page."""
        return http.HTTPStatus(self.status).phrase.lower().replace(" ", "-")

    def as_dict(self, path: str) -> dict[str, Any]:
        known = {
            "type": f"/api#{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": path,
        }
        return {**{key: value for key, value in self.facts.items() if key not in known}, **known}


def problem_of(error: Exception) -> Problem:
    """The table lookup: what to tell about an exception. Unknown ones become 500 without details."""
    if isinstance(error, domain.KyodoError):
        status = next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
        headers: dict[str, str] = {}
        if isinstance(error, domain.SignInRequiredError):
            headers["WWW-Authenticate"] = 'Bearer realm="kyodo-geo"'
        elif isinstance(error, domain.TooManyRequestsError):
            headers["Retry-After"] = str(error.details.get("retry_after", 60))
            if "limit" in error.details:
                headers["RateLimit-Limit"] = str(error.details["limit"])
                headers["RateLimit-Remaining"] = str(error.details["remaining"])
                headers["RateLimit-Reset"] = headers["Retry-After"]
        elif isinstance(error, domain.UnavailableError):
            headers["Retry-After"] = "60" if status == 507 else "5"
        return Problem(status, TITLES[status], error.message, error.details, headers)
    if isinstance(error, RequestValidationError):
        found = field_errors(error.errors())
        # The body was readable but does not say what is needed (422); anything in the address is a bad request.
        status = 422 if found and all(item["field"].startswith("body") for item in found) else 400
        detail = "。".join(dict.fromkeys(item["message"].rstrip("。") for item in found)) + "。"
        return Problem(status, TITLES[status], detail, {"errors": found})
    if isinstance(error, HTTPException):
        status = error.status_code
        title = TITLES.get(status, "要求に応えられませんでした")
        return Problem(status, title, DETAILS.get(status, title + "。"), {}, dict(error.headers or {}))
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return problem_of(domain.StorageFullError(domain.NO_ROOM_LEFT))
    return Problem(500, TITLES[500], DETAILS[500])


def for_program(request: Request) -> bool:
    """Whether the answer is for a program: everything below /api/, and whoever does not ask for a page."""
    return request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", "")


def problem_json(request: Request, problem: Problem) -> Response:
    told = {**problem.as_dict(_instance(request)), "request_id": request_id(request.scope)}
    body = orjson.dumps(told, default=str)
    headers = {**problem.headers, "Cache-Control": "no-store"}
    return Response(body, problem.status, headers, PROBLEM_JSON)


def _instance(request: Request) -> str:
    """The path as the visitor sent it, percent-encoded; never the query string."""
    return quote(request.url.path)


def render_problem(request: Request, error: Exception) -> Response:
    """Answer a failed request in the form its sender reads."""
    problem = problem_of(error)
    if problem.status == 405 and not isinstance(error, MethodRefusedError):
        problem = replace(problem, headers={"Allow": ", ".join(methods_of(request))})
    if for_program(request):
        return problem_json(request, problem)
    if isinstance(error, domain.SignInRequiredError) and request.method in ("GET", "HEAD"):
        return RedirectResponse(f"/login?next={_instance(request)}", 303, {"Cache-Control": "no-store"})
    html = request.app.state.services.pages.error(request, problem)
    return HTMLResponse(html, problem.status, {**problem.headers, "Cache-Control": "no-store"})


def methods_of(request: Request) -> list[str]:
    """Methods the address takes; Starlette knows those of the first route only."""
    from api.access_table import ACCESS

    path = getattr(request.scope.get("route"), "path", None)
    methods = sorted(method for method, template in ACCESS if template == path)
    return [*methods, *(["HEAD"] if "GET" in methods else [])]


async def _handle(request: Request, error: Exception) -> Response:
    return render_problem(request, error)


def install(app: FastAPI) -> None:
    """Register the table with the application. Unexpected failures are caught by `middleware.Guard`."""
    app.add_exception_handler(domain.KyodoError, _handle)
    app.add_exception_handler(RequestValidationError, _handle)
    app.add_exception_handler(HTTPException, _handle)
