"""What `bench.bulk` works on: municipalities made by the product's sample generator, and addresses of all kinds in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geodata.bulk import ground
from geodata.sample.generate import build_sample

KINDS = tuple(dict.fromkeys((*ground.LOOKUP, *ground.COVERAGE)))


def make_ground(target: Path, municipalities: int) -> Path:
    """The sample, each time of another seed, under codes counted up from 03201 (invented, as the sample is)."""
    for number in range(municipalities):
        code = f"03{201 + number:03d}"
        frames = build_sample(3201 + number).frames
        for kind in KINDS:
            path = target / kind / f"municipality={code}" / "part.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            frame = frames[kind]
            columns = {name: _array(frame[name]) for name in frame.columns}
            pq.write_table(pa.table(columns), path, compression="zstd")
    return target


def _array(values: Any) -> Any:
    if values.name == "geom":
        return pa.array(shapely.to_wkb(np.asarray(values, dtype=object)).tolist(), pa.binary())
    return pa.array(values.tolist() if values.dtype == object else values, from_pandas=True)


def make_addresses(target: Path, grounds: Path, rows: int, seed: int = 1) -> int:
    """`rows` addresses for each municipality of the ground as people write them; returns how many in all."""
    total = 0
    for folder in sorted((grounds / "blocks").glob("municipality=*")):
        code = folder.name[-5:]
        city = ground.about_of(grounds, code)["name"]
        random = np.random.default_rng([seed, int(code)])
        blocks = [(row["town"], row["block"], row["house"]) for row in ground.rows(grounds, "blocks", code)]
        towns = sorted({town for town, _, _ in blocks})
        if not blocks:
            continue
        texts = []
        for at, style, free in zip(
            random.integers(0, len(blocks), rows),
            random.integers(0, 10, rows),
            random.integers(1, 60, rows),
            strict=True,
        ):
            town, block, house = blocks[at]
            if style < 5:
                texts.append(f"{city}{town}{block}番{house or free % 20 + 1}号")
            elif style < 8:
                texts.append(f"{town}{block}-{house or free % 20 + 1}　コーポ見本{free}")
            elif style == 8:
                texts.append(f"{city}{towns[free % len(towns)]}")
            else:
                texts.append(f"となりの市{town}{free}")
        place = target / f"municipality={code}"
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"住所": texts}), place / "part-0.parquet", compression="zstd")
        total += rows
    return total
