-- What a partner's connection may write of tickets: the fields of the forms, in its own name, and nothing else.
REVOKE INSERT ON kyodo.referral, kyodo.join_wish, kyodo.ticket_event, kyodo.ticket_notice FROM kyodo_partner;
GRANT INSERT (municipality_code, ticket_no, office_id, association_id, channel, asked_by, question, customer_name,
    customer_phone, customer_email, consent_at, due_on) ON kyodo.referral TO kyodo_partner;
GRANT INSERT (municipality_code, ticket_no, office_id, association_id, channel, asked_by, name, phone, email, address,
    purpose, consent_at, due_on) ON kyodo.join_wish TO kyodo_partner;
DROP POLICY first_event ON kyodo.ticket_event;
DROP POLICY new_ticket ON kyodo.ticket_notice;

-- Restrictive: added to own_office. An office's ticket comes from `partner`, nobody's from a counter or a page; the
-- number is the one just drawn, consent is given now, and who asks is somebody here.
CREATE POLICY as_itself ON kyodo.referral AS RESTRICTIVE FOR INSERT TO kyodo_partner WITH CHECK (
    (channel = 'partner') = (office_id IS NOT NULL)
    AND ticket_no = currval('kyodo.ticket_no_seq')
    AND (consent_at IS NULL OR consent_at = now())
    AND (asked_by IS NULL OR kyodo.speaks_here(municipality_code, asked_by)));
CREATE POLICY as_itself ON kyodo.join_wish AS RESTRICTIVE FOR INSERT TO kyodo_partner WITH CHECK (
    (channel = 'partner') = (office_id IS NOT NULL)
    AND ticket_no = currval('kyodo.ticket_no_seq')
    AND consent_at = now()
    AND (asked_by IS NULL OR kyodo.speaks_here(municipality_code, asked_by)));

-- The first event and the staff's mail of a ticket entered in this very transaction (received_at cannot be written);
-- what stands in them is the ticket's own. A second call fails: the event is there.
CREATE FUNCTION kyodo.begin_ticket(code text, number int)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
DECLARE
    office text := nullif(current_setting('kyodo.office', true), '');
    who text;
BEGIN
    SELECT coalesce(t.asked_by, t.channel) INTO who FROM (
        SELECT municipality_code, ticket_no, office_id, asked_by, channel, received_at FROM referral
        UNION ALL SELECT municipality_code, ticket_no, office_id, asked_by, channel, received_at FROM join_wish) t
        WHERE t.municipality_code = code AND t.ticket_no = number AND t.received_at = now()
          AND t.office_id IS NOT DISTINCT FROM office;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no ticket entered here and now' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO ticket_event (municipality_code, ticket_no, event_no, actor, state)
        VALUES (code, number, 1, who, 'received');
    INSERT INTO ticket_notice (municipality_code, ticket_no, kind) VALUES (code, number, 'staff-new');
END $$;
REVOKE ALL ON FUNCTION kyodo.begin_ticket FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.begin_ticket TO kyodo_partner;

-- What a key may do is looked at now. Keys that were issued before could do all of it, and still can.
UPDATE kyodo.partner_key SET scopes = '{lookup,batch,referral}' WHERE kind = 'secret';
ALTER TABLE kyodo.partner_key ADD CONSTRAINT ck_partner_key_scopes_known
    CHECK (scopes <@ '{lookup,batch,referral}'::text[] AND cardinality(scopes) > 0);
COMMENT ON COLUMN kyodo.partner_key.scopes IS 'What it may do: lookup, batch, referral';
