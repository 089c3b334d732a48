"""What associations publish about themselves: fee, activities, how to join. Only what they agreed to publish is read."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from geodata.readers.associations import ASSOCIATION_ID
from geodata.readers.fields import Field
from geodata.readers.reading import Reading, canonical
from geodata.readers.values import narrow, text, yes_no
from kyodo_geo.errors import InputError

COLUMNS = ("association_id", "fee", "activities", "joining", "website")
_ADDRESS = re.compile(r"https?://[0-9A-Za-z.-]+(?::[0-9]{1,5})?(?:/[!-~]*)?")


def web_address(cell: str) -> str:
    """An address of a page, http or https and nothing else."""
    value = narrow(cell)
    if len(value) > 200 or not _ADDRESS.fullmatch(value):
        raise InputError("ホームページは https:// から始まる 200 文字以内のアドレスで書いてください。")
    return value


FIELDS = (
    replace(ASSOCIATION_ID, required=True),
    Field("published", "公表の同意", yes_no, ("公表同意", "公開同意", "公表"), required=True),
    Field("fee", "会費", text, ("町会費", "会費の額", "年会費", "月会費")),
    Field("activities", "活動", text, ("活動内容", "主な活動", "行事")),
    Field("joining", "加入方法", text, ("入会方法", "申込方法")),
    Field("website", "ホームページ", web_address, ("URL", "ウェブサイト", "サイト")),
)


def read(reading: Reading) -> Any:
    """One row per association that agreed to publication and says anything."""
    reading.report.private = True  # what was not agreed to must not come out through the report
    frame = reading.collect(lambda table: reading.typed(table, FIELDS))
    refused = ~frame["published"].astype(bool).to_numpy()
    frame = reading.reject(frame, refused, "published", "公表の同意がないため、読み込みません。")
    silent = frame[["fee", "activities", "joining", "website"]].isna().all(axis=1).to_numpy()
    frame = reading.reject(frame, silent, "fee", "公表する内容が書かれていません。")
    frame = reading.match(frame, "association_id", reading.context.association_ids, "町内会・自治会")
    frame = reading.drop_duplicates(frame, ("association_id",))
    return canonical(frame, COLUMNS)
