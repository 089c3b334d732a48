-- Every entry of the audit log is bound to the one before it by SHA-256, per municipality.
CREATE TABLE kyodo.audit_chain (
    municipality_code text NOT NULL,
    chain_no bigint NOT NULL,
    entry_no bigint NOT NULL,
    entry_hash bytea NOT NULL,
    CONSTRAINT pk_audit_chain PRIMARY KEY (municipality_code, chain_no),
    CONSTRAINT fk_audit_chain_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT uq_audit_chain_entry UNIQUE (municipality_code, entry_no),
    CONSTRAINT ck_audit_chain_hash_length CHECK (octet_length(entry_hash) = 32),
    CONSTRAINT ck_audit_chain_chain_no_range CHECK (chain_no > 0)
);
COMMENT ON TABLE kyodo.audit_chain IS 'Order and hashes of the audit log; written by a trigger alone, append-only';
COMMENT ON COLUMN kyodo.audit_chain.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.audit_chain.chain_no IS 'Place in the chain, 1, 2 … without a gap';
COMMENT ON COLUMN kyodo.audit_chain.entry_no IS 'Entry of the audit log';
COMMENT ON COLUMN kyodo.audit_chain.entry_hash IS 'SHA-256 over the hash before it, the place and the content';

-- One field, so that no two contents come to the same text: its length, then itself; a dash where there is none.
CREATE FUNCTION kyodo.audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN value IS NULL THEN '-' ELSE octet_length(value) || ':' || value END || ','
$$;

-- geodata/audit_chain.py does the same without this function, so that a verifier need not trust it.
CREATE FUNCTION kyodo.audit_hash(before bytea, place bigint, entry kyodo.audit) RETURNS bytea
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = kyodo, pg_temp AS $$
BEGIN  -- plpgsql keeps its plan; as SQL each call would be planned anew
    RETURN sha256(before || convert_to(
        audit_field(place::text) || audit_field(entry.municipality_code) || audit_field(entry.entry_no::text)
        || audit_field(to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))
        || audit_field(entry.actor) || audit_field(entry.action) || audit_field(entry.target)
        || audit_field(entry.details::text) || audit_field(entry.action_kind), 'UTF8'));
END $$;

-- By the index whatever the statistics say: a plan made while the table was small would read all of it for each entry.
CREATE FUNCTION kyodo.chain_entry(entry kyodo.audit) RETURNS void
LANGUAGE plpgsql SET search_path = kyodo, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    last record;
BEGIN
    SELECT chain_no, entry_hash INTO last FROM audit_chain
    WHERE municipality_code = entry.municipality_code ORDER BY chain_no DESC LIMIT 1;
    IF NOT FOUND THEN
        SELECT 0::bigint AS chain_no, decode(repeat('00', 32), 'hex') AS entry_hash INTO last;
    END IF;
    INSERT INTO audit_chain VALUES (
        entry.municipality_code, last.chain_no + 1, entry.entry_no, audit_hash(last.entry_hash, last.chain_no + 1, entry)
    );
END $$;

-- Runs at the commit of whoever wrote the entry, in the same transaction. Writers queue on the row of the municipality, the very
-- lock `touch_revision` takes at commit: a single lock, so that nobody waits in a circle.
CREATE FUNCTION kyodo.chain_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
BEGIN
    PERFORM 1 FROM municipality WHERE municipality_code = NEW.municipality_code FOR NO KEY UPDATE;
    PERFORM chain_entry(NEW);
    RETURN NULL;
END $$;

DO $$
DECLARE
    entry kyodo.audit;
BEGIN
    FOR entry IN SELECT * FROM kyodo.audit ORDER BY entry_no LOOP
        PERFORM kyodo.chain_entry(entry);
    END LOOP;
END $$;

CREATE CONSTRAINT TRIGGER chain_audit AFTER INSERT ON kyodo.audit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.chain_audit();

-- Nothing is changed, and nothing removed but by `purge_audit`, which says in the chain what it took. Nobody else says so:
-- the check builds on that entry.
CREATE FUNCTION kyodo.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'INSERT') AND current_setting('kyodo.audit_purge', true) = pg_current_xact_id()::text
        AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        RAISE EXCEPTION 'audit.purge is written by purge_audit alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER append_only ON kyodo.audit;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kyodo.audit
    FOR EACH ROW EXECUTE FUNCTION kyodo.refuse_audit_change();
CREATE TRIGGER no_purge_but_by_purge BEFORE INSERT ON kyodo.audit
    FOR EACH ROW WHEN (NEW.action = 'audit.purge') EXECUTE FUNCTION kyodo.refuse_audit_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kyodo.audit_chain
    FOR EACH ROW EXECUTE FUNCTION kyodo.refuse_audit_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON kyodo.audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_audit_change();

-- Removes the oldest entries up to the first that is not before the day, never the newest one. Returns how many. What goes is
-- written down as an entry: how many, up to which place, and the hash there, which the first entry that stays builds on.
CREATE FUNCTION kyodo.purge_audit(code text, before timestamptz, who text, really boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
DECLARE
    cut bigint;
    cut_hash bytea;
    gone bigint;
BEGIN
    IF before > now() - interval '365 days' THEN
        RAISE EXCEPTION 'audit entries are kept for a year at least' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF really THEN
        PERFORM 1 FROM municipality WHERE municipality_code = code FOR NO KEY UPDATE;
    END IF;
    SELECT min(c.chain_no) - 1 INTO cut FROM audit_chain c JOIN audit a USING (municipality_code, entry_no)
    WHERE c.municipality_code = code AND a.at >= before;
    IF cut IS NULL THEN
        SELECT max(chain_no) - 1 INTO cut FROM audit_chain WHERE municipality_code = code;
    END IF;
    SELECT count(*) INTO gone FROM audit_chain WHERE municipality_code = code AND chain_no <= cut;
    IF gone = 0 OR NOT really THEN
        RETURN gone;
    END IF;
    SELECT entry_hash INTO cut_hash FROM audit_chain WHERE municipality_code = code AND chain_no = cut;
    PERFORM set_config('kyodo.audit_purge', pg_current_xact_id()::text, true);
    DELETE FROM audit a USING audit_chain c
    WHERE a.municipality_code = code AND c.municipality_code = code AND c.entry_no = a.entry_no AND c.chain_no <= cut;
    DELETE FROM audit_chain WHERE municipality_code = code AND chain_no <= cut;
    INSERT INTO audit (municipality_code, actor, action, details) VALUES (
        code, who, 'audit.purge',
        jsonb_build_object('rows', gone, 'chain_no', cut, 'hash', encode(cut_hash, 'hex'), 'before', before)
    );
    PERFORM set_config('kyodo.audit_purge', '', true);
    RETURN gone;
END $$;

REVOKE ALL ON FUNCTION kyodo.audit_field(text), kyodo.audit_hash(bytea, bigint, kyodo.audit),
    kyodo.chain_entry(kyodo.audit), kyodo.chain_audit(), kyodo.refuse_audit_change(),
    kyodo.purge_audit(text, timestamptz, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.purge_audit(text, timestamptz, text, boolean) TO kyodo_auth;
GRANT SELECT ON kyodo.audit_chain TO kyodo_auth, kyodo_staff;
-- Who writes an entry does not say when.
REVOKE INSERT ON kyodo.audit FROM kyodo_auth, kyodo_staff, kyodo_loader;
GRANT INSERT (municipality_code, actor, action, target, details, action_kind) ON kyodo.audit
    TO kyodo_auth, kyodo_staff, kyodo_loader;
