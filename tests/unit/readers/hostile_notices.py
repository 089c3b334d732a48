"""告示 as nobody should write them: persons without labels, in other orders, in tables, broken by a PDF, in changes.

Every notice plants one person; nothing of them may come out anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

GIVEN = "権左衛門"
NAMES = (
    f"鬼瓦{GIVEN}", f"鬼瓦　{GIVEN}", f"鬼 瓦 {GIVEN}", f"鬼瓦\t{GIVEN}", f"上田　{GIVEN}", f"髙𣘺 {GIVEN}",
    f"代表者 鬼瓦{GIVEN}",
    f"会長　上田　{GIVEN}", f"鬼瓦 {GIVEN}（おにがわら ごんざえもん）", f"おにがわら　ごんざえもん 鬼瓦{GIVEN}", f"鬼瓦{GIVEN}様",
    f"（鬼瓦{GIVEN}）", f"ｵﾆｶﾞﾜﾗ ｺﾞﾝｻﾞｴﾓﾝ {GIVEN}", f"鬼瓦{GIVEN}宅付近", f"国道太郎{GIVEN}", f"みたけ{GIVEN}", f"を代理する{GIVEN}",
)  # fmt: skip
HOMES = (
    "盛岡市みたけ四丁目98番76号", "岩手県盛岡市みたけ四丁目98番76号", "みたけ４丁目９８番７６号", "盛岡市みたけ4-98-76",
    "みたけ四丁目98-76",
    "みたけ四丁目98の76",
    "みたけ四丁目九十八番七十六号", "盛岡市みたけ四丁目98番地76", "みたけ四丁目98番76号 見本ビル101号室",
    "八幡平市大更第98地割76", "〒020-9876 盛岡市みたけ四丁目98番76号", "（住所）盛岡市みたけ四丁目98番76号",
)  # fmt: skip
PHONES = (
    "019-999-9876", "０１９－９９９－９８７６", "(019)999-9876", "0199999876", "TEL 019-999-9876", "携帯 090-9999-9876",
    "gonza9876@example.jp", "昭和28年9月8日生", "S28.9.8", "〇一九-999-9876",
)  # fmt: skip
SECRETS = (
    GIVEN, "権左", "鬼瓦", "髙𣘺", "おにがわら", "ごんざえもん", "ｵﾆｶﾞﾜﾗ",
    "98番", "９８番", "98-76", "98の76", "九十八番", "98地割",
    "9876", "９８７６", "28年9月", "28.9.8", "見本ビル",
)  # fmt: skip
"""None of these may stand in anything that comes out."""
HOUSES = (98, 76)
"""Numbers of the planted home, which no rule may hold."""
AREAS = (
    "みたけ三丁目1番から4番まで", "盛岡市みたけ三丁目全域", "上田1番から5番まで、7番", "みたけ一丁目、二丁目", "渋民字鶴塚",
    "みたけ四丁目の一部", "別図のとおり", "区域　別図のとおり", "みたけ三丁目（5番を除く）", "国道4号線より東",
)  # fmt: skip
LABELS = {
    "name": ("名称", "【名　称】", "１　名称", "（１）名称：", "団体の名称", "①名称"),
    "area": ("区域", "【区　域】", "３　区域", "（３）区域：", "③区域"),
    "person": (
        "代表者の氏名及び住所", "代　表　者", "【代表者】", "５　代表者の氏名及び住所", "会長", "（５）代表者の氏名", "", "", "",
        "職務代行者", "代理人の有無　有", "６　連絡係", "備考", "・世話人", "代表者の氏\n名及び住所", "変更後", "新",
    ),
    "office": ("主たる事務所", "４　主たる事務所の所在地", "事務所"),
}  # fmt: skip
OTHERS = (
    "２　規約に定める目的\n良好な地域社会の維持及び形成に資すること。", "６　裁判所による代表者の職務執行の停止の有無　無",
    "７　代理人の有無　無", "８　規約に解散の事由を定めたときは、その事由　なし", "９　認可年月日　平成１７年３月２５日",
    "変更のあった事項　代表者", "変更前", "変更年月日　令和６年４月１日",
)  # fmt: skip
JOINTS = ("\n", "\n　", "　", "\t", " ", "\n\n", "：", "\r\n")


@dataclass(frozen=True)
class Hostile:
    """A text and how it is stored."""

    text: str
    encoding: str

    @property
    def content(self) -> bytes:
        return self.text.encode(self.encoding, "replace")


@st.composite
def persons(draw: st.DrawFn) -> str:
    """Name, home and telephone in some order, on one line or several, perhaps broken in the middle."""
    parts = [draw(st.sampled_from(NAMES))]
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(HOMES)))
    if draw(st.booleans()):
        parts.append(draw(st.sampled_from(PHONES)))
    text = draw(st.sampled_from(JOINTS)).join(draw(st.permutations(parts)))
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(1, max(1, len(text) - 1)))
        text = f"{text[:at]}\n{text[at:]}"
    return text


@st.composite
def notices(draw: st.DrawFn) -> str:
    """One notice: its fields in order or not."""
    joint = draw(st.sampled_from(JOINTS))

    def one(kind: str, value: str) -> str:
        label = draw(st.sampled_from(LABELS[kind]))
        return f"{label}{joint}{value}" if label else value

    fields = [
        one("name", draw(st.sampled_from(("みたけ町内会", "上田町内会", "知らない会")))),
        one("area", draw(st.sampled_from(AREAS))),
    ]
    fields += [one("person", draw(persons())) for _ in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        fields.append(one("office", draw(st.sampled_from(HOMES))))
    fields += draw(st.lists(st.sampled_from(OTHERS), max_size=3))
    if draw(st.integers(0, 2)) == 0:
        fields = draw(st.permutations(fields))
    head = draw(st.sampled_from(("", "盛岡市告示第12号\n", f"盛岡市長　見本 {GIVEN}\n")))
    return head + draw(st.sampled_from(("\n", "\n", "　", "\n\n"))).join(fields)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """The same as a table of columns, copied as text."""
    mark = draw(st.sampled_from(("\t", "　", " | ", "  ", ",")))
    heads = draw(st.permutations(("名称", "区域", "主たる事務所", "代表者の氏名及び住所", "認可年月日")))
    lines = [mark.join(heads)]
    for _ in range(draw(st.integers(1, 3))):
        person = draw(persons()).replace("\n", draw(st.sampled_from((" ", "\n"))))
        cells = {"名称": "みたけ町内会", "区域": draw(st.sampled_from(AREAS)), "代表者の氏名及び住所": person}
        cells |= {"主たる事務所": draw(st.sampled_from(HOMES)), "認可年月日": "令和6年4月1日"}
        lines.append(mark.join(cells[head] for head in heads))
    return "\n".join(lines)


files = st.builds(
    Hostile,
    st.lists(st.one_of(notices(), notices(), tables()), min_size=1, max_size=3).map("\n".join),
    st.sampled_from(("utf-8", "utf-8-sig", "cp932")),
)
"""Whole files with one to three of them."""
