"""What is written as CSV never runs in a spreadsheet, wherever it stands."""

from __future__ import annotations

import csv
import io

from api.tables import rows_to_csv


def test_headings_are_made_of_what_people_typed_too() -> None:
    """The comparison of scenarios has their titles as headings."""
    body = rows_to_csv(["番号", '=HYPERLINK("http://例")', "＋題名", "-5"], [["1", "@SUM(1)", "-5", 7]])
    head, row = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert head == ["番号", '\'=HYPERLINK("http://例")', "'＋題名", "-5"]
    assert row == ["1", "'@SUM(1)", "-5", "7"]
