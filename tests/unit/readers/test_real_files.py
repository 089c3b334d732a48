"""The real public files, with the figures they must give. Skipped where they are not beside the checkout."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
import shapely

from geodata.readers import ReadContext, read
from geodata.readers.district_assignment import derive_districts
from kyodo_geo.addresses import Gazetteer
from kyodo_geo.areas import check_coverage, rounded
from kyodo_geo.crs import JGD2000_PLANE_FIRST, area_m2, plane_epsg
from kyodo_geo.errors import FileFormatError
from kyodo_geo.lookup_types import Town

pytestmark = pytest.mark.shared

MORIOKA, YAIZU = "03201", "22212"


@pytest.fixture(scope="module")
def outline(shared_data):
    return read("outline", [shared_data / "morioka/n03_03201.geojson"], municipality=MORIOKA)


@pytest.fixture(scope="module")
def known(outline):
    return ReadContext(outline=shapely.union_all(outline.frame.geometry.to_numpy()))


@pytest.fixture(scope="module")
def small_areas(shared_data, known):
    path = shared_data / "morioka/estat_small_area_2020_03201.geojson"
    return read("small-areas", [path], municipality=MORIOKA, context=known)


class TestSmallAreas:
    def test_964_rows_are_956_areas(self, small_areas):
        assert (small_areas.report.rows_read, small_areas.report.rows_loaded) == (964, 956)
        assert small_areas.frame["key_code"].is_unique
        assert any(note.startswith("6 個のKEY_CODE") for note in small_areas.report.notes)

    def test_people_and_households_to_the_last(self, small_areas):
        assert small_areas.frame["people"].sum() == small_areas.report.totals["people"] == 289_731
        assert small_areas.frame["households"].sum() == small_areas.report.totals["households"] == 131_110

    def test_area_in_the_plane_zone(self, small_areas):
        assert plane_epsg(MORIOKA) == 6678
        assert small_areas.frame["area_m2"].sum() / 1e6 == pytest.approx(886.34, abs=0.05)
        assert small_areas.frame.geometry.to_crs(6678).area.sum() / 1e6 == pytest.approx(886.34, abs=0.05)

    def test_keys_are_text_of_9_or_11_digits(self, small_areas):
        keys = small_areas.frame["key_code"]
        assert all(isinstance(key, str) and key.startswith("03201") for key in keys)
        assert Counter(map(len, keys)) == {11: 891, 9: 65}

    def test_faults_are_reported_and_cleaned(self, small_areas):
        totals = small_areas.report.totals
        assert totals["rows_with_invalid_edges"] == 637
        assert totals["holes_before"] == pytest.approx(2_000, abs=100)
        found = check_coverage(small_areas.frame.geometry.to_numpy())
        assert (found.invalid_edges, found.parts, found.holes) == (0, 1, 0)
        assert 0 < small_areas.report.largest_displacement_m < 1e-6

    def test_still_clean_as_sent_out_with_six_decimals(self, small_areas):
        sent = rounded(small_areas.frame.geometry.to_numpy())
        assert shapely.is_valid(sent).all()
        assert check_coverage(sent).is_clean

    def test_slivers_against_the_outline(self, small_areas):
        assert small_areas.report.totals["outline_difference_km2"] == pytest.approx(3.33, abs=0.01)

    def test_the_census_day(self, small_areas):
        assert small_areas.as_of == date(2020, 10, 1)

    def test_places_of_like_names_stay_apart(self, small_areas):
        inside = small_areas.frame.set_index("name").geometry.representative_point()
        former_village = inside[inside.index.str.startswith("大字永井", na=False)]
        by_the_river = inside[inside.index.str.startswith("永井第", na=False)]
        assert (len(former_village), len(by_the_river) > 20) == (3, True)
        assert all(point.y - by_the_river.y.max() > 0.1 for point in former_village)


DISTRICTS = ReadContext(districts={number: f"地区{number}" for number in range(1, 31)})


@pytest.fixture(scope="module")
def assignment(shared_data, small_areas):
    known = replace(DISTRICTS, small_area_keys=set(small_areas.frame["key_code"]))
    path = shared_data / "morioka/small_area_district_unofficial.csv"
    return read("district-assignment", [path], municipality=MORIOKA, context=known)


@pytest.fixture(scope="module")
def districts(assignment, small_areas):
    return derive_districts(assignment, small_areas.frame, DISTRICTS)


class TestDistricts:
    def test_every_small_area_is_assigned(self, assignment):
        assert (len(assignment.frame), assignment.report.unmatched) == (956, [])

    def test_exactly_30_districts_without_holes(self, districts):
        assert districts.frame["district_no"].tolist() == list(range(1, 31))
        assert check_coverage(districts.frame.geometry.to_numpy()).is_clean
        assert check_coverage(rounded(districts.frame.geometry.to_numpy())).is_clean

    def test_nobody_and_nothing_is_lost(self, districts, small_areas):
        assert districts.report.totals["people"] == 289_731
        assert districts.report.totals["households"] == 131_110
        area = sum(area_m2(shape, MORIOKA) for shape in districts.frame.geometry)
        assert area == pytest.approx(small_areas.frame["area_m2"].sum(), rel=1e-5)

    def test_the_share_by_confidence_is_told(self, districts):
        shares = [value for name, value in districts.report.totals.items() if "人口の割合" in name]
        assert len(shares) == 3
        assert sum(shares) == pytest.approx(100, abs=0.2)


class TestOutline:
    def test_one_part_of_886_square_kilometres(self, outline):
        assert len(outline.frame) == 1
        assert outline.report.totals["area_km2"] == pytest.approx(886.33, abs=0.05)


class TestTowns:
    def test_1002_points(self, shared_data, known):
        result = read(
            "towns", [shared_data / "morioka/towns_03201.json"], municipality=MORIOKA, context=known
        )
        assert len(result.frame) == result.report.totals["with_point"] == 1_002
        assert Counter(result.frame["level"]) == {"jiwari": 325, "koaza": 272, "oaza": 227, "chome": 178}
        assert result.report.duplicates == []
        assert {"みたけ三丁目", "下飯岡第8地割", "永井", "玉山永井"} <= set(result.frame["name"])

    def test_1661_names(self, shared_data):
        result = read("towns", [shared_data / "morioka/abr_town_names_03201.json"], municipality=MORIOKA)
        assert result.report.rows_read == 1_661
        assert result.frame.geometry.isna().all()
        assert not result.frame["name"].str.startswith("玉山区").any()
        aliases = {alias for row in result.frame["aliases"] for alias in row}
        assert {"玉山区永井", "玉山区芋田"} <= aliases
        assert result.report.count("rejected") == 312

    def test_points_and_names_together_make_one_gazetteer(self, shared_data):
        files = [shared_data / "morioka" / name for name in ("towns_03201.json", "abr_town_names_03201.json")]
        frame = read("towns", files, municipality=MORIOKA).frame
        assert frame.geometry.notna().sum() == 1_002
        assert not frame.duplicated(["name", "koaza"]).any()
        gazetteer = Gazetteer([_town(row) for row in frame.to_dict("records")], MORIOKA)
        found = gazetteer.town("みたけ三丁目")
        assert found is not None and found.town_id == "032010226003"
        assert gazetteer.town("川目第8地割") is not None  # has a name, but no point

    def test_position_reference_zip(self, shared_data):
        path = shared_data / "formats/isj_oaza_47000-17.0b.zip"
        result = read("towns", [path], municipality="47201", format="isj-oaza")
        assert (result.report.rows_read, len(result.frame)) == (1_228, 219)
        assert result.frame.geometry.notna().all()

    def test_registry_samples(self, shared_data):
        files = [
            shared_data / "formats/abr" / name for name in ("mt_town_pref30.csv", "mt_town_pos_pref30.csv")
        ]
        result = read("towns", files, municipality="30201")
        assert len(result.frame) == 200
        assert result.report.totals["without_point"] == 6
        assert "今福一丁目" in set(result.frame["name"])
        assert result.frame["kana"].notna().all()

    def test_registry_samples_that_do_not_belong_together(self, shared_data):
        files = [
            shared_data / "formats/abr" / name for name in ("mt_town_pref45.csv", "mt_town_pos_pref45.csv")
        ]
        with pytest.raises(FileFormatError, match="45201"):
            read("towns", files, municipality="45209")

    @pytest.mark.parametrize(("prefecture", "code", "houses"), [("30", "30201", 200), ("13", "13105", 200)])
    def test_house_numbers(self, shared_data, prefecture, code, houses):
        folder = shared_data / "formats/abr"
        files = [folder / f"mt_rsdtdsp_rsdt{part}_pref{prefecture}.csv" for part in ("", "_pos")]
        result = read("blocks", files, municipality=code)
        assert result.frame["house"].notna().sum() == houses
        assert (
            result.frame["house"].isna().sum()
            == result.frame["block"][result.frame["house"].notna()].nunique()
        )

    @pytest.mark.parametrize(("code", "lots", "rejected"), [("302015", 200, 0), ("465054", 195, 5)])
    def test_parcels(self, shared_data, code, lots, rejected):
        folder = shared_data / "formats/abr"
        files = [folder / f"mt_parcel{part}_city{code}.csv" for part in ("", "_pos")]
        result = read("lots", files, municipality=code[:5])
        assert (len(result.frame), result.report.count("rejected")) == (lots, rejected)


def _town(row):
    point = row["geom"]
    return Town(
        town_id=row["town_id"], name=row["name"], koaza=row["koaza"], oaza=row["oaza"], chome=row["chome"],
        jiwari=row["jiwari"], kana=row["kana"], postal_code=row["postal_code"], level=row["level"],
        aliases=tuple(row["aliases"]), lon=point.x if point is not None else None,
        lat=point.y if point is not None else None, accuracy_m=row["accuracy_m"], valid_to=row["valid_to"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def associations(shared_data):
    return read("associations", [shared_data / "formats/yaizu/自治会区域/自治会区域.shp"], municipality=YAIZU)


class TestYaizu:
    def test_35_areas_named_through_the_label_table(self, associations):
        assert len(associations.frame) == 35
        assert "焼津第1自治会" in set(associations.frame["name"])
        assert associations.frame["association_id"].is_unique

    def test_area_in_its_own_zone(self, associations):
        assert plane_epsg(YAIZU) == 6676
        assert associations.report.totals["area_km2"] == pytest.approx(70.52, abs=0.005)

    def test_one_self_intersection_is_repaired_and_told(self, associations):
        (repair,) = associations.report.repaired
        assert (repair.key, "自己交差" in repair.reason_ja) == ("小川第13自治会", True)
        assert 0 < repair.displacement_m < 1
        assert shapely.is_valid(associations.frame.geometry).all()

    def test_it_is_not_morioka(self, shared_data):
        with pytest.raises(FileFormatError, match="離れています"):
            read(
                "associations",
                [shared_data / "formats/yaizu/自治会区域/自治会区域.shp"],
                municipality=MORIOKA,
            )

    def test_another_zone_is_noticed(self, shared_data):
        path = shared_data / "formats/yaizu/自治会区域/自治会区域.shp"
        with pytest.raises(FileFormatError, match="第8系なら合います"):
            read("associations", [path], municipality=YAIZU, crs=f"EPSG:{JGD2000_PLANE_FIRST + 9}")

    def test_lines_are_no_outline(self, shared_data):
        with pytest.raises(FileFormatError, match="図形は線です"):
            read("outline", [shared_data / "formats/yaizu/行政区域界/行政区域界.shp"], municipality=YAIZU)

    @pytest.mark.parametrize(
        ("folder", "rows"),
        [
            ("スポーツ施設", 16),
            ("地域交流センター", 9),
            ("市役所・センター", 28),
            ("指定緊急避難場所一覧", 31),
            ("避難所一覧", 56),
        ],
    )
    def test_lists_of_places(self, shared_data, folder, rows):
        result = read(
            "facilities",
            [shared_data / "formats/yaizu" / folder],
            municipality=YAIZU,
            mapping={"kind": "備考"},
        )
        assert (len(result.frame), result.report.count("rejected")) == (rows, 0)


class TestOtherFiles:
    def test_the_census_of_2015_without_a_cpg(self, shared_data):
        path = shared_data / "formats/estat2015_shp_31203/h27ka31203.shp"
        result = read("small-areas", [path], municipality="31203")
        assert (result.report.rows_read, result.as_of) == (177, date(2015, 10, 1))
        assert {"大宮", "東鴨"} <= set(result.frame["name"])
        assert check_coverage(result.frame.geometry.to_numpy()).invalid_edges == 0

    def test_facilities_of_morioka(self, shared_data, known):
        result = read(
            "facilities", [shared_data / "morioka/facilities_dev.csv"], municipality=MORIOKA, context=known
        )
        assert (len(result.frame), result.report.count("rejected")) == (137, 0)
        assert result.frame["facility_id"].is_unique
        kinds = result.frame[result.frame["activity"].astype(bool)]["kind"]
        assert {"地区活動センター", "市立公民館"} <= set(kinds)
        assert not {"学校", "児童センター"} & set(kinds)

    def test_centres_have_the_same_ids_in_both_lists(self, shared_data):
        centres, all_ = (
            read("facilities", [shared_data / "morioka" / name], municipality=MORIOKA).frame
            for name in ("public_centres.csv", "facilities_dev.csv")
        )
        assert len(centres) == 19
        assert set(centres["facility_id"]) <= set(all_["facility_id"])

    @pytest.mark.parametrize(
        ("name", "kinds"), [("p05", ["集会施設", "上記以外の行政サービス施設"]), ("p27", ["図書館"])]
    )
    def test_national_land_data(self, shared_data, name, kinds):
        result = read(
            "facilities", [shared_data / f"formats/ksj_{name}_sample.geojson"], municipality="13117"
        )
        assert result.frame["kind"].tolist() == kinds

    def test_a_road_network_is_no_layer_of_areas(self, shared_data):
        with pytest.raises(FileFormatError):
            read(
                "associations",
                [shared_data / "formats/osm_walk_sample.geojson"],
                municipality="35202",
                mapping={"name": "u"},
            )


class TestAreaLayers:
    """School districts of 焼津市: one file in the plane zone, one in degrees, both with coded column names."""

    @pytest.mark.parametrize(
        ("kind", "folder", "districts"),
        [("school-elementary", "小学校区", 13), ("school-junior-high", "中学校区", 9)],
    )
    def test_school_districts(self, shared_data, kind, folder, districts):
        found = read(kind, [shared_data / "formats/yaizu" / folder], municipality=YAIZU)
        assert found.report.rejected == []
        assert found.report.rows_loaded == districts
        assert found.frame["name"].str.endswith("学校").all()
        assert found.frame["phone"].eq("054-625-8160").all()
        assert found.frame["detail"].str.contains("誤差が生じる可能性").all()
        west, south, east, north = found.frame.total_bounds
        assert 138.2 < west < east < 138.4
        assert 34.7 < south < north < 34.95

    def test_shelters_have_points(self, shared_data):
        found = read("shelters", [shared_data / "formats/yaizu/避難所一覧"], municipality=YAIZU)
        assert found.report.rows_loaded > 20
        assert set(found.frame.geom_type) == {"Point"}
        assert found.frame["address"].str.startswith("静岡県焼津市").all()
