"""When an activity case may be shown to everybody: its states, the consent to text and photos, what is still lacking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kyodo_geo.errors import ConflictError


class State(StrEnum):
    """Of a case. Only `PUBLISHED` ones exist for anybody but staff."""

    DRAFT = "draft"
    ASKED = "asked"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _STATES[self]


_STATES = {
    State.DRAFT: "下書き",
    State.ASKED: "同意を確認中",
    State.PUBLISHED: "公開中",
    State.WITHDRAWN: "公開をやめた",
}
_FOLLOWING: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ASKED, State.PUBLISHED}),
    State.ASKED: frozenset({State.DRAFT, State.PUBLISHED}),
    State.PUBLISHED: frozenset({State.PUBLISHED, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset({State.DRAFT, State.ASKED, State.PUBLISHED}),
}

FACES = {
    "none": "人は写っていない",
    "unclear": "だれか分からない（遠い、後ろ姿など）",
    "agreed": "写っている人（子どもは保護者も）が公開に同意した",
    "unknown": "まだ確かめていない",
}
"""What is known of the people on a photo; the last one keeps it from being shown."""
WAYS = {"paper": "書面", "mail": "メール", "phone": "電話", "spoken": "対面"}
"""How consent was given."""
MAX_PHOTOS = 6


@dataclass(frozen=True, slots=True)
class Photo:
    """What decides on a photo; `shown`: it was looked at when the case was last published."""

    no: int
    alt: str
    credit: str
    faces: str
    shown: bool = False
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent. `mark` is that of the text it was given for (`kyodo_geo.edits.stamp`), `photos` the sha256 of those photos.

    Numbers of photos would not do: that of a photo which was deleted is given again.
    """

    given_on: date
    covers_text: bool
    covers_photos: bool
    mark: str
    ended_on: date | None = None
    photos: frozenset[str] = frozenset()

    def holds(self, on: date) -> bool:
        """Whether it was given and not taken back by the day `on`."""
        return self.given_on <= on and (self.ended_on is None or on < self.ended_on)


def check_step(now: State, wanted: State) -> None:
    """Raise ConflictError unless the state may follow."""
    if wanted not in _FOLLOWING[now]:
        raise ConflictError(
            f"この事例は今「{now.label}」です。「{wanted.label}」にはできません。画面を開き直してください。"
        )


def lacking(
    photos: Iterable[Photo], consents: Iterable[Consent], mark: str, on: date, *, within: bool = False
) -> tuple[str, ...]:
    """What is missing before everybody may see the case, each as a sentence on what to do.

    `mark` is that of the text as it is; `within`: somebody answers for it that what changed or came since the
    consent is within it.
    """
    held = [consent for consent in consents if consent.holds(on)]
    of_text = [consent for consent in held if consent.covers_text]
    found = []
    if not of_text:
        found.append("文章の公開への同意を記録してください。")
    elif not within and all(consent.mark != mark for consent in of_text):
        found.append(
            "同意の後に文章が変わりました。もう一度確かめて新しい同意を記録するか、"
            "「変わったところは同意の範囲内」にチェックを入れてください。"
        )
    shown = list(photos)
    of_photos = [consent for consent in held if consent.covers_photos]
    covered = {sha256 for consent in of_photos for sha256 in consent.photos}
    late = "、".join(str(photo.no) for photo in shown if photo.sha256 not in covered)
    if shown and not of_photos:
        found.append("写真の公開への同意を記録するか、写真を消してください。")
    elif late and not within:
        found.append(
            f"同意の後に入った写真があります（写真 {late}）。もう一度確かめて新しい同意を記録するか、写真を消すか、"
            "「変わったところは同意の範囲内」にチェックを入れてください。"
        )
    for photo in shown:
        wanted = [
            label
            for label, there in (
                ("代替テキスト", photo.alt.strip()),
                ("撮影者・提供者", photo.credit.strip()),
                ("写っている人の確認", photo.faces != "unknown"),
            )
            if not there
        ]
        if wanted:
            found.append(f"写真 {photo.no}：{'、'.join(wanted)}を入れてください。")
    return tuple(found)
