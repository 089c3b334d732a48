"""What the worked examples of the docs share: one way through the pages, its pictures, and the text that tells of it."""

from __future__ import annotations

import io
import re
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page

from api.auth.passwords import hash_password
from api.jobs.dataset_uploads import run_uploads
from geodata import accounts
from geodata.database import Audience, Database
from kyodo_geo.roles import Role

MAX_BYTES = 120_000
COLOURS = 96
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Told:
    """The text of an example: a page of docs/ and its folder of pictures."""

    page: str
    folder: str

    @property
    def text(self) -> str:
        return (ROOT / "docs" / self.page).read_text(encoding="utf-8")

    def buttons(self) -> list[str]:
        """Words in bold: what the text tells to press, in order."""
        return re.findall(r"\*\*(.+?)\*\*", self.text)

    def shown(self) -> list[str]:
        """Names of the pictures in the order of the text."""
        return re.findall(rf"!\[[^\]]+\]\(images/{self.folder}/([0-9a-z-]+)\.png\)", self.text)

    def figures(self) -> list[str]:
        """Figures of a thousand and more, and those with decimals."""
        return re.findall(r"\d+(?:,\d{3})+|\d+\.\d+", self.text)

    def pictures(self) -> dict[str, int]:
        """Name of every picture there is → its bytes."""
        files = (ROOT / "docs" / "images" / self.folder).glob("*.png")
        return {path.stem: path.stat().st_size for path in sorted(files)}


def add_user(database: Database, login: str, password: str, name: str, roles: Iterable[Role]) -> None:
    """Somebody of the office who can sign in."""
    with database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, "03201", login, name, set(roles), by="example")
        accounts.set_password(conn, "03201", user.user_id, login, hash_password(password))


def words(pdf: Path) -> str:
    """All text of a PDF without spaces: lines of a cell may be broken anywhere."""
    told = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, check=True).stdout.decode()
    return re.sub(r"\s", "", told)


def pages(pdf: Path) -> int:
    """How many sheets it has."""
    found = subprocess.run(["pdfinfo", pdf], capture_output=True, check=True).stdout.decode()
    return int(re.search(r"^Pages: +(\d+)", found, re.MULTILINE)[1])  # type: ignore[index]


class Walk:
    """One way through the pages. `pressed` holds the words of every button and link, in order; `seen` all words."""

    def __init__(self, page: Page, address: str, database: Database, pictures: Path | None) -> None:
        self.page, self.address, self.database, self.pictures = page, address, database, pictures
        self.pressed: list[str] = []
        self.taken: list[str] = []
        self.seen = ""

    def press(self, words: str) -> None:
        """Press the button, or follow the link, that bears these words."""
        exactly = re.compile(rf"^\s*{re.escape(words)}\s*$")
        with self.page.expect_navigation():
            self.page.locator("main").locator("button, a").filter(has_text=exactly).first.click()
        self.pressed.append(words)

    def shoot(self, name: str, at: Locator | None = None, *, height: int | None = None) -> None:
        """What the user sees now, from the element `at` downwards: one screen, or `height` pixels of the page."""
        self.taken.append(name)
        self.seen += self.page.locator("main").inner_text()
        if at is None:
            self.page.evaluate("() => window.scrollTo(0, 0)")
        else:
            at.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - 24)")
        if self.pictures is None:
            return
        if height is None:
            self.keep(name, self.page.screenshot(animations="disabled"))
            return
        top = 0.0 if at is None else at.evaluate("e => e.getBoundingClientRect().top + window.scrollY - 24")
        clip = {"x": 0, "y": max(top, 0), "width": 1280, "height": height}
        self.keep(name, self.page.screenshot(animations="disabled", full_page=True, clip=clip))  # type: ignore[arg-type]

    def keep(self, name: str, png: bytes) -> None:
        """A picture in few colours: pages have no more, and the repository stays small."""
        assert self.pictures is not None
        self.pictures.mkdir(parents=True, exist_ok=True)
        picture = (
            Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)
        )
        picture.save(self.pictures / f"{name}.png", optimize=True)

    def type_sign_in(self, login: str, password: str) -> None:
        """The sign-in form filled in, not sent yet."""
        self.page.goto(f"{self.address}/staff")
        self.page.fill("#login", login)
        self.page.fill("#password", password)

    def fetch(self, words: str, to: Path) -> Path:
        """Open the file behind the link that bears these words."""
        link = self.page.get_by_role("link", name=words)
        self.pressed.append(words)
        answer = self.page.request.get(f"{self.address}{link.get_attribute('href')}", timeout=90_000)
        to.write_bytes(answer.body())
        return to

    def sheet(self, name: str, pdf: Path, number: int) -> None:
        """A sheet of a PDF as a picture."""
        self.taken.append(name)
        self.seen += words(pdf)
        if self.pictures is not None:
            made = pdf.with_name(name)
            command = ["pdftoppm", "-png", "-r", "80", "-f", str(number), "-singlefile", pdf, made]
            subprocess.run(command, check=True)
            self.keep(name, made.with_suffix(".png").read_bytes())

    def worker(self, heading: str) -> None:
        """What the worker beside the service does within seconds; the page then shows its end by itself."""
        run_uploads(self.database, threading.Event())
        self.page.get_by_role("heading", name=heading).wait_for()
