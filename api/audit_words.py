"""The audit log in words: what was done to what, and what was before and after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api import grant_words
from api.draft_words import FIELD_LABELS, word
from api.edit_forms import QUALITY_CHOICES, shown
from api.record_words import References, said
from geodata.edits.contacts import ROLES
from geodata.edits.drafts import SCOPES
from geodata.queries.audit_log import AuditRow
from geodata.record_files.kinds import RECORD_KINDS
from kyodo_geo.body_kinds import BODY_KINDS
from kyodo_geo.centres.kinds import CENTRE_KINDS
from kyodo_geo.documents.kinds import DOCUMENTS
from kyodo_geo.facility_kinds import FACILITY_KINDS
from kyodo_geo.figure_sheets import MEASURES
from kyodo_geo.figure_sheets import said as figure_said
from kyodo_geo.grants.case_fields import BASE as CASES
from kyodo_geo.grants.case_fields import CASE_KINDS, CASE_SCHEMES
from kyodo_geo.grants.case_fields import NOUN as CASE
from kyodo_geo.grants.cases import Deed
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.meetings.kinds import MEETINGS
from kyodo_geo.plan_kinds import PLAN_KINDS
from kyodo_geo.plan_states import PlanState
from kyodo_geo.record_kinds import ALL_KINDS
from kyodo_geo.records import KINDS, Kind
from kyodo_geo.returns import QUESTIONS, Came, ReturnState
from kyodo_geo.returns import shown as answer_shown
from kyodo_geo.returns.feeding import ABOUT
from kyodo_geo.sharing.cases import State
from kyodo_geo.sharing.kinds import SHARING_KINDS


@dataclass(frozen=True, slots=True)
class Topic:
    """What a filter chooses: actions that begin with `prefixes`. `private`: for administrators alone."""

    key: str
    label: str
    prefixes: tuple[str, ...]
    private: bool = False


TOPICS = (
    Topic("plans", "地域づくり計画", ("edit.plan.",)),
    Topic(
        "records",
        "事業・職員・センター・補助・施設の方針・忙しい時期の記録",
        tuple(f"edit.{kind.noun}." for kind in KINDS.values()),
    ),
    Topic(
        "facility-records",
        "公共施設の建物・部屋・年度ごとの数値",
        tuple(f"edit.{kind.noun}." for kind in FACILITY_KINDS.values()),
    ),
    Topic("grants", "補助と奨励金のきまりと計算", ("edit.grant-rule.", "edit.grant-run.")),
    Topic("meetings", "会議とカレンダーのリンク", ("edit.meeting.", "calendar-link.")),
    Topic("documents", "送付文書と数え方", ("edit.document.", "document-rule.")),
    Topic(
        "centres",
        "相談、催し、見守りの記録、アドバイザーの派遣",
        (*(f"edit.{kind.noun}." for kind in CENTRE_KINDS), "risk-case."),
    ),
    Topic(
        "sharing",
        "活動事例・手引き・補助金の情報",
        tuple(f"edit.{kind.noun}." for kind in SHARING_KINDS.values()),
    ),
    Topic("figures", "年度ごとの数値", ("edit.figures.",)),
    Topic("grant-cases", "補助金の案件と予算（取組9〜12）", ("edit.grant-case.", "edit.grant-budget.")),
    Topic("associations", "連絡先", ("edit.contact.",)),
    Topic(
        "returns",
        "町内会・自治会の年度更新",
        ("edit.return.", "edit.return-round.", "edit.return-note.", "edit.circulation."),
    ),
    Topic(
        "drafts", "下書き（町内会・自治会、地区の割り当てと名前、公共施設）", ("edit.draft.", "edit.activate")
    ),
    Topic("progress", "指標と取組", ("progress.",)),
    Topic(
        "plan-work",
        "照会、担当、会議、計画の評価、次の計画",
        (
            "inquiry.",
            "evaluation.",
            "successor.",
            *(f"edit.{kind.noun}." for kind in (*PLAN_KINDS.values(), *BODY_KINDS.values())),
        ),
    ),
    Topic("rules", "支援の必要な町内会・自治会の基準", ("at-risk-rule.",)),
    Topic("siting", "施設の配置の計算", ("siting.",)),
    Topic("costs", "更新費用の単価と前提", ("unit-cost.", "cost-assumption.")),
    Topic("files", "記録のファイル（台帳、点検、利用など）", ("records.",)),
    Topic("terms", "空き家を使う自治公民館の家賃補助の条件", ("hall-terms.",)),
    Topic("scenarios", "公共施設の案（シナリオ）", ("scenario.",)),
    Topic("data", "データの読み込みと有効化", ("dataset.", "generation.", "municipality.")),
    Topic("buildings", "物件台帳", ("building.",)),
    Topic("tickets", "取次と加入の申込み", ("ticket.",), private=True),
    Topic("offices", "会員店と鍵、まとめて調べる", ("office.", "key.", "batch."), private=True),
    Topic("accounts", "アカウントとサインイン", ("user.", "sign-in"), private=True),
    Topic(
        "vacant",
        "空き家の一覧、地図、紙の閲覧、見せる相手の取り消しと期限",
        ("vacant-houses.",),
        private=True,
    ),
    Topic("audit", "監査の記録の出力、検査、古い記録の削除", ("audit.",), private=True),
    Topic("disclosure", "開示請求の資料", ("disclosure.",), private=True),
)
_VERBS = {
    "add": "追加", "correct": "訂正", "withdraw": "取り消し", "save": "保存", "enter": "入力", "restore": "元に戻した",
    "change": "変更", "load": "読み込み", "upload": "アップロード", "discard": "捨てた", "activate": "有効にした",
    "rollback": "前に戻した", "settle": "市が決めた", "vouch": "確認", "forget": "削除", "state": "状態の変更", "note": "メモ",
    "erase": "内容の消去", "close": "閉じた", "view": "閲覧", "issue": "発行", "revoke": "取り消し", "download": "ダウンロード",
    "delete": "削除", "password": "パスワードの変更", "roles": "役割の変更", "enable": "使えるようにした",
    "disable": "止めた", "link": "サインイン用リンクの発行", "area": "担当地区の変更", "export": "CSV の出力", "failed": "失敗",
    "unlock": "ロックの解除", "sign-out": "サインアウト", "identity": "認証システムとの結び付け",
    "unlink": "認証システムとの結び付けの解除", "totp": "確認コードの登録",
    "totp-begin": "確認コードの登録の開始", "totp-codes": "回復コードの作り直し", "totp-remove": "確認コードの登録の削除",
    "centre": "所属するセンターの変更", "copied": "古いサインインの値が使われたので終わりにした",
    "step": "手続き", "attend": "参加者の保存", "publish": "公開", "rotate": "新しい鍵に替えた", "start": "調べ始めた",
    "check": "検査", "purge": "保存期間を過ぎた記録の削除",
    "consent": "同意の記録", "consent-end": "同意の取り消し", "photo": "写真の追加", "photo-words": "写真の説明の変更",
    "photo-gone": "写真の削除",
    "lookups": "住所検索の記録の出力", "person": "ある人について保存しているものの出力",
}  # fmt: skip
_WHOLE = {
    "edit.circulation.set": "回覧部数と届け先を新しくした",
    "records.check": "読み取り方を変えて、もう一度確認した",
    "records.keep": "記録のファイルを保存することにした",
    "records.import": "記録のファイルを保存した",
    **{
        action: f"補助と奨励金：{done}"
        for action, done in {**grant_words.RULE_ACTIONS, **grant_words.RUN_ACTIONS}.items()
    },
    "edit.activate": "下書きの変更が有効になった",
    "edit.draft.enter": "下書きに入れた",
    "edit.draft.take-out": "下書きから外した",
    "edit.draft.activate": "下書きを有効にした",
    "edit.draft.discard": "下書きを捨てた",
    "edit.return.send": "送付済みにした",
    "edit.return.remind": "回答をお願いした",
    "edit.return.receive": "回答を受け付けた",
    "edit.return.check": "回答を確認済みにした",
    "edit.return.send-back": "回答を差し戻した",
    "edit.return.approve": "回答を承認した",
    "edit.return.feed": "回答をデータに反映した",
    "edit.return.code": "回答の番号を発行した",
    "edit.return.labels": "宛名を出力した",
    "edit.return-round.start": "年度更新を始めた",
    "edit.return-round.feed": "年度更新の回答をデータに反映した",
    "edit.return-round.workbooks": "年度更新の用紙（Excel）を作った",
    "edit.return-round.upload": "年度更新のファイルを読み込んだ",
    "edit.return-note.done": "年度更新の連絡を済みにした",
    "edit.return-round.add": "年度更新に町内会・自治会を加えた",
    "edit.return-round.change": "年度更新の設定を変えた",
    "edit.return-round.close": "年度更新の受け付けを終えた",
    "edit.return-round.reopen": "年度更新の受け付けを再開した",
    "inquiry.start": "照会を始めた",
    "inquiry.answer": "照会の回答を受け取った",
    "inquiry.accept": "照会の回答を記録に入れた",
    "inquiry.set-aside": "照会の回答を使わないことにした",
    "inquiry.sent": "照会を送ったことにした",
    "inquiry.reminded": "催促したことにした",
    "inquiry.reopen": "もう一度開いた",
    "evaluation.scale": "評価の段階を変えた",
    "evaluation.decide": "評価を決定した",
    "evaluation.reopen": "評価を下書きに戻した",
    "evaluation.unpublish": "評価の公開をやめた",
    "successor.in-force": "計画を有効にした",
    "siting.ask": "計算を頼んだ",
    "siting.cancel": "計算を取りやめた",
    "sign-in": "サインイン",
    "sign-in.failed": "サインインの失敗",
}
_LABELS = {
    **FIELD_LABELS, "role": "役割", "published": "公開する", "state": "状態", "valid_from": "始まりの日",
    "valid_to": "終わりの日",
    "title": "計画の名前", "document_url": "計画書のリンク", "stated_on": "資料の基準日", "note": "備考・理由", "source": "出典",
    "quality": "記録の種類", "value": "値", "record": "実績", "evidence_url": "根拠のリンク", "sample_size": "回答数",
    "low": "下限", "high": "上限", "fiscal_year": "年度", "reason": "理由", "generation": "世代", "draft": "下書きの番号",
    "record_no": "記録の番号", "contact_no": "連絡先の番号", "consent_no": "同意の番号", "photo_no": "写真の番号",
    "changes_count": "変更の件数", "touched": "変わった項目",
    "kind": "種類",
    "datasets": "データセット", "retired": "外れた見本データ", "restored_from": "戻した世代", "roles": "役割", "rows": "行数",
    "added": "追加（件）", "removed": "削除（件）", "checksum": "ファイルの照合値",
    "from": "前", "to": "後", "households_below": "世帯数がこれ未満", "fall_points": "加入率の低下（ポイント）",
    "fall_years": "低下をみる年数", "aged_percent": "65歳以上の割合（%）", "people_fall_percent": "人口の減少（%）",
    "people_fall_years": "減少をみる年数", "signs_needed": "あてはまる数", "display_name": "表示名", "bytes": "大きさ（バイト）",
    "minutes": "使える分", "carried_over": "引き継いだ行", "changed": "変更（件）", "answered": "回答あり",
    "name": "名前", "phone": "電話", "email": "メール", "address": "住所", "version": "版", "made_from": "もとにした版",
    "actions": "行動の件数", "altered": "変更（件）", "copied_from": "写したもと",
    "instead_of": "入れ替えた版", "author": "作成者", "base_year": "最初の年度", "horizon": "期間（年）",
    "new_key": "新しい鍵", "overlap_days": "前の鍵を使える日数", "rows_per_minute": "1 分間の件数", "replaces": "前の鍵",
    "expires_on": "期限", "hash": "照合値", "chain_no": "鎖の番号", "ok": "異常なし", "broken": "異常", "entries": "件数",
    "reference_day": "基準日", "opens_on": "受け付けの始まり", "due_on": "回答の期限", "thresholds": "確かめる基準",
    "associations": "町内会・自治会（件）", "way": "方法", "sent_on": "送った日", "came": "回答の方法", "until": "使える期限",
    "workbooks": "用紙（件）",
    "received": "受け付け（件）", "same": "同じ内容（件）", "other": "前と違う（件）", "refused": "受け付けず（件）",
    "feed_no": "反映の回", "returns": "回答（件）", "carried": "引き継ぎ（件）",
    "contacts": "連絡先（件）", "about": "内容", "done": "済み",
    "copies": "回覧部数", "to_name": "届け先", "to_phone": "届け先の電話", "to_address": "届け先の住所",
    "words": "伝えたこと", "labels": "宛名（件）", "addressed": "宛先", "form": "形式",
    "addressees": "数える宛先", "ways": "数える送り方", "kinds": "数える種類", "same_within": "1 件とみなす日数",
    "department": "担当課", "made_by": "登録したもと",
    "houses": "空き家の番号", "label": "用途", "scopes": "できること", "origins": "使うサイト",
    "deed": "手続き", "day": "行った日", "yen": "額（円）", "paper_no": "文書番号", "step": "手続きの番号", "scheme": "補助",
    "doubts": "きまりと違うところ（件）", "frame_yen": "予算の枠（円）", "contact_name": "連絡先の担当者",
    "contact_phone": "連絡先の電話",
}  # fmt: skip
_RETURNS: Mapping[str, Mapping[str, str]] = {
    "state": {
        **{state.value: state.label for state in ReturnState},
        "open": "受付中",
        "closed": "受け付けを終了",
    },
    "way": {"mail": "メール", "letter": "手紙", "phone": "電話"},
    "came": {came.value: came.label for came in Came},
    "addressed": {"president": "会長", "circulation": "回覧文書の届け先"},
    "about": ABOUT,
    "form": {"pdf": "ラベル（PDF）", "csv": "表（CSV）"},
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "state": {state.value: state.label for state in (*PlanState, *State)},
    "quality": dict(QUALITY_CHOICES),
    "role": ROLES,
    "deed": {deed.value: deed.label for deed in Deed},
    "scheme": {key: scheme.name for key, scheme in CASE_SCHEMES.items()},
    "kind": {**KIND_NAMES, **{kind: spec.label for kind, spec in RECORD_KINDS.items()}},
}
_THINGS = {
    "dataset": "データセット", "generation": "世代", "user": "利用者", "sign-in": "利用者", "ticket": "取次", "office": "会員店",
    "key": "鍵", "building": "建物", "batch": "まとめて調べた表", "municipality": "市区町村", "at-risk-rule": "基準",
    "scenario": "公共施設の案",
    "siting": "施設の配置の計算", "calendar-link": "カレンダーのリンク", "document-rule": "送付文書の数え方",
    "inquiry": "照会",
    "evaluation": "計画の評価",
    "successor": "計画",
}  # fmt: skip
_HIDDEN = {"changes", "before", "after", "changed", "figures"}
_ANSWERS = {field.name: field for field in QUESTIONS}
_KINDS = {
    kind.noun: kind
    for kind in (
        *ALL_KINDS.values(), *FACILITY_KINDS.values(), MEETINGS, DOCUMENTS, *CENTRE_KINDS, *SHARING_KINDS.values()
    )
}  # fmt: skip
_WITHOUT_PAGES = {*(kind.noun for kind in FACILITY_KINDS.values()), "risk-visit"}


@dataclass(frozen=True, slots=True)
class Told:
    """One entry in words; `more` are further facts (label, value)."""

    no: int
    at: datetime
    actor: str
    action: str
    target: str
    href: str | None
    changes: tuple[tuple[str, str, str], ...]
    more: tuple[tuple[str, str], ...]


def action_words(action: str) -> str:
    """What was done."""
    return _WHOLE.get(action) or _VERBS.get(action.rpartition(".")[2], action)


def target_words(target: str | None, names: Mapping[str, str]) -> tuple[str, str | None]:
    """What it was done to, and the page where it is kept. `names`: associations and districts by id."""
    head, _, key = (target or "").partition("/")
    if head in grant_words.HEADS:
        return grant_words.target_words(target or "")
    if head == "district-plan":
        return f"地域づくり計画：{names.get(key, f'地区 {key}')}", f"/staff/plans/{key}"
    if head in _WITHOUT_PAGES:
        return f"{_KINDS[head].title}：{key}", None
    if head in _KINDS:
        title = _KINDS[head].title
        return title if title.endswith("記録") else f"{title}の記録", f"{_KINDS[head].base}/{key}"
    if head == CASE:
        return f"補助金の案件 第{key}号", f"{CASES}/{key}"
    if head == "grant-budget":
        scheme, _, year = key.partition("/")
        return f"予算：{CASE_KINDS[scheme].title}、{year}年度", f"{CASES}/year?fiscal_year={year}"
    if head == "figures":
        measure, _, year = key.partition("/")
        label = MEASURES[measure].label if measure in MEASURES else measure
        return f"{label}、{year}年度", f"/staff/figures?measure={measure}&fiscal_year={year}"
    kept, _, item = key.partition("/")
    if kept == "indicator":
        return f"指標：{names.get(target or '', item)}", f"/staff/progress?plan={head}"
    if kept == "initiative":
        return f"取組 {item} {names.get(target or '', '')}".strip(), f"/staff/progress?plan={head}"
    if head == "return":
        year, _, association = key.partition("/")
        return (
            f"年度更新（{year}年度）：{names.get(association, association)}",
            f"/staff/returns/{year}/of/{association}",
        )
    if head == "return-round":
        return f"年度更新（{key}年度）", f"/staff/returns/{key}"
    if head == "circulation":
        return f"回覧文書：{names.get(key, key)}", f"/staff/associations/{key}"
    if head == "contacts":
        return f"連絡先：{names.get(key, key)}", f"/staff/associations/{key}"
    if head.startswith("association") and head in KIND_NAMES:
        return f"{KIND_NAMES[head]}：{names.get(key, key)}", f"/staff/associations/{key}"
    if head == "draft":
        return f"下書き：{SCOPES.get(key, key)}", f"/staff/drafts/{key}"
    if head in RECORD_KINDS:
        return f"記録のファイル：{RECORD_KINDS[head].label}", None
    if head in KIND_NAMES:
        return f"{KIND_NAMES[head]}：{key}", None
    return target or "", None


def told(row: AuditRow, names: Mapping[str, str], refs: References) -> Told:
    """An entry in words."""
    head, _, key = (row.target or "").partition("/")
    details = row.details
    sides = details.get("changes") or _both(details)
    measure = MEASURES.get(key.partition("/")[0]) if head == "figures" else None
    of_case = CASE_KINDS.get(str(details.get("scheme"))) if head == CASE else None
    kind = _KINDS.get(head) or of_case
    districts = {int(no): label.partition(" ")[2] for no, label in refs.get("district", {}).items()}

    def put(name: str, value: Any) -> str:
        if measure is not None and name not in ("quality", "source"):
            return figure_said(measure, value)
        if kind is not None and kind.has(name):
            return said(kind.field(name), value, refs)
        if head in grant_words.HEADS:
            return grant_words.say(name, value)
        if head in ("return", "return-round"):
            if name in _ANSWERS:
                return answer_shown(_ANSWERS[name], value) or "（なし）"
            if isinstance(value, str) and value in _RETURNS.get(name, {}):
                return _RETURNS[name][value]
        if name in ("rules", "district_no", "confidence", "aliases"):
            return word(name, value, districts)
        known = _WORDS.get(name, {})
        return known[value] if isinstance(value, str) and value in known else shown(_flat(value))

    def label(name: str) -> str:
        if measure is not None and name.isdigit():
            return "市全体" if measure.city else refs.get("district", {}).get(name, name)
        if kind is not None and kind.has(name):
            return kind.field(name).label
        if head in grant_words.HEADS:
            return grant_words.LABELS.get(name, name)
        if head == "event" and name.startswith("district_") and name != "district_no":
            return refs.get("district", {}).get(name.removeprefix("district_"), name)
        if head == "return" and name in _ANSWERS:
            return _ANSWERS[name].label
        return _LABELS.get(name, name)

    target, href = target_words(row.target, names)
    if row.action.startswith("siting."):
        page = "/staff/facilities/levelling" if details.get("model") == "levelling" else "/facilities/siting"
        href = f"{page}/{row.target}"
    if target == row.target:
        target = f"{_THINGS.get(row.action.partition('.')[0], '')} {target}".strip()
        if row.action.startswith("scenario."):
            href = f"/staff/facilities/scenarios/{row.target}"
    return Told(
        row.no, row.at, row.actor, action_words(row.action), target,
        None if row.action.endswith((".withdraw", ".discard")) and head in (*_KINDS, "grant-runs") else href,
        tuple((label(name), put(name, one["before"]), put(name, one["after"])) for name, one in sides.items()),
        tuple(
            (_LABELS.get(name, name), _touched(value, kind) if name == "touched" else put(name, value))
            for name, value in details.items()
            if (name not in _HIDDEN or (name == "changed" and isinstance(value, int))) and value not in (None, "", [], {})
        ),
    )  # fmt: skip


def _both(details: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Entries of other writers: `before` and `after` as wholes, or `changed`."""
    changed = details.get("changed")
    if isinstance(changed, dict):
        return {
            name: {"before": one[0], "after": one[1]} if isinstance(one, list) and len(one) == 2
            else {"before": one.get("from", one.get("before")), "after": one.get("to", one.get("after"))}
            if isinstance(one, dict) else {"before": None, "after": one}
            for name, one in changed.items()
        }  # fmt: skip
    before, after = details.get("before") or {}, details.get("after") or {}
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return {}
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }


def _touched(names: Any, of: Kind | None) -> str:
    """Fields in words: those of the kind itself where it is known, as several kinds call a person's name otherwise."""
    known = {field.name: field.label for field in QUESTIONS}
    known |= {field.name: field.label for kind in _KINDS.values() for field in kind.fields if field.personal}
    known |= {} if of is None else {field.name: field.label for field in of.fields}
    return "、".join(known.get(name) or _LABELS.get(name, name) for name in names)


def _flat(value: Any) -> Any:
    if isinstance(value, dict):
        return "、".join(f"{KIND_NAMES.get(key, key)} {shown(one)}" for key, one in value.items())
    return value
