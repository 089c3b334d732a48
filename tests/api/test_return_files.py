"""Workbooks of the yearly return: out to every association, filled, back in – each file kept whole or told why not – and fed.

Written by XlsxWriter, filled and saved by openpyxl, in the slow part by LibreOffice too.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from api.cli import app as program
from api.return_uploads import Outcome, receive_uploaded
from api.return_workbooks import all_workbooks, name_of, return_workbook
from geodata import returns
from geodata.database import Audience, Database
from geodata.queries.generation import resolve
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.returns import Answers, Came, ReturnState, typed_answers
from tests.fixtures_db import DatabaseUrls

CODE, YEAR = "03201", 2026
ANSWERED = {
    "households": 120, "member_households": 90, "circulation_copies": 92, "president_name": "山田 花子",
    "president_phone": "019-000-0001", "president_published": "公開しない", "hall_use": "ない",
    "area_answer": "この区域で合っています",
    "households_basis": "町内会・自治会で数えた", "wishes": "=街灯\n二行目",
}  # fmt: skip


@pytest.fixture
def db(town: DatabaseUrls) -> Iterator[Database]:
    database = Database(town.app)
    with database.write(Audience.STAFF) as conn:
        returns.start(
            conn, resolve(conn, CODE), YEAR, reference_day=date(2026, 4, 1), opens_on=date(2026, 4, 1),
            due_on=date(2026, 5, 31), actor="hana",
        )  # fmt: skip
    try:
        yield database
    finally:
        database.close()


def form_of(db: Database, association_id: str = "a11") -> bytes:
    with db.read(Audience.STAFF) as conn:
        return return_workbook(
            returns.one(conn, CODE, YEAR, association_id), returns.one_round(conn, CODE, YEAR),
            returns.form_key(conn, CODE, YEAR), "市民協働推進課",
        )  # fmt: skip


def filled(content: bytes, **answers: object) -> bytes:
    """As somebody fills it in and saves it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        name = str(row[0].value or "").partition("#")[0]
        if name in answers:
            row[3].value = answers[name]
            if isinstance(answers[name], str):
                row[3].data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(db: Database, *files: tuple[str, bytes], replace: bool = False) -> list[Outcome]:
    streams = [(name, io.BytesIO(content)) for name, content in files]
    return receive_uploaded(db, CODE, YEAR, streams, actor="hana", replace=replace)


def state_of(db: Database, association_id: str = "a11") -> returns.Return:
    with db.read(Audience.STAFF) as conn:
        return returns.one(conn, CODE, YEAR, association_id)


def test_a_form_carries_what_the_city_holds_and_comes_back_filled(db: Database) -> None:
    content = form_of(db)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    texts = {str(cell.value) for row in sheet.iter_rows(min_col=2) for cell in row if cell.value}
    assert any("令和8年5月31日" in text for text in texts) and "お問い合わせ: 市民協働推進課" in texts
    (told,) = send(db, ("a11.xlsx", filled(content, **ANSWERED)))
    assert (told.verdict, told.association_id) == ("received", "a11")
    row = state_of(db)
    assert (row.state, row.came_by) == (ReturnState.RECEIVED, Came.WORKBOOK)
    assert row.answers is not None
    assert (row.answers.households, row.answers.hall_use, row.answers.president_published) == (
        120,
        "none",
        "no",
    )
    assert row.answers.wishes == "=街灯\n二行目", "words stay words"


def test_the_form_shows_last_years_consent_beside_an_empty_field(db: Database, town: DatabaseUrls) -> None:
    with db.write(Audience.STAFF) as conn:
        conn.execute(
            "UPDATE association_return SET prefilled = prefilled || "
            '\'{"president_name": "前の 会長", "president_published": "yes"}\''
        )
    sheet = openpyxl.load_workbook(io.BytesIO(form_of(db))).worksheets[0]
    asked = next(row for row in sheet.iter_rows() if "会長の連絡先の公開" in [cell.value for cell in row])
    assert [cell.value for cell in asked].count("公開してよい") == 1, "beside the field, not in it"
    assert "前の 会長" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_the_same_file_twice_is_received_once(db: Database) -> None:
    file = ("a11.xlsx", filled(form_of(db), **ANSWERED))
    assert [item.verdict for item in send(db, file)] == ["received"]
    version = state_of(db).version
    assert [item.verdict for item in send(db, file)] == ["same"] and state_of(db).version == version


