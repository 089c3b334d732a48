"""What a run of levelling found and what it rests on, for somebody who knows no mathematics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.facility_costs import hundred_million, money
from api.siting_pages.words import gap as gap_words
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.facility_terms import RULE_SETS

if TYPE_CHECKING:
    from geodata.siting_runs import Run


def sentences(run: Run) -> list[str]:
    """What came out."""
    result, asked = run.result or {}, run.parameters
    kept = f"どの年度も {hundred_million(asked['ceiling_yen'])}以内に収まります。"
    status = result.get("status")
    if status == "optimal":
        return [f"{kept}費用×動かす年数の合計が、これより小さい組み合わせはありません（証明ずみ）。"]
    if status == "feasible":
        gap = result.get("gap")
        beyond = "" if gap is None else f"。最少との差は、大きくても {gap_words(gap)} です"
        return [
            f"{kept}ただし、決めた計算時間では、動かし方がいちばん少ないとは証明できませんでした{beyond}。"
        ]
    if status == "infeasible":
        return [*_impossible(result, asked), *_least(result)]
    return [
        (
            "決めた計算時間では、守れる割り振りも、守れないという証明も見つかりませんでした。"
            "時間を長くするか、対象を絞ってください。"
        )
    ]


def _impossible(result: dict[str, Any], asked: dict[str, Any]) -> list[str]:
    ceiling = asked["ceiling_yen"]
    said = [
        f"動かせる年の中でどう割り振っても、{hundred_million(ceiling)}を超える年度が残ります（証明ずみ）。"
    ]
    if span := result.get("span"):
        years = span["last"] - span["first"] + 1
        said.append(
            f"たとえば{fiscal_year_label(span['first'])}から{fiscal_year_label(span['last'])}までの {years} 年間には、"
            f"どう動かしても {hundred_million(span['yen'])}の工事が要り、上限の {years} 年分"
            f"（{hundred_million(ceiling * years)}）を超えます。"
        )
    return said


def _least(result: dict[str, Any]) -> list[str]:
    least = result.get("least")
    if not least:
        return ["守れる上限がいくらかは、時間内に確かめられませんでした。"]
    if least["status"] == "optimal":
        return [f"守れる上限のうち、いちばん小さいものは {money(least['yen'], 2)} 百万円です（証明ずみ）。"]
    return [
        (
            f"上限が {money(least['yen'], 2)} 百万円なら守れます。{money(least['bound'], 2)} 百万円より小さくはできません。"
            "その間は、時間内に確かめられませんでした。"
        )
    ]


def assumed(run: Run, districts: dict[int, str]) -> list[tuple[str, str]]:
    """What the run rests on."""
    asked, basis = run.parameters, run.basis
    last = asked["base"] + asked["horizon"] - 1
    versions = "、".join(
        f"{name}は{f'第{basis[key]}版' if basis[key] else '初めからある値'}"
        for name, key in (
            ("60年の単価", "short_version"),
            ("80年の単価", "long_version"),
            ("前提", "assumption_version"),
        )
    )
    where = "、".join(districts.get(no, f"地区{no}") for no in asked["districts"]) or "全部の地区"
    found = [
        ("対象", f"{where}／{'、'.join(asked['kinds']) or '全部の種類'}"),
        (
            "期間", (f"{fiscal_year_label(asked['base'])}から{fiscal_year_label(last)}まで"
            "（期間のあとの支払いは、どの年度にも数えません）"),
        ),
        ("きまり", RULE_SETS[asked["rule_set"]]),
        ("動かせる幅", f"前後 {asked['window']} 年（積み残しは、はじめの10年の中）"),
        ("計算にかかった時間", f"{(run.result or {}).get('seconds', 0):.1f} 秒（{asked['seconds']} 秒まで）"),
        ("物価の倍率", f"{asked['index']:g}"),
        ("単価と前提", versions),
        (
            "計算できない建物", (f"{basis['buildings']} 棟のうち {basis['unknown']} 棟"
            "（延床面積、建築年、用途の分類のどれかが不明。0円ではなく、入っていません）"),
        ),
    ]  # fmt: skip
    if asked["rule_set"] == "80-year":
        count = basis["extendable_unknown"]
        found.append(("延命できるか不明な建物", f"{count} 棟は、80年まで使えるものとして計算しています"))
    return found
