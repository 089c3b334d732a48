"""Several documents behind a record, names of policies, and participants by district withheld below the application."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0021_progress_evidence.sql")


def downgrade() -> None:
    run_statement(
        """
        DROP FUNCTION kyodo.event_participants, kyodo.event_participant_totals;
        DROP POLICY not_by_association ON kyodo.area_figure;
        CREATE POLICY not_by_association ON kyodo.area_figure FOR SELECT TO kyodo_public
            USING (area_kind <> 'association');
        ALTER TABLE kyodo.initiative_year ADD COLUMN evidence_url text;
        COMMENT ON COLUMN kyodo.initiative_year.evidence_url IS 'Link to evidence';
        UPDATE kyodo.initiative_year SET evidence_url = coalesce(evidence->0->>'url', evidence->0->>'number')
            WHERE evidence <> '[]';
        SET CONSTRAINTS ALL IMMEDIATE;
        ALTER TABLE kyodo.initiative_year DROP COLUMN evidence;
        DROP TABLE kyodo.plan_policy
        """
    )
