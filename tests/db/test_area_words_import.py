"""The city's list and 告示 in the database: rules are stored, persons are nowhere."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import psycopg
import pytest
from openpyxl import Workbook

from geodata.database import Audience, Database
from geodata.importing import Imported, ImportOptions, import_files
from kyodo_geo.errors import FileFormatError
from tests.db.test_reader_imports import bring_in
from tests.factories import CODE, meta
from tests.fixtures_db import DatabaseUrls
from tests.unit.readers.files import csv
from tests.unit.readers.hostile_notices import HOMES, NAMES, PHONES
from tests.unit.readers.hostile_notices import SECRETS as HOSTILE

PRESIDENT, HOME, PHONE = "鬼瓦権左衛門", "みたけ四丁目98番76号", "019-999-9876"
SECRETS = (PRESIDENT, "鬼瓦", "98番76号", "999-9876")


@pytest.fixture
def city(db: Database, tmp_path: Path) -> Database:
    """A city with its outline, towns, blocks, districts and associations 城北 (a1) and 上田 (a2)."""
    for kind in ("outline", "towns", "blocks", "districts", "associations"):
        bring_in(db, kind, tmp_path)
    return db


def workbook(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(["町内会・自治会一覧（令和6年4月1日現在）"])
    sheet.append(["地区", "町内会名", "ふりがな", "区域", "会長氏名", "会長住所", "会長電話"])
    sheet.append(
        ["仁王", "城北", "じょうほく", "みたけ三丁目1番から4番まで、みたけ九丁目", PRESIDENT, HOME, PHONE]
    )
    sheet.append(["上田", "上田", "うえだ", "内丸全域、みたけ3丁目4番の一部", PRESIDENT, HOME, PHONE])
    sheet.append(["上田", "知らない会", "", "内丸", PRESIDENT, HOME, PHONE])
    book.save(path)
    return path


def notice(path: Path) -> Path:
    path.write_text(
        f"盛岡市告示第1号\n１　名称　城北\n２　区域　盛岡市みたけ三丁目\n３　主たる事務所　{HOME}\n"
        f"４　代表者の氏名及び住所\n　{PRESIDENT}\n　{HOME}\n５　連絡係　{PRESIDENT} {PHONE}\n",
        encoding="cp932",
    )
    return path


def load(db: Database, path: Path, format: str | None) -> Imported:
    return import_files(db, CODE, "association-rules", [path], meta(), ImportOptions(format=format))


def all_text(urls: DatabaseUrls) -> str:
    """Every row of every table, as text."""
    with psycopg.connect(urls.superuser) as conn:
        tables = conn.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        return "\n".join(
            str(row)
            for (table,) in tables
            for row in conn.execute(f"SELECT t::text FROM {table} t").fetchall()
        )


def test_persons_are_in_no_row_report_or_log(
    city: Database, database: DatabaseUrls, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    done = [
        load(city, workbook(tmp_path / "list.xlsx"), "association-list"),
        load(city, notice(tmp_path / "kokuji.txt"), "kokuji-text"),
    ]
    with pytest.raises(FileFormatError) as error:
        load(
            city, csv(tmp_path / "bare.csv", f"仁王,城北,{PRESIDENT},{HOME}\nx,y,{PRESIDENT},{HOME}\n"), None
        )

    stored = all_text(database)
    assert "みたけ三丁目" in stored and "会長氏名" in stored, "the search looks where rows and reports are"
    shown = "\n".join(line for item in done for line in item.result.report.summary_ja())
    for text in (stored, shown, caplog.text, error.value.message, str(error.value.details)):
        assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_unlabelled_persons_below_an_area_are_in_no_table(
    city: Database, database: DatabaseUrls, tmp_path: Path, caplog: pytest.LogCaptureFixture, encoding: str
) -> None:
    """Each hostile line in a notice of its own, all in one file, beside one association that is read."""
    caplog.set_level(logging.DEBUG)
    lines = (*NAMES, *HOMES, *PHONES)
    text = "名称　城北\n区域　みたけ三丁目1番\n" + "".join(
        f"名称　上田\n区域\nみたけ三丁目2番\n{line}\n" for line in lines
    )
    path = tmp_path / "kokuji.txt"
    path.write_bytes(text.encode(encoding, "replace"))
    done = load(city, path, "kokuji-text")
    # Geometry in hexadecimal and PostGIS's own list of projections hold any digits.
    stored = re.sub(r"[0-9A-F]{30,}|[0-9]+\.[0-9]+", "", all_text(database))
    shown = "\n".join(done.result.report.summary_ja())
    for out in (stored, shown, caplog.text):
        assert not [secret for secret in HOSTILE if secret in out]
    assert "みたけ三丁目" in stored
    assert done.result.report.count("rejected") >= len(lines) - 8, "some lines are known labels and dropped"


def test_rules_and_what_was_read_are_stored(city: Database, tmp_path: Path) -> None:
    done = load(city, workbook(tmp_path / "list.xlsx"), "association-list")
    with city.read(Audience.LOADER) as conn:
        rules = conn.execute(
            "SELECT association_id, kind, town, block_from, block_to FROM address_rule ORDER BY association_id, rule_no"
        ).fetchall()
        report = conn.execute(
            "SELECT report FROM dataset WHERE dataset_id = %s", (done.stored[0].dataset_id,)
        ).fetchone()["report"]
    assert [tuple(rule.values()) for rule in rules] == [
        ("a1", "part", "みたけ三丁目", 1, 4),
        ("a2", "whole", "内丸", None, None),
    ]
    first, second = report["texts"]
    assert (first["association_id"], first["row"], first["rules"]) == ("a1", 3, 1)
    assert first["normal_form"] == "みたけ三丁目1番〜4番。"
    assert [finding["kind"] for finding in first["findings"]] == ["unknown"]
    assert [finding["text"] for finding in second["findings"]] == ["みたけ3丁目4番の一部"]
    assert {item["value"] for item in report["unmatched"]} == {"みたけ九丁目", "知らない会"}
    assert [item["column"] for item in report["dropped"]] == ["会長氏名", "会長住所", "会長電話"]


def test_gaps_and_overlaps_are_found_with_the_gazetteer_in_the_database(
    city: Database, tmp_path: Path
) -> None:
    done = load(city, csv(tmp_path / "a.csv", "町内会番号,区域\na1,みたけ三丁目\na2,みたけ三丁目5番\n"), None)
    report = done.result.report
    assert [(item["first"], item["second"], item["where"]) for item in report.overlaps] == [
        ("a1", "a2", "みたけ三丁目 5番")
    ]
    assert {item["where"] for item in report.gaps} == {"内丸 全域", "渋民 字鶴塚 全域"}
    assert [item["blocks"] for item in report.gaps if item["town"] == "内丸"] == [[[1, 1]]]
