"""Page table = map = GeoJSON = CSV = PDF: every figure of every district, on every figure map and on its profile.

The sample with a threshold that makes small districts, so that what is withheld is compared too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import served
from tests.browser.numbers import (
    ROW,
    Figures,
    PageTable,
    canonical,
    disagreements,
    drawn_in,
    rows_on_paper,
    shapes_of,
    sheet_of,
    sheets_of,
    squeezed,
    table_of,
)
from tests.fixtures_db import DatabaseUrls

THRESHOLD = 500
"""Households; 簗川 (23) alone has fewer, and must take another district with it."""
RATES = {"membership_rate", "earlier_rate"}


@dataclass(frozen=True)
class Map:
    """A figure map: where its forms are, and what its figures are called in those that have other names.

    `shapes`: column of the page → property of the GeoJSON. `popup`: column → heading in the popup.
    """

    path: str
    files: str
    shapes: dict[str, str]
    popup: dict[str, str]

    @property
    def script(self) -> str:
        return self.path.replace("/support", "/support.js").replace(
            "?", ".js?", 0 if "support" in self.path else 1
        )


def support(theme: str, **shapes: str) -> Map:
    """The support map of a theme: its popup has the table's columns."""
    names = {column: name for name, column in shapes.items()}
    return Map(
        f"/maps/support?theme={theme}", f"/downloads/support.{{}}?theme={theme}", names, {c: c for c in names}
    )


MAPS = {
    "plan adoption": Map(
        "/maps/plan-adoption?on=2024-05-01",
        "/downloads/plan-adoption.{}?on=2024-05-01",
        {
            "地域づくり計画": "plan",
            "その状態になった日": "since",
            "版": "version",
            "計画の名前と文書": "title",
            "備考": "note",
            "人口": "population",
        },
        {c: c for c in ("地域づくり計画", "その状態になった日", "版", "人口")},
    ),
    "membership": Map(
        "/maps/membership?fiscal_year=2024",
        "/downloads/membership.{}?fiscal_year=2024",
        {
            "加入率": "membership_rate",
            "階級": "class",
            "加入世帯数": "member_households",
            "世帯数（分母）": "rate_households",
        },
        {c: c for c in ("加入率", "階級", "加入世帯数", "世帯数（分母）")},
    ),
    "membership change": Map(
        "/maps/membership?fiscal_year=2024&compare_year=2019",
        "/downloads/membership.{}?fiscal_year=2024&compare_year=2019",
        {
            "増減（ポイント）": "change_points",
            "階級": "class",
            "令和6年度(2024年度)": "membership_rate",
            "令和元年度(2019年度)": "earlier_rate",
        },
        {c: c for c in ("増減（ポイント）", "階級", "令和6年度(2024年度)", "令和元年度(2019年度)")},
    ),
    "projects": Map(
        "/maps/projects?fiscal_year=2024",
        "/downloads/projects.{}?fiscal_year=2024",
        {
            "地域づくり事業（件）": "projects",
            "人口千人あたり（件）": "rate_per_1000",
            "階級": "class",
            "補助金（円）": "grant_yen",
            "参加者（人）": "participants",
            "人口": "population",
        },
        {
            "地域づくり事業（件）": "地域づくり事業",
            "人口千人あたり（件）": "人口千人あたり",
            "階級": "階級",
            "補助金（円）": "補助金",
        },
    ),
    "support: officers": support(
        "officers",
        contact_office="地域窓口担当の課",
        contact_phone="電話",
        issue_officers="地域課題担当（人）",
        issue_offices="地域課題担当の課",
        coordinator_office="専任職員の課",
    ),
    "support: meetings": support(
        "meetings",
        count="地区の求めで出席した会議（件）",
        per_1000="人口千人あたり（件）",
        population="人口",
        meetings_contact="窓口担当のふだんの出席（件）",
    ),
    "support: centres": support(
        "centres",
        mean_km="いちばん近いセンターまでの平均（km、直線）",
        nearest="近い人がいちばん多いセンター",
        share="そのセンターが近い人の割合（%）",
        population="人口",
    ),
    "support: advisers": support(
        "advisers", count="アドバイザーの派遣（件）", per_1000="人口千人あたり（件）", population="人口"
    ),
    "support: events": support(
        "events", count="催しの参加者（人）", per_1000="人口千人あたり（人）", population="人口"
    ),
}
PROFILES = (5, 23)
"""A district with everything, and the one that is withheld."""


