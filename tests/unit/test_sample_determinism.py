"""The sample is the same wherever and whenever it is generated."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from geodata.sample.generate import SEED, build_sample
from tests.unit.sample_world import sample

FINGERPRINT = "561e9eced8aa89c2bce8000e53a1ffc76022ce7afb69d613f3d49acf55d54f0b"
"""Of the sample in this version. A change of the generator changes it on purpose; nothing else may."""

_PRINT = "from geodata.sample.generate import build_sample; print(build_sample().fingerprint())"


def test_two_processes_with_other_hash_seeds_agree_to_the_byte() -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _PRINT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "4711")
    ]
    printed = [process.communicate(timeout=120)[0].strip() for process in started]

    assert printed == [FINGERPRINT, FINGERPRINT]


def test_this_process_agrees_too() -> None:
    assert sample().fingerprint() == FINGERPRINT


def test_another_seed_gives_another_city() -> None:
    other = build_sample(SEED + 1)

    assert other.fingerprint() != FINGERPRINT
    assert len(other.frames["districts"]) == 30


def test_generating_takes_seconds_not_minutes() -> None:
    started = time.process_time()
    build_sample()

    assert time.process_time() - started < 10
