"""Who uploaded, kept, discarded, activated and rolled back what, as the audit log has it, in the page's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.clock import in_words
from geodata.database import Connection
from geodata.dataset_deeds import dataset_deeds
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import Quality

ACTIONS = {
    "dataset.upload": "ファイルをアップロードした",
    "dataset.check": "読み取り方を変えて、もう一度確認した",
    "dataset.keep": "データセットとして保存することにした",
    "dataset.load": "データセットを保存した",
    "dataset.discard": "取りやめて、ファイルを消した",
    "generation.activate": "有効にした",
    "generation.rollback": "前の内容に戻した",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the log: when and by whom, what was done to what, and where its report is (or None)."""

    at: Any
    time: str
    actor: str
    action: str
    what: str
    href: str | None


def deeds(conn: Connection, municipality: str) -> list[Deed]:
    """Newest first."""
    return [_deed(row) for row in dataset_deeds(conn, municipality, tuple(ACTIONS))]


def _deed(row: dict[str, Any]) -> Deed:
    what, href = _what(row["action"], row["target"] or "", row["details"], row["is_here"])
    time = in_words(row["at"]).partition(" ")[2]
    return Deed(row["at"], time, row["actor"], ACTIONS[row["action"]], what, href)


def _what(action: str, target: str, details: dict[str, Any], is_here: bool) -> tuple[str, str | None]:
    if action.startswith("generation."):
        note = f"（{details['note']}）" if details.get("note") else ""
        former = details.get("restored_from")
        words = f"第 {target} 世代" + (f"：第 {former} 世代の内容" if former else "")
        return words + note, f"/staff/datasets/history#generation-{target}"
    kind = KIND_NAMES.get(details.get("kind") or "", "")
    if action == "dataset.load":
        quality = Quality(details.get("quality") or "real").label
        return (
            f"{kind}（{details.get('rows', 0):,} 行、{quality}）：データセット {target}",
            f"/staff/datasets/{target}",
        )
    return kind, f"/staff/datasets/uploads/{target}" if is_here else None
