"""Drafts of facilities, and of the names of districts."""

from __future__ import annotations

from geodata.migrations.run_sql import run_statement

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_SCOPES = ("'associations', 'assignment'", "'associations', 'assignment', 'facilities', 'districts'")
_FORMER = "'associations', 'association-rules', 'association-profiles', 'district-assignment'"
_KINDS = (_FORMER, f"{_FORMER}, 'facilities', 'districts'")
_KEYS = (
    "Association id, or KEY_CODE of the small area",
    "Association id, facility id, number of the district, or KEY_CODE of the small area",
)
_SCOPE_WORDS = (
    "associations / assignment: which datasets it changes",
    "associations / assignment / facilities / districts: which datasets it changes",
)


def _allow(which: int) -> None:
    run_statement("ALTER TABLE kyodo.edit_draft DROP CONSTRAINT ck_edit_draft_scope_known")
    run_statement(
        f"ALTER TABLE kyodo.edit_draft ADD CONSTRAINT ck_edit_draft_scope_known CHECK (scope IN ({_SCOPES[which]}))"
    )
    run_statement("ALTER TABLE kyodo.edit_draft_change DROP CONSTRAINT ck_edit_draft_change_kind_known")
    run_statement(
        "ALTER TABLE kyodo.edit_draft_change ADD CONSTRAINT ck_edit_draft_change_kind_known "
        f"CHECK (kind IN ({_KINDS[which]}))"
    )
    run_statement(f"COMMENT ON COLUMN kyodo.edit_draft.scope IS '{_SCOPE_WORDS[which]}'")
    run_statement(f"COMMENT ON COLUMN kyodo.edit_draft_change.row_key IS '{_KEYS[which]}'")


def upgrade() -> None:
    _allow(1)


def downgrade() -> None:
    run_statement("DELETE FROM kyodo.edit_draft WHERE scope IN ('facilities', 'districts')")
    _allow(0)
