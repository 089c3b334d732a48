"""What a scenario's figures stand on, what is not known, and which roles of shelters go: in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.reach_pages.params import assumptions as reach_assumptions
from geodata.queries import facility_use
from kyodo_geo.facility_terms import SHELTER_ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.answers import Reading
    from api.reach_pages.shelf import Held
    from api.scenario_pages.inputs import Inputs
    from geodata.queries.facility_use import Shelter
    from kyodo_geo.reach.report import Choice
    from kyodo_geo.scenarios.effects import Effects


@dataclass(frozen=True, slots=True)
class LostShelter:
    """A role of shelter at a facility that ends."""

    facility_id: str
    facility: str
    year: int
    action: str
    role: str
    capacity: int | None


def lost_shelters(reading: Reading, found: Effects, names: dict[str, str], year: int) -> list[LostShelter]:
    """Roles of the facilities that have ended by the year, by facility."""
    ended = found.ended_by(year)
    if not ended:
        return []
    held: Sequence[Shelter] = facility_use.shelters(reading.conn, reading.ref)
    return [
        LostShelter(
            item.facility_id, names.get(item.facility_id, item.facility_id), ended[item.facility_id].year,
            ended[item.facility_id].action, SHELTER_ROLES.get(item.role, item.role), item.capacity,
        )
        for item in held
        if item.facility_id in ended
    ]  # fmt: skip


def cost_assumptions(inputs: Inputs, base: int, horizon: int) -> list[str]:
    """How the costs came about."""
    assumed = inputs.stock.prices.assumed
    demolition = assumed.demolition_yen_m2
    price = f"{assumed.price_year}年ごろ" if assumed.price_year else "単価を決めたとき"
    return [
        f"期間：{base}年度から {horizon} 年間。行動は、その年度の初め（4月1日）からとして計算しています。",
        "今のまま続ける場合：どの建物も建築から30年で大規模改修、60年で同じ広さに建替え（60年のきまり）。最初の年度に過ぎている工事は、最初の10年に等分します。",
        (
            "長寿命化：その年度から、20年・60年で中規模修繕、40年で大規模改修、80年で建替え（80年まで使うきまり）。"
            "延命できない建物は60年のままで、延命できるか不明な建物は"
            f" {assumed.not_extendable_share:.0%} を60年のままとします。"
        ),
        "行動をする年度の前10年に終わるはずだった工事は、しないものとします。それより前に終わる工事の費用は入っています。",
        "大規模改修のあと少なくとも10年（長寿命化では20年）は、建て替えません。建替えの単価は、取り壊しを含みます。",
        "廃止・除却、複合化・集約化で空く建物は、その年度に取り壊します"
        + ("（単価は不明です）。" if demolition is None else f"（1 m² あたり {demolition:,} 円）。")
        + "転用・譲渡した建物の費用は、市の費用から外れます。ほかの施設も使う建物は、最後の施設が出るまで費用が続きます。",
        f"物価：{price}の単価に {assumed.price_index:g} を掛けています。単価の出典：{inputs.costs_source or '不明'}。",
        "維持管理：面積に単価を掛けた目安で、職員や事業の費用、使用料の収入は入っていません。",
        "工事の間の休館は、記録にあるものだけを数えています。",
    ]


def assumptions(
    held: Held, inputs: Inputs, found: Effects, choice: Choice, names: dict[int, str], year: int
) -> list[str]:
    """Everything the figures stand on."""
    lines = cost_assumptions(inputs, found.base, found.horizon)
    if found.reach is None:
        return lines
    from dataclasses import replace

    from kyodo_geo.reach.report import limits

    prepared = held.prepared
    asked = replace(choice, year=year)
    driving = limits(prepared, asked, prepared.people_in(year, choice.projection))[1]
    lines += reach_assumptions(held, asked, [names.get(no, str(no)) for no in driving])
    last = prepared.series(choice.projection).years[-1]
    if found.years[-1] > last:
        lines.append(f"{last}年より後の人口はわからないため、{last}年と同じとしています。")
    return lines


def unknowns(inputs: Inputs, found: Effects, year: int, *, of_one: bool = True) -> list[str]:
    """What is in no figure, counted; `of_one` scenario, or what holds for all alike."""
    lines = [
        f"費用を計算できない建物（面積・建築年・用途の分類のどれかが不明）：{inputs.buildings:,} 棟のうち"
        f" {inputs.unknown:,} 棟。この費用は、どの合計にも入っていません（0円ではありません）。"
        if inputs.buildings
        else "建物の記録がないため、費用は不明です（0円ではありません）。"
    ]
    if of_one:
        unsure = sum(bool(item.unknown) for item in found.costs.actions)
        lines.append(
            f"費用の一部がわからない行動：{len(found.costs.actions):,} 件のうち {unsure:,} 件（行動の表に理由があります）。"
        )
    if found.supply is None:
        lines.append("人口または施設のデータがないため、遠くなる人、定員は計算できません。")
    elif found.reach is not None and not found.reach.knows_older:
        lines.append("年齢別の人口がないため、65歳以上の人数は不明です（0人ではありません）。")
    if found.supply is not None and of_one:
        _, number_open, unknown = found.supply.seats(year - found.base)
        lines.append(f"{year}年度に開いている施設 {number_open:,} か所のうち、定員が不明：{unknown:,} か所。")
    lines += [
        "施設を使っている団体が、ほかの部屋をとれるかどうかは、この計算に入っていません。",
        "施設がなくなることで来なくなる人、別の市町村の施設へ行く人は考えていません。",
    ]
    return lines
