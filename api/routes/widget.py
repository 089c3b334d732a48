"""The lookup for other sites' pages: the script that draws it, and the page that explains how to use it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import FileResponse

from api.answers import HTML, Reading, answer
from api.params import No
from api.routes.files import folders

router = APIRouter(include_in_schema=False)


@router.get("/widget/v1.js")
async def script(params: No) -> Response:
    """The widget. Its address stays, so browsers ask again after an hour; other sites' pages may load it."""
    return FileResponse(
        folders()["/static"] / "widget.js",
        headers={"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"},
        media_type="text/javascript",
    )


@router.get("/partner/widget")
async def about(request: Request, params: No) -> Response:
    """The snippet, what it promises, and the widget itself to try."""

    def build(reading: Reading) -> bytes:
        services = reading.services
        return services.pages.render(
            "widget.html", path="/partner/widget", ref=reading.ref, base=services.settings.public_url
        ).encode()

    return await answer(request, build, params=params, media_type=HTML)