def test_another_answer_than_before_is_kept_only_when_told(db: Database) -> None:
    blank = form_of(db)
    send(db, ("a.xlsx", filled(blank, **ANSWERED)))
    late = ("b.xlsx", filled(blank, **{**ANSWERED, "households": 130}))
    (told,) = send(db, late)
    answers = state_of(db).answers
    assert (
        told.verdict == "other"
        and "置き換え" in told.words
        and answers is not None
        and answers.households == 120
    )
    assert [item.verdict for item in send(db, late, replace=True)] == ["received"]
    corrected = filled(form_of(db), households=140)
    (told,) = send(db, ("c.xlsx", corrected))
    assert told.verdict == "received", "made from the very answers that stand there"


def test_a_blank_form_is_no_answer(db: Database) -> None:
    blank = dict.fromkeys(typed_answers(Answers()))
    area_alone = {**blank, "area_text": state_of(db, "a12").held.area_text}
    files = [("a11.xlsx", form_of(db), blank), ("a12.xlsx", form_of(db, "a12"), area_alone)]
    told = send(db, *((name, filled(form, **said)) for name, form, said in files))
    assert [item.label for item in told] == ["未記入です"] * 2, (
        "the words that the city wrote in itself are none, either"
    )
    for association in ("a11", "a12"):
        row = state_of(db, association)
        assert (row.state, row.answers) == (ReturnState.NOT_SENT, None), "still waited for"
    (marked,) = send(db, ("a12.xlsx", filled(form_of(db, "a12"), **blank | {"hall_use": "ない"})))
    assert marked.verdict == "received", "one mark is an answer"
    with pytest.raises(InputError, match="未記入"), db.write(Audience.STAFF) as conn:
        returns.receive(
            conn,
            CODE,
            YEAR,
            "a11",
            Answers(),
            came=Came.WEB,
            actor="association",
            version=state_of(db).version,
        )


def test_a_form_that_was_left_as_it_was_sent_says_that_nothing_changed(db: Database) -> None:
    assert state_of(db).held.president_name, "something stands in its fields"
    (told,) = send(db, ("a11.xlsx", filled(form_of(db))))
    assert told.verdict == "received"


def test_a_row_that_is_gone_is_told_by_its_question(db: Database) -> None:
    book = openpyxl.load_workbook(io.BytesIO(form_of(db)))
    sheet = book.worksheets[0]
    place = next(
        row[0].row for row in sheet.iter_rows(min_row=2) if str(row[0].value).startswith("hall_name#")
    )
    sheet.delete_rows(place)
    out = io.BytesIO()
    book.save(out)
    (told,) = send(db, ("みたけ.xlsx", out.getvalue()))
    assert "「公民館の名前」の行がありません" in told.words and "みたけ.xlsx" not in told.words


def test_what_was_approved_is_not_changed_by_a_file(db: Database) -> None:
    content = filled(form_of(db), **ANSWERED)
    send(db, ("a.xlsx", content))
    with db.write(Audience.STAFF) as conn:
        returns.approve(conn, resolve(conn, CODE), YEAR, "a11", version=state_of(db).version, actor="taro")
    (told,) = send(db, ("b.xlsx", filled(content, households=99)), replace=True)
    assert told.verdict == "refused" and "差し戻して" in told.words
    assert state_of(db).state is ReturnState.APPROVED


def test_a_zip_of_returned_forms_gives_each_its_line(db: Database) -> None:
    with db.read(Audience.STAFF) as conn:
        rows, found, secret = (
            returns.listed(conn, CODE, YEAR), returns.one_round(conn, CODE, YEAR), returns.form_key(conn, CODE, YEAR),
        )  # fmt: skip
    made = b"".join(all_workbooks(rows, found, secret))
    assert made == b"".join(all_workbooks(rows, found, secret)), "equal input, equal bytes"
    back = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as archive, zipfile.ZipFile(back, "w") as out:
        names = archive.namelist()
        assert names == [name_of(row) for row in rows] and all("/" not in name for name in names)
        for place, name in enumerate(names):
            content = archive.read(name)
            out.writestr(
                name, filled(content, **ANSWERED) if place else filled(content, households="たくさん")
            )
    told = send(db, ("まとめ.zip", back.getvalue()))
    assert [item.verdict for item in told] == ["refused", *["received"] * (len(rows) - 1)]
    assert told[0].words.count("区域の世帯数") == 1, "the reason names the question once"
    assert state_of(db, rows[0].association_id).answers is None, "nothing half kept"


