"""`kyodo-geo siting solve`: the location models on files of numbers, without database and without a map."""

from __future__ import annotations

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kyodo_geo.errors import FileFormatError, InputError, NotFoundError

if TYPE_CHECKING:
    import numpy as np

    from kyodo_geo.siting import Answer

app = typer.Typer(no_args_is_help=True, help="施設の配置を計算します（行列を入力とする計算）")


class Model(StrEnum):
    """The models, as they are written on the command line."""

    P_MEDIAN = "p-median"
    P_CENTER = "p-center"
    LSCP = "lscp"
    MCLP = "mclp"


#: Options that mean something to some models only.
ONLY_FOR = {
    "p": {Model.P_MEDIAN, Model.P_CENTER, Model.MCLP},
    "radius": {Model.LSCP, Model.MCLP},
    "times": {Model.LSCP},
    "backup": {Model.MCLP},
    "capacity": {Model.P_MEDIAN, Model.LSCP, Model.MCLP},
}


@app.callback()
def _group() -> None:
    """施設の配置を計算します（行列を入力とする計算）"""


@app.command()
def solve(
    model: Annotated[Model, typer.Option(help="p-median、p-center、lscp、mclp のいずれか")],
    matrix: Annotated[Path, typer.Option(help="費用の行列（.npy、需要点×候補地。無限大は到達不能）")],
    weights: Annotated[Path | None, typer.Option(help="需要点の重み（.npy、需要点の数）")] = None,
    p: Annotated[int | None, typer.Option(help="開設する施設の数（既設を含む）")] = None,
    radius: Annotated[float | None, typer.Option(help="到達距離（行列と同じ単位）")] = None,
    existing: Annotated[str, typer.Option(help="既設の候補地の番号（0から、カンマ区切り）")] = "",
    required: Annotated[str, typer.Option(help="必ず開設する候補地の番号")] = "",
    forbidden: Annotated[str, typer.Option(help="開設しない候補地の番号")] = "",
    groups: Annotated[
        Path | None, typer.Option(help="候補地のグループ（.npy、整数、-1はなし）。1グループに1か所まで")
    ] = None,
    prices: Annotated[Path | None, typer.Option(help="候補地の開設費（.npy）")] = None,
    budget: Annotated[float | None, typer.Option(help="新設の費用の上限（pの代わり）")] = None,
    capacity: Annotated[Path | None, typer.Option(help="候補地の定員（.npy）")] = None,
    times: Annotated[int | None, typer.Option(help="lscp：各需要点を覆う施設の数（2で予備を含む）")] = None,
    backup: Annotated[float | None, typer.Option(help="mclp：2か所目の被覆の比重（0から1）")] = None,
    time_limit: Annotated[float | None, typer.Option(help="計算時間の上限（秒）")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSONで出力する")] = False,
) -> None:
    """1つの配置問題を解き、解・下界（上界）・差・状態を表示します。"""
    from kyodo_geo.siting import Control, Rules

    given = {"p": p, "radius": radius, "times": times, "backup": backup, "capacity": capacity}
    for name, value in given.items():
        if value is not None and model not in ONLY_FOR[name]:
            raise InputError(f"--{name} は、モデル {model} では使えません。", field=name)
    if time_limit is not None and not (math.isfinite(time_limit) and time_limit > 0):
        raise InputError("--time-limit は、0より大きい秒数で指定してください。", field="time_limit")
    costs = numbers(matrix)
    rules = Rules(
        p=p,
        budget=budget,
        prices=None if prices is None else numbers(prices),
        existing=site_numbers(existing, "existing"),
        required=site_numbers(required, "required"),
        forbidden=site_numbers(forbidden, "forbidden"),
        groups=None if groups is None else numbers(groups),
    )
    answer = _solve(
        model, costs, None if weights is None else numbers(weights), rules, Control.within(time_limit), radius,
        1 if times is None else times, 0.0 if backup is None else backup,
        None if capacity is None else numbers(capacity),
    )  # fmt: skip
    facts = as_facts(answer)
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else in_words(facts))