@dataclass
class World:
    """The running service, and how to print one of its pages."""

    client: httpx.Client
    printed: Callable[[str], list[str]]
    superuser: str

    def get(self, path: str) -> httpx.Response:
        answer = self.client.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 200, (path, answer.text[:300])
        return answer


@pytest.fixture(scope="module")
def world(
    sample_town: DatabaseUrls, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with psycopg.connect(sample_town.superuser) as conn:
        conn.execute("UPDATE kyodo.municipality SET suppress_below_households = %s", (THRESHOLD,))
    target = tmp_path_factory.mktemp("paper") / "page.pdf"
    with (
        served(sample_town) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=60) as client,
    ):
        context = chromium.new_context(locale="ja-JP", java_script_enabled=False)
        page: Page = context.new_page()

        def printed(path: str) -> list[str]:
            page.goto(address + path)
            page.pdf(path=str(target), format="A4")
            return sheets_of(target)

        yield World(client, printed, sample_town.superuser)
        context.close()


Forms = tuple[PageTable, dict[str, Figures], dict[str, set[str]]]


@pytest.fixture(scope="module")
def forms(world: World) -> Callable[[str], Forms]:
    """All forms of a map, asked for once."""
    held: dict[str, Forms] = {}

    def of(name: str) -> Forms:
        if name not in held:
            held[name] = read(world, MAPS[name])
        return held[name]

    return of


def read(world: World, asked: Map) -> Forms:
    table = table_of(world.get(asked.path).text, id="figures")
    popups, labels = drawn_in(world.get(asked.script).text)
    back = {heading: column for column, heading in asked.popup.items()}
    drawn = {(key, back[heading]): value for (key, heading), value in popups.items() if heading in back}
    # The first figure is what the map is about: it is in the accessible name too.
    first = table.columns[0]
    spoken = {
        (key, first): table.figures[key, first] if table.figures[key, first] in label else label
        for key, label in labels.items()
    }
    sheet = sheet_of(world.get(asked.files.format("csv")).content)
    forms = {
        "map": drawn,
        "map, spoken": spoken,
        "GeoJSON": shapes_of(world.get(asked.files.format("geojson")).content, asked.shapes, RATES),
        "CSV": sheet,
        "PDF": rows_on_paper(world.printed(asked.path), table),
    }
    for key, _, cells in table.rows:
        table.figures[key, ROW] = squeezed("".join(cells))
    every = set(table.columns)
    assert set(asked.shapes) == every, "each column of the page is compared"
    required = {"map": set(asked.popup), "map, spoken": {first}, "GeoJSON": every, "CSV": every, "PDF": {ROW}}
    return table, forms, required


@pytest.mark.parametrize("name", MAPS)
def test_a_maps_five_forms_say_the_same_of_every_district(name: str, forms: Callable[[str], Forms]) -> None:
    table, others, required = forms(name)
    assert len(table.rows) == 30
    assert disagreements(table.figures, others, required) == []


@pytest.mark.parametrize("name", MAPS)
def test_the_comparison_finds_every_planted_difference(name: str, forms: Callable[[str], Forms]) -> None:
    """Each form in turn has one figure changed in its last digit, one missing, and one district too many."""
    table, others, required = forms(name)
    for form, wanted in required.items():
        for thing in ("1", "23"):
            for figure in wanted:
                spoilt = dict(others[form])
                spoilt[thing, figure] = another(spoilt[thing, figure])
                assert disagreements(table.figures, {form: spoilt}, required), (form, figure)
                del spoilt[thing, figure]
                assert disagreements(table.figures, {form: spoilt}, required), (form, figure)
        more = {**others[form], ("31", next(iter(wanted))): 1}
        assert disagreements(table.figures, {form: more}, required)


def another(value: Any) -> Any:
    """The nearest figure that would be read as another one."""
    said = canonical(value)
    if said is None:
        return 1
    return f"{said}x" if isinstance(said, str) else float(said) + 0.1
