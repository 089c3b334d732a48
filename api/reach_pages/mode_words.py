"""What the minutes by car and by bus assume, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kyodo_geo.reach.prepared import Prepared
    from kyodo_geo.reach.report import Choice


def about_driving(held: Prepared, choice: Choice) -> str:
    """The end of the sentence that names the districts where people drive."""
    from kyodo_geo.reach.network import FAR_FROM_NETWORK_M

    people = 0.0
    if held.has_car:
        far = held.car_snap > FAR_FROM_NETWORK_M
        people = (
            float(held.people_in(choice.year, choice.projection).sum(axis=1)[far].sum()) if far.any() else 0
        )
    return driving_words(choice, car=held.has_car, winter=held.car_winter.shape == held.car.shape, far=people)


def driving_words(choice: Choice, *, car: bool, winter: bool, far: float) -> str:
    """The same of a kept answer: whether roads for cars were loaded, with winter factors, how many live far from them."""
    if not car or choice.by == "straight":
        why = "直線距離" if choice.by == "straight" else "歩く道のり"
        given = "" if car else "（自動車の道路網が読み込まれていないため）"
        return (
            f"車で {choice.minutes:g} 分（平均 {choice.kmh:g} km/h、{choice.drive_m:,.0f} m）までを範囲としました。"
            f"車の時間は{why}を平均の速さで割った目安で{given}、一方通行・渋滞・冬の路面は考えていません。"
        )
    from kyodo_geo.reach.driving import ACCESS_KMH
    from kyodo_geo.reach.network import FAR_FROM_NETWORK_M

    road = "冬の係数を掛けています。" if choice.by == "winter" and winter else "冬の路面は考えていません。"
    near = (
        f"道路から {FAR_FROM_NETWORK_M:.0f} m より離れた所に住む {far:,.0f} 人では目安です。"
        if far > 0
        else ""
    )
    return (
        f"自動車の道路網で {choice.minutes:g} 分まで（または徒歩 {choice.distance_m:,.0f} m まで）を範囲としました。"
        "車の時間は、制限速度か道路の種類ごとの速さで、一方通行を守って走った時間です。信号と渋滞は、"
        f"データに係数があるときだけ考えています。{road}"
        f"道路から家や施設までは {ACCESS_KMH:g} km/h としました。{near}"
    )


def reach_words(held: Prepared, choice: Choice) -> str:
    """The thresholds of who walks, drives and takes the bus, as they stand in every row of a file."""
    bus = f"・バス{choice.bus_minutes:g}分" if held.has_bus else ""
    return walk_words(held, choice) + bus


def walk_words(held: Prepared, choice: Choice) -> str:
    """The same without the bus, where that does not count."""
    car = f"{choice.minutes:g}分" if held.has_car and choice.by != "straight" else f"{choice.drive_m:,.0f} m"
    return f"徒歩{choice.distance_m:,.0f} m・車{car}（{where_driven(choice)}）"


def where_driven(choice: Choice) -> str:
    """The rule by which districts drive, in short."""
    if choice.drive_districts is None:
        return f"{choice.drive_below:,.0f}人/km²未満の地区"
    return f"地区 {' '.join(map(str, choice.drive_districts))}"


def who_drives(choice: Choice) -> str:
    """The same as the beginning of a sentence."""
    if choice.drive_districts is not None:
        return "指定された地区"
    return f"人口密度が {choice.drive_below:,.0f} 人/km² より低い地区"


def about_buses(held: Prepared, choice: Choice) -> str:
    """Day, hours, and how far one walks."""
    from kyodo_geo.reach.transit import DAYS, Riding

    terms = Riding.from_array(held.bus_terms)
    where = "歩行者の道路網で" if held.has_network else "直線距離×1.3 で"
    return (
        f"バス：{DAYS[terms.day]}の {terms.from_hour} 時から {terms.to_hour} 時までの便で、"
        f"停留所まで{where} {terms.walk_m:,.0f} m 以内を歩き（分速 {terms.walk_m_per_minute:g} m）、"
        f"運行間隔の半分（最大 {terms.wait_max:g} 分）待って乗り、{terms.transfer_m:,.0f} m 以内の停留所で乗り換え、"
        f"施設まで歩く時間です。{choice.bus_minutes:g} 分までを「バスで届く」としました。"
        "その時間帯に乗れるバスがない所は「バスなし」で、時間の長短とは分けています。遅れ、乗り継ぎの接続、運賃は考えていません。"
    )
