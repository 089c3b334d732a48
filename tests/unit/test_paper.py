"""Words of the leaflets, and the process that makes PDFs out of them."""

from __future__ import annotations

import asyncio
import re
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from markupsafe import Markup
from PIL import Image

from api.paper import render as rendering
from api.paper import serve
from api.paper.render import render
from api.paper.sheets import as_data
from api.paper.words import EASY, EN, JA, WORDS, Words, plain, spell
from kyodo_geo.errors import UnavailableError

KANJI = re.compile(r"[\u4e00-\u9fff]")


def texts(words: Words) -> list[str]:
    found: list[str] = []
    for field in fields(words):
        value = getattr(words, field.name)
        found += [value] if isinstance(value, str) else [part for pair in value for part in pair]
    return found


def test_every_kanji_of_the_easy_leaflet_has_its_reading() -> None:
    bare = [text for text in texts(EASY) if KANJI.search(re.sub(r"\[[^\]]*\]", "", text))]
    assert bare == []
    for text in texts(EASY):
        for base, reading in re.findall(r"\[([^\[\]|]+)\|([^\[\]|]+)\]", text):
            assert KANJI.search(base)
            assert re.fullmatch(r"[\u3041-\u3096ー]+", reading)


def test_the_easy_leaflet_leads_to_its_contact_by_name_since_each_form_has_it_elsewhere() -> None:
    """On A4 and on the roll the contact stands above the fee: 「下の電話」 led nowhere."""
    assert plain(EASY.contact_heading) in plain(EASY.fee_unknown)
    for words in WORDS.values():
        assert not re.search("下の|上の", plain(words.fee_unknown))


def test_only_the_easy_leaflet_has_readings() -> None:
    assert not any("[" in text for text in texts(JA) + texts(EN))


def test_english_is_english() -> None:
    assert not any(KANJI.search(text) for text in texts(EN))


def test_every_language_says_that_joining_is_voluntary() -> None:
    assert JA.voluntary == "加入は任意です。"
    assert "自分で決めます" in plain(EASY.voluntary).replace(" ", "")
    assert EN.voluntary == "Joining is voluntary."


@pytest.mark.parametrize("lang", WORDS)
def test_texts_name_the_association(lang: str) -> None:
    words = WORDS[lang]
    assert "試験会" in spell(words.lead, name="試験会")
    assert "試験会" in spell(words.building_lead, name="試験会")
    assert "7" in spell(words.area_more, count=7)


def test_data_are_never_markup() -> None:
    assert spell("「{name}」の [場所|ばしょ]", name="<b>[漢|かん]{x}</b>") == (
        "「&lt;b&gt;[漢|かん]{x}&lt;/b&gt;」の "
        '<span class="r"><span class="rt">ばしょ</span><span class="rb">場所</span></span>'
    )


PAGE = "<!doctype html><html lang=ja><title>題</title><body><p>本文</p>{}</body></html>"


def test_a_page_becomes_a_pdf() -> None:
    assert render(PAGE.format("")).startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    "planted",
    [
        '<img src="http://127.0.0.1:9/x.svg">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
        "<style>p { background: url(file:///etc/hostname) }</style>",
        '<img src="file:///etc/hostname">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<img src="data:text/html;base64,PGI+">',
    ],
)
def test_a_page_that_asks_for_anything_outside_itself_is_refused(planted: str) -> None:
    with pytest.raises(UnavailableError):
        render(PAGE.format(planted))


def test_an_address_within_a_picture_leads_nowhere(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9), "red").save(tmp_path / "red.png")

    def images_with(inside: str) -> int:
        picture = Markup('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>').format(
            Markup('<image href="{}" width="9" height="9"/>').format(inside)
        )
        (tmp_path / "x.pdf").write_bytes(render(PAGE.format(f'<img alt="x" src="{as_data(picture)}">')))
        done = subprocess.run(["pdfimages", "-list", tmp_path / "x.pdf"], capture_output=True, check=True)
        return len(done.stdout.splitlines()) - 2

    assert images_with((tmp_path / "red.png").as_uri()) == 0


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnavailableError):
        render(PAGE.format(""), timeout_s=0.01)


def test_the_child_knows_no_setting_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    def run(*_: object, **options: object) -> object:
        seen.update(options)
        raise OSError

    monkeypatch.setenv("KYODO_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setattr(rendering.subprocess, "run", run)
    with pytest.raises(UnavailableError):
        render("")
    environment = seen["env"]
    assert isinstance(environment, dict)
    assert not {"KYODO_DATABASE_URL", "HTTPS_PROXY"} & set(environment)
    assert Path(str(seen["cwd"])).joinpath("api").is_dir()


def test_a_crowd_is_told_to_come_back_instead_of_queueing(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def slow(html: str) -> bytes:
        begun.release()
        assert go_on.wait(30)
        return b"%PDF"

    monkeypatch.setattr(serve, "render", slow)

    async def crowd() -> list[object]:
        services: Any = SimpleNamespace(paper_limiter=anyio.CapacityLimiter(1))
        first = asyncio.create_task(serve.rendered(services, "1"))
        await asyncio.to_thread(begun.acquire)
        waiting = [asyncio.create_task(serve.rendered(services, "2")) for _ in range(serve.MOST_WAITING)]
        while services.paper_limiter.statistics().tasks_waiting < serve.MOST_WAITING:
            await asyncio.sleep(0)
        with pytest.raises(UnavailableError, match="混み合っています"):
            await serve.rendered(services, "3")
        go_on.set()
        return await asyncio.gather(first, *waiting)

    # In a thread of its own: browser tests keep an event loop in this one.
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(lambda: asyncio.run(crowd())).result(60)
    assert done == [b"%PDF"] * (serve.MOST_WAITING + 1)
