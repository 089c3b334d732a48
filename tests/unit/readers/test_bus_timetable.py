"""Bus timetables: patterns, medians, usual days, what is left out, hostile files."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from shapely import box

from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import load
from tests.unit.readers.gtfs import CALENDAR, ROUTES, STOPS, TIMES, TRIPS, gtfs


def timetable(tmp_path, **changed):
    context = {"outline": box(141.0, 39.6, 141.2, 39.8)}
    return load("bus-timetable", gtfs(tmp_path / "gtfs.zip", **changed), context=context)


def hours(row, kind: str) -> dict[int, int]:
    return {hour: count for hour, count in enumerate(row[kind]) if count}


def notes(result) -> str:
    return "\n".join(result.report.notes)


def test_a_line_its_stops_median_minutes_and_departures(tmp_path):
    result = timetable(tmp_path)
    rows = result.frame.to_dict("records")
    assert [(r["pattern_no"], r["seq"], r["line"], r["stop_id"], r["stop_name"]) for r in rows] == [
        (1, 1, "見本線", "A", "見本駅前"), (1, 2, "見本線", "B", "見本町"), (1, 3, "見本線", "C", "見本団地"),
    ]  # fmt: skip
    # A → B takes 5, 7 and 5 minutes; B → C with the minute at the stop 10, 8 and 10.
    assert np.isnan(rows[0]["minutes"]) and [r["minutes"] for r in rows[1:]] == [5, 10]
    assert hours(rows[0], "weekday") == {8: 1, 9: 1} and hours(rows[1], "weekday") == {8: 1, 9: 1}
    assert hours(rows[0], "saturday") == hours(rows[0], "sunday") == {24: 1}
    assert all(r["board"] and r["alight"] and len(r["weekday"]) == 30 for r in rows)
    assert (rows[2]["geom"].x, rows[2]["geom"].y) == (141.12, 39.70)
    assert result.report.totals == {"stops": 3, "lines": 1, "patterns": 1, "services": 2, "trips": 3}


def test_a_holiday_is_no_usual_weekday_and_the_report_names_the_days(tmp_path):
    result = timetable(tmp_path)
    assert str(result.as_of) == "2026-04-01"
    assert "平日は 2026-04-01（水）の運行としました（同じ運行の日が 260 日）" in notes(result)
    assert "土曜は 2026-04-04" in notes(result) and "期間は 2026-04-01 から 2027-03-31" in notes(result)


def test_days_by_exceptions_alone(tmp_path):
    dates = "service_id,date,exception_type\n平日,20260401,1\n平日,20260402,1\n"
    result = timetable(tmp_path, calendar=None, calendar_dates=dates)
    assert hours(result.frame.iloc[0], "weekday") == {8: 1, 9: 1}
    assert not hours(result.frame.iloc[0], "sunday")
    assert "日曜に運行する便がありません" in notes(result)


def test_a_headway_makes_departures(tmp_path):
    result = timetable(
        tmp_path,
        frequencies="trip_id,start_time,end_time,headway_secs\nt1,10:00:00,11:00:00,900\nt1,12:00:00,12:00:00,600\n",
    )
    assert hours(result.frame.iloc[0], "weekday") == {9: 1, 10: 4}
    # From B six minutes later: 10:06, 10:21, 10:36, 10:51.
    assert hours(result.frame.iloc[1], "weekday") == {9: 1, 10: 4}
    assert "読めない運行間隔（frequencies.txt）が 1 件" in notes(result)


def test_stops_where_nobody_gets_on_and_times_in_between(tmp_path):
    times = (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
        "t1,8:00:00,8:00:00,A,1,0,1\nt1,,,B,5,1,0\nt1,8:20:00,8:20:00,C,10,,\n"
    )
    result = timetable(tmp_path, stop_times=times)
    assert result.frame["board"].tolist() == [True, False, True]
    assert result.frame["alight"].tolist() == [False, True, True]
    assert result.frame["minutes"].tolist()[1:] == [10, 10]
    assert "前後から割り振った便が 1 件" in notes(result)


def test_what_cannot_be_used_is_left_out_and_told(tmp_path):
    result = timetable(
        tmp_path,
        stops=STOPS + "D,位置なし,,\nE,逆,141.1,39.7\n",
        trips=TRIPS + "R9,平日,t4\nR1,平日,t5\nR1,平日,t6\nR1,平日,t7\n",
        stop_times=TIMES
        + "t5,10:00:00,10:00:00,A,1\nt5,9:00:00,9:00:00,B,2\nt6,10:00:00,10:00:00,A,1\nt6,おそい,10:10:00,B,2\n"
        "t7,10:00:00,10:00:00,A,1\nt7,10:05:00,10:05:00,D,2\n",
    )
    assert len(result.frame) == 3 and result.report.totals["trips"] == 3
    told = notes(result)
    assert "路線（routes.txt）のない便が 1 件" in told and "時刻が逆に進む便が 1 件" in told
    assert "位置の分からない停留所への停車が 1 件" in told and "2か所に満たない便が 1 件" in told
    assert [r.value for r in result.report.rejected] == ["D", "E", "2 おそい 10:10:00"]


def test_lines_that_do_not_stop_in_the_city_are_left_out(tmp_path):
    far = "F1,遠く,40.6,140.4\nF2,もっと遠く,40.7,140.4\n"
    result = timetable(
        tmp_path, stops=STOPS + far, trips=TRIPS + "R2,平日,t9\n",
        stop_times=TIMES + "t9,8:00:00,8:00:00,F1,1\nt9,8:20:00,8:20:00,F2,2\n",
    )  # fmt: skip
    assert set(result.frame["line"]) == {"見本線"}
    assert "停まらない停車のしかた 1 種類" in notes(result)
    with pytest.raises(FileFormatError, match="市域を通るバスの便がありません"):
        timetable(
            tmp_path,
            stops="stop_id,stop_name,stop_lat,stop_lon\nA,a,40.6,140.4\nB,b,40.6,140.5\nC,c,40.6,140.6\n",
        )


def test_two_operators_together_keep_their_stops_apart(tmp_path):
    both = [gtfs(tmp_path / "a.zip"), gtfs(tmp_path / "b.zip", routes=ROUTES.replace("見本線", "別の線"))]
    result = load("bus-timetable", *both)
    assert result.frame["pattern_no"].unique().tolist() == [1, 2]
    assert result.frame["stop_id"].tolist() == ["1:A", "1:B", "1:C", "2:A", "2:B", "2:C"]
    assert result.report.totals["stops"] == 6


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_byte_order_mark_and_cp932(tmp_path, encoding):
    result = load("bus-timetable", gtfs(tmp_path / "g.zip", encoding))
    assert set(result.frame["stop_name"]) == {"見本駅前", "見本町", "見本団地"}


def test_plain_files_and_a_folder(tmp_path):
    with zipfile.ZipFile(gtfs(tmp_path / "g.zip")) as packed:
        packed.extractall(tmp_path / "feed")
    assert len(load("bus-timetable", tmp_path / "feed").frame) == 3
    assert len(load("bus-timetable", *sorted((tmp_path / "feed").glob("*.txt"))).frame) == 3


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"stops": None}, "stops.txt がありません"),
        (
            {"calendar": None, "calendar_dates": None},
            "calendar.txt（または calendar_dates.txt） がありません",
        ),
        ({"trips": "route_id,trip_id\nR1,t1\n"}, "service_id の列がありません"),
        ({"calendar": CALENDAR.replace("20260401", "2026/4/1")}, "日付（20260401 の形）ではありません"),
        (
            {"stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"},
            "1日も書かれていません",
        ),
    ],
)
def test_files_that_cannot_be_used_say_why(tmp_path, changed, said):
    with pytest.raises(FileFormatError, match=said.replace("（", ".").replace("）", ".")):
        timetable(tmp_path, **changed)


def test_a_bomb_is_refused(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("stop_times.txt", b"0" * (40 << 20))
    with pytest.raises(FileFormatError, match="大きすぎます"):
        load("bus-timetable", path)


def test_no_zip_at_all(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 and nothing")
    with pytest.raises(FileFormatError, match="zipファイルとして読めません"):
        load("bus-timetable", tmp_path / "x.zip")
