"""The planners' maps: change of a rate, associations, and layers over a rate."""

from __future__ import annotations

from decimal import Decimal

from kyodo_geo.at_risk import Facts, Thresholds, judge
from maps.build import build_map
from maps.planner_specs import AssociationFigures, AssociationRatesSpec, AtRiskSpec, MembershipChangeSpec
from maps.specs import MembershipSpec, Overlays
from tests.unit.maps_world import HOSTILE, facility, features_of, rated, square, styles_of


def change_spec() -> MembershipChangeSpec:
    return MembershipChangeSpec(
        districts=(rated(1, 0.85), rated(2, 0.9), rated(3, None), rated(4, 0.7)),
        fiscal_year=2024,
        earlier_year=2019,
        earlier={1: 0.88, 2: 0.899, 3: 0.8, 4: 0.123},
        withheld=frozenset({4}),
        city_rate=0.86,
        city_earlier_rate=0.875,
    )


def test_a_change_reads_the_same_in_table_and_popup() -> None:
    built = build_map(change_spec())
    features = {f["id"]: f["properties"] for f in features_of(built, "districts")}
    for row in built.table.rows:
        shown = features[row.key]
        assert [cell.text for cell in row.cells] == [
            shown[k] for k in ("change", "level", "later", "earlier")
        ]
    assert [row.cells[0].text for row in built.table.rows] == ["−3.0", "+0.1", "データなし", "非公表"]
    assert built.figures[0].value == "−1.5 ポイント"


def test_a_rate_withheld_in_one_year_is_nowhere_in_the_change() -> None:
    built = build_map(change_spec())
    everything = built.script + built.html + built.legend + repr(built.table) + built.summary
    for secret in ("12.3", "0.123", "70.0", "+57.7"):
        assert secret not in everything
    assert styles_of(built, "districts")[4]["fillColor"] == "url(#hatch-withheld)"


def test_falls_and_rises_have_colours_of_different_sides() -> None:
    styles = styles_of(build_map(change_spec()), "districts")
    assert styles[1]["fillColor"] == "#e66101"
    assert styles[2]["fillColor"] == "#f7f7f7"


def test_layers_over_a_rate_have_lines_in_the_legend_that_go_with_them() -> None:
    over = Overlays((facility(),), {1: 3}, 2019)
    built = build_map(MembershipSpec(districts=(rated(1, 0.9),), fiscal_year=2019, overlays=over))
    assert [(layer, on) for layer, _, on in built.toggles] == [("projects", False), ("facilities", False)]  # type: ignore[misc]
    assert 'data-overlay="projects"' in built.legend and 'data-overlay="facilities"' in built.legend
    assert 'data-sum="1"' in built.legend
    assert '"interactive": false' in built.script, "circles let clicks through"


def test_districts_far_from_the_others_are_named() -> None:
    usual = (rated(no, 0.85 + no / 1000) for no in range(1, 10))
    districts = (*usual, rated(10, 0.3), rated(11, 0.2, suppressed=True))
    remarks = build_map(MembershipSpec(districts=districts, fiscal_year=2019)).remarks
    assert remarks[0] == "ほかの地区から離れて低い地区：10 第10（30.0 %）"
    assert "四分位" in remarks[-1]
    assert "11" not in "".join(remarks)


def association(id: str, **facts: object) -> AssociationFigures:
    known = {
        "name": f"{id}町内会", "kana": None, "geometry": square(1, 0), "label_lon": 1.5, "label_lat": 0.5,
        "district_no": 1, "district": "第1", "households": 100, "member_households": 90, "rate": 0.9,
    }  # fmt: skip
    return AssociationFigures(id=id, **{**known, **facts})  # type: ignore[arg-type]


def test_associations_far_from_the_others_are_named_the_first_ten_of_them() -> None:
    usual = [association(f"A{no}", rate=0.8 + no / 1000) for no in range(60)]
    far = [association(f"F{no}", rate=no / 100) for no in range(12)]
    spec = AssociationRatesSpec(
        associations=(*usual, *far), fiscal_year=2019, overlays=Overlays((facility(),))
    )
    built = build_map(spec)
    assert built.remarks[0].startswith("ほかの団体から離れて低い団体（12 団体）：F0町内会（0.0 %）")
    assert built.remarks[0].endswith("F9町内会（9.0 %）、ほか 2 団体")
    assert built.toggles == (("facilities", "活動施設", False),)
    assert features_of(built, "facilities")


def test_rates_by_association_and_their_change() -> None:
    items = (
        association("A1", change=Decimal("-4.0")),
        association("A2", rate=None, geometry=None, name=HOSTILE),
    )
    rates = build_map(AssociationRatesSpec(associations=items, fiscal_year=2024))
    assert [row.cells[1].text for row in rates.table.rows] == ["90.0 %", "データなし"]
    assert [f["id"] for f in features_of(rates, "associations")] == ["A1"]
    changes = build_map(AssociationRatesSpec(associations=items, fiscal_year=2024, earlier_year=2019))
    assert [row.cells[1].text for row in changes.table.rows] == ["−4.0", "データなし"]
    assert "合計 2 団体" in changes.legend
    assert "<img" not in changes.script


def test_associations_at_risk_come_first_with_their_signs() -> None:
    facts = {
        "A1": Facts(households=500),
        "A2": Facts(households=10, aged_share=0.6),
        "A3": Facts(1000, 0.9, 0.9, 0.1, 9, 9),
    }
    spec = AtRiskSpec(
        associations=tuple(association(key) for key in facts),
        facts=facts,
        judgements={key: judge(of_one, Thresholds()) for key, of_one in facts.items()},
        thresholds=Thresholds(),
        fiscal_year=2024,
    )
    built = build_map(spec)
    rows = [(row.key, row.cells[1].text) for row in built.table.rows]
    assert rows == [("A2", "見守りが必要"), ("A1", "判定できない"), ("A3", "該当なし")]
    assert built.table.rows[0].cells[2].text == "世帯が少ない、高齢化（不明：加入率の低下・人口の減少）"
    fills = {key: style["fillColor"] for key, style in styles_of(built, "associations").items()}
    assert fills == {"A2": "url(#hatch-at-risk)", "A1": "url(#hatch-missing)", "A3": "#ffffff"}
