"""A run in words: its status, what was asked, what was assumed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.reach_pages.mode_words import driving_words, where_driven, who_drives
from api.reach_pages.people import DEMAND, PROJECTIONS, UNIT, partly_line
from kyodo_geo.siting_city import question as q
from kyodo_geo.siting_city.question import Question

if TYPE_CHECKING:
    from geodata.siting_runs import Run

BY = {
    "network": "歩く道のり（道路網）",
    "winter": "坂と冬を考えた道のり（道路網）",
    "straight": "直線距離×1.3",
}
BANDS = ("0〜14歳", "15〜64歳", "65歳以上", "年齢不明")
STATES = {
    "queued": "順番待ち",
    "running": "計算中",
    "done": "計算ずみ",
    "cancelled": "取りやめ",
    "failed": "計算できず",
}
STATUS = {
    "optimal": ("最適と証明", "これよりよい答えはないことが、計算で証明されています。"),
    "feasible": (
        "途中の最良",
        "条件に合う答えですが、これがいちばんよいとは証明されていません。もっとよい答えがあるとしても、下の「差の上限」までです。",
    ),
    "infeasible": ("答えなし", "条件をすべて満たす答えはないことが、計算で証明されています。"),
    "unknown": (
        "未定",
        "時間の内に、答えも、答えがないという証明も得られませんでした。時間を延ばすか、場所を絞ってください。",
    ),
}
LAYERS = {"landslide": "土砂災害（特別）警戒区域", "flood": "洪水浸水想定区域"}
YEAR_KINDS = {
    "loaded": "読み込まれている年の人口",
    "cohort": "コーホート変化率による推計",
    "between": "前後の年の人口を直線で補間したもの",
    "between-cohort": "コーホート変化率による推計を直線で補間したもの",
    "after": "いちばん近い年の人口",
}
PHASES = {
    "starting": "計算の準備をしています", "gathering": "人口、場所、道のりを集めています", "solving": "答えを探しています",
}  # fmt: skip


def status_of(run: Run) -> str:
    """Short status of a run in a list."""
    if run.result is not None and run.ended and "status" in run.result:
        word = STATUS[run.result["status"]][0]
        return f"取りやめ（{word}）" if run.state == "cancelled" else word
    return STATES[run.state]


def phase(run: Run) -> str:
    """What a run that has not ended is at."""
    if run.state != "running":
        return "順番を待っています"
    if run.cancel_asked:
        return "取りやめています。答えがあれば残します"
    return PHASES.get((run.result or {}).get("phase", "starting"), PHASES["starting"])


def value(amount: float | None, unit: str) -> str:
    """Objective or bound as it is read."""
    if amount is None:
        return "—"
    if unit == "人・m":
        return f"{amount / 1000:,.1f} 人・km"
    if unit == "分":
        return f"{amount:,.1f} 分"
    return (
        f"{amount:,.1f} {unit}"
        if unit in ("万円", "人×m", "人×分") and amount != int(amount)
        else f"{amount:,.0f} {unit}"
    )


def gap(share: float | None) -> str:
    """The gap in per cent: it is a limit, so it is rounded up, and never to 0 when it is not."""
    if share is None:
        return "—"
    if share == 0:
        return "0 %"
    return f"{math.ceil(10_000 * share - 1e-6) / 100:.2f} %" if share >= 0.0001 else "0.01 % 未満"


def radius(asked: Question) -> str:
    if asked.radius_unit == "m":
        return f"{asked.radius_m:,.0f} m"
    how = "歩いて（80 m/分）" if asked.radius_unit == "walk" else f"車で（平均 {asked.kmh:g} km/h）"
    return f"{asked.radius:g} 分、{how} = {asked.radius_m:,.0f} m"


def reach(asked: Question) -> str:
    """Who is within reach, in short: the threshold on foot, by car, or both."""
    foot, car = f"徒歩 {asked.radius_m:,.0f} m", f"車 {asked.minutes:g} 分"
    if asked.travel == "area":
        return f"車で移動する地区は{car}か{foot}、ほかは{foot}"
    return f"{car}か{foot}" if asked.travel == "car" else f"{asked.radius_m:,.0f} m"


def travel(asked: Question) -> str:
    """How people come, in short, as it stands in every line of a file."""
    where = f"（{where_driven(asked.choice(asked.by))}）" if asked.travel == "area" else ""
    return q.TRAVEL[asked.travel] + where


def weights(asked: Question) -> str:
    if asked.weights == (1, 1, 1, 1):
        return "すべての人（重みなし）"
    return "、".join(f"{band} ×{weight:g}" for band, weight in zip(BANDS, asked.weights, strict=True))


def supply(name: str) -> str:
    return {"activity": "地域活動に使える施設", "all": "すべての施設"}.get(name, name)


def asked_lines(
    asked: Question, districts: Mapping[int, str], places: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The question as (label, words)."""

    def named(numbers: tuple[int, ...]) -> str:
        return "、".join(f"{no} {districts.get(no, '')}".strip() for no in numbers)

    def listed(ids: tuple[str, ...]) -> str:
        return "、".join(places.get(key, key) for key in ids)

    found = [
        ("問い", q.MODELS[asked.model]),
        (
            "数える人",
            weights(asked) + (f"。{named(asked.districts)}に住む人だけ" if asked.districts else "。市全体"),
        ),
        ("人口", _people(asked)),
        ("年", f"{asked.year}年（施設はその年の10月1日に開いているもの）"),
        ("いまある施設", f"{supply(asked.supply)}：{q.EXISTING[asked.existing]}"),
        ("新しい場所の候補", _new(asked, named)),
        ("移動のしかた", travel(asked)),
        ("距離", BY[asked.by]),
        ("届く範囲", reach(asked) if asked.in_minutes else radius(asked)),
    ]
    if asked.limit == "p":
        what = "新しく開く数" if asked.existing == "keep" else "開いておく数（残すものを含む）"
        found.append((what, f"{asked.p:,} か所"))
    elif asked.limit == "budget":
        found.append(("予算", f"{asked.budget:,.10g} 万円"))
    if asked.limit == "budget" or asked.prices:
        own = "、".join(f"{places.get(key, key)} {price:,.10g} 万円" for key, price in asked.prices.items())
        prices = f"新しい場所 {asked.price_new:,.10g} 万円、いまある施設 {asked.price_existing:,.10g} 万円"
        if asked.existing == "keep":
            prices = f"新しい場所 {asked.price_new:,.10g} 万円（残す施設は 0 円）"
        found.append(("1 か所の価格", prices + (f"。ただし {own}" if own else "")))
    if asked.required:
        found.append(("必ず開く場所", listed(asked.required)))
    if asked.forbidden:
        found.append(("開かない場所", listed(asked.forbidden)))
    if asked.one_per:
        found.append(("重なり", q.ONE_PER[asked.one_per]))
    if asked.capacities:
        new = f"、新しい場所の定員 {asked.new_capacity:,.10g} 人" if asked.new_capacity is not None else ""
        found.append(("定員", f"考える（住民の {asked.use_percent:g} % が同時に来る{new}）"))
    if asked.times > 1:
        found.append(("備え", f"どこからも {asked.times} か所以上が届く範囲に入る"))
    if asked.backup:
        found.append(("備え", f"2 か所目も届くことを {asked.backup:g} の割合で評価"))
    if asked.center_by_people:
        found.append(("距離の重み", "距離に人数を掛けて比べる"))
    found.append(("計算の時間", f"{asked.seconds:,} 秒まで"))
    return found


