"""Every example of docs/PARTNER_API.md is run against a live service, and prints what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from geodata.cluster import Cluster
from geodata.database import Audience, Database
from geodata.partner_keys import issue
from tests.browser.conftest import served
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls, copied

PAGE = (ROOT / "docs" / "PARTNER_API.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```(sh|python)\n(.*?)```\n```text\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def environment(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[dict[str, str]]:
    with copied(cluster, sample_db_template) as urls:
        database = Database(urls.app, max_size=2)
        try:
            with database.write(Audience.AUTH) as conn:
                _, key = issue(conn, "03201", "例", by="test")
        finally:
            database.close()
        with served(urls) as address:
            yield {
                "PATH": os.environ["PATH"],
                "KYODO_URL": address,
                "KYODO_KEY": key,
                "PYTHONIOENCODING": "utf-8",
            }


def test_the_page_has_examples_in_both_languages() -> None:
    assert [language for language, _, _ in EXAMPLES] == ["sh", "python", "sh", "python"]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_prints_what_the_page_says(environment: dict[str, str], number: int) -> None:
    language, code, printed = EXAMPLES[number]
    command = ["bash", "-euo", "pipefail", "-c", code] if language == "sh" else [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, printed), done.stderr
