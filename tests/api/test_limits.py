"""What the service itself takes of one request: bodies, packing, depth, parts; and that docs/LIMITS.md says so."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api import http_limits, looking, middleware, uploads
from api.staff_datasets import forms
from geodata import batch_jobs, dataset_uploads
from geodata.batch import source, xlsx_file
from geodata.readers import archives, geometry, json_files, spreadsheets, text_tables
from geodata.tiles.source import MAX_TILE_BYTES
from kyodo_geo import sent_shapes
from tests.api.conftest import HOST

LIMITS = (Path(__file__).parents[2] / "docs" / "LIMITS.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("packing", ["gzip", "br", "deflate", "zstd", "gzip, gzip"])
def test_a_packed_body_is_refused_unread(client: TestClient, packing: str) -> None:
    body = gzip.compress(b" " * 10_000_000)
    answer = client.post(
        "/api/v1/lookup",
        content=body,
        headers={"content-encoding": packing, "content-type": "application/json"},
    )
    assert answer.status_code == 415 and answer.headers["content-type"] == "application/problem+json"
    plain = client.post(
        "/api/v1/lookup", json={"address": "試験町一丁目"}, headers={"content-encoding": "identity"}
    )
    assert plain.status_code == 200


@pytest.mark.parametrize(
    "shape", ['{"address":' * 3_000, "[" * 30_000, '{"a":' * 10_000 + "1" + "}" * 10_000]
)
@pytest.mark.parametrize("path", ["/api/v1/lookup", "/api/v1/lookup/batch", "/lookup/suggest"])
def test_deep_json_is_a_bad_request(client: TestClient, path: str, shape: str) -> None:
    headers = {"content-type": "application/json", "origin": HOST}
    assert client.post(path, content=shape, headers=headers).status_code in (400, 401, 403, 422)


@pytest.mark.parametrize("path", ["/lookup", "/login", "/referrals/new", "/join/new"])
def test_a_form_of_too_many_or_too_large_parts_is_refused(client: TestClient, path: str) -> None:
    def sent(parts: dict[str, str]) -> int:
        body = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in parts.items()
        )
        headers = {"content-type": "multipart/form-data; boundary=b", "origin": HOST}
        return client.post(path, content=f"{body}--b--\r\n".encode(), headers=headers).status_code

    assert sent({f"f{n}": "x" for n in range(200)}) in (400, 403)
    assert sent({"address": "長" * 25_000}) == 413
    many = "&".join(f"f{n}=x" for n in range(5_000))
    answer = client.post(
        path, content=many, headers={"content-type": "application/x-www-form-urlencoded", "origin": HOST}
    )
    assert answer.status_code in (400, 403)
    files = [("file", (f"{n}.csv", b"x")) for n in range(20)]
    assert client.post(path, files=files, headers={"origin": HOST}).status_code in (400, 403)


def test_a_body_without_an_end_is_cut_off(client: TestClient) -> None:
    taken = 0

    def endless():
        nonlocal taken
        while taken < 64:
            taken += 1
            yield b"x" * 65_536

    answer = client.post("/lookup", content=endless(), headers={"origin": HOST, "content-type": "text/plain"})
    assert answer.status_code in (400, 403, 413, 415)


def test_a_length_that_is_none_is_refused(client: TestClient) -> None:
    for length in ("-1", "1e9", "9" * 30, "0x10"):
        answer = client.post("/api/v1/lookup", content=b"{}", headers={"content-length": length})
        assert answer.status_code == 413


def test_a_batch_of_too_many_rows_is_told(client: TestClient) -> None:
    rows = [{"id": n, "address": "試験町"} for n in range(1_001)]
    assert client.post("/api/v1/lookup/batch", json={"rows": rows}).status_code in (401, 403, 422)


def test_the_page_of_limits_names_every_limit_of_the_code() -> None:
    """A number that changes in the code must change on the page."""
    mb = 2**20
    stated = {
        "URL": f"{http_limits.MAX_URL:,} バイト", "headers": f"{http_limits.MAX_HEADERS} 個",
        "head": f"{http_limits.MAX_HEAD:,} バイト", "head time": f"{http_limits.HEAD_S:.0f} 秒",
        "connections": f"{http_limits.MAX_CONNECTIONS:,} 本", "body": f"{middleware.MAX_BODY_BYTES // 1024} KB",
        "batch body": f"{middleware.MAX_BODY_BY_ROUTE['POST', '/api/v1/lookup/batch'] // mb} MB",
        "upload": f"{uploads.MAX_FILE_BYTES // mb} MB", "dataset upload": f"{forms.MAX_BYTES // mb} MB",
        "files": f"{forms.MAX_FILES} 個", "unpacked": f"{forms.MAX_UNPACKED // mb} MB",
        "jobs": f"{batch_jobs.MAX_JOBS} 個", "uploads here": f"{dataset_uploads.MAX_UPLOADS} 件",
        "positions sent": f"{sent_shapes.MAX_POSITIONS:,} 点", "positions of a file": f"{geometry.MAX_POSITIONS:,} 点",
        "rows": f"{source.MAX_ROWS:,} 行", "columns": f"{source.MAX_COLUMNS} 列",
        "csv columns": f"{text_tables.MAX_COLUMNS:,} 列",
        "members": f"{archives.MAX_MEMBERS:,} 個", "ratio": f"{archives.MAX_RATIO} 倍", "book ratio": f"{xlsx_file.MAX_RATIO} 倍",
        "book": f"{spreadsheets.MAX_UNPACKED // mb} MB", "json": f"{json_files.MAX_BYTES // mb} MB",
        "look": f"{looking.MAX_MEMORY // mb:,} MB", "look time": f"{looking.MAX_CPU_S} 秒", "tile": f"{MAX_TILE_BYTES // mb} MB",
    }  # fmt: skip
    missing = {name: words for name, words in stated.items() if words not in LIMITS}
    assert not missing
    assert "KYODO_BATCH_STORE_MB" in LIMITS
    # One table, and no row of it without an answer to "what does the user see".
    rows = [
        line for line in LIMITS.splitlines() if line.startswith("|") and not re.match(r"\|[-| ]+\|$", line)
    ]
    assert all(len([cell for cell in row.split("|")[1:-1] if cell.strip()]) == 4 for row in rows)