def _people(asked: Question) -> str:
    kind = "" if asked.projection == "table" else f"、将来は{PROJECTIONS[asked.projection]}"
    return DEMAND[asked.demand] + kind


def _new(asked: Question, named: Any) -> str:
    parts = [q.NEW.get(asked.new, asked.new)]
    if asked.new_districts:
        parts.append(named(asked.new_districts))
    if asked.inside_zone:
        parts.append("居住誘導区域の中")
    parts += [f"{LAYERS[kind]}の外" for kind in asked.avoid]
    return "、".join(parts)


def assumed(asked: Question, result: Mapping[str, Any], districts: Mapping[int, str]) -> list[str]:
    """Everything the figures stand on, in sentences."""
    made, by = result["made_of"], result["by"]
    years = "、".join(f"{year}年{'（推計）' if projected else ''}" for year, projected in made["years"])
    lines = [
        f"人口：{asked.year}年は、{YEAR_KINDS[made.get('year_kind', 'loaded')]}です。読み込まれている年は {years} です。",
        (
            f"住む場所：{UNIT[asked.demand]}の中（建物のある区域が読み込まれていればその中）に置いた "
            f"{made['points']:,} 個の点に、"
            "均等に割り当てました。"
        ),
    ]
    if by == "straight":
        why = "" if asked.by == "straight" else "歩行者の道路網が読み込まれていないため、"
        lines.append(f"距離：{why}直線距離に迂回の係数 1.3 を掛けた推計です。川や線路は考えていません。")
    else:
        extra = (
            "坂は上りと下りで変わる歩く速さ（Tobler の式）で、冬は道路ごとの係数（登録がなければ 1.0）で直しています。"
            if by == "winter"
            else ""
        )
        lines.append(
            f"距離：{BY[by]}。点と場所から、いちばん近い道路の節点までの直線を足しています。{extra}"
            f"節点から 100 m より離れた所に住む {made['far_people']:,} 人では、道のりは目安です。"
        )
        if made["parts"] > 1:
            lines.append(
                f"つながっていない道路網が {made['parts'] - 1:,} 個あり、そこからは「行けない」と数えます。"
            )
    lines += _about_travel(asked, result, districts)
    lines.append(_about_objective(asked))
    if asked.radius_unit == "drive" and not asked.in_minutes:
        lines.append(
            "車の時間は、歩く道のりを平均の速さで割った目安です。一方通行、渋滞、雪は考えていません。"
        )
    lines.append("だれもが最寄りの場所へ行くとして、届く人、平均、偏りを計算しています。")
    if asked.capacities:
        unknown = f"定員が不明の施設 {made['unknown_capacity']:,} か所は、いくらでも入れるとしました。"
        lines.append(
            f"定員を考える計算では、{UNIT[asked.demand]}を 1 つの点（中の点の平均）とし、人を分けて割り当てます。"
            f"割り当ては表の「割り当て」で、届く人などの数値は最寄りの場所で数えたものです。{unknown}"
        )
    if asked.one_per and made["unknown_home"]:
        what = "町内会・自治会" if asked.one_per == "association" else "地区"
        lines.append(
            f"どの{what}にも入らない場所 {made['unknown_home']:,} か所には、「1 か所まで」の条件がありません。"
        )
    if made["secret_areas"]:
        lines.append(
            f"人口が公表されていない{UNIT[asked.demand]} {made['secret_areas']:,} 件は 0 人として数えています。"
        )
    if partly := partly_line(made.get("partly_areas", 0), asked.demand):
        lines.append(partly)
    without = left_out(asked, result)
    if without is not None:
        lines.append(f"{without}数値の表には含みます。")
    lines.append(
        "候補は計算の上の地点で、土地や建物が使えるか、法令に合うかは確かめていません。答えは検討の材料で、決定ではありません。"
    )
    return lines


