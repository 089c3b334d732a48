"""Checks 4, 6, 7, 17 and 18 on the pages that links from the first do not lead to: sign-in, staff, errors."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Page

from api.auth.links import create_admin_link
from api.settings import Settings
from geodata import accounts
from geodata.database import Audience, Database
from kyodo_geo.roles import Role
from tests.api.signing import PASSWORD
from tests.browser.conftest import OpenContext, served
from tests.browser.pages import LARGE, NARROW, Site
from tests.browser.test_accessibility import SMALL, violations
from tests.browser.test_layout import CLIPPED, WIDTH
from tests.fixtures_db import DatabaseUrls
from tests.oidc_provider import CLIENT, SECRET, Provider


@pytest.fixture
def city(sample_town: DatabaseUrls) -> Iterator[Site]:
    """A service whose accounts this test may change."""
    with served(sample_town) as address:
        yield Site(address)


def first_link(urls: DatabaseUrls) -> str:
    """Path of a one-time link for the administrator."""
    database = Database(urls.app)
    try:
        settings = Settings(database_url=urls.app, owner_database_url=urls.owner)
        return "/welcome?" + create_admin_link(database, settings).partition("?")[2]
    finally:
        database.close()


Look = Callable[[str], None]


@pytest.fixture
def visitor(new_context: OpenContext) -> tuple[Page, Look]:
    """A page, and what every page must stand whose first heading holds the words."""
    page = new_context().new_page()
    errors: list[str] = []
    # The browser itself reports that an error page was answered as one.
    page.on(
        "console",
        lambda message: (
            errors.append(message.text)
            if message.type == "error" and "responded with a status of 4" not in message.text
            else None
        ),
    )
    page.on("pageerror", lambda error: errors.append(str(error)))

    def look(heading: str) -> None:
        assert heading in page.locator("h1").inner_text()
        assert page.locator("html").get_attribute("lang") == "ja"
        assert re.search(r" \| 盛岡市 ", page.title())
        assert violations(page) == []
        targets = page.locator("a, button, input:not([type=hidden]), select, summary")
        assert targets.evaluate_all(SMALL) == []
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        assert page.evaluate(WIDTH) <= 320
        assert page.evaluate(CLIPPED) == []
        page.set_viewport_size(LARGE)  # type: ignore[arg-type]
        assert errors == []

    return page, look


def send(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"main input[name={name}]", value)
    with page.expect_navigation():
        page.click("main form button[type=submit]")


def test_pages_of_signing_in_and_of_staff(
    city: Site, sample_town: DatabaseUrls, visitor: tuple[Page, Look]
) -> None:
    page, look = visitor
    page.goto(city.url("/login"))
    look("サインイン")
    send(page, login="nobody", password="falsch")
    look("サインイン")
    assert page.locator("[aria-invalid=true]").count() >= 1

    page.goto(city.url(first_link(sample_town)))
    look("パスワードの設定")
    send(page, password=PASSWORD, password_again=PASSWORD + "x")
    look("パスワードの設定")
    assert "一致しません" in page.locator(".error-summary").inner_text()
    send(page, password=PASSWORD, password_again=PASSWORD)
    look("アカウント")
    send(page, old_password="falsch", password=PASSWORD, password_again=PASSWORD)
    look("アカウント")
    page.goto(city.url("/staff"))
    look("職員のページ")
    for path, heading in {
        "/maps/agreement": "協定による案内",
        "/maps/halls": "自治公民館への補助",
        "/maps/grants": "補助と奨励金",
        "/staff/facilities/vacant-houses": "自治公民館の候補になる空き家",
    }.items():
        page.goto(city.url(path))
        page.wait_for_selector(".map path[aria-label]")
        look(heading)
    for path, heading in {
        "/account/sessions": "サインインしている機器",
        "/account/codes": "確認コード",
        "/staff/accounts": "アカウントの一覧",
        "/staff/facilities/vacant-houses/terms": "空き家を使う自治公民館の家賃補助の条件",
        "/staff/facilities/gaps": "施設が届かない人（町内会・自治会別）",
        "/staff/facilities/halls": "自治公民館の修繕・建替えの見通し",
        "/staff/facilities/portfolio": "公共施設のポートフォリオ",
        "/staff/facilities/f-00850322cd37": "上田公民館",
        "/staff/facilities/costs": "更新費用の単価と前提",
        "/staff/facilities/levelling": "工事の年度をならす",
        "/staff/records/import": "記録のファイルを読み込む",
        "/staff/records/stages": "公共施設の方針の登録",
        "/staff/facilities/scenarios": "公共施設の案をつくる",
        "/staff/facilities/scenarios/sample-keep": "見本の案B",
        "/staff/facilities/scenarios/sample-keep/actions/1": "1 件目の行動",
        "/staff/facilities/scenarios/sample-keep/changes": "違い",
        "/staff/facilities/scenarios/sample-keep/publish": "公開の確認",
        "/staff/facilities/scenarios/sample-keep/plan": "実施計画の様式",
        "/staff/facilities/scenarios/compare?ids=sample-keep,sample-gather,base": "公共施設の案を比べる",
        "/staff/facilities/f-00850322cd37/close": "閉じると",
    }.items():
        page.goto(city.url(path))
        look(heading)


ERRORS = {
    "/nosuch": (404, ""),
    "/districts/99": (404, ""),
    "/maps/membership?nosuch=1": (400, ""),
    "/maps/membership?fiscal_year=x": (400, ""),
    "/welcome?token=x": (404, ""),
}


def test_error_pages(site: Site, visitor: tuple[Page, Look]) -> None:
    page, look = visitor
    for path, (status, heading) in ERRORS.items():
        answer = page.goto(site.url(path))
        assert answer is not None
        assert answer.status == status
        look(heading)
        assert "019-626-7535" in page.locator("main").inner_text()


def test_a_refused_point_is_marked_at_its_fields(site: Site, visitor: tuple[Page, Look]) -> None:
    page, look = visitor
    page.goto(site.url("/lookup"))
    page.locator(".by-point summary").click()
    page.fill("#lon", "39.7")
    page.fill("#lat", "141.15")
    with page.expect_navigation():
        page.click(".point-form button[type=submit]")
    look("町内会・自治会を調べる")
    page.wait_for_function("() => document.activeElement.classList.contains('error-summary')")
    page.click(".error-summary a")
    page.wait_for_function("() => document.activeElement.id === 'lon'")
    assert page.locator("[aria-invalid=true]").evaluate_all("all => all.map(e => e.id)") == ["lon", "lat"]


def test_signing_in_with_codes_a_role_requires(
    sample_town: DatabaseUrls, visitor: tuple[Page, Look], tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(Fernet.generate_key().decode())
    page, look = visitor
    with served(sample_town, totp_key_file=key_file, totp_roles=["administrator"]) as address:
        page.goto(address + first_link(sample_town))
        send(page, password=PASSWORD, password_again=PASSWORD)
        look("確認コードの登録")
        secret = page.locator("code.secret").inner_text().replace(" ", "")
        assert page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth > 100"), (
            "CSP lets it show"
        )
        send(page, code="12345")
        look("確認コードの登録")
        send(page, code=pyotp.TOTP(secret).now())
        look("回復コード")
        page.click("main a.button")
        look("アカウント")
        page.goto(address + "/account/codes")
        look("確認コード")
        page.click(".sign-out button")
        page.goto(address + "/login")
        send(page, login="admin", password=PASSWORD)
        look("確認コードの入力")
        send(page, code="12345")
        look("確認コードの入力")
        # The next one: the present one was used above, and a clock may be 30 s early.
        send(page, code=pyotp.TOTP(secret).at(time.time() + 30))
        look("アカウント")


def test_the_citys_sign_in_service(sample_town: DatabaseUrls, visitor: tuple[Page, Look]) -> None:
    """The whole way in a browser: to the provider and back over HTTP, cookies, CSP and all."""
    page, look = visitor
    provider = Provider("-", {"tanaka": {"preferred_username": "tanaka", "name": "田中"}})
    provider.metadata = {"end_session_endpoint": f"{provider.issuer}/bye"}
    try:
        with served(
            sample_town, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET
        ) as address:
            provider.server.context.cdb[CLIENT]["redirect_uris"] = [(f"{address}/login/oidc/return", {})]
            database = Database(sample_town.app)
            try:
                with database.write(Audience.AUTH) as conn:
                    accounts.add_user(conn, "03201", "tanaka", "田中", {Role.PLANNER}, by="test")
            finally:
                database.close()
            page.goto(address + "/staff")
            look("サインイン")
            page.click("text=市の認証システムでサインイン")
            page.wait_for_url(address + "/staff")
            look("職員のページ")
            page.click(".sign-out button")
            look("サインアウトしました")
    finally:
        provider.stop()
