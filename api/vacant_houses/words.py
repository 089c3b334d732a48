"""What is said of a house and of the figures, in Japanese: the same on the page, in the file and on the sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.reach_pages.mode_words import about_driving, where_driven, who_drives
from api.reach_pages.people import partly_line
from kyodo_geo.vacancy.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.vacant_houses.assess import Assessed
    from geodata.queries.vacant import House
    from kyodo_geo.vacancy.verdict import Check

UNKNOWN = "不明"
STATES = {"survey": "実態調査の記録", "consented": "所有者が同意", "listed": "公開（空き家バンク）"}
SEISMIC = {"diagnosed": "耐震診断の記録あり", "retrofitted": "耐震改修の記録あり"}


def who_may_see(house: House) -> str:
    """Who may be told of the house, by its state."""
    from maps.text import day

    if house.state == "listed":
        return "空き家そのものは公開されています。この判定と人数は、庁内限りです。"
    if house.state == "consented":
        named = "、".join(house.consented_to)
        return f"所有者が書面で同意した相手（{named}、{day(house.consented_on)}）に限り、知らせることができます。"
    return "担当の職員だけが見られます。町内会・自治会に知らせるには、所有者の書面の同意が要ります。"


def verdict_words(checks: Iterable[Check]) -> str:
    """What stands against a house and what is not known, by the names of the filters."""
    found = list(checks)
    parts = [
        f"{word}：{'、'.join(names)}"
        for word, names in (
            ("不可", [check.label for check in found if check.verdict is Verdict.FAIL]),
            ("不明", [check.label for check in found if check.verdict is Verdict.UNKNOWN]),
            ("注意", [check.label for check in found if check.verdict is Verdict.PASS and check.caution]),
        )
        if names
    ]
    return "／".join(parts) or "すべて可"


def assumptions(found: Assessed, ready: bool) -> list[str]:
    """Everything the figures stand on, in sentences."""
    from api.reach_pages.params import supply_label, year_label
    from api.vacant_houses.params import BANDS, BY, HALLS

    params, prepared = found.params, found.prepared
    placed, unplaced = (int(number) for number in found.reach.halls)
    lines = [
        f"年：{year_label(prepared, found.year)}。施設は、その年の10月1日に開いているものを数えます。",
        f"距離：{BY[found.by]}で {params.distance:,} m まで。{_distance(found, ready)}",
        _driving(found, ready),
        (
            f"今ある施設として、{supply_label(params.supply)} {len(found.facilities):,} か所と、"
            f"場所のわかる自治公民館 {placed:,} 館を動かさずに数えました。"
            f"場所のわからない自治公民館 {unplaced:,} 館は数えていません。"
        ),
        "新しく届く人：空き家から届く範囲に住み、今ある施設のどれも届かない人。重なり：すでに届いている人。",
        _weights(params.weights, list(BANDS.values())),
        f"集会に要る部屋の広さは {params.room:g} m² としました（町内会と確かめる値）。",
        f"新しく届く人が {params.least:,} 人より少ない空き家には、順位を付けません。" if params.least else "",
        f"順位を付ける団体：{HALLS[params.halls]}。",
        (
            "判定は記録から条件を並べたもので、法に合うかの判断ではありません。「不明」は可でも不可でもなく、確かめるまで残ります。"
            "検査済証がないことだけでは不可にせず、調べられるかを聞く「不明」とします。"
        ),
        "町内会・自治会は、空き家の場所を区域に含む団体です。区域のわからない所では「不明」です。",
        _ages(found),
    ]
    if params.districts or params.associations:
        lines.append("順位は、選んだ地区と町内会・自治会の空き家だけに付けました。")
    missing = [
        name
        for kind, name in (("landslide", "土砂災害警戒区域"), ("flood", "浸水想定区域"))
        if kind not in found.layers
    ]
    if missing:
        lines.append(f"{'と'.join(missing)}の地図は読み込まれていません。災害の区域は「不明」になります。")
    return [line for line in lines if line]


def _weights(weights: tuple[float, ...], names: list[str]) -> str:
    if set(weights) == {1.0}:
        return "年齢の重み：どの年齢も同じ（1）です。順位は、新しく届く人の数で付けました。"
    told = "、".join(f"{name} {weight:g}" for name, weight in zip(names, weights, strict=True))
    return f"年齢の重み：{told}。順位は、重みを掛けた人数で付けました。"


def _distance(found: Assessed, ready: bool) -> str:
    if found.by == "straight":
        if ready and bool(found.reach.has_network):
            return "川や線路は考えていません。"
        why = "歩行者の道路網が読み込まれていない" if ready else "道のりの計算が終わっていない"
        return f"{why}ため、直線距離に 1.3 を掛けた推計です。"
    words = "住む点と空き家から、いちばん近い道路の節点までの直線を足しています。"
    if found.by == "winter":
        words += "坂は上りと下りで変わる歩く速さ（Tobler の式）、"
        words += "冬は道路ごとの係数（登録がなければ 1.0）で、平らな夏の道の長さに直しています。"
    return words


def reach_words(found: Assessed) -> str:
    """How far people come, in short, as it stands on the sheet and in every row of the file."""
    foot = f"徒歩 {found.params.distance:,} m"
    if not (found.by_car and found.driving):
        return foot
    return f"{foot}、車で移動する地区（{where_driven(found.choice)}）は車 {found.params.minutes} 分も"


def _driving(found: Assessed, ready: bool) -> str:
    """Where people drive to halls and facilities; else why everybody walks."""
    if not found.driving:
        return "どの地区も徒歩で考えました（車で移動するとみなす地区はありません）。"
    who = f"{who_drives(found.choice)}（{'、'.join(found.driving)}）"
    if found.by_car:
        return (
            f"{who}は車で移動する地域とみなし、自治公民館、施設、空き家のどれも、"
            f"{about_driving(found.prepared, found.choice)}"
        )
    if found.params.by == "straight":
        why = "距離に直線を選んだ"
    else:
        why = "自動車か歩行者の道路網が読み込まれていない" if ready else "道のりの計算が終わっていない"
    return f"{who}でも、{why}ため、車の時間は使わず、徒歩で数えました。"


def _ages(found: Assessed) -> str:
    ageless = float(found.people[:, 3].sum())
    total = float(found.people.sum())
    if total <= 0:
        return "人口が読み込まれていないため、届く人は数えられません。"
    if ageless >= total - 0.5:
        return "年齢別の人口が読み込まれていないため、65歳以上の人数は「不明」です。"
    secret = int(found.prepared.secret.max(initial=0))
    unpublished = (
        f"人口が公表されていない小地域（{secret:,} 件）は 0 人として数えています。" if secret else ""
    )
    return unpublished + partly_line(int(found.prepared.partly.max(initial=0)), "areas")


def ages_known(found: Assessed) -> bool:
    """Whether people have ages at all."""
    total = float(found.people.sum())
    return total > 0 and float(found.people[:, 3].sum()) < total - 0.5