def left_out(asked: Question, result: Mapping[str, Any]) -> str | None:
    """Who was taken out of the question, to stand beside every "proven": the answer is one for all others."""
    if not result["left_out"]:
        return None
    what = "どの候補からも届く範囲に入らない" if asked.model == "lscp" else "どの候補にも行けない"
    people = result["figures"]["before"]["people"]
    part = 100 * result["left_out"] / people if people else 0.0
    share = f"（数えた人の {f'{part:.1f} %' if part >= 0.05 else '0.1 % 未満'}）"
    return f"{what}所に住む {result['left_out']:,} 人{share}を除いて答えを求めました。"


def _about_travel(asked: Question, result: Mapping[str, Any], districts: Mapping[int, str]) -> list[str]:
    """Where people drive, by what their minutes are counted, and how walkers come to minutes."""
    if not asked.in_minutes:
        return []
    made = result["made_of"]
    told = driving_words(
        asked.choice(result["by"]), car=made["car"], winter=made["car_winter"], far=made["car_far_people"]
    )
    pace = f"比べる単位は分です。歩く人は分速 {q.WALK_M_PER_MINUTE:g} m とし、車で移動する人も、歩く方が早ければ歩くとしました。"
    if asked.travel == "car":
        return [f"どの地区でも車で移動するとみなし、{told}", pace]
    who = who_drives(asked.choice(asked.by))
    if not result["driving"]:
        return [f"車で移動するとみなす地区（{who}）はなく、どの地区も徒歩で数えました。", pace]
    named = "、".join(districts.get(no) or f"地区 {no}" for no in result["driving"])
    return [
        f"{who}（{named}、数えた人のうち {result['drive_people']:,} 人）は車で移動する地域とみなし、{told}",
        f"ほかの地区では、徒歩 {asked.radius_m:,.0f} m までを範囲としました。{pace}",
    ]


def _about_objective(asked: Question) -> str:
    """What the objective counts."""
    heads = "人数" if asked.weights == (1, 1, 1, 1) else "年齢の重みを掛けた人数"
    way = "時間" if asked.in_minutes else "距離"
    if asked.model == "p-median":
        return f"目的の値は、{heads}と最寄りの場所までの{way}の積の合計です。"
    if asked.model == "p-center":
        what = (
            f"{way}に{heads}を掛けた値"
            if asked.center_by_people
            else f"最寄りの場所までの{way}（人数は問いません）"
        )
        return f"目的の値は、いちばん大きい{what}です。"
    if asked.model == "lscp":
        what = "新しい場所の価格の合計" if asked.unit == "万円" else "開いている場所の数（残す施設を含む）"
        return f"目的の値は、{what}です。"
    if asked.backup:
        return f"目的の値は、届く{heads}×{1 - asked.backup:g} と、2 か所以上に届く{heads}×{asked.backup:g} の和です。"
    return f"目的の値は、届く範囲に入る{heads}です。"
