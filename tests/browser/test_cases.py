"""An activity case from the empty form to the printed page, in Chromium; and nothing of it once it is withdrawn."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import Site, collect_errors
from tests.browser.test_editing import shoot, staff  # noqa: F401
from tests.browser.test_signed_in import Look, city, visitor  # noqa: F401

HOSTILE = "${window.x=1}<img src=x onerror=window.x=1>`'\""


def photo() -> bytes:
    """A drawing, noisy enough to be a photo."""
    picture = Image.effect_noise((1000, 700), 20).convert("RGB")
    ImageDraw.Draw(picture).ellipse((200, 100, 800, 600), fill="#2b8a5f")
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def test_a_case_from_the_empty_form_to_the_paper(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],  # noqa: F811
    new_context: OpenContext,
    tmp_path: Path,
) -> None:
    page, look = staff
    title = f"見本の取り組み{HOSTILE}"

    page.goto(city.url("/staff/cases"))
    look("活動事例の登録")
    shoot(page, "cases")
    page.fill("#add-title", title)
    page.fill("#add-summary", "空いた部屋でお茶を飲みました")
    page.select_option("#add-theme", "care")
    page.select_option("#add-district_no", "5")
    page.fill("#add-body", "見本町内会")
    page.select_option("#add-done_year", "2025")
    page.fill("#add-story", "はじめの段落です。\n\n次の段落です。")
    page.fill("#add-geom", "39.75, 141.14")
    page.get_by_role("button", name="下書きとして登録する").click()
    look("活動事例の登録")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.input_value("#add-story") == "はじめの段落です。\n\n次の段落です。"
    page.check("#add-public_place")
    page.get_by_role("button", name="下書きとして登録する").click()
    look("見本の取り組み")

    page.get_by_role("button", name="公開する", exact=True).click()
    look("見本の取り組み")
    assert "文章の公開への同意を記録してください" in page.inner_text(".error-summary")
    page.set_input_files("#photo-photo", {"name": "写真.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.get_by_role("button", name="写真を入れる").click()
    page.fill("#photo-1-alt", "緑の丸の絵")
    page.fill("#photo-1-credit", "見本町内会")
    page.select_option("#photo-1-faces", "none")
    page.get_by_role("button", name="写真 1 の説明を保存する").click()
    page.fill("#consent-given_by", "見本の会長")
    page.fill("#consent-given_on", "令和8年4月1日")
    page.select_option("#consent-way", "paper")
    page.check("#consent-covers_text")
    page.check("#consent-covers_photos")
    page.get_by_role("button", name="同意を記録する").click()
    look("見本の取り組み")
    shoot(page, "case-staff")
    page.get_by_role("link", name="見え方を確かめる").click()
    look("見本の取り組み")
    page.go_back()
    page.get_by_role("button", name="公開する", exact=True).click()
    assert "公開しました" in page.inner_text(".done")
    address = page.get_by_role("link", name="公開のページ").get_attribute("href")
    assert address is not None

    public = new_context().new_page()
    errors = collect_errors(public)
    public.goto(city.url("/cases"))
    public.locator(".case-card", has_text="見本の取り組み").wait_for()
    public.fill("#q", "オチャ 空いた")
    public.get_by_role("button", name="探す").click()
    assert "あてはまる事例はありません" in public.inner_text("main")
    public.fill("#q", "お茶　空いた")
    public.get_by_role("button", name="探す").click()
    assert public.locator(".case-card").count() == 1
    key = address.rpartition("/")[2]
    public.locator(f"#figures tr[data-key='{key}'] .row-select").click()
    public.locator(".map-details").wait_for()
    assert HOSTILE in public.inner_text(".map-details")
    assert public.evaluate("window.x") is None
    shoot(public, "cases-found")

    public.goto(city.url(address))
    shown = public.locator(".case-photos img")
    assert shown.get_attribute("alt") == "緑の丸の絵"
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    shoot(public, "case")
    paper = tmp_path / "case.pdf"
    public.pdf(path=paper, format="A4")
    text = subprocess.run(["pdftotext", paper, "-"], check=True, capture_output=True, text=True).stdout
    for words in ("見本の取り組み", "次の段落です。", "見本町内会", "019-626-7535"):
        assert words in text, words
    assert "印刷する" not in text and "見本の会長" not in text
    images = subprocess.run(["pdfimages", "-list", paper], check=True, capture_output=True, text=True).stdout
    assert "jpeg" in images

    page.goto(city.url(f"/staff{address}"))
    page.get_by_role("button", name="公開をやめる").click()
    assert "公開をやめました" in page.inner_text(".done")
    assert public.goto(city.url(address)).status == 404  # type: ignore[union-attr]
    public.goto(city.url("/cases"))
    assert "見本の取り組み" not in public.inner_text("main")
    assert [error for error in errors if "status of 404" not in error] == []


def test_the_list_works_without_scripts(city: Site, new_context: OpenContext) -> None:  # noqa: F811
    public = new_context(java_script_enabled=False).new_page()
    public.goto(city.url("/cases"))
    public.select_option("#theme", "care")
    public.get_by_role("button", name="探す").click()
    assert public.locator(".case-card").count() == 1
    assert public.locator("#figures tbody tr").count() == 1
