"""What the lookup says: for each outcome what was found, what to do next, and whom to ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from kyodo_geo.addresses import Reading
from kyodo_geo.dates import date_label
from kyodo_geo.errors import InputError
from kyodo_geo.lookup.answers import Neighbour
from kyodo_geo.lookup_types import Snapshot
from kyodo_geo.quality import Quality

VOLUNTARY = "町内会・自治会への加入は任意です。"
_SHOWN_TOWNS = 8
_SHOWN_NEIGHBOURS = 3


class Words:
    """Sentences for one municipality."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._city = snapshot.municipality_name
        office = snapshot.department or snapshot.municipality_name
        self._office = f"{office}（電話 {snapshot.phone}）" if snapshot.phone else office
        self.mark = _mark(snapshot.dataset)
        """What every message ends in while the data are not real; else empty."""

    def one(self, name: str, *, by_rule: bool) -> str:
        """One association, nothing against it."""
        ground = "登録されている住所の範囲" if by_rule else "登録されている区域の図"
        return self._end(
            f"{ground}から、{name}の区域です。{VOLUNTARY}",
            f"加入や問い合わせは、表示している連絡先へどうぞ。違うと思われるときは、{self._office}へお問い合わせください。",
        )

    def remembered(self, building: str, name: str, how: str) -> str:
        """Rules and areas leave several open; the register of buildings says which."""
        return self._end(
            f"物件台帳の登録から、「{building}」は{name}です（{how}）。{VOLUNTARY}",
            f"違うと思われるときは、{self._office}へお問い合わせください。",
        )

    def several(self, count: int, reasons: Sequence[str], *, hint: str, fault: bool = False) -> str:
        """Several candidates, or one that something speaks against; `fault`: the city's own records disagree."""
        found = f"候補が{count}件あります。" if count > 1 else "候補は1件ですが、確かではありません。"
        if fault:
            # Nobody can choose between two records of the city: it is the one to ask first.
            return self._end(
                "".join([found, *reasons]),
                f"どれが正しいかは、まず{self._office}へお問い合わせください。",
                "すでに確かめているときは、候補から選べます。",
            )
        return self._end(
            "".join([found, *reasons]),
            f"{hint}わからないときは、{self._office}へお問い合わせください。",
        )

    def none_here(self, reasons: Sequence[str] = (), neighbours: Sequence[Neighbour] = ()) -> str:
        """A place in the city without a registered association."""
        return self._end(
            "".join(["この場所を区域とする町内会・自治会は登録されていません。", *reasons]),
            _near(neighbours),
            f"町内会・自治会があるかどうかは、{self._office}へお問い合わせください。",
        )

    def outside(self, where: str | None, reason: str = "") -> str:
        """Outside the city; `where` is the municipality named, if one was. No association is named, so no mark."""
        place = f"「{where}」は{self._city}の外です。" if where else f"この場所は{self._city}の外です。"
        return (
            f"{reason or place}このサービスで調べられるのは{self._city}の中だけです。"
            "お住まいの市区町村の役所へお問い合わせください。"
            f"{self._city}の住所のときは、{self._city}から入力し直すか、{self._office}へお問い合わせください。"
        )

    def not_understood(self, reason: str, suggestions: Sequence[str]) -> str:
        """An address that could not be read, with names that exist. No association is named, so no mark either."""
        offered = f"{self._city}には次の町・字があります: {_listed(suggestions)}。" if suggestions else ""
        return (
            f"{reason}{offered}町名・丁目・番・号（例「みたけ3-12-1」）を確かめて入力し直してください。"
            f"わからないときは、{self._office}へお問い合わせください。"
        )

    def is_a_name(self, name: str) -> str:
        """The text asked for is no address but an association's name in full."""
        return f"「{name}」は町内会・自治会の名前です。住所として読めるところだけで調べました。"

    def formerly(self, reading: Reading) -> str:
        """The old name that was written, and since when the town is called otherwise as far as that is known."""
        former = reading.former
        if former is None:
            return ""
        today = f"{reading.town or reading.place.name}{_koaza(reading)}"
        if former.valid_to is None:
            return f"「{former.name}」は{today}の以前の名前です。"
        return f"「{former.name}」は{_day(former.valid_to)}から{today}です。"

    def which_town(self, reason: str, towns: Sequence[str]) -> str:
        """The address fits several towns."""
        return "".join(filter(None, [reason, f"次のどれかわかりません: {_listed(towns)}。"]))

    def _end(self, *sentences: str) -> str:
        """An answer about associations: it ends with the mark of the data it rests on."""
        return "".join(filter(None, [*sentences, self.mark]))

    def normalised(self, prefecture: str, reading: Reading) -> str:
        """The address in its official form as far as it was understood."""
        return f"{prefecture}{self._city}{self.short(reading)}"

    def short(self, reading: Reading) -> str:
        """The address without the city."""
        return f"{reading.town or reading.place.name}{_koaza(reading)}{_numbers(reading)}"


def _koaza(reading: Reading) -> str:
    return f"字{reading.koaza}" if reading.koaza else ""


def _day(day: date) -> str:
    try:
        return date_label(day)
    except InputError:  # before the eras that are known
        return f"{day.year}年{day.month}月{day.day}日"


def _numbers(reading: Reading) -> str:
    block, house = reading.block, reading.house
    if block is None:
        return ""
    if reading.level == "chome" and not reading.lot:
        return f"{block}番{house}号" if house else f"{block}番"
    if reading.lot:
        return f"{block}番地{house}" if house else f"{block}番地"
    # A 町 without 丁目: whether it counts 番・号 or lots is not known.
    return f"{block}-{house}" if house else block


def _near(neighbours: Sequence[Neighbour]) -> str:
    if not neighbours:
        return ""
    shown = [
        f"{item.name}（{'同じ町' if item.same_town else '区域'}"
        + ("" if item.distance_m is None else f"、約{_metres(item.distance_m)}")
        + "）"
        for item in neighbours[:_SHOWN_NEIGHBOURS]
    ]
    return f"近くには{'、'.join(shown)}があります。"


def _metres(distance_m: float) -> str:
    return f"{max(10, round(distance_m, -1)):.0f}m" if distance_m < 1000 else f"{distance_m / 1000:.1f}km"


def _listed(names: Sequence[str]) -> str:
    shown = "、".join(names[:_SHOWN_TOWNS])
    return f"{shown} ほか" if len(names) > _SHOWN_TOWNS else shown


def _mark(dataset: dict[str, Any]) -> str:
    quality = dataset.get("quality")
    parts = {part["kind"]: part["quality"] for part in dataset.get("parts", ())}
    if quality == Quality.SAMPLE and parts and parts.get("associations") != Quality.SAMPLE:
        return f"※この結果には{Quality.SAMPLE.label}が含まれています。"
    if quality == Quality.SAMPLE:
        return f"※この結果は{Quality.SAMPLE.label}によるもので、実際の町内会・自治会ではありません。"
    if quality == Quality.UNOFFICIAL:
        return f"※この結果は{Quality.UNOFFICIAL.label}のデータによるものです。"
    return ""
