"""The public list of activity cases: what was asked for, what was found, drawn once for page, script and files alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from pydantic import AfterValidator, BeforeValidator, Field

from api.answers import Reading, key_of, tag_of
from api.clock import today
from api.credits import credit
from api.figures import district_figures
from api.params import DataParams, DistrictNo, FiscalYear, left_empty, one_line, readable
from geodata.queries import sharing as queries
from geodata.queries.datasets import active_datasets
from geodata.queries.outline import outline
from geodata.queries.sharing import CaseRow, PhotoRow
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.sharing.finding import MAX_ASKED, holds, words_of
from kyodo_geo.sharing.themes import LABELS, label_of

if TYPE_CHECKING:
    from maps.specs import BuiltMap
    from maps.tables import Table

PAGE, SCRIPT = "/cases", "/maps/cases.js"
FEED = "/cases/feed.atom"
ORIGINS = {
    "wa": "情報紙「つながる“わ”」", "meeting": "事例発表会", "exchange": "意見交換会", "visit": "訪問・聞き取り",
    "other": "そのほか",
}  # fmt: skip


class CaseParams(DataParams):
    """What cases are looked for; all together."""

    q: Annotated[
        str | None, Field(max_length=MAX_ASKED), AfterValidator(lambda v: v and readable(one_line(v)))
    ] = Field(default=None, description="探す言葉。空白で区切ると、すべてを含むもの", examples=["お茶会"])
    theme: Annotated[str | None, Field(pattern=r"^[a-z]{1,20}$"), BeforeValidator(left_empty)] = Field(
        default=None, description="テーマ: " + "、".join(LABELS), examples=["care"]
    )
    district: Annotated[DistrictNo | None, BeforeValidator(left_empty)] = None
    year: Annotated[FiscalYear | None, BeforeValidator(left_empty)] = Field(
        default=None, description="取り組んだ年度（始まりの西暦）", examples=[2025]
    )

    @property
    def asked(self) -> dict[str, Any]:
        """What stands in an address to come to the same."""
        given: dict[str, Any] = self.model_dump(mode="json", exclude_none=True, exclude={"v"})
        return {name: value for name, value in given.items() if value != ""}

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.theme or self.district or self.year)


class CaseScriptParams(CaseParams):
    """The same for the script; `v` is the version the page expects."""

    v: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")] | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """The cases found (newest first) among all of them, the map, and the credit of what is shown."""

    found: list[CaseRow]
    everything: list[CaseRow]
    built: BuiltMap
    dataset: dict[str, Any]


def found_of(reading: Reading, params: CaseParams) -> tuple[list[CaseRow], list[CaseRow]]:
    """(cases that fit, all of them)."""
    everything = queries.cases(reading.conn, reading.ref.municipality_code, reading.ref.generation_no)
    words = words_of(params.q or "")
    return [case for case in everything if _fits(case, params, words)], everything


def _fits(case: CaseRow, params: CaseParams, words: tuple[str, ...]) -> bool:
    return (
        (params.theme is None or case.theme == params.theme)
        and (params.district is None or case.district_no == params.district)
        and (params.year is None or case.done_year == params.year)
        and (
            not words
            or holds(
                (
                    case.title, case.summary, case.story, case.worked, case.hard, case.body, case.keywords,
                    case.place_name, case.district, case.association, label_of(case.theme),
                ),
                words,
            )
        )
    )  # fmt: skip


def case_view(reading: Reading, params: CaseParams) -> CaseView:
    """The list, drawn; kept where nobody typed a word."""
    asked = CaseParams(**params.model_dump(exclude={"v"}))
    make: Callable[[], CaseView] = lambda: _make(reading, asked)  # noqa: E731
    if asked.q:
        return make()
    key = key_of(PAGE, asked, {}, reading.ref.municipality_code, reading.on)
    return reading.services.drawn.get_or_make(("cases", *key), reading.ref.revision, make)


def _make(reading: Reading, params: CaseParams) -> CaseView:
    from maps.build import build_map
    from maps.cases import CasePoint, CasesSpec
    from maps.specs import District

    found, everything = found_of(reading, params)
    districts = tuple(District.of(row) for row in district_figures(reading).rows)
    spec = CasesSpec(
        basemap=reading.services.ground.basemap,
        outline=outline(reading.conn, reading.ref),
        cases=tuple(
            CasePoint(
                case.id, case.title, label_of(case.theme), case.body, fiscal_year_label(case.done_year), case.district_no,
                case.lon, case.lat,
            )
            for case in found
        ),
        districts=districts,
        table=table_of(found),
    )  # fmt: skip
    return CaseView(found, everything, build_map(spec), credit_of(reading, found))


def table_of(found: list[CaseRow]) -> Table:
    """The same cases as a table, whose rows select on the map."""
    from maps.tables import Cell, Column, Row, Table

    rows = tuple(
        Row(
            case.id,
            case.title,
            (
                Cell.words(label_of(case.theme)),
                Cell(district_words(case), case.district_no, f"/districts/{case.district_no}"),
                Cell.words(case.body),
                Cell(fiscal_year_label(case.done_year), case.done_year),
                Cell.words(case.place_name or ""),
            ),
            on_map=case.lon is not None,
            href=f"{PAGE}/{case.id}",
        )
        for case in found
    )
    columns = (
        Column("theme", "テーマ"), Column("district", "地区"), Column("body", "団体"), Column("done_year", "年度"),
        Column("place", "場所"),
    )  # fmt: skip
    return Table("活動事例", "事例", columns, rows, layer="places")


def district_words(case: CaseRow) -> str:
    """`5 松園`; a district that is no more by its number."""
    return f"{case.district_no} {case.district}" if case.district else f"地区 {case.district_no}"


def credit_of(reading: Reading, found: list[CaseRow]) -> dict[str, Any]:
    """The credit of an answer with these cases; their own sources before those of the districts they are shown with."""
    made = credit(
        active_datasets(reading.conn, reading.ref), ("districts",), values=[case.quality for case in found]
    )
    sources = dict.fromkeys(case.source for case in found if case.source)
    return {**made, "source": "、".join([*sources, made["source"]] if made["source"] else sources)}


def script_address(reading: Reading, params: CaseParams) -> str:
    """Where the page finds the map's script, with the version that belongs to the page."""
    wanted = CaseScriptParams(**params.model_dump())
    key = key_of(SCRIPT, wanted, {}, reading.ref.municipality_code, today())
    version = tag_of(reading.services, reading.ref.revision, key)
    return f"{SCRIPT}?{urlencode({**params.asked, 'v': version})}"


