"""告示 of 認可地縁団体 as plain text → one row per association: its name and its area, nothing else.

Fields stand under labels (名称, 規約に定める目的, 区域, 主たる事務所, 代表者の氏名及び住所, …) in any order, numbered or
not, with the value behind the label or on the lines below it; or in a table. Everything but name and area is dropped
here. What stands below 区域 without a label is kept as part of it: whoever reads areas refuses it unquoted if it is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from geodata.readers.notice_labels import LINE, STYLES, cells_of, fields_of, heading_of, label_of
from kyodo_geo.errors import FileFormatError

LABELS = {"representative": "代表者の氏名・住所など", "office": "事務所の所在地など"}
_COMPLETE = re.compile(r"(?:会|組合|区会|団|クラブ|連合|部落)$")
"""How names of associations end; a line below such a name does not belong to it."""
_NEW = re.compile(r"[^。、]{0,12}(?:告示|公告)[\s　]*第?[\s　]*[0-9０-９〇一二三四五六七八九十百]+[\s　]*号")


@dataclass
class Notice:
    """One association of a 告示; `row` is the line its area begins at. `stated`: it has a field 区域 at all."""

    row: int
    name: str = ""
    area: list[str] = field(default_factory=list)
    stated: bool = False


@dataclass
class Notices:
    """What a text holds. `dropped`: label → values left out; `unread`: lines of fields nobody told us of;
    `without_area`: notices that state no area (a change of the representative)."""

    found: list[Notice] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)
    without_area: int = 0


def read_notices(lines: list[str], shown: str) -> Notices:
    """Every association in the text. Raises `FileFormatError` when there is none with name and area."""
    reader = _Reader()
    for number, line in fields_of(lines):
        reader.take(number, line)
    out = reader.out
    stated = [notice for notice in out.found if notice.stated and (notice.name or notice.area)]
    out.without_area = sum(bool(notice.name) and not notice.stated for notice in out.found)
    out.found = stated
    if not any(notice.name and notice.area for notice in out.found):
        raise FileFormatError(
            f"{shown} に、「名称」と「区域」の書かれた告示が見つかりません。", file=shown, column="名称"
        )
    return out


class _Reader:
    """The state while lines go by: which association, which field, how fields are numbered."""

    def __init__(self) -> None:
        self.out = Notices()
        self.current: Notice | None = None
        self.first: str | None = None
        self.kind = self.of = "other"
        self.style: str | None = None
        self.columns: list[str] | None = None

    def take(self, number: int, line: str) -> None:
        if _NEW.match(line.strip()):
            self.current, self.kind, self.columns = None, "other", None
            return
        if columns := heading_of(line):
            self.columns, self.current = columns, None
            return
        if self.columns is not None and self._row(number, line):
            return
        self._field(number, line)

    def _row(self, number: int, line: str) -> bool:
        """A row of a table; whether the line was one."""
        assert self.columns is not None
        cells = cells_of(line)
        if not cells:
            return True
        if len(cells) != len(self.columns):
            if label_of(line.strip())[0] in ("name", "area"):
                self.columns = None
                return False
            self.out.unread.append(number)
            return True
        row = dict(zip(self.columns, cells, strict=True))
        self.out.found.append(Notice(number, row["name"], [row["area"]], stated=True))
        for kind in self.columns:
            self._count(kind)
        return True

    def _field(self, number: int, line: str) -> None:
        match = LINE.match(line)
        assert match is not None
        numbered = next((name for name in STYLES if match[name]), None)
        label, value = label_of(match["rest"])
        if label is None and numbered is not None and not (self.kind == "area" and numbered != self.style):
            # A numbered field nobody told us of: it may name a person.
            self.kind = self.of = "other"
            self.out.unread.append(number)
            return
        if label is None:
            text = match["rest"] if numbered else line.strip()
        else:
            text = value
            self._begin(label, number, numbered)
        if self.current is None or not text.strip():
            return
        if self.kind == "name":
            self._add_name(number, text.strip())
        elif self.kind == "area":
            # （ア）みたけ三丁目 behind the label is an item of the area, too.
            item = LINE.match(text)
            assert item is not None
            inner = any(item[name] for name in STYLES)
            _add_line(self.current, number, item["rest"] if inner else text)

    def _begin(self, label: str, number: int, numbered: str | None) -> None:
        if label == "before":
            self.kind = "other"
            return
        if label == "after":
            self.kind = self.of
            if self.current is not None and self.kind == "name":
                self.current.name = ""
            return
        self.kind = self.of = label
        if label in ("name", "area"):
            self.first = self.first or label
            if self.first == label or self.current is None:
                self.current, self.style = Notice(number), numbered
                self.out.found.append(self.current)
            if label == "area":
                self.current.row, self.current.stated = number, True
        self._count(label)

    def _add_name(self, number: int, text: str) -> None:
        assert self.current is not None
        if _COMPLETE.search(self.current.name):
            self.out.unread.append(number)
            return
        self.current.name += text

    def _count(self, kind: str) -> None:
        if kind in LABELS:
            self.out.dropped[kind] = self.out.dropped.get(kind, 0) + 1


def _add_line(notice: Notice, number: int, text: str) -> None:
    """Lines keep their distance, so that places in the area are places in the file."""
    if not notice.area:
        notice.row = number
    while len(notice.area) < number - notice.row:
        notice.area.append("")
    notice.area.append(text)
