-- Questions and wishes of partners (取組1, 取組2), and the row-level security that keeps offices apart.
CREATE SEQUENCE kyodo.ticket_no_seq;

-- A ticket changes nothing that anybody else sees: it must not make every worker build its lookup anew.
DROP TRIGGER touch_revision ON kyodo.referral;
ALTER TABLE kyodo.referral
    ADD COLUMN channel text NOT NULL DEFAULT 'partner',
    ADD COLUMN asked_by text,
    ADD COLUMN customer_name text,
    ADD COLUMN customer_phone text,
    ADD COLUMN customer_email text,
    ADD COLUMN consent_at timestamptz,
    ADD COLUMN erased_at timestamptz,
    ALTER COLUMN state SET DEFAULT 'received',
    ADD CONSTRAINT ck_referral_channel_known CHECK (channel IN ('partner', 'counter', 'page')),
    ADD CONSTRAINT ck_referral_nothing_personal_without_consent CHECK (consent_at IS NOT NULL
        OR (customer_name IS NULL AND customer_phone IS NULL AND customer_email IS NULL)),
    ADD CONSTRAINT ck_referral_erased_is_empty CHECK (erased_at IS NULL
        OR (customer_name IS NULL AND customer_phone IS NULL AND customer_email IS NULL));

CREATE TABLE kyodo.join_wish (
    municipality_code text NOT NULL,
    ticket_no integer NOT NULL,
    office_id text,
    association_id text NOT NULL,
    channel text NOT NULL DEFAULT 'partner',
    asked_by text,
    name text,
    phone text,
    email text,
    address text,
    purpose text NOT NULL,
    consent_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'received',
    received_at timestamptz NOT NULL DEFAULT now(),
    due_on date,
    closed_at timestamptz,
    erased_at timestamptz,
    CONSTRAINT pk_join_wish PRIMARY KEY (municipality_code, ticket_no),
    CONSTRAINT fk_join_wish_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_join_wish_office FOREIGN KEY (municipality_code, office_id) REFERENCES kyodo.partner_office,
    CONSTRAINT fk_join_wish_association FOREIGN KEY (municipality_code, association_id) REFERENCES kyodo.association,
    CONSTRAINT ck_join_wish_state_known CHECK (state IN ('received', 'passed-on', 'joined', 'declined', 'withdrawn')),
    CONSTRAINT ck_join_wish_channel_known CHECK (channel IN ('partner', 'counter', 'page')),
    CONSTRAINT ck_join_wish_dates_order CHECK (closed_at >= received_at),
    CONSTRAINT ck_join_wish_erased_is_empty CHECK (erased_at IS NULL
        OR (name IS NULL AND phone IS NULL AND email IS NULL AND address IS NULL))
);

CREATE TABLE kyodo.ticket_event (
    municipality_code text NOT NULL,
    ticket_no integer NOT NULL,
    event_no integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    state text NOT NULL,
    note text,
    CONSTRAINT pk_ticket_event PRIMARY KEY (municipality_code, ticket_no, event_no),
    CONSTRAINT fk_ticket_event_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality
);

CREATE TABLE kyodo.leaflet_count (
    municipality_code text NOT NULL,
    day date NOT NULL,
    association_id text NOT NULL,
    form text NOT NULL,
    office_id text NOT NULL,
    copies integer NOT NULL DEFAULT 0,
    CONSTRAINT pk_leaflet_count PRIMARY KEY (municipality_code, day, association_id, form, office_id),
    CONSTRAINT fk_leaflet_count_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_leaflet_count_form_known CHECK (form IN ('a4', 'receipt', 'building', 'fax')),
    CONSTRAINT ck_leaflet_count_count_range CHECK (copies >= 0)
);

-- kyodo_partner reads as the public does (geodata/roles.py) and sees the tickets of one office (kyodo.office).
GRANT USAGE ON SCHEMA kyodo TO kyodo_partner;
GRANT SELECT, INSERT ON kyodo.referral, kyodo.join_wish TO kyodo_partner;
GRANT SELECT, INSERT ON kyodo.ticket_event TO kyodo_partner;
GRANT USAGE ON SEQUENCE kyodo.ticket_no_seq TO kyodo_partner, kyodo_staff, kyodo_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.join_wish, kyodo.ticket_event TO kyodo_staff, kyodo_loader;
GRANT SELECT ON kyodo.leaflet_count TO kyodo_staff, kyodo_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.leaflet_count TO kyodo_auth;
-- Personal fields are erased by a job that sees nothing else.
GRANT SELECT (municipality_code, ticket_no, state, closed_at, erased_at),
    UPDATE (question, answer, customer_name, customer_phone, customer_email, erased_at) ON kyodo.referral TO kyodo_auth;
GRANT SELECT (municipality_code, ticket_no, state, closed_at, erased_at),
    UPDATE (name, phone, email, address, erased_at) ON kyodo.join_wish TO kyodo_auth;

ALTER TABLE kyodo.referral ENABLE ROW LEVEL SECURITY;
ALTER TABLE kyodo.join_wish ENABLE ROW LEVEL SECURITY;
ALTER TABLE kyodo.ticket_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_office ON kyodo.referral TO kyodo_partner
    USING (office_id = nullif(current_setting('kyodo.office', true), ''))
    WITH CHECK (office_id IS NOT DISTINCT FROM nullif(current_setting('kyodo.office', true), ''));