def test_a_form_of_another_round_is_refused(db: Database) -> None:
    with db.write(Audience.STAFF) as conn:
        returns.start(
            conn, resolve(conn, CODE), 2027, reference_day=date(2027, 4, 1), opens_on=date(2027, 4, 1),
            due_on=date(2027, 5, 31), actor="hana",
        )  # fmt: skip
        other = return_workbook(
            returns.one(conn, CODE, 2027, "a11"),
            returns.one_round(conn, CODE, 2027),
            returns.form_key(conn, CODE, 2027),
        )
    (told,) = send(db, ("a.xlsx", other))
    assert told.verdict == "refused" and "2027" in told.words
    with pytest.raises(NotFoundError):
        receive_uploaded(db, CODE, 2031, [], actor="hana")


def test_from_the_command_line(town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start, export, fill, import, approve, feed."""
    monkeypatch.setenv("KYODO_DATABASE_URL", town.app)
    monkeypatch.setenv("KYODO_STATE_DIR", str(tmp_path))

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner(env={"COLUMNS": "200"}).invoke(program, ["returns", *words])
        assert done.exit_code == code, done.output
        return done.output

    out = tmp_path / "all.zip"
    assert "始めました" in run("start", str(YEAR), "--due", "令和8年5月31日")
    assert "書き出しました" in run("export", str(YEAR), str(out), "--sent")
    assert out.stat().st_mode & 0o777 == 0o600, "names and addresses"
    assert "もうあります" in str(
        CliRunner().invoke(program, ["returns", "export", str(YEAR), str(out)]).exception
    )
    assert "回答待ち" in run("list", str(YEAR), "--unanswered")
    with zipfile.ZipFile(out) as archive:
        name = next(name for name in archive.namelist() if name.startswith("a11_"))
        (tmp_path / name).write_bytes(filled(archive.read(name), **ANSWERED))
    (tmp_path / "b.csv").write_text("番号,世帯数\n")
    told = run("import", str(YEAR), str(tmp_path / name), str(tmp_path / "b.csv"), code=1)
    assert "受け付けました 1 件、受け付けられません 1 件" in told
    assert "反映するものはありません" in run("feed", str(YEAR))
    database = Database(town.app)
    try:
        with database.write(Audience.STAFF) as conn:
            row = returns.one(conn, CODE, YEAR, "a11")
            returns.approve(conn, resolve(conn, CODE), YEAR, "a11", version=row.version, actor="taro")
    finally:
        database.close()
    assert "何も変えていません" in run("feed", str(YEAR), "--dry-run")
    assert "世代 2 を有効にしました" in run("feed", str(YEAR))
    assert "反映するものはありません" in run("feed", str(YEAR))


@pytest.mark.full
def test_saved_by_libreoffice_it_is_read_back_whole(db: Database, tmp_path: Path) -> None:
    """Opened and saved by another program than wrote it, as a third of the associations will do."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip(
            "LibreOffice がありません（.ci/system-packages full が libreoffice-calc-nogui を導入します）"
        )
    source, target = tmp_path / "out" / "用紙.xlsx", tmp_path / "saved"
    source.parent.mkdir()
    source.write_bytes(filled(form_of(db), **ANSWERED))
    subprocess.run(
        [
            office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--norestore", "--convert-to",
            "xlsx:Calc MS Excel 2007 XML", "--outdir", str(target), str(source),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    saved = (target / source.name).read_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(saved)).worksheets[0]
    assert sheet.protection.sheet and sheet.column_dimensions["A"].hidden
    kinds = {rule.type for rule in sheet.data_validations.dataValidation}
    assert {"list", "whole"} <= kinds and sheet.page_setup.paperSize == 9
    (told,) = send(db, ("用紙.xlsx", saved))
    assert told.verdict == "received", told.words
    answers = state_of(db).answers
    assert answers is not None and answers.wishes == "=街灯\n二行目"
    expected = {**typed_answers(Answers()), **typed_answers(replace(answers))}
    assert (expected["households"], expected["president_phone"]) == ("120", "019-000-0001")
    (told,) = send(db, ("old.xls", _as_xls(office, source, tmp_path)))
    assert told.verdict == "refused" and ".xls" in told.words


def _as_xls(office: str, source: Path, folder: Path) -> bytes:
    subprocess.run(
        [
            office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--convert-to", "xls",
            "--outdir", str(folder / "xls"), str(source),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return (folder / "xls" / f"{source.stem}.xls").read_bytes()
