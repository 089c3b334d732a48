"""What staff enter of activity cases, handbooks and subsidies of others, as kinds of `kyodo_geo.records`.

Cases have states, consent and photos beside (`kyodo_geo.sharing.cases`). Their long texts count as personal for the audit
log, which keeps what it is told: people may ask for their story to be forgotten.
"""

from __future__ import annotations

from kyodo_geo.errors import InputError
from kyodo_geo.quality import Quality
from kyodo_geo.records import Facts, Field, Kind
from kyodo_geo.sharing.cases import WAYS
from kyodo_geo.sharing.themes import on_offer, several

MAX_STORY = 3000
_THEMES = tuple((theme.key, theme.label) for theme in on_offer())
_THEMES_HINT = f"「、」で区切って。{'、'.join(theme.label for theme in on_offer())}"
_BASIS = (
    Field(
        "quality", "記録の種類", "choice", required=True, listed=False, default="real",
        options=tuple((quality.value, quality.label) for quality in Quality),
    ),
    Field("source", "出典", most=300, hint="例：令和8年度 事例集", listed=False),
)  # fmt: skip


def _case(facts: Facts) -> None:
    if facts["geom"] is not None and not facts["public_place"]:
        raise InputError(
            "位置を入れられるのは、公民館、公園、学校など、だれでも知っている公の場所だけです。"
            "公の場所なら、その下のチェックを入れてください。個人の家などなら、位置は空のままにします。",
            field="geom",
        )
    if facts["geom"] is None:
        facts["public_place"] = False


def _handbook(facts: Facts) -> None:
    facts["topics"] = several(facts["topics"], "topics")


def _subsidy(facts: Facts) -> None:
    facts["themes"] = several(facts["themes"], "themes")
    first, after = facts["opens_on"], facts["closes_after"]
    if first is not None and after is not None and after <= first:
        raise InputError("締切が、受付の始まりより前になっています。", field="closes_after")


CASES = Kind(
    "cases", "case", "活動事例",
    "町内会・自治会や地区の取り組みを、同意を得て、みんなで参考にできるようにします（取組22・23・25）。登録したものは下書きです。",
    lambda said: said["title"],
    (
        Field("title", "題名", required=True, most=80, hint="例：空き家を集会所に。月1回のお茶会"),
        Field("summary", "ひとことで言うと", required=True, most=160, hint="一覧に出ます"),
        Field("theme", "テーマ", "choice", required=True, options=_THEMES),
        Field("district_no", "地区", "reference", required=True, to="district"),
        Field("body", "取り組んだ団体", required=True, most=120, hint="団体の名前だけ。人の名前は入れません"),
        Field(
            "association_id", "町内会・自治会", "reference", to="association", listed=False,
            hint="町内会・自治会の取り組みのとき",
        ),
        Field("done_year", "取り組んだ年度", "year", required=True),
        Field(
            "story", "取り組みの内容", "words", most=MAX_STORY, personal=True, listed=False,
            hint="段落の間は 1 行空けます。個人の名前や連絡先は書きません",
        ),
        Field("worked", "うまくいったこと・コツ", "words", most=800, personal=True, listed=False),
        Field("hard", "大変だったこと・これからの課題", "words", most=800, personal=True, listed=False),
        Field("place_name", "場所の名前", most=80, hint="例：見本公民館", listed=False),
        Field(
            "geom", "位置（緯度, 経度）", "point", listed=False,
            hint="公の場所だけ。例：39.70360, 141.15270。空のままなら、地区だけが出ます",
        ),
        Field("origin", "どこで聞いたか", "choice", options=(
            ("wa", "情報紙「つながる“わ”」"), ("meeting", "事例発表会（取組23）"), ("exchange", "意見交換会（取組22）"),
            ("visit", "訪問・聞き取り"), ("other", "そのほか"),
        ), listed=False),
        Field("origin_note", "その号や日", most=120, hint="例：第12号、令和8年2月の発表会", listed=False),
        Field("keywords", "探すときの言葉", most=200, hint="よみがなや別の言い方。例：おちゃかい サロン 居場所", listed=False),
        *_BASIS,
        Field("public_place", "この位置は、だれでも知っている公の場所です", "tick", listed=False),
    ),
    ("title", "district_no", "done_year"), "この事例の画面", "/staff/cases", _case,
)  # fmt: skip

