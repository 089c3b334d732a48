"""The form of a question: what stands in it, how it is read, and what is said of what cannot be asked."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kyodo_geo.siting_city import question as words
from kyodo_geo.siting_city.question import Question

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from kyodo_geo.siting_city.place import Place

AGES = {
    "all": ("すべての人", (1.0, 1.0, 1.0, 1.0)),
    "65": ("65歳以上だけ", (0.0, 0.0, 1.0, 0.0)),
    "children": ("0〜14歳だけ", (1.0, 0.0, 0.0, 0.0)),
    "own": ("年齢ごとの重みを決める", None),
}
WEIGHTS = (("w0", "0〜14歳"), ("w1", "15〜64歳"), ("w2", "65歳以上"), ("w3", "年齢不明"))
LISTS = ("districts", "new_districts", "drive_districts")
TICKS = (
    "inside_zone",
    "avoid_landslide",
    "avoid_flood",
    "capacities",
    "twice",
    "center_by_people",
    "leave_out",
)
EMPTY: dict[str, Any] = {
    "model": "p-median", "year": "", "supply": "activity", "by": "network", "age": "all", "w0": "1", "w1": "1", "w2": "1",
    "w3": "1", "demand": "areas", "projection": "table",
    "districts": [], "existing": "keep", "new": "areas", "new_districts": [], "inside_zone": "",
    "avoid_landslide": "", "avoid_flood": "", "required": "", "forbidden": "", "limit": "p", "p": "2", "budget": "",
    "price_new": "5000", "price_existing": "0", "prices": "", "capacities": "", "use_percent": "2", "new_capacity": "60",
    "one_per": "", "twice": "", "backup": "0", "radius": "800", "radius_unit": "m", "kmh": "30",
    "travel": "foot", "minutes": "10", "drive_below": "100", "drive_districts": [], "center_by_people": "",
    "leave_out": "yes", "seconds": "60",
}  # fmt: skip
MOST_TEXT = 20_000
FIELD_OF = {"weights": "age", "times": "twice"}
"""Field of the question → field of the form, where they differ."""


@dataclass(slots=True)
class Read:
    """What was typed, the question in it (names not resolved yet), and what is wrong."""

    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    question: Question | None = None


def values_of(form: FormData) -> dict[str, Any]:
    """The fields as typed; an unknown one is ignored, as a long one is cut."""

    def one(name: str) -> str:
        value = form.get(name)
        return value.strip()[:MOST_TEXT] if isinstance(value, str) else ""

    many = {name: [v[:20] for v in form.getlist(name) if isinstance(v, str)][:200] for name in LISTS}
    return {name: many[name] if name in LISTS else one(name) for name in EMPTY}


def read(values: dict[str, Any]) -> Read:
    """The question of a form; `question` is None where something is wrong."""
    found = Read(values)

    def number(name: str, label: str, *, whole: bool = False, empty: float | None = None) -> float | None:
        text = unicodedata.normalize("NFKC", values[name]).replace(",", "").strip()
        if not text:
            return empty
        try:
            value = float(text) if text[0] in "0123456789." else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or (whole and value != int(value)):
            found.errors[name] = f"{label}は、{'0 以上の整数' if whole else '0 以上の数'}で入力してください。"
            return empty
        return value

    def numbers(name: str) -> tuple[int, ...]:
        if not all(value.isascii() and value.isdigit() and len(value) < 6 for value in values[name]):
            found.errors[name] = "地区を一覧から選んでください。"
            return ()
        return tuple(sorted({int(value) for value in values[name]}))

    age = AGES.get(values["age"])
    if age is None:
        found.errors["age"] = "一覧から選んでください。"
    own = tuple(number(name, f"{label}の重み", empty=0.0) or 0.0 for name, label in WEIGHTS)
    weights = age[1] if age and age[1] else own
    ticked = {name: values[name] == "yes" for name in TICKS}
    limit, new, capacities = values["limit"], values["new"], ticked["capacities"]
    p, year = number("p", "数", whole=True), number("year", "年", whole=True)
    seconds = number("seconds", "計算の時間", whole=True, empty=60)
    asked = Question(
        model=values["model"],
        year=int(year or 0),
        supply=values["supply"][:40],
        by=values["by"],
        weights=(weights[0], weights[1], weights[2], weights[3]),
        districts=numbers("districts"),
        demand=values["demand"] or "areas",
        projection=values["projection"] or "table",
        existing=values["existing"],
        new=new,
        new_districts=numbers("new_districts") if new != "none" else (),
        inside_zone=ticked["inside_zone"] and new != "none",
        avoid=tuple(kind for kind in ("landslide", "flood") if ticked[f"avoid_{kind}"] and new != "none"),
        limit=limit,
        p=None if p is None or limit != "p" else int(p),
        budget=number("budget", "予算") if limit == "budget" else None,
        price_new=number("price_new", "新しい場所の価格", empty=0.0) or 0.0,
        price_existing=number("price_existing", "いまある施設の価格", empty=0.0) or 0.0,
        capacities=capacities,
        use_percent=number("use_percent", "同時に来る人の割合", empty=2.0) or 0.0,
        new_capacity=number("new_capacity", "新しい場所の定員") if capacities else None,
        one_per=values["one_per"],
        times=2 if ticked["twice"] else 1,
        backup=number("backup", "備えの割合", empty=0.0) or 0.0,
        radius=number("radius", "届く範囲", empty=0.0) or 0.0,
        radius_unit=values["radius_unit"],
        kmh=number("kmh", "車の速さ", empty=30.0) or 0.0,
        travel=values["travel"] or "foot",
        minutes=number("minutes", "車で届く時間", empty=10.0) or 0.0,
        drive_below=number("drive_below", "人口密度", empty=100.0) or 0.0,
        drive_districts=numbers("drive_districts") if values["travel"] == "area" else (),
        center_by_people=ticked["center_by_people"],
        leave_out=ticked["leave_out"],
        seconds=int(seconds or 0),
    )
    for name, sentence in words.refusals(asked).items():
        found.errors.setdefault(FIELD_OF.get(name, name), sentence)
    if new not in words.NEW:
        found.errors.setdefault("new", "一覧から選んでください。")
    if asked.radius_unit == "drive" and not 5 <= asked.kmh <= 100:
        found.errors.setdefault("kmh", "車の速さは、5 から 100 までの km/h で入力してください。")
    found.question = None if found.errors else asked
    return found


def values_again(asked: Question, names: Mapping[str, str]) -> dict[str, Any]:
    """The form of a question that was asked before; `names` of its places by id."""
    preset = next((key for key, (_, w) in AGES.items() if w == asked.weights), "own")
    kept = dict(EMPTY) | {
        name: _typed(getattr(asked, name))
        for name in ("model", "year", "supply", "by", "existing", "new", "limit", "price_new", "price_existing",
                     "use_percent", "demand", "projection", "one_per", "backup", "radius", "radius_unit", "kmh",
                     "travel", "minutes", "drive_below", "seconds")
    }  # fmt: skip
    kept |= {name: _typed(value) for (name, _), value in zip(WEIGHTS, asked.weights, strict=True)}
    for name in ("p", "budget", "new_capacity"):
        value = getattr(asked, name)
        kept[name] = EMPTY[name] if value is None else _typed(value)
    kept |= {
        "age": preset,
        "districts": [str(no) for no in asked.districts],
        "new_districts": [str(no) for no in asked.new_districts],
        "drive_districts": [str(no) for no in asked.drive_districts],
        "required": "\n".join(names.get(key, key) for key in asked.required),
        "forbidden": "\n".join(names.get(key, key) for key in asked.forbidden),
        "prices": "\n".join(f"{names.get(key, key)}, {_typed(price)}" for key, price in asked.prices.items()),
    }
    ticks = {
        "inside_zone": asked.inside_zone, "avoid_landslide": "landslide" in asked.avoid, "avoid_flood": "flood" in asked.avoid,
        "capacities": asked.capacities, "twice": asked.times == 2, "center_by_people": asked.center_by_people,
        "leave_out": asked.leave_out,
    }  # fmt: skip
    return kept | {name: "yes" if on else "" for name, on in ticks.items()}


def _typed(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def resolve_names(found: Read, places: Sequence[Place]) -> dict[str, Any]:
    """required, forbidden and prices by id, from the lines typed; what names no place or several is an error."""
    ids = {place.id for place in places}
    by_name: dict[str, list[str]] = {}
    for place in places:
        by_name.setdefault(_plain(place.name), []).append(place.id)
        if not place.existing:  # the number alone will do, without the prefix of its source
            by_name.setdefault(_plain(place.id.partition("-")[2]), []).append(place.id)

    def one(name: str, text: str) -> str | None:
        if text in ids:
            return text
        known = by_name.get(_plain(text), [])
        if len(set(known)) == 1:
            return known[0]
        what = (
            "複数あります。番号で指定してください"
            if known
            else "この条件の候補にありません。名前か番号を確かめてください"
        )
        found.errors.setdefault(name, f"「{text[:40]}」は{what}。")
        return None

    lists = {
        name: tuple(key for line in lines(found.values[name]) if (key := one(name, line)) is not None)
        for name in ("required", "forbidden")
    }
    prices: dict[str, float] = {}
    for line in lines(found.values["prices"]):
        head, comma, tail = unicodedata.normalize("NFKC", line).replace("、", ",").rpartition(",")
        text = tail.strip().removesuffix("万円").strip()
        if not comma or not text.replace(".", "", 1).isdigit() or not text.isascii():
            found.errors.setdefault(
                "prices", f"「{line[:40]}」は読めません。「名前, 万円」の形で書いてください。"
            )
        elif (key := one("prices", head.strip())) is not None:
            prices[key] = float(text)
    both = set(lists["required"]) & set(lists["forbidden"])
    if both:
        found.errors.setdefault("forbidden", "同じ場所が、必ず開く場所と開かない場所の両方にあります。")
    return {**lists, "prices": prices}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()][:500]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")
