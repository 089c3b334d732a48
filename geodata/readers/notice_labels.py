"""How fields of a 告示 are marked: numbers, labels, tables; and how lines of a copied PDF are put together again."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A number with a unit or a further number behind it is part of an area: 10・13番, 5 番から.
_END = r"(?:[)）]|[．.](?![0-9０-９])|[\s　]+)(?![\s　]*(?:番|丁|号|地割|街区|[0-9０-９、・〜～~－-]|から))"
_NUMBER = (
    r"(?:(?P<paren>[（(][0-9０-９一二三四五六七八九十ア-ンa-zａ-ｚ]{1,3}[）)])"
    r"|(?P<kana>[アイウエオカキクケコ](?=[\s　]))"
    r"|(?P<circle>[①-⑳])"
    rf"|(?P<plain>第?[0-9０-９]{{1,2}}(?:(?={_END})|(?=[名区規主代裁解認目事会])))"
    rf"|(?P<kanji>[一二三四五六七八九十]{{1,2}}(?={_END})))"
)
STYLES = ("paren", "kana", "circle", "plain", "kanji")
LINE = re.compile(rf"[\s　・○●◎■□◆◇【「〔\[]*(?:{_NUMBER})?[\s　．.)）【「〔\[]*(?P<rest>.*)")
_SPACE = r"(?:[\s　:：】」〕\]]+|$)"


def _spaced(*words: str) -> str:
    """The words, also with spaces between their letters: 代　表　者."""
    return "|".join(r"[\s　]*".join(word) for word in words)


_LABELS = (
    ("before", re.compile(rf"(?:[（(]?変更前[）)]?|旧){_SPACE}")),
    ("after", re.compile(rf"(?:[（(]?変更後[）)]?|新){_SPACE}")),
    ("name", re.compile(rf"(?:認可地縁団体の|地縁による団体の|地縁団体の|団体の)?名[\s　]*称{_SPACE}")),
    ("area", re.compile(rf"(?:団体の)?区[\s　]*域(?:は、?|{_SPACE})")),
    (
        "representative",
        re.compile(
            rf"(?:認可地縁団体の)?(?:{_spaced('代表')})(?:[\s　]*者|の|及|で|氏|[\s　:：]|$)|職務代行"
            rf"|.{{0,12}}(?:{_spaced('氏名', '住所')})|{_spaced('会長', '副会長', '役員', '責任者', '理事', '監事')}"
        ),
    ),
    ("office", re.compile(_spaced("主たる", "事務所", "所在地", "住所", "電話", "連絡", "郵便") + "|団体の事務所")),
    (
        "other",
        re.compile(
            _spaced("規約", "目的", "裁判所", "代理人", "解散", "認可", "構成員", "変更", "告示", "施行", "議決", "資産")
            + r"|(?:令和|平成|昭和).*日|.{2,6}[市町村]長"
        ),
    ),
)  # fmt: skip
_INNER = re.compile(
    r"[\s　|｜]+(?=[（(]?[0-9０-９一二三四五六七八九十①-⑳]{0,2}[）).．]?[\s　]*[【「〔\[]?"
    r"(?:(?:名[\s　]{0,3}称|区[\s　]{0,3}域|変更[前後])[\s　:：】」〕\]]|規約に定め|主たる事務|代表者|裁判所|代理人の|"
    r"認可年月日|会長[\s　:：]))"
)
"""Where a further field begins within a line; the space or bar before it belongs to neither."""
_CELL = re.compile(r"\t|[|｜]|[ 　]{2,}|　")
_COLUMN = re.compile(r"番号|No\.?|№|備考|地区|整理番号|年月日|[0-9０-９]{1,2}", re.IGNORECASE)
"""Headings of columns that are no fields of a 告示."""
_BROKEN = {"名": "称", "区": "域", "代": "表", "代表": "者", "主": "た", "主た": "る"}
"""Labels that a copied PDF breaks: 区⏎域."""


def label_of(text: str) -> tuple[str | None, str]:
    """(kind of field, what stands behind its label); None where the text begins with no label."""
    for name, pattern in _LABELS:
        found = pattern.match(text)
        if found:
            return name, text[found.end() :]
    return None, text


def cells_of(line: str) -> list[str]:
    """Cells of a table's row, written with tabs, bars or wide spaces."""
    return [cell.strip() for cell in _CELL.split(line.strip("|｜\n")) if cell.strip()]


def heading_of(line: str) -> list[str] | None:
    """Kinds of the columns, if the line is the heading of a table with names and areas."""
    found = []
    for cell in cells_of(line):
        kind, rest = label_of(cell)
        if (kind is None and not _COLUMN.fullmatch(cell)) or (kind in ("name", "area") and rest.strip()):
            return None
        found.append(kind or "other")
    return found if len(found) >= 3 and found.count("name") == found.count("area") == 1 else None


def fields_of(lines: list[str]) -> Iterator[tuple[int, str]]:
    """(line from 1, text): broken labels joined, lines with several fields taken apart."""
    at = 0
    while at < len(lines):
        number, line = at + 1, lines[at]
        if at + 1 < len(lines) and _is_broken(line, lines[at + 1]):
            line = line.rstrip() + lines[at + 1].strip()
            at += 1
        at += 1
        for part in [line] if heading_of(line) else _apart(line):
            yield number, part


def _is_broken(line: str, below: str) -> bool:
    """Whether the line holds no more than the beginning of the label below: 区⏎域, ４⏎主たる事務所."""
    start = _bare(line).strip()
    if start:
        return start in _BROKEN and below.strip().startswith(_BROKEN[start])
    return bool(line.strip()) and label_of(below.strip())[0] is not None


def _apart(line: str) -> Iterator[str]:
    """Fields of a line, each with its number."""
    held = ""
    for part in _INNER.split(line):
        held = f"{held}　{part}" if held else part
        if _bare(held).strip():
            yield held
            held = ""
    if held:
        yield held


def _bare(line: str) -> str:
    """Without the number and marks at the beginning; a number alone is one, too."""
    match = LINE.match(f"{line.strip()}　")
    assert match is not None
    return match["rest"]
