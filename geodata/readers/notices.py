"""告示 of 認可地縁団体 as plain text → one row per association: its name and its area, nothing else.

Fields stand under labels (名称, 規約に定める目的, 区域, 主たる事務所, 代表者の氏名及び住所, …), numbered or not, with the
value behind the label or on the lines below it. Everything but name and area is dropped here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kyodo_geo.errors import FileFormatError

# A number with a unit or a further number behind it is part of an area: 10・13番, 5 番から.
_END = r"(?:[)）]|[．.](?![0-9０-９])|[\s　]+)(?![\s　]*(?:番|丁|号|地割|街区|[0-9０-９、・〜～~－-]|から))"
_NUMBER = (
    r"(?:(?P<paren>[（(][0-9０-９一二三四五六七八九十ア-ンa-zａ-ｚ]{1,3}[）)])"
    r"|(?P<kana>[アイウエオカキクケコ](?=[\s　]))"
    r"|(?P<circle>[①-⑳])"
    rf"|(?P<plain>第?[0-9０-９]{{1,2}}(?:(?={_END})|(?=[名区規主代裁解認目事会])))"
    rf"|(?P<kanji>[一二三四五六七八九十]{{1,2}}(?={_END})))"
)
_STYLES = ("paren", "kana", "circle", "plain", "kanji")
_LINE = re.compile(rf"[\s　・○●◎■□◆◇【「〔\[]*(?:{_NUMBER})?[\s　．.)）【「〔\[]*(?P<rest>.*)")
_SPACE = r"(?:[\s　:：】」〕\]]+|$)"
_LABELS = (
    ("name", re.compile(rf"(?:認可地縁団体の|地縁による団体の|地縁団体の|団体の)?名[\s　]*称{_SPACE}")),
    ("area", re.compile(rf"(?:団体の)?区[\s　]*域(?:は、?|{_SPACE})")),
    (
        "representative",
        re.compile(
            r"(?:認可地縁団体の)?代表(?:者|の|及|で|氏|[\s　:：]|$)|職務代行"
            r"|.{0,12}(?:氏[\s　]*名|住[\s　]*所)|会[\s　]*長|副会長|役員|責任者|理事|監事"
        ),
    ),
    ("office", re.compile(r"主たる|(?:団体の)?事務所|所在地|住[\s　]*所|電話|連絡|郵便")),
    (
        "other",
        re.compile(
            r"規約|目[\s　]*的|裁判所|代理人|解散|認可|構成員|変更|告示|施行|議決|資産"
            r"|(?:令和|平成|昭和).*日|.{2,6}[市町村]長"
        ),
    ),
)
LABELS = {"representative": "代表者の氏名・住所など", "office": "事務所の所在地など"}


@dataclass
class Notice:
    """One association of a 告示; `row` is the line its area begins at."""

    row: int
    name: str = ""
    area: list[str] = field(default_factory=list)


@dataclass
class Notices:
    """What a text holds. `dropped`: label → values left out; `unread`: lines of numbered fields of no known label."""

    found: list[Notice] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)


def read_notices(lines: list[str], shown: str) -> Notices:
    """Every association in the text. Raises `FileFormatError` when there is none with name and area."""
    out = Notices()
    current: Notice | None = None
    kind = "other"
    style: str | None = None
    for number, line in enumerate(lines, start=1):
        match = _LINE.match(line)
        assert match is not None
        numbered = next((name for name in _STYLES if match[name]), None)
        label, value = _label(match["rest"])
        if label is None and numbered is not None and not (kind == "area" and numbered != style):
            # A numbered field nobody told us of: it may name a person.
            kind = "other"
            out.unread.append(number)
            continue
        if label is not None:
            kind = label
            if label == "name":
                current, style = Notice(number), numbered
                out.found.append(current)
            elif label == "area" and current is not None:
                current.row = number
            elif label in LABELS:
                out.dropped[label] = out.dropped.get(label, 0) + 1
            text = value
        else:
            text = match["rest"] if numbered else line.strip()
        if current is None or not text.strip():
            continue
        if kind == "name":
            current.name = f"{current.name}{text.strip()}"
        elif kind == "area":
            # （ア）みたけ三丁目 behind the label is an item of the area, too.
            item = _LINE.match(text)
            assert item is not None
            inner = any(item[name] for name in _STYLES)
            _add_line(current, number, item["rest"] if inner else text)
    out.found = [notice for notice in out.found if notice.name or notice.area]
    if not any(notice.name and notice.area for notice in out.found):
        raise FileFormatError(
            f"{shown} に、「名称」と「区域」の書かれた告示が見つかりません。", file=shown, column="名称"
        )
    return out


def _label(text: str) -> tuple[str | None, str]:
    for name, pattern in _LABELS:
        found = pattern.match(text)
        if found:
            return name, text[found.end() :]
    return None, text


def _add_line(notice: Notice, number: int, text: str) -> None:
    """Lines keep their distance, so that places in the area are places in the file."""
    if not notice.area:
        notice.row = number
    while len(notice.area) < number - notice.row:
        notice.area.append("")
    notice.area.append(text)
