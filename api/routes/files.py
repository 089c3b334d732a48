"""Files that do not change between versions of the program: our styles and scripts, and Leaflet from its wheel.

An address that carries the fingerprint of the file (`?v=…`) may be kept for ever; one without is asked about.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, FastAPI, Response
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.cache import PUBLIC_FOREVER, PUBLIC_FRESH
from api.params import No

router = APIRouter()

_API = Path(__file__).resolve().parents[1]


@functools.cache
def folders() -> dict[str, Path]:
    """Address prefix → folder. Leaflet's folder is found through the installed wheel, wherever that is."""
    leaflet = importlib.util.find_spec("xstatic.pkg.leaflet")
    maps = importlib.util.find_spec("maps")
    assert leaflet is not None and leaflet.submodule_search_locations
    assert maps is not None and maps.submodule_search_locations
    return {
        "/static": _API / "static",
        "/map-static": Path(maps.submodule_search_locations[0]) / "static",
        "/leaflet": Path(leaflet.submodule_search_locations[0]) / "data",
    }


@functools.cache
def fingerprint(address: str) -> str:
    """Version of a file by its address, e.g. `/static/app.css`; raises KeyError when there is none."""
    prefix = "/" + address.split("/")[1]
    path = folders()[prefix] / address.removeprefix(prefix + "/")
    if not path.is_file():
        raise KeyError(address)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def versioned(address: str) -> str:
    """The address with the file's fingerprint, for pages."""
    return f"{address}?v={fingerprint(address)}"


class Files(StaticFiles):
    """Static files with a cache header that fits the address."""

    def __init__(self, prefix: str, folder: Path) -> None:
        super().__init__(directory=folder)
        self.prefix = prefix

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["Cache-Control"] = self._cache_control(path, scope)
        return response

    def _cache_control(self, path: str, scope: Scope) -> str:
        wanted = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        try:
            current = fingerprint(f"{self.prefix}/{path}")
        except KeyError:
            return PUBLIC_FRESH
        return PUBLIC_FOREVER if wanted == current else PUBLIC_FRESH


def mount(app: FastAPI) -> None:
    """Serve the folders."""
    for prefix, folder in folders().items():
        app.mount(prefix, Files(prefix, folder), name=prefix.strip("/"))


@router.get("/favicon.ico", include_in_schema=False)
async def favicon(params: No) -> Response:
    """Browsers ask for it whatever a page says."""
    return FileResponse(
        folders()["/static"] / "icon.svg",
        headers={"Cache-Control": "public, max-age=86400"},
        media_type="image/svg+xml",
    )
