"""What fields of records may refer to: name of the reference → SQL of (id, label) in the order of display."""

from __future__ import annotations

REFERENCES = {
    "district": """
        SELECT district_no::text AS id, district_no || ' ' || name AS label FROM district_area
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts') ORDER BY district_no
    """,
    "association": """
        SELECT association_id AS id, name AS label FROM association_area
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        ORDER BY coalesce(kana, name) COLLATE "ja-x-icu", association_id
    """,
    "facility": """
        SELECT facility_id AS id, name AS label FROM facility_site
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
        ORDER BY name COLLATE "ja-x-icu", facility_id
    """,
    # A record may tell of a facility that is no more.
    "any-facility": """
        SELECT facility_id AS id, facility_id AS label FROM facility
        WHERE municipality_code = %(m)s ORDER BY facility_id
    """,
    "handbook": """
        SELECT handbook_id AS id, title || coalesce(' ' || edition, '') AS label FROM handbook
        WHERE municipality_code = %(m)s ORDER BY title COLLATE "ja-x-icu", issued_on DESC, handbook_id
    """,
    "hall": """
        SELECT hall_id AS id, name AS label FROM hall
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'halls')
        ORDER BY name COLLATE "ja-x-icu", hall_id
    """,
    # A case of a grant may stand for a record that somebody entered by hand, not for one that another case made.
    "project": """
        SELECT p.project_id AS id, p.fiscal_year || '年度 地区' || p.district_no || ' ' || p.title AS label FROM project p
        WHERE p.municipality_code = %(m)s AND NOT EXISTS (
            SELECT FROM grant_case c WHERE c.municipality_code = p.municipality_code AND c.made_id = p.project_id)
        ORDER BY p.fiscal_year DESC, p.district_no, p.title COLLATE "ja-x-icu", p.project_id
    """,
    "hall-subsidy": """
        SELECT h.subsidy_id AS id, h.fiscal_year || '年度 ' || coalesce(n.name, h.association_id)
               || CASE h.kind WHEN 'rent' THEN ' 賃借料' ELSE ' 整備' END
               || coalesce(' ' || to_char(h.amount_yen, 'FM999,999,999,999') || '円', '') AS label
        FROM hall_subsidy h
        LEFT JOIN association_area n ON n.municipality_code = h.municipality_code AND n.association_id = h.association_id
            AND n.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        WHERE h.municipality_code = %(m)s AND NOT EXISTS (
            SELECT FROM grant_case c WHERE c.municipality_code = h.municipality_code AND c.made_id = h.subsidy_id)
        ORDER BY h.fiscal_year DESC, n.name COLLATE "ja-x-icu", h.subsidy_id
    """,
    "department": """
        SELECT department_id AS id, name AS label FROM department
        WHERE municipality_code = %(m)s ORDER BY name COLLATE "ja-x-icu", department_id
    """,
    "plan-in-force": """
        SELECT plan_id AS id, name || '（' || plan_id || '）' AS label FROM plan
        WHERE municipality_code = %(m)s AND state = 'in_force' ORDER BY first_fiscal_year DESC
    """,
    "draft-plan": """
        SELECT plan_id AS id, name || '（' || plan_id || '）' AS label FROM plan
        WHERE municipality_code = %(m)s AND state = 'draft' ORDER BY first_fiscal_year DESC
    """,
    "successor-plan": """
        SELECT plan_id AS id, name || '（' || plan_id || '）' AS label FROM plan
        WHERE municipality_code = %(m)s AND successor_of IS NOT NULL ORDER BY first_fiscal_year DESC
    """,
    "plan-item": """
        SELECT id, label FROM (
            SELECT plan_id || '/initiative/' || initiative_no AS id, upper(plan_id) || ' 取組 ' || initiative_no || ' ' || title
                       AS label, plan_id, 1 AS part, initiative_no AS no
            FROM initiative WHERE municipality_code = %(m)s
            UNION ALL
            SELECT plan_id || '/indicator/' || indicator_id, upper(plan_id) || ' 指標 ' || title, plan_id, 2, sort_order
            FROM indicator WHERE municipality_code = %(m)s
        ) i JOIN plan p USING (plan_id)
        WHERE p.municipality_code = %(m)s ORDER BY p.first_fiscal_year DESC, plan_id, part, no, id
    """,
    "body-meeting": """
        SELECT meeting_id AS id, to_char(held_on, 'YYYY-MM-DD') || ' '
                   || CASE body WHEN 'liaison' THEN '連絡会議' ELSE 'アドバイザー会議' END AS label
        FROM body_meeting WHERE municipality_code = %(m)s ORDER BY held_on DESC, body
    """,
    "centre": """
        SELECT body_id AS id, name AS label FROM body
        WHERE municipality_code = %(m)s AND kind = 'centre' ORDER BY name, body_id
    """,
    "topic": """
        SELECT topic_id AS id,
               label || CASE WHEN valid_to <= (now() AT TIME ZONE 'Asia/Tokyo')::date THEN '（終了）' ELSE '' END AS label
        FROM consultation_topic
        WHERE municipality_code = %(m)s ORDER BY sort_order, topic_id
    """,
    "case": """
        SELECT c.case_id AS id, coalesce(a.name, c.association_id) || '（' || c.opened_on || '）' AS label
        FROM risk_case c LEFT JOIN association_area a ON a.municipality_code = c.municipality_code
            AND a.association_id = c.association_id AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        WHERE c.municipality_code = %(m)s ORDER BY c.opened_on DESC, c.case_id
    """,
}
