"""`kyodo-geo siting solve`: what is printed, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from api.cli import app
from kyodo_geo.errors import FileFormatError, InputError, KyodoError, NotFoundError

STREET = np.abs(np.arange(10)[:, None] - np.arange(10)[None, :]) * 100


@pytest.fixture
def street(tmp_path: Path) -> Path:
    np.save(tmp_path / "street.npy", STREET)
    np.save(tmp_path / "people.npy", np.arange(10))
    return tmp_path


def solve(folder: Path, *arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(
        app, ["siting", "solve", "--matrix", str(folder / "street.npy"), "--json", *arguments]
    )
    if result.exception is not None:
        raise result.exception
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_each_model_prints_the_six_facts(street: Path) -> None:
    for model, more, objective in (
        ("p-median", ("--p", "2"), 1200),
        ("p-center", ("--p", "2"), 200),
        ("lscp", ("--radius", "200"), 2),
        ("mclp", ("--radius", "100", "--p", "1", "--weights", str(street / "people.npy")), 24),
    ):
        found = solve(street, "--model", model, *more, "--time-limit", "20")
        assert list(found)[:6] == ["status", "objective", "bound", "gap", "open", "seconds"]
        assert (found["status"], found["objective"], found["bound"], found["gap"]) == (
            "optimal",
            objective,
            objective,
            0,
        )


def test_rules_from_the_command_line(street: Path) -> None:
    np.save(street / "groups.npy", [0] * 9 + [1])
    found = solve(
        street, "--model", "p-median", "--p", "2", "--existing", "0", "--groups", str(street / "groups.npy")
    )
    assert found["open"] == [0, 9]
    found = solve(street, "--model", "p-median", "--p", "2", "--required", "0, 1", "--forbidden", "5")
    assert found["open"] == [0, 1]
    np.save(street / "room.npy", np.full(10, 4))
    assert (
        solve(street, "--model", "lscp", "--radius", "900", "--capacity", str(street / "room.npy"))[
            "objective"
        ]
        == 3
    )


def test_infeasible_comes_with_its_reason(street: Path) -> None:
    np.save(street / "street.npy", STREET[:, :4])
    found = solve(street, "--model", "lscp", "--radius", "300")
    assert (found["status"], found["objective"], found["gap"], found["open"]) == (
        "infeasible",
        None,
        None,
        [],
    )
    assert found["reasons"] and found["unreachable"]["clients"] == [7, 8, 9]
    assert found["rest"]["open"] == [3]


def test_words_for_people(street: Path) -> None:
    result = CliRunner().invoke(
        app, ["siting", "solve", "--model", "p-median", "--matrix", str(street / "street.npy"), "--p", "2"]
    )
    assert "最適（証明済み）" in result.stdout and "2, 7" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "error", "word"),
    [
        (("--model", "p-median"), InputError, "どちらか一方"),
        (("--model", "p-median", "--p", "11"), InputError, "超えています"),
        (("--model", "p-median", "--p", "0"), InputError, "1以上"),
        (("--model", "p-median", "--p", "1", "--existing", "10"), InputError, "候補地がありません"),
        (("--model", "p-median", "--p", "1", "--existing", "a"), InputError, "候補地の番号ではありません"),
        (("--model", "p-median", "--p", "1", "--radius", "1"), InputError, "使えません"),
        (("--model", "lscp"), InputError, "--radius"),
        (("--model", "lscp", "--radius", "-1"), InputError, "radius"),
        (("--model", "lscp", "--radius", "nan"), InputError, "radius"),
        (("--model", "lscp", "--radius", "1", "--p", "1"), InputError, "使えません"),
        (
            ("--model", "mclp", "--radius", "1", "--p", "1", "--weights", "none.npy"),
            NotFoundError,
            "none.npy",
        ),
        (("--model", "p-median", "--p", "1", "--time-limit", "0"), InputError, "time-limit"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    street: Path, arguments: tuple[str, ...], error: type[KyodoError], word: str
) -> None:
    with pytest.raises(error, match=word):
        solve(street, *arguments)


def test_files_that_are_no_arrays_of_numbers(street: Path) -> None:
    arguments = ("--model", "p-median", "--p", "1")
    np.save(street / "street.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(FileFormatError, match=r"street\.npy"):
        solve(street, *arguments)
    (street / "street.npy").write_text("1,2,3")
    with pytest.raises(FileFormatError):
        solve(street, *arguments)
    for values, word in (([[1.0, np.nan]], "NaN"), ([[1.0, -1.0]], "負の数"), ([1.0], "2次元")):
        np.save(street / "street.npy", np.array(values))
        with pytest.raises(InputError, match=word):
            solve(street, *arguments)
