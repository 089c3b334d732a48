"""Persons where an area or a name should stand: found by how they are written, never quoted.

Two nets: words and numbers that go with persons (会長, 電話, 019-…, 〒, 生年月日), and lines that look like somebody's
name. What a gazetteer does not know is a third one, in `kyodo_geo.notation.quoting`.
"""

from __future__ import annotations

import re

from kyodo_geo.notation.quoting import homes
from kyodo_geo.notation.source import SourceText

_WORDS = re.compile(
    r"会長|代表|氏名|姓名|住所|電話|携帯|連絡|メール|世話人|責任者|担当者|役員|理事|監事|書記|会計|幹事|事務局|自宅|様方|"
    r"(?<=[^住三安])宅(?![地配])|[様殿](?=$|[\s、。(])|(?:^|[\s(、。:])(?:区|町|班|組|部)長|ふりがな|フリガナ|よみがな|"
    r"生年|年齢|性別|職務|代理人|(?<![a-z])(?:tel|fax|phone|e-?mail)|〒|@",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBERS = re.compile(
    r"(?<![0-9])0[0-9]{1,4}[-()~]{1,2}[0-9]{1,4}[-()~]{1,2}[0-9]{3,4}(?![0-9])|(?<![0-9])0[0-9]{9,10}(?![0-9])"
    r"|(?<![0-9])[0-9]{3}-[0-9]{4}(?![0-9])|(?<![0-9])0[0-9]{1,3}-[0-9]{4,8}(?![0-9])"
    r"|(?:明治|大正|昭和|平成|令和|[MTSHR])(?:[0-9]{1,2}|元)[年.][0-9]|(?:19|20)[0-9]{2}[年./-][0-9]{1,2}[月./-]"
)
"""Telephones, postal codes, dates."""
_SURNAMES = (
    "佐藤|鈴木|高橋|田中|伊藤|渡辺|渡邊|渡邉|山本|中村|小林|加藤|吉田|山田|佐々木|山口|松本|井上|木村|林|斎藤|斉藤|齋藤|齊藤|清水|山崎|"
    "森|池田|橋本|阿部|石川|山下|中島|石井|小川|前田|岡田|長谷川|藤田|後藤|近藤|村上|遠藤|青木|坂本|福田|太田|西村|藤井|金子|岡本|"
    "藤原|三浦|中野|中川|原田|松田|竹内|小野|田村|中山|和田|石田|工藤|上田|原|森田|酒井|横山|柴田|宮崎|宮本|内田|高木|谷口|安藤|"
    "丸山|大野|今井|高田|藤本|河野|小島|村田|武田|上野|杉山|増田|平野|菅原|久保|松井|小山|岩崎|千葉|桜井|木下|野口|松尾|菊地|菊池|"
    "野村|佐野|渡部|大塚|杉本|古川|新井|市川|小松|島田|水野|桑原|高野|山内|西田|菊田|西川|五十嵐|北村|安田|中田|川口|平田|川崎|"
    "本田|飯田|吉川|久保田|沢田|辻|関|吉村|岩田|中西|服部|樋口|福島|川上|永井|松岡|田口|山中|森本|土屋|矢野|秋山|石原|松下|大橋|"
    "松浦|吉岡|小池|馬場|浅野|荒木|大久保|野田|小沢|田辺|川村|星野|黒田|堀|尾崎|望月|永田|熊谷|内藤|松村|西山|大西|平井|大島|岩本|"
    "片山|本間|早川|横田|岡崎|荒井|大石|鎌田|成田|宮田|小田|石橋|篠原|須藤|河合|大沢|小西|南|高山|栗原|伊東|松原|三宅|福井|大森|"
    "奥村|岡|内山|片岡|及川|下田|八重樫|小笠原|畠山|阿部|照井|吉田|昆|藤村|米澤|米沢|髙橋|澤田|小澤|川又|沼田|佐久間|外山|岩渕|岩淵|"
    "熊沢|谷藤|浅沼|村松|細川|晴山|柳田|中屋敷|下斗米|田鎖|川原|日野|舘|舘沢|遠山|鬼柳|瀬川|似内|平賀|伊勢|伊香|多田"
)
_PLACE_WORDS = re.compile(
    r"丁目|地割|番|号|町|字|村|区|通|全域|一円|一部|以[東西南北]|団地|線|川|付近|地区|除く|及び|並びに"
)
_LETTERS = r"[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_SPACED = re.compile(rf"{_LETTERS}{{1,5}} +{_LETTERS}{{1,6}}(?: *\([\u3041-\u30ff ]+\))?")
_JOINED = re.compile(rf"(?:{_SURNAMES})(?:の)?{_LETTERS}{{1,4}}")
_KANA = re.compile(
    r"[\u3041-\u3096ー]{2,6}[ ・]+[\u3041-\u3096ー]{2,8}|[\u30a1-\u30faー]{2,6}[ ・]+[\u30a1-\u30faー]{2,8}"
)
_TELEPHONE_ID = re.compile(r"0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}|0[0-9]{9,10}|0[0-9]{1,4}-[0-9]{5,8}")

MENTIONED = "個人に関する記載（会長、氏名、住所、電話など）"
NAMED = "人の名前のように見える行"
HOME = "1軒だけの住所の行"
UNKNOWN = "町・字の一覧にない言葉（人の名前かもしれません）"


def mentions(text: str) -> bool:
    """Whether words or numbers of the text go with persons, also when broken over lines or spaced out."""
    plain = SourceText(text).plain
    squeezed = re.sub(r"\s", "", plain)
    return any(pattern.search(form) for form in (plain, squeezed) for pattern in (_WORDS, _NUMBERS))


def like_a_name(line: str) -> bool:
    """Whether one line by itself could be 姓名, with or without spaces, or its reading."""
    plain = " ".join(SourceText(line).plain.split()).strip(" ・:-()")
    if not plain or re.search(r"[0-9]", plain) or _PLACE_WORDS.search(plain):
        return False
    pieces = plain.split(" ")
    if _KANA.fullmatch(plain) or _JOINED.fullmatch(plain):
        return True
    if len(pieces) > 2 and all(len(piece) == 1 for piece in pieces):
        return True  # 山 田 太 郎
    return bool(_SPACED.fullmatch(plain)) and re.match(rf"(?:{_SURNAMES}) ", plain) is not None


def found_in(text: str) -> tuple[int | None, str] | None:
    """(line from 1, or None for the whole; what was found) of the first person in a text without a gazetteer."""
    if mentions(text):
        return None, MENTIONED
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if len(lines) > 1 and like_a_name(line):
            return number, NAMED
    alone = homes(text, None)
    return (alone[0], HOME) if alone else None


def is_telephone(identifier: str) -> bool:
    """An id that is somebody's number: the columns of the file have slipped."""
    return _TELEPHONE_ID.fullmatch(identifier) is not None
