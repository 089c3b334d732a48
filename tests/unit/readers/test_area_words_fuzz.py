"""Whatever a file holds: lists, 告示 and workbooks are read or refused in Japanese, never with another error."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from kyodo_geo.errors import KyodoError
from tests.unit.readers.files import load

PARTS = [
    "名称", "区域", "３", "（1）", "①", "一", "　", " ", "\n", "\r\n", "：", "みたけ町内会", "みたけ三丁目1番から5番まで",
    "代表者の氏名",
    "主たる事務所", "鬼瓦権左衛門", "5番", "、", "【", "】", "認可年月日", "令和６年４月１日", "の一部", "ア ", "10・13番", "\t",
]  # fmt: skip


def used(path: Path, **options: str) -> None:
    try:
        result = load("association-rules", path, **options)
    except KyodoError as error:
        assert any("\u3041" <= char <= "\u9fff" for char in error.message)
        assert "鬼瓦" not in error.message or "代表者" not in path.read_text("utf-8", "replace")
        return
    assert len(result.frame) == result.report.rows_loaded


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.lists(st.sampled_from(PARTS), max_size=30).map("".join), st.text(max_size=80)))
def test_any_text_as_a_notice(tmp_path: Path, text: str) -> None:
    path = tmp_path / "k.txt"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    used(path, format="kokuji-text")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.integers(), st.floats(), st.booleans(), st.dates(), st.sampled_from(PARTS)), max_size=5),
        max_size=6,
    )
)  # fmt: skip
def test_any_cells_of_a_workbook(tmp_path: Path, cells: list[list[object]]) -> None:
    book = Workbook()
    sheet = book.active
    for row in [["町内会名", "区域"], *cells]:
        sheet.append(row)
    path = tmp_path / "a.xlsx"
    book.save(path)
    used(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.data())
def test_a_workbook_with_any_damage(tmp_path: Path, data: st.DataObject) -> None:
    book = Workbook()
    for row in [["町内会名", "区域"], ["みたけ町内会", "みたけ三丁目"]]:
        book.active.append(row)
    whole = io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as content:
        members = {name: bytearray(content.read(name)) for name in content.namelist()}
    name = data.draw(st.sampled_from(sorted(members)))
    place = data.draw(st.integers(0, len(members[name]) - 1))
    members[name][place : place + 3] = data.draw(st.binary(max_size=4))
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as out:
        for member, content in members.items():
            out.writestr(member, bytes(content))
    used(path)
