"""What neighbourhoods learn from each other: activity cases with photos and consent, handbooks, subsidies of others."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    func,
    text,
)

from geodata.schema.base import key, one_of, opt, quality_columns, reference, req, table, valid_geometry
from kyodo_geo.crs import WGS84


def _changed() -> Any:
    return req(
        "changed_at",
        DateTime(timezone=True),
        "When what readers see last changed (trigger)",
        server_default=func.now(),
    )


def _lengths(**most: int) -> CheckConstraint:
    return CheckConstraint(
        " AND ".join(f"coalesce(char_length({name}), 0) <= {limit}" for name, limit in most.items()),
        name="lengths",
    )


activity_case = table(
    "activity_case",
    key("case_id", Text, "Permanent id"),
    req("title", Text, "Title"),
    req("summary", Text, "One sentence"),
    req("theme", Text, "Theme of kyodo_geo.sharing.themes; old ones stay"),
    req("district_no", Integer, "District"),
    req("body", Text, "Association or body that did it; no person"),
    opt("association_id", Text, "Association, where it was one"),
    req("done_year", Integer, "Fiscal year of the activity"),
    opt("story", Text, "What was done; paragraphs between empty lines"),
    opt("worked", Text, "What went well"),
    opt("hard", Text, "What was hard"),
    opt("place_name", Text, "Name of the place"),
    Column(
        "geom", Geometry("POINT", srid=WGS84, spatial_index=False), comment="A public place, lon/lat; NULL: district only"
    ),
    req("public_place", Boolean, "Somebody answers for it that the place is public", server_default=text("false")),
    opt("origin", Text, "wa (つながる“わ”) / meeting (取組23) / exchange (取組22) / visit / other"),
    opt("origin_note", Text, "Its number or day"),
    opt("keywords", Text, "Readings and other words it is found by"),
    req("state", Text, "draft / asked / published / withdrawn", server_default=text("'draft'")),
    opt("published_on", Date, "Day it was first published"),
    opt("withdrawn_on", Date, "Day it was withdrawn; NULL: it is not"),
    _changed(),
    *quality_columns(),
    one_of("state", "draft", "asked", "published", "withdrawn"),
    one_of("origin", "wa", "meeting", "exchange", "visit", "other"),
    CheckConstraint("case_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    CheckConstraint("done_year BETWEEN 1950 AND 2200", name="done_year_range"),
    CheckConstraint("geom IS NULL OR public_place", name="place_is_public"),
    CheckConstraint("state <> 'published' OR published_on IS NOT NULL", name="published_has_day"),
    CheckConstraint("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name="withdrawn_has_day"),
    _lengths(title=200, summary=500, body=300, story=10_000, worked=4_000, hard=4_000),
    valid_geometry(),
    reference("fk_activity_case_district", ["district_no"], "district"),
    reference("fk_activity_case_association", ["association_id"], "association"),
    comment="Activity cases (活動事例); the public sees the published ones",
)  # fmt: skip

case_consent = table(
    "case_consent",
    key("case_id", Text, "Case"),
    key("consent_no", Integer, "1, 2 … per case"),
    req("given_by", Text, "Who consented; staff only"),
    req("given_on", Date, "When"),
    req("way", Text, "paper / mail / phone / spoken"),
    req("covers_text", Boolean, "To the text"),
    req("covers_photos", Boolean, "To the photos and for the people on them"),
    opt("note", Text, "Where the paper is"),
    req("mark", Text, "Mark of the text it was given for"),
    req(
        "photo_marks",
        Text,
        "sha256 of the photos it was given for, between spaces; empty: none",
        server_default=text("''"),
    ),
    opt("ended_on", Date, "Day it was taken back"),
    req("entered_by", Text, "Login of who entered it"),
    one_of("way", "paper", "mail", "phone", "spoken"),
    CheckConstraint("consent_no > 0", name="number_range"),
    CheckConstraint("covers_text OR covers_photos", name="covers_something"),
    reference("fk_case_consent_case", ["case_id"], "activity_case", ondelete="CASCADE"),
    comment="Who consented to the publication of a case; staff only, goes with the case",
)

case_photo = table(
    "case_photo",
    key("case_id", Text, "Case"),
    key("photo_no", Integer, "1, 2 … per case"),
    req("sort_order", Integer, "Order of display"),
    req("alt", Text, "What is seen, for those who do not see it"),
    req("credit", Text, "Who took or gave it"),
    req("faces", Text, "none / unclear / agreed / unknown: the people on it"),
    req("shown", Boolean, "Looked at when the case was published", server_default=text("false")),
    req("width", Integer, "Of the largest size, pixels"),
    req("height", Integer, "Of the largest size, pixels"),
    req("sha256", Text, "Of the bytes of the largest size"),
    one_of("faces", "none", "unclear", "agreed", "unknown"),
    CheckConstraint("photo_no > 0 AND width > 0 AND height > 0", name="numbers_range"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_form"),
    CheckConstraint("NOT shown OR (alt <> '' AND credit <> '' AND faces <> 'unknown')", name="shown_is_complete"),
    _lengths(alt=500, credit=200),
    reference("fk_case_photo_case", ["case_id"], "activity_case", ondelete="CASCADE"),
    comment="Photos of a case: what is known of each",
)  # fmt: skip

case_photo_file = table(
    "case_photo_file",
    key("case_id", Text, "Case"),
    key("photo_no", Integer, "Photo"),
    key("size", Integer, "Longer side at most, pixels: 480 / 960 / 1600"),
    req("width", Integer, "Pixels"),
    req("height", Integer, "Pixels"),
    req("content", LargeBinary, "JPEG that we made; never the bytes that were sent"),
    CheckConstraint("size IN (480, 960, 1600)", name="size_known"),
    CheckConstraint("octet_length(content) BETWEEN 1 AND 4194304", name="content_bounded"),
    reference("fk_case_photo_file_photo", ["case_id", "photo_no"], "case_photo", ondelete="CASCADE"),
    comment="Photos of cases as JPEG, in sizes",
)

handbook = table(
    "handbook",
    key("handbook_id", Text, "Permanent id"),
    req("title", Text, "Title"),
    req("audience", Text, "For whom"),
    opt("edition", Text, "Edition"),
    req("issued_on", Date, "Day of issue"),
    req("publisher", Text, "Who issued it"),
    opt("topics", Text, "Labels of themes, joined by 、"),
    opt("summary", Text, "What it says"),
    opt("link", Text, "https address"),
    opt("replaces_id", Text, "Handbook that this one makes old"),
    opt("retired_on", Date, "Day from which it is not to be used, where no other follows"),
    _changed(),
    *quality_columns(),
    CheckConstraint("handbook_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    CheckConstraint("replaces_id <> handbook_id", name="not_itself"),
    CheckConstraint("link ~ '^https://'", name="link_form"),
    reference("fk_handbook_replaces", ["replaces_id"], "handbook", ["handbook_id"]),
    comment="Register of handbooks (取組6) with which are old",
)

subsidy_notice = table(
    "subsidy_notice",
    key("notice_id", Text, "Permanent id"),
    req("title", Text, "Title"),
    req("giver_kind", Text, "national / prefecture / city / foundation / other"),
    req("giver", Text, "Who gives"),
    req("applicants", Text, "Who may apply"),
    req("purpose", Text, "What for"),
    opt("amount", Text, "Amount, in words"),
    opt("rate", Text, "Rate, in words"),
    opt("opens_on", Date, "First day of applications"),
    opt("closes_after", Date, "Day after the last day of applications"),
    opt("themes", Text, "Labels of themes, joined by 、"),
    opt("link", Text, "https address of the call"),
    opt("contact", Text, "The giver's office"),
    req("checked_on", Date, "When somebody last looked at the call"),
    _changed(),
    *quality_columns(),
    one_of("giver_kind", "national", "prefecture", "city", "foundation", "other"),
    CheckConstraint("notice_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    CheckConstraint("opens_on < closes_after", name="period_order"),
    CheckConstraint("link ~ '^https://'", name="link_form"),
    comment="Subsidies of others that neighbourhoods can apply for (取組8)",
)