def _solve(
    model: Model, costs: np.ndarray, weights: np.ndarray | None, rules: Any, control: Any, radius: float | None,
    times: int, backup: float, capacity: np.ndarray | None,
) -> Answer:  # fmt: skip
    import scipy.optimize  # noqa: F401  (the seconds told are those of the solver, not of this import)

    from kyodo_geo import siting

    if model in ONLY_FOR["radius"] and radius is None:
        raise InputError(f"モデル {model} には --radius が必要です。", field="radius")
    if capacity is not None:
        if times != 1 or backup != 0:
            raise InputError("--capacity は、--times や --backup と同時には使えません。", field="capacity")
        return siting.with_capacities(model.value, costs, capacity, weights, rules, control, radius=radius)
    if model is Model.P_MEDIAN:
        return siting.p_median(costs, weights, rules, control)
    if model is Model.P_CENTER:
        return siting.p_center(costs, weights, rules, control)
    assert radius is not None
    if model is Model.LSCP:
        return siting.lscp(costs, radius, weights, rules, control, times=times)
    return siting.mclp(costs, radius, weights, rules, control, backup=backup)


def numbers(path: Path) -> np.ndarray:
    """The array of an .npy file; nothing in the file is run. Raises `NotFoundError` and `FileFormatError`."""
    import numpy as np

    if not path.is_file():
        raise NotFoundError(f"ファイルがありません: {path.name}", file=path.name)
    try:
        with path.open("rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, OSError, EOFError, MemoryError) as error:
        raise FileFormatError(
            f"{path.name} を .npy（数値の配列）として読めません。", file=path.name, error=str(error)[:200]
        ) from None


def site_numbers(text: str, name: str) -> tuple[int, ...]:
    """`0,3,5` as numbers. Raises `InputError`."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if not (part.isascii() and part.isdigit()):
            raise InputError(f"--{name} の「{part[:20]}」は、候補地の番号ではありません。", field=name)
    return tuple(int(part) for part in parts)


def as_facts(answer: Answer) -> dict[str, Any]:
    """What is printed of an answer; figures that are not known (or infinite) are null."""

    def figure(value: float | None) -> float | int | None:
        if value is None or not math.isfinite(value):
            return None
        return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)

    facts: dict[str, Any] = {
        "status": answer.status.value,
        "objective": figure(answer.objective),
        "bound": figure(answer.bound),
        "gap": answer.gap if answer.gap is None or math.isfinite(answer.gap) else None,
        "open": list(answer.open),
        "seconds": round(answer.seconds, 6),
    }
    if answer.reasons:
        facts["reasons"] = list(answer.reasons)
    for name, value in answer.details.items():
        facts[name] = as_facts(value) if hasattr(value, "status") else value
    return facts


WORDS = {
    "optimal": "最適（証明済み）",
    "feasible": "実行可能（最適かどうかは未証明）",
    "infeasible": "解なし（証明済み）",
    "unknown": "不明（時間内に解も証明も得られず）",
}


def in_words(facts: dict[str, Any]) -> str:
    """The same for a person."""

    def shown(value: Any) -> str:
        return "不明" if value is None else f"{value:,}"

    lines = [f"状態: {WORDS[facts['status']]}"]
    if facts["status"] != "infeasible":
        gap = facts["gap"]
        lines += [
            f"目的関数: {shown(facts['objective'])}",
            f"限界値: {shown(facts['bound'])}（差 {'不明' if gap is None else f'{gap:.3%}'}）",
            f"開設する候補地: {', '.join(map(str, facts['open'])) or 'なし'}",
        ]
    lines += facts.get("reasons", [])
    lines.append(f"計算時間: {facts['seconds']:.2f} 秒")
    return "\n".join(lines)