CONSENT = Kind(
    "case-consents", "case-consent", "活動事例の公開への同意",
    "だれが、いつ、何の公開に同意したか。職員だけが見られます。", lambda said: said["given_on"],
    (
        Field("given_by", "同意した人・団体の代表", required=True, most=120, personal=True),
        Field("given_on", "同意の日", "day", required=True, hint="例：令和8年4月1日"),
        Field("way", "確かめた方法", "choice", required=True, options=tuple(WAYS.items())),
        Field("note", "メモ", most=300, personal=True, hint="例：同意書の綴りの番号"),
        Field("covers_text", "文章の公開への同意", "tick"),
        Field("covers_photos", "写真の公開への同意（写っている人の分も確かめた）", "tick"),
    ),
    (), "この事例の画面", "/staff/cases",
)  # fmt: skip

HANDBOOKS = Kind(
    "handbooks", "handbook", "手引き・マニュアル",
    "活動に役立つ手引き（取組6）を、版ごとに登録します。新しい版が「前の版」を指すと、前の版には「古い版」と出ます。",
    lambda said: f"{said['title']} {said['edition']}".strip(),
    (
        Field("title", "名前", required=True, most=120),
        Field("audience", "だれのため", required=True, most=120, hint="例：新しく役員になった人"),
        Field("edition", "版", most=40, hint="例：第3版、令和8年度版"),
        Field("issued_on", "発行の日", "day", required=True),
        Field("publisher", "発行したところ", required=True, most=120, hint="例：市民協働推進課"),
        Field("topics", "テーマ", most=200, hint=_THEMES_HINT),
        Field("summary", "書いてあること", "words", most=500, listed=False),
        Field("link", "リンク", "link", hint="https:// で始まるアドレス", listed=False),
        Field("replaces_id", "前の版", "reference", to="handbook", hint="この版で古くなったもの", listed=False),
        Field("retired_on", "使わなくなった日", "day", hint="次の版がなく、もう使わないとき", listed=False),
        *_BASIS,
    ),
    ("title", "edition", "issued_on"), "手引きのページ", "/staff/records/handbooks", _handbook,
)  # fmt: skip

SUBSIDY_NOTICES = Kind(
    "subsidy-notices", "subsidy-notice", "補助金・助成金の情報",
    "国、県、財団などの、町内会・自治会や地域づくり組織が使える補助金です（取組8）。締切の近い順に公開のページに出ます。",
    lambda said: said["title"],
    (
        Field("title", "名前", required=True, most=120),
        Field("giver_kind", "出すところの種類", "choice", required=True, options=(
            ("national", "国"), ("prefecture", "県"), ("city", "市"), ("foundation", "財団・企業"), ("other", "そのほか"),
        )),
        Field("giver", "出すところ", required=True, most=120),
        Field("applicants", "応募できる団体", required=True, most=200),
        Field("purpose", "使いみち", "words", required=True, most=500, listed=False),
        Field("amount", "金額", most=120, hint="例：1件 50万円まで"),
        Field("rate", "補助率", most=80, hint="例：対象経費の3分の2", listed=False),
        Field("opens_on", "受付の始まり", "day", hint="例：令和8年4月1日。不明なら空のまま"),
        Field("closes_after", "締切の日", "last_day", hint="この日まで。随時なら空のまま"),
        Field("themes", "テーマ", most=200, hint=_THEMES_HINT, listed=False),
        Field("link", "募集のページ", "link", hint="https:// で始まるアドレス", listed=False),
        Field("contact", "問い合わせ先", most=200, hint="出すところの窓口。個人の名前や携帯電話は入れません", listed=False),
        Field("checked_on", "募集のページを確かめた日", "day", required=True),
        *_BASIS,
    ),
    ("title", "giver", "closes_after"), "補助金・助成金の情報のページ", "/staff/records/subsidy-notices", _subsidy,
)  # fmt: skip

SHARING_KINDS = {kind.key: kind for kind in (CASES, HANDBOOKS, SUBSIDY_NOTICES)}
