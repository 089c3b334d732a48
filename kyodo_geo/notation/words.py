"""Words of the notation: what joins, what takes out, what says that a range is not exact."""

from __future__ import annotations

import re

SEP = re.compile(
    r"及び|および|並びに|ならびに|又は|または|若しくは|もしくは|[、,・·;/\n○●◎■□◆◇◯]|(?<=[0-9])\.(?=[0-9])"
)
STOP = re.compile(r"。")
OPEN = re.compile(r"[(\[{「『〔【<《]")
CLOSE = re.compile(r"[)\]}」』〕】>》]")
TADASHI = re.compile(r"(?:ただし|但し)[、, ]*")
EXCEPT = re.compile(
    r"(?:の(?:区域|地域|部分))?(?:を除外する|を除外|を除いた|を除く|を除き|は除く|除く|以外)"
    r"(?:の?(?:区域|地域|部分|範囲|地区))?(?:の?(?:全域|全部|一円))?"
)
WHOLE = re.compile(r"の?(?:全域|全区域|全地域|全部|全体|一円|全て|すべて)")
PART = re.compile(r"の?(?:各)?一部")
PARITY = re.compile(r"の?(奇数|偶数)(番地|番|号)?(?:のみ)?(?!側)")
ONWARD = re.compile(r"以降|以上")
UPTO = re.compile(r"以下|以前")
EACH = re.compile(r"の各(?:番地の|番の)?")
UCHI = re.compile(r"(?:のうち|の内)[、, ]*")
MADE = re.compile(r"まで|迄")
RANGE = re.compile(r"から|より|~|ないし|乃至|至")
FILLER = re.compile(r"の?(?:区域|地域|範囲)(?:とする)?(?=[\s、,。)」]|$)|とする(?=[\s。)]|$)")

SAME = re.compile(
    r"同(?=第|[0-9〇一二三四五六七八九十]|字(?!$))|同(?:町|大字)(?=[\s0-9〇一二三四五六七八九十字第の(])"
)
"""同四丁目, 同字石仏, 同町5番: of the town said before."""
SAME_AS_WHAT = re.compile(r"同(?:上|所|番|号|町|字|丁|地|区|条|じ|様)")

VAGUE = re.compile(
    r"旧|付近|周辺|隣接|一帯|地先|地内|沿い|沿線|以[東西南北]|より[東西南北]|[東西南北]側|半分|中心線|境界|境と|"
    r"国道|県道|市道|町道|村道|私道|農道|道路|河川|水路|用水|堤防|線路|鉄道|号線|JR|"
    r"団地|マンション|アパート|ハイツ|コーポ|号棟|分譲|ニュータウン|集合住宅|居住する|世帯|"
    r"[奇偶]数側|各一部|おおむね|概ね|通称|など|ほか|その他|若干|等$"
)
"""What cannot become an exact rule; the whole stretch around such a word is reported."""

PROSE = re.compile(r"から.+まで|を|より|する|した|いる|である|について|による|のみ|ため")
"""Names do not contain these; a sentence does."""

BOUNDARY = re.compile("|".join(p.pattern for p in (SEP, STOP, OPEN, CLOSE, TADASHI, EXCEPT, UCHI)))
NAME_END = re.compile(
    "|".join(p.pattern for p in (SEP, STOP, OPEN, CLOSE, TADASHI, EXCEPT, UCHI, WHOLE, PART, PARITY, EACH))
    + r"|[\s~0-9]|-(?=[0-9])|の(?=[0-9])|以降|以下|(?<=[^大小文])字(?=.)|第(?=[0-9〇一二三四五六七八九十百])"
)
