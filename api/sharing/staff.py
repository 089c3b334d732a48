"""The staff's page of one activity case, whichever of its forms was sent."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from api.auth.principals import Principal
from api.clock import JAPAN, today
from api.edit_forms import PLAIN, Sent, Shown, history_lines
from api.record_pages import options_of
from api.record_words import note_of, row_of, sayer
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience
from geodata.edits import cases, history, records
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import stamp
from kyodo_geo.quality import credit
from kyodo_geo.records import Facts, typed_of
from kyodo_geo.sharing.cases import FACES, MAX_PHOTOS, WAYS, State
from kyodo_geo.sharing.kinds import CASES, CONSENT

DONE = {
    "add": "登録しました。", "correct": "文章を直しました。", "consent": "同意を記録しました。",
    "consent-end": "同意を取り消しました。",
    "photo": "写真を入れました。公開（または公開の内容の更新）をするまで、だれにも見えません。",
    "photo-words": "写真の説明を直しました。",
    "photo-gone": "写真を消しました。", "draft": "下書きに戻しました。", "asked": "「同意を確認中」にしました。",
    "published": "公開しました。だれでも見られます。", "withdrawn": "公開をやめました。もうだれにも見えません。",
    "unpublished": "同意を取り消しました。この事例に必要な同意がなくなったので、公開をやめました。もうだれにも見えません。",
}  # fmt: skip
ACTIONS = {
    "add": "登録", "correct": "訂正", "withdraw": "取り消し", "consent": "同意の記録", "consent-end": "同意の取り消し",
    "photo": "写真の追加", "photo-words": "写真の説明の変更", "photo-gone": "写真の削除", "state": "状態の変更",
}  # fmt: skip


def photo_words(sent: Sent) -> Facts:
    """What a form says of a photo; raises InputError. All may be left for later but for what is shown already."""
    return {
        "alt": entries.line(sent.text("alt"), "alt", "代替テキスト", most=200) or "",
        "credit": entries.line(sent.text("credit"), "credit", "撮影者・提供者", most=80) or "",
        "faces": entries.choice(sent.text("faces") or "unknown", "faces", "写っている人の確認", FACES),
    }


def case_page(
    request: Request, services: Services, user: Principal, case_id: str, shown: Shown = PLAIN, done: str | None = None
) -> Response:  # fmt: skip
    """State, what is lacking, text, photos, consents, history. Raises NotFoundError."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        code = ref.municipality_code
        refs = records.references(conn, ref, CASES)
        found = cases.whole(conn, code, case_id)
        told = history.history(conn, code, records.target(CASES, case_id))
    words = row_of(CASES, found.facts, refs)
    return page(
        request, services, "staff_case.html", shown.status, ref=ref, user=user, csrf_token=user.csrf_token,
        dataset={**credit({}, (), values=[found.facts["quality"]]), "source": found.facts["source"] or ""},
        kind=CASES, record_id=case_id, title=CASES.name_of(words), words=words, version=stamp(found.facts),
        asked=found.asked, seen=found.seen, state=found.state, State=State, whole=found,
        lacking=found.lacking(today(), within=found.state is State.PUBLISHED),
        differs=found.differs(today()),
        shown=shown, done=DONE[done] if done else None, faces=list(FACES.items()), ways=WAYS, max_photos=MAX_PHOTOS,
        consent_kind=CONSENT, consent_options={"way": list(WAYS.items())},
        consent_stored={field.name: "" for field in CONSENT.fields},
        options={field.name: options_of(field, refs, found.facts[field.name], ()) for field in CASES.fields},
        stored={field.name: typed_of(field, found.facts[field.name]) for field in CASES.fields},
        history=_lines(told, refs), zone=JAPAN,
    )  # fmt: skip


def _lines(told: list[history.Entry], refs: dict[str, dict[str, str]]) -> list[Any]:
    say = sayer(CASES, refs)

    def put(name: str, value: Any) -> str:
        return State(value).label if name == "state" else say(name, value)

    labels = {"state": "状態", **{field.name: field.label for field in CASES.fields}}
    return history_lines(
        told, {f"edit.{CASES.noun}.{action}": word for action, word in ACTIONS.items()}, labels, None, note_of(CASES), put
    )  # fmt: skip
