"""The audit log becomes a chain: each entry carries on the hash of the one before it."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0043_audit_chain.sql")


def downgrade() -> None:
    run_statement(
        "DROP TRIGGER chain_audit ON kyodo.audit;"
        "DROP TRIGGER append_only ON kyodo.audit;"
        "DROP TRIGGER no_purge_but_by_purge ON kyodo.audit;"
        "DROP TABLE kyodo.audit_chain;"
        "DROP FUNCTION kyodo.purge_audit(text, timestamptz, text, boolean), kyodo.refuse_audit_change(),"
        " kyodo.chain_audit(), kyodo.chain_entry(kyodo.audit), kyodo.audit_hash(bytea, bigint, kyodo.audit),"
        " kyodo.audit_field(text);"
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kyodo.audit "
        "FOR EACH ROW EXECUTE FUNCTION kyodo.refuse_change();"
        "REVOKE INSERT (municipality_code, actor, action, target, details, action_kind) ON kyodo.audit"
        " FROM kyodo_auth, kyodo_staff, kyodo_loader;"
        "GRANT INSERT ON kyodo.audit TO kyodo_auth, kyodo_staff, kyodo_loader"
    )
