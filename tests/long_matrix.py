"""What the default suite leaves to `make test-full`, so that it stays under its 20 minutes, and what stands for it there.

Tests that are long by themselves carry `@pytest.mark.full`. Here stand repetitions of what a neighbour shows already:
another role, format, page or way of starting. A line is a pattern of ids below `tests/`, matched from their beginning;
`tests/unit/test_long_matrix.py` refuses a line that names no test of ours.
"""

from __future__ import annotations

import re

LEFT: dict[str, tuple[str, ...]] = {
    # The start from nothing and the next one on what it made, the end by one signal and the refusals stay.
    "starting and ending": (
        r"api/test_up\.py::test_(a_server_that_was_running|the_end_of_one_part|killed_outright|another_known)",
        r"api/test_up\.py::test_it_stops_everything_it_started\[2\]",
        r"api/test_cli\.py::test_(upgrade_brings|the_private_server|start_and_stop)",
        r"api/test_cli\.py::test_what_computes_for_long_lets_pages_go_first\[(?!import-True)",
        r"db/test_own_database\.py::test_(an_owner_without|a_superuser_s|a_login_without|a_database_without|an_unreachable)",
        r"db/test_compose_database\.py::test_the_api_becomes_healthy",
        r"db/test_sample_load\.py::test_(two_first_starts|the_command_line_loads|the_command_line_refuses)",
        r"test_wheel\.py::test_(every_page_and|every_public_route)",
        r"unit/test_sample_determinism\.py::test_generating_takes",
    ),
    # The front (nginx, TLS, two processes), one killed import and ten kill points stay. Of replicas, two workers, the clock and
    # bulk work on several processes the default suite has the parts alone (routes, sessions, one process).
    "several processes": (
        r"api/test_replicas\.py::",
        r"api/test_workers\.py::",
        r"api/test_running\.py::test_(new_data_cost|what_is_under_way)",
        r"api/test_clock\.py::",
        r"api/test_tracing\.py::test_without_an_endpoint",
        r"api/test_second_step\.py::test_a_process_of_its_own",
        r"api/test_secrets\.py::test_none_is_said_by_a_command_that_fails",
        r"api/test_record_files\.py::test_a_web_worker_loads",
        r"api/test_looking\.py::test_a_table_that_needs_too_much",
        r"api/test_zones\.py::test_both_sides_answer",
        r"db/test_kills\.py::test_an_import_is_killed_in_the_middle_of_its_activation",
        r"db/test_bulk_dask\.py::",
    ),
    # One fetch of the real files to 30 districts, one bad source and one rest stay.
    "fetching": (
        r"db/test_fetch_activate\.py::test_(one_command|shelters_and|the_report_keeps|without_activate|a_renewed|the_samples_geo)",
        r"db/test_fetch_failures\.py::test_(a_later_failure|a_stumbling)",
        r"db/test_fetch_options\.py::test_(without_a_database|the_list_shows)",
    ),
    # The oldest and the newest revision, and one way down, stay.
    "the schema again": (
        r"db/test_upgrades\.py::test_every_row_is_there_after_the_upgrade\[0033\]",
        r"db/test_migrations\.py::test_(up_again|the_comparison_sees)",
        r"db/test_partitions\.py::test_(the_comparison_sees|conversion_down)",
    ),
    # Nothing stands for these by default: they need tables large enough for a plan to matter (half a minute).
    "plans of queries": (r"db/test_plans\.py::",),
    # One longest sheet of each kind stays.
    "paper with the longest texts": (
        r"api/test_close_sheet\.py::test_the_sheets_are_one_page",
        r"api/test_leaflets\.py::TestMuchAndLittle::test_a_full_leaflet_still_fits_on_its_page\[(?!easy-a4)",
        r"api/test_leaflets\.py::TestPaper::test_a_roll_is_as_wide.*\[(?!receipt58)",
        r"api/test_leaflets\.py::TestPaper::test_other_languages\[(?!easy)",
        r"api/test_vacant_houses\.py::test_a_sheet_is_one_page_also",
    ),
    # Siting and reach against trying everything are shown on small cities; the sample's stay here.
    "answers by trying everything on the sample": (
        r"api/test_siting_car\.py::",
        r"api/test_vacant_sample\.py::test_the_choice_of_a_run",
        r"api/test_facility_demand\.py::test_(a_projection_of_ones_own|years_are_compared)",
        r"api/test_siting_job\.py::test_what_cannot_be",
    ),
    "headers once more": (r"api/test_headers\.py::test_every_get_as_public_and_as_staff_carries_them\[True\]",),
    # Of the independent clients GDAL's and OWSLib's reading stay; of systems and links one collection.
    "standards by every collection": (
        r"conformance/clients/test_owslib_writing\.py::",
        r"conformance/test_features_core\.py::test_links_of_a_page\[(?!districts)",
        r"conformance/test_features_order\.py::test_sorting\[(?!districts)",
        r"conformance/test_features_crs\.py::test_(box|features)_in_every_system\[(?!districts)",
        r"conformance/test_features_filter\.py::test_filter_in_other_systems\[(?!districts)",
    ),
    # Each walk has its twin over HTTP in tests/api; one of each kind of page stays in the browser.
    "walks in the browser": (
        r"browser/test_editing\.py::test_everything_staff_edit",
        r"browser/test_cases\.py::test_a_case_from_the_empty_form",
        r"browser/test_centres\.py::test_a_consultation_becomes",
        r"browser/test_meetings\.py::test_from_a_wish",
        r"browser/test_siting\.py::test_asked_without_javascript",
        r"browser/test_offices\.py::",
        r"browser/test_staff_maps\.py::",
        r"browser/test_batch_upload\.py::test_from_file_to_result_with_every_page_clean\[chromium-375\]",
        r"browser/test_staff_datasets\.py::test_two_maps",
        r"browser/test_tickets\.py::test_page_checks\[chromium-(?!question\b|join|inbox|partner-ticket)",
        r"browser/test_embedding\.py::test_a_frame_of_any_width_scrolls_down_only\[chromium-(?!.*320)",
        r"browser/test_embedding\.py::test_axe_finds_nothing_in_answers",
        r"browser/test_accessibility\.py::test_check_06_axe_finds_nothing_beside_an_open_popup\[chromium-(?!/maps/projects)",
        r"browser/test_interaction\.py::test_check_31_a_link_shows_the_same_view_elsewhere\[chromium-(?!/maps/projects)",
    ),
    # Twenty pages stay, one of each kind of layout; `make test-full` opens all.
    "pages like others": (
        (r"browser/test_(every_page|figures)\.py::.*\[(chromium-)?"
        r"(/maps/membership|/maps|/maps/facility-coverage|/maps/support\?theme=events|/progress/indicators/participation"
        r"|/progress/meetings|/datasets|/opendata/generations/1|/events|/facilities|/listed-houses|/facilities/costs"
        r"|/facilities/scenarios|/facilities/scenarios/compare.*|/cases\?q=.*|/cases/sample-2|/handbooks"
        r"|/subsidy-information\?past=true|/districts|/districts/5\?compare=city|/partner/widget|/login"
        r"|/facilities/f-[0-9a-f]+/close|/ogc|/ogc/conformance|/ogc/collections/districts)\]$"),
    ),
}  # fmt: skip

_ANY = re.compile("|".join(f"(?:{line})" for lines in LEFT.values() for line in lines))


def is_left(node_id: str) -> bool:
    """Whether the test of that id (`tests/…::test_…`) runs in `make test-full` only."""
    return _ANY.match(node_id.removeprefix("tests/")) is not None
