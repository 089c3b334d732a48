"""Whose people a page of reach counts: the year in words, projections, small areas or grid squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.clock import today
from kyodo_geo.dates import fiscal_year_of

if TYPE_CHECKING:
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.prepared import Prepared
    from kyodo_geo.reach.report import Choice

DEMAND = {"areas": "小地域（国勢調査）", "mesh": "地域メッシュ"}
PROJECTIONS = {"table": "読み込んだ推計", "cohort": "コーホート変化率"}
UNIT = {"areas": "小地域", "mesh": "メッシュ"}
MESH_KIND = "mesh-population"


def span(held: Prepared, projection: str = "table") -> tuple[int, int]:
    """First and last year that can be asked for: those of the people, and up to the present fiscal year."""
    years = held.series(projection).years
    return years[0], max(years[-1], fiscal_year_of(today()))


def latest(held: Prepared) -> int:
    """The newest year that is no projection; the first where all are."""
    counted = held.years[~held.projected]
    return int(counted[-1]) if len(counted) else int(held.years[0])


def year_label(held: Prepared, year: int, projection: str = "table") -> str:
    """2020年, with what the people of it are."""
    series = held.series(projection)
    kind = series.kind(year)
    if kind == "loaded":
        place = series.place[series.years.index(year)]
        return f"{year}年{'（推計）' if held.projected[place] else ''}"
    if kind == "after":
        return f"{year}年（人口は{series.years[-1]}年）"
    return f"{year}年（{'コーホート推計' if kind == 'cohort' else '補間'}）"


def unit_of(held: Held) -> str:
    """What the smallest places are called."""
    return UNIT[held.demand]


def year_lines(held: Held, choice: Choice) -> list[str]:
    """Which years' people stand for the year, and how they were projected."""
    found = held.prepared
    series = found.series(choice.projection)
    loaded = [year for year, by in zip(series.years, series.by_cohort, strict=True) if not by]
    by_cohort = [year for year, by in zip(series.years, series.by_cohort, strict=True) if by]
    words = "、".join(year_label(found, year, choice.projection) for year in loaded)
    first = (
        f"年：{year_label(found, choice.year, choice.projection)}。読み込まれている人口は {words} で、"
        "その間の年は直線で補間しています。"
    )
    if not by_cohort:
        if choice.projection == "cohort":
            first += "コーホートの推計は、5年おきの国勢調査 2 回分の5歳階級がないため、計算できません。"
        return [first]
    first += f"{loaded[-1]}年より後は、コーホート変化率による推計（{by_cohort[-1]}年まで5年ごと）です。"
    return [first, *(_about_cohort(held) if choice.year > loaded[-1] else [])]


def _about_cohort(held: Held) -> list[str]:
    from kyodo_geo.reach.cohort import Bounds

    bounds = Bounds()
    lines = [
        (
            "コーホート変化率（Hamilton–Perry 法）：最近 2 回の国勢調査の間に、5歳階級の人数が何倍になったか"
            "（死亡と転入・転出をあわせた率）を、同じだけ掛け続けた推計です。率はこの先も変わらないとしています。"
            "0〜4歳は、20〜44歳の人数に対する比で計算します（男女別の人数がないため）。"
        ),
        (
            f"コーホートのもとの人数が {bounds.least:,.0f} 人未満の小地域は地区の率を、地区でも足りなければ市の率を使い、"
            f"どの率も市の率の 1/{bounds.apart:g}〜{bounds.apart:g} 倍に収めました。"
            "市全体の総数を、ほかの推計に合わせてはいません。"
        ),
    ]
    if held.demand == "mesh":
        lines.append("メッシュの将来の人口は、小地域の推計から、地区と年齢ごとの増減の率を掛けたものです。")
    return lines


def place_line(held: Held, choice: Choice) -> str:
    """Where people are taken to live, and whose figure is not published."""
    found = held.prepared
    at = min(range(len(found.years)), key=lambda place: abs(int(found.years[place]) - choice.year))
    partly = partly_line(int(found.partly[at]), held.demand)
    secret, merged, ageless = int(found.secret[at]), int(found.merged[at]), float(found.ageless[at])
    if held.demand == "mesh":
        line = (
            "住む場所：地域メッシュの中の建物のある区域（読み込まれていない所は、メッシュの中心 1 点）に、"
            "メッシュの人口を均等に割り当てました。地区は、メッシュの中心のある地区です。"
        )
        if merged:
            line += f"人数が公表されていないメッシュ {merged:,} 件の人は、合算先のメッシュで数えています。"
        if secret:
            line += f"合算先もなく不明なメッシュ {secret:,} 件は数えていません。"
        if ageless >= 0.5:
            line += (
                f"65歳以上の人数が不明なメッシュに {ageless:,.0f} 人がいて、65歳以上の人数に入っていません。"
            )
        return line + partly
    place = (
        "小地域の中（建物のある区域が読み込まれていればその中）に約200 m間隔で置いた点"
        if held.ready
        else "小地域の代表点 1 点"
    )
    line = f"住む場所：{place}に、小地域の人口を均等に割り当てました。"
    if secret:
        line += f"人口が公表されていない小地域 {secret:,} 件は 0 人として数えています。"
    return line + partly


def partly_line(count: int, demand: str) -> str:
    """How many places lack the people of some ages; empty where none does."""
    return (
        f"一部の年齢の人数が公表されていない{UNIT[demand]} {count:,} 件は、公表された年齢の人だけを数えているため、"
        "実際より少なくなっています。"
        if count
        else ""
    )
