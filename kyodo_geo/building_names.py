"""What may not stand in the register of buildings: somebody's home (山田様方) and a room (ハイツ101).

Both are personal data; a building's own name is not. Digits that belong to a name (コーポ21, レジデンス2000, 第2ビル) and
old houses that are landmarks (旧中村邸) stay. `kyodo.names_a_home` and `kyodo.names_a_room` (migration 0011) are the same
rule below the application; a test compares them on random names. Where the rule is wrong, the city may vouch for a name.
"""

from __future__ import annotations

import re

from kyodo_geo.addresses import clean

# Closing brackets and stops that may follow.
_END = r"[)\]」』。、., ]*$"
# Behind a person's name a room may follow: 山田様方203.
_BEHIND = r"[0-9A-Za-z #()\-.,、。号室階の]*$"

ROOM = re.compile(
    "|".join(
        (
            r"[0-9A-Za-z]号?室",
            r"[〇一二三四五六七八九十]号室",
            # A number set off: コーポ山田-203, コーポ山田 203, コーポ山田(203). Not プラザ 1000.
            r"[ #(\-,./、:_の][0-9]{1,2}(0[1-9]|[1-9][0-9])号?" + _END,
            r"[0-9]{3,4}号" + _END,
            # Set on directly, only what reads as floor and room: ハイツ101, A棟1203. Not ハイツ365, メゾン2001.
            r"(^|[^0-9])(1[0-8]|[1-9])(0[1-9]|[1-4][0-9])" + _END,
            r"[0-9]{1,2}(F|f|階)([- ]?[0-9]{1,4}号?)?" + _END,
        )
    )
)
HOME = re.compile(
    "|".join(
        (
            r"様 ?方",
            r"(氏|さん|さま) ?(宅|方)",
            # 住宅, 社宅, 公宅, 官宅 and 役宅 are kinds of houses.
            r"(^|[^住社公官役])宅" + _BEHIND,
            r"(様|さま)" + _BEHIND,
            # 山田方; but 北方, 四方, 平方, 土方, 緒方, 味方 … are names of places and families.
            r"[^東西南北四八一平土緒枚直前後夕両地味親朝]方" + _BEHIND,
            r"^[^旧]*[^旧官公藩]邸" + _BEHIND,
        )
    )
)
_ROOM_AFTER_NUMBERS = re.compile(r"^[(#]?[0-9]{1,4}号?\)?$|[0-9]{3,4}号?\)?$")

_ROOM_TAIL = re.compile(
    r"[ #(\-,./、:_の]*([A-Za-z]-?)?([0-9]+(F|f|階)[- ]?)?([0-9]+|[0-9]*[A-Za-z]|[〇一二三四五六七八九十]+)?号?室?"
    + _END
)

_NUMBER_TAIL = re.compile(r"[ #(\-,./、:_の]*[0-9]+号?室?" + _END)


def names_a_room(text: str) -> bool:
    """Whether a name holds the number of a room."""
    return ROOM.search(clean(text)) is not None


def names_a_home(text: str) -> bool:
    """Whether a name is that of somebody's home."""
    return HOME.search(clean(text)) is not None


def without_room(text: str) -> str:
    """The cleaned name without the room at its end: コーポ山田 203号室 → コーポ山田. As it is where there is none."""
    name = clean(text)
    return _ROOM_TAIL.sub("", name) if names_a_room(name) else name


def without_number(text: str) -> str:
    """As `without_room`, but a letter before the number stays, which may be the name's own: ハイツA203 → ハイツA."""
    name = clean(text)
    return _NUMBER_TAIL.sub("", name) if names_a_room(name) else name


def is_room(rest: str) -> bool:
    """Whether what stands behind an address's 番 and 号 (cleaned) is or ends in the number of a room."""
    return names_a_room(rest) or _ROOM_AFTER_NUMBERS.search(rest) is not None


HOME_IN_ADDRESS = "住所に個人のお宅（「〜様方」「〜宅」など）を書かないでください。"


def refusal(name: str) -> str | None:
    """Why a name may not be kept, in Japanese and with what to write instead; None for a building's own name."""
    if names_a_home(name):
        return (
            "個人のお宅（「〜様方」「〜宅」「〜邸」など）は登録できません。建物の名前だけを書いてください。"
            "建物の正式な名前のときは、市の担当に登録を頼んでください。"
        )
    if names_a_room(name):
        shorter = without_room(name)
        write = (
            f"部屋番号を除いて「{shorter}」と書いてください。"
            if shorter and not names_a_room(shorter)
            else ""
        )
        return (
            f"建物の名前に部屋番号を書かないでください。{write}"
            "数字が建物の正式な名前のときは、市の担当に登録を頼んでください。"
        )
    return None
