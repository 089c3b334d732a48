"""Templates to HTML: the frame's context, escaping on, and an error page that works without a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from api.embedding import FRAMED, outward
from api.requests import request_id
from api.routes.files import versioned
from api.settings import Settings
from api.staying import stay
from api.zones import zone_of
from geodata.municipalities import KNOWN
from geodata.queries.generation import Ref
from maps.basemaps import Basemap
from maps.text import FILTERS

if TYPE_CHECKING:
    from starlette.requests import Request

    from api.errors import Problem

NAME = "協働まちづくりマップ"


@dataclass(frozen=True, slots=True)
class Site:
    """Texts of the frame: whose service this is, and whom to ask."""

    name: str
    municipality: str
    department: str
    phone: str | None
    email: str | None
    basemap: str


class Pages:
    """Renders templates for one application."""

    def __init__(self, settings: Settings, basemap: Basemap) -> None:
        self.basemap = basemap
        self._code = settings.municipality
        self._profile = settings.basemap
        self._latest: Ref | None = None
        self._templates = Environment(
            loader=PackageLoader("api", "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(FILTERS)
        self._templates.globals["asset"] = versioned
        self._templates.globals["zone"] = zone_of(settings)

    def site(self, ref: Ref | None = None) -> Site:
        """The frame's texts of a municipality; without the database those of the last answer or public facts."""
        if ref is not None and ref.municipality_code == self._code:
            self._latest = ref
        known = ref or self._latest
        if known is not None:
            department = (known.contact_department or "").removeprefix(known.name).strip() or "担当窓口"
            return Site(NAME, known.name, department, known.contact_phone, known.contact_email, self._profile)
        facts = KNOWN.get(self._code)
        if facts is None:
            return Site(NAME, "市", "担当窓口", None, None, self._profile)
        department = (facts.contact_department or "").removeprefix(facts.name).strip() or "担当窓口"
        return Site(NAME, facts.name, department, facts.contact_phone, facts.contact_email, self._profile)

    def render(
        self,
        template: str,
        *,
        path: str,
        ref: Ref | None = None,
        dataset: dict[str, Any] | None = None,
        user: Any = None,
        csrf_token: str | None = None,
        **context: Any,
    ) -> str:
        """HTML of one page; the head comment of each template lists its `context`."""
        away = ref is not None and ref.municipality_code != self._code
        html = self._templates.get_template(template).render(
            site=self.site(ref),
            dataset=dataset,
            user=user,
            csrf_token=csrf_token,
            path=path,
            at_home=not away,
            **context,
        )
        return stay(html, ref.municipality_code) if ref is not None and away else html

    def framed(self, template: str, *, path: str, ref: Ref, **context: Any) -> str:
        """A page for a frame: the same for everybody, and its links open tabs of their own."""
        return outward(self.render(template, path=path, ref=ref, **context))

    def error(self, request: Request, problem: Problem) -> str:
        """The page for a failure; in a frame a short one."""
        if request.url.path in FRAMED:
            return outward(
                self.render(
                    "embed_error.html",
                    path=request.url.path,
                    title=problem.title,
                    detail=problem.detail,
                    request_id=request_id(request.scope),
                )
            )
        asked = request.method == "GET" and bool(request.url.query) and problem.status in (400, 404)
        return self.render(
            "error.html",
            path=quote(request.url.path),
            plain=quote(request.url.path) if asked and not request.url.path.startswith("//") else None,
            status=problem.status,
            title=problem.title,
            detail=problem.detail,
            request_id=request_id(request.scope),
        )