CREATE POLICY own_office ON kyodo.join_wish TO kyodo_partner
    USING (office_id = nullif(current_setting('kyodo.office', true), ''))
    WITH CHECK (office_id IS NOT DISTINCT FROM nullif(current_setting('kyodo.office', true), ''));
-- Events follow their ticket: what the policies above show decides.
CREATE POLICY own_tickets ON kyodo.ticket_event FOR SELECT TO kyodo_partner
    USING (EXISTS (SELECT FROM kyodo.referral r WHERE r.municipality_code = ticket_event.municipality_code
                   AND r.ticket_no = ticket_event.ticket_no)
        OR EXISTS (SELECT FROM kyodo.join_wish w WHERE w.municipality_code = ticket_event.municipality_code
                   AND w.ticket_no = ticket_event.ticket_no));
CREATE POLICY first_event ON kyodo.ticket_event FOR INSERT TO kyodo_partner WITH CHECK (event_no = 1);
CREATE POLICY all_rows ON kyodo.referral TO kyodo_staff, kyodo_loader, kyodo_auth USING (true) WITH CHECK (true);
CREATE POLICY all_rows ON kyodo.join_wish TO kyodo_staff, kyodo_loader, kyodo_auth USING (true) WITH CHECK (true);
CREATE POLICY all_rows ON kyodo.ticket_event TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);

COMMENT ON TABLE kyodo.join_wish IS 'A wish to join an association, passed on by a partner or a counter (加入申込の取次)';
COMMENT ON COLUMN kyodo.join_wish.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.join_wish.ticket_no IS 'Ticket number, one row of numbers with referral';
COMMENT ON COLUMN kyodo.join_wish.office_id IS 'Office that passes it on; NULL when a counter or a resident does';
COMMENT ON COLUMN kyodo.join_wish.association_id IS 'Association the household wishes to join';
COMMENT ON COLUMN kyodo.join_wish.channel IS 'partner / counter / page';
COMMENT ON COLUMN kyodo.join_wish.asked_by IS 'Login of who entered it';
COMMENT ON COLUMN kyodo.join_wish.name IS 'Who wishes to join';
COMMENT ON COLUMN kyodo.join_wish.phone IS 'Telephone';
COMMENT ON COLUMN kyodo.join_wish.email IS 'E-mail';
COMMENT ON COLUMN kyodo.join_wish.address IS 'Where the household lives or moves to';
COMMENT ON COLUMN kyodo.join_wish.purpose IS 'What the personal fields may be used for, as shown to the person';
COMMENT ON COLUMN kyodo.join_wish.consent_at IS 'When the person agreed in writing';
COMMENT ON COLUMN kyodo.join_wish.state IS 'received / passed-on / joined / declined / withdrawn';
COMMENT ON COLUMN kyodo.join_wish.received_at IS 'When received';
COMMENT ON COLUMN kyodo.join_wish.due_on IS 'Result due';
COMMENT ON COLUMN kyodo.join_wish.closed_at IS 'When the result was known';
COMMENT ON COLUMN kyodo.join_wish.erased_at IS 'When the personal fields were erased';
COMMENT ON TABLE kyodo.ticket_event IS 'What happened to a ticket';
COMMENT ON COLUMN kyodo.ticket_event.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.ticket_event.ticket_no IS 'Ticket of referral or join_wish';
COMMENT ON COLUMN kyodo.ticket_event.event_no IS '1, 2 …';
COMMENT ON COLUMN kyodo.ticket_event.at IS 'When';
COMMENT ON COLUMN kyodo.ticket_event.actor IS 'Login, or partner / page / job';
COMMENT ON COLUMN kyodo.ticket_event.state IS 'State the ticket was brought to';
COMMENT ON COLUMN kyodo.ticket_event.note IS 'Note of the staff; nothing personal';
COMMENT ON TABLE kyodo.leaflet_count IS 'Leaflets handed out by day, association and office; no person';
COMMENT ON COLUMN kyodo.leaflet_count.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.leaflet_count.day IS 'Day';
COMMENT ON COLUMN kyodo.leaflet_count.association_id IS 'Association';
COMMENT ON COLUMN kyodo.leaflet_count.form IS 'a4 / receipt / building / fax';
COMMENT ON COLUMN kyodo.leaflet_count.office_id IS 'Partner office; empty where none';
COMMENT ON COLUMN kyodo.leaflet_count.copies IS 'How many were handed out';
COMMENT ON TABLE kyodo.referral IS 'A question to the city (取次, 取組1)';
COMMENT ON COLUMN kyodo.referral.ticket_no IS 'Ticket number, one row of numbers with join_wish';
COMMENT ON COLUMN kyodo.referral.office_id IS 'Office that asks; NULL when a resident or a counter does';
COMMENT ON COLUMN kyodo.referral.channel IS 'partner / counter / page';
COMMENT ON COLUMN kyodo.referral.asked_by IS 'Login of who entered it';
COMMENT ON COLUMN kyodo.referral.customer_name IS 'Who wants the answer; only with consent';
COMMENT ON COLUMN kyodo.referral.customer_phone IS 'Telephone of who wants the answer; only with consent';
COMMENT ON COLUMN kyodo.referral.customer_email IS 'E-mail of who wants the answer; only with consent';
COMMENT ON COLUMN kyodo.referral.consent_at IS 'When the customer agreed that the personal fields are passed on';
COMMENT ON COLUMN kyodo.referral.erased_at IS 'When the personal fields and texts were erased';