def with_query(path: str, params: CaseParams) -> str:
    """The address with what was asked for."""
    return f"{path}?{urlencode(params.asked)}" if params.asked else path


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo for `<img>`: addresses of its sizes, and the size in pixels it is laid out with."""

    src: str
    srcset: str
    alt: str
    credit: str
    width: int
    height: int
    small: str


def pictures(case: CaseRow, base: str = PAGE, **query: str) -> list[Picture]:
    """The photos of a case below `base`; `query` stands in their addresses."""
    return [_picture(case, photo, base, query) for photo in case.photos]


def _picture(case: CaseRow, photo: PhotoRow, base: str, query: dict[str, str]) -> Picture:
    asked = urlencode({**query, "v": photo.sha256[:12]})

    def address(size: int) -> str:
        return f"{base}/{case.id}/photos/{photo.no}-{size}.jpg?{asked}"

    sizes = {size: width for size, width, _ in photo.sizes}
    return Picture(
        address(960), ", ".join(f"{address(size)} {width}w" for size, width in sizes.items()), photo.alt, photo.credit,
        photo.width, photo.height, address(480),
    )  # fmt: skip


def paragraphs(text: str | None) -> list[str]:
    """Text between empty lines."""
    return [part.strip() for part in (text or "").split("\n\n") if part.strip()]
