"""What a siting run is asked: model, demand, possible sites, conditions. Checked here, kept as JSON with the run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from kyodo_geo.errors import InputError
from kyodo_geo.reach.prepared import BANDS
from kyodo_geo.reach.report import Choice

MODELS = {
    "p-median": "距離や時間の合計を短く（p-median）",
    "p-center": "いちばん遠い人を近く（p-center）",
    "lscp": "全員に届く最も少ない数（LSCP）",
    "mclp": "決めた数で届く人を最も多く（MCLP）",
}
EXISTING = {
    "keep": "残す（新しい場所を加える）",
    "choose": "なくしてもよい（選び直す）",
    "none": "ないものとして選ぶ",
}
NEW = {"areas": "小地域の代表点", "none": "加えない（いまある施設から選ぶ）"}
"""Sources of possible new places, by the names of `geodata.siting_sites.SOURCES`; "none" is none of them."""
LIMITS = {"p": "数", "budget": "予算", "free": "決めない"}
UNITS = {"m": "m", "walk": "分（歩いて）", "drive": "分（車の平均の速さで）"}
TRAVEL = {
    "area": "車で移動する地区は車、ほかは徒歩",
    "foot": "どこでも徒歩",
    "car": "どこでも車",
}
"""How people come: told apart by district (`kyodo_geo.reach.report.limits`), all on foot, all by car."""
ONE_PER = {"": "決めない", "association": "町内会・自治会に 1 か所まで", "district": "地区に 1 か所まで"}
WALK_M_PER_MINUTE = 80.0
MOST_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    `demand`: people of small `areas` or of grid squares (`mesh`); `projection`: years to come by `table` or `cohort`.

    `travel` of `TRAVEL`: where somebody drives, ways are minutes and the radius is how far one walks; who drives is within
    `minutes` or, on foot, within the radius. `drive_below` and `drive_districts` (none named: by density) say where people
    drive, as in `kyodo_geo.reach.report.Choice`; `kmh` is the mean speed where no roads for cars are loaded.

    `weights` by `BANDS`. `districts`: whose people count (none named: all). `new` names a source of possible places,
    `options` is for that source alone. `required`, `forbidden` and `prices` name places by id. `p` is the number of new
    places where the existing ones are kept, else of all. Prices and budget are in 万円, `seconds` is the time to solve.
    """

    model: str
    year: int
    supply: str = "activity"
    by: str = "network"
    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    districts: tuple[int, ...] = ()
    demand: str = "areas"
    projection: str = "table"
    existing: str = "keep"
    new: str = "areas"
    new_districts: tuple[int, ...] = ()
    inside_zone: bool = False
    avoid: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    limit: str = "p"
    p: int | None = None
    budget: float | None = None
    price_new: float = 1.0
    price_existing: float = 0.0
    prices: Mapping[str, float] = field(default_factory=dict)
    capacities: bool = False
    use_percent: float = 2.0
    new_capacity: float | None = None
    one_per: str = ""
    times: int = 1
    backup: float = 0.0
    radius: float = 800.0
    radius_unit: str = "m"
    kmh: float = 30.0
    travel: str = "foot"
    minutes: float = 10.0
    drive_below: float = 100.0
    drive_districts: tuple[int, ...] = ()
    center_by_people: bool = False
    leave_out: bool = True
    seconds: int = 60
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def radius_m(self) -> float:
        """The radius in metres of way."""
        if self.radius_unit == "walk":
            return self.radius * WALK_M_PER_MINUTE
        return self.radius * self.kmh * 1000 / 60 if self.radius_unit == "drive" else self.radius

    @property
    def in_minutes(self) -> bool:
        """Whether ways are minutes, for walkers too; else they are metres."""
        return self.travel != "foot"

    @property
    def measure(self) -> str:
        """Unit of the ways, as it stands in the names of the kept figures."""
        return "min" if self.in_minutes else "m"

    def choice(self, by: str) -> Choice:
        """The same as the pages of reach ask it, by the kind of distance that could be used."""
        return Choice(
            self.year,
            supply=self.supply,
            by=by,
            distance_m=self.radius_m,
            minutes=self.minutes,
            kmh=self.kmh,
            drive_below=self.drive_below,
            drive_districts=self.drive_districts or None,
            projection=self.projection,
        )

    @property
    def unit(self) -> str:
        """Unit of the objective."""
        if self.model == "lscp":
            return "万円" if self.limit == "budget" or self.prices else "か所"
        way = "分" if self.in_minutes else "m"
        if self.model == "p-center":
            return f"人×{way}" if self.center_by_people else way
        return f"人・{way}" if self.model == "p-median" else "人"

    @property
    def covers(self) -> bool:
        """Whether the model asks who is within the radius."""
        return self.model in ("lscp", "mclp")

    def to_json(self) -> dict[str, Any]:
        """What is kept with the run."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Question:
        """The question of a run; what an older version has not known has its default."""
        known: dict[str, Any] = {item.name: kept[item.name] for item in fields(cls) if item.name in kept}
        listed = (
            "weights",
            "districts",
            "new_districts",
            "avoid",
            "required",
            "forbidden",
            "drive_districts",
        )
        known |= {name: tuple(known[name]) for name in listed if name in known}
        return cls(**known)


def refusals(asked: Question) -> dict[str, str]:
    """Field → why this cannot be asked; empty where it can."""
    found: dict[str, str] = {}

    def no(name: str, sentence: str) -> None:
        found.setdefault(name, sentence)

    for name, table in (("model", MODELS), ("existing", EXISTING), ("limit", LIMITS), ("radius_unit", UNITS),
                        ("one_per", ONE_PER), ("travel", TRAVEL), ("by", ("network", "winter", "straight")),
                        ("demand", ("areas", "mesh")), ("projection", ("table", "cohort"))):  # fmt: skip
        if getattr(asked, name) not in table:
            no(name, "一覧から選んでください。")
    if len(asked.weights) != len(BANDS) or any(
        not (math.isfinite(w) and 0 <= w <= 100) for w in asked.weights
    ):
        no("weights", "年齢の重みは、0 から 100 までの数で指定してください。")
    elif not any(asked.weights):
        no("weights", "重みがすべて 0 です。数える年齢を 1 つ以上選んでください。")
    if asked.new == "none" and asked.existing != "choose":
        no(
            "new",
            "選ぶ場所がありません。新しい場所を加えるか、いまある施設を「なくしてもよい」にしてください。",
        )
    _limit(asked, no)
    if asked.capacities and asked.model == "p-center":
        no(
            "capacities",
            "p-center は定員つきでは計算できません。定員を考えないか、ほかの問いを選んでください。",
        )
    if asked.capacities and (asked.times > 1 or asked.backup > 0):
        no("backup", "定員と二重の備えは、一緒には計算できません。どちらか一方にしてください。")
    if asked.capacities and not 0.01 <= asked.use_percent <= 100:
        no("use_percent", "同時に来る人の割合は、0.01 から 100 までの % で指定してください。")
    if asked.capacities and asked.new != "none" and asked.new_capacity is None:
        no("new_capacity", "新しい場所の定員を入力してください。")
    if asked.times not in (1, 2) or (asked.times == 2 and asked.model != "lscp"):
        no(
            "times",
            "2 か所以上で備えるのは、「全員に届く最も少ない数」だけで計算できます。"
            "「決めた数で届く人を最も多く」では、備えの割合を使ってください。",
        )
    if not 0 <= asked.backup <= 1 or (asked.backup > 0 and asked.model != "mclp"):
        no("backup", "備えの割合は、MCLP だけで 0 から 1 までの数で指定できます。")
    if not (math.isfinite(asked.radius) and asked.radius > 0 and 50 <= asked.radius_m <= 100_000):
        no("radius", "届く範囲は、50 m から 100 km までになるように指定してください。")
    if asked.in_minutes:
        _travel(asked, no)
    if not 1 <= asked.seconds <= MOST_SECONDS:
        no("seconds", f"計算の時間は、1 秒から {MOST_SECONDS} 秒までの間で指定してください。")
    both = sorted(set(asked.required) & set(asked.forbidden))
    if both:
        no("forbidden", f"「{both[0]}」が、必ず開く場所と開かない場所の両方にあります。")
    return found


def _travel(asked: Question, no: Any) -> None:
    if asked.radius_unit == "drive":
        no(
            "radius_unit",
            "車で届く時間は下の欄で決めます。ここは歩いて届く範囲で、m か「分（歩いて）」にしてください。",
        )
    if not 1 <= asked.minutes <= 120:
        no("minutes", "車で届く時間は、1 分から 120 分までの間で指定してください。")
    if not 5 <= asked.kmh <= 100:
        no("kmh", "車の速さは、5 から 100 までの km/h で入力してください。")
    if not 0 <= asked.drive_below <= 100_000:
        no("drive_below", "人口密度は、0 から 100000 までの人/km² で指定してください。")


def _limit(asked: Question, no: Any) -> None:
    if asked.model == "lscp":
        if asked.limit == "p":
            no(
                "limit",
                "「全員に届く最も少ない数」は、必要な数を求める問いです。数は「決めない」にするか、予算を指定してください。",
            )
    elif asked.limit == "free":
        no(
            "limit",
            "数か予算のどちらかを決めてください。決めずに計算できるのは「全員に届く最も少ない数」だけです。",
        )
    if asked.limit == "p" and asked.model != "lscp" and not (asked.p is not None and 1 <= asked.p <= 1000):
        no("p", "数は、1 から 1000 までの整数で入力してください。")
    if asked.limit == "budget" and not (asked.budget is not None and 0 <= asked.budget <= 1e9):
        no("budget", "予算は、0 以上の万円で入力してください。")
    for price in (asked.price_new, asked.price_existing, *asked.prices.values()):
        if not (math.isfinite(price) and 0 <= price <= 1e9):
            no("prices", "価格は、0 以上の万円で入力してください。")


def checked(asked: Question) -> Question:
    """The question itself; raises `InputError` with the first reason against it."""
    for name, sentence in refusals(asked).items():
        raise InputError(sentence, field=name)
    return asked
