-- Mail that a ticket calls for, written in the transaction of what it is about: a mail server that is away, or a
-- worker that is killed, loses none of it. Nothing personal stands here; whom it goes to is read when it is sent.
CREATE TABLE kyodo.ticket_notice (
    municipality_code text NOT NULL,
    ticket_no integer NOT NULL,
    kind text NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    CONSTRAINT pk_ticket_notice PRIMARY KEY (municipality_code, ticket_no, kind),
    CONSTRAINT fk_ticket_notice_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_ticket_notice_kind_known CHECK (kind IN ('staff-new', 'office-answered', 'customer-answered')),
    CONSTRAINT ck_ticket_notice_state_known CHECK (state IN ('pending', 'sent', 'skipped', 'failed')),
    CONSTRAINT ck_ticket_notice_attempts_range CHECK (attempts >= 0)
);
CREATE INDEX ix_ticket_notice_pending ON kyodo.ticket_notice (municipality_code, next_try_at)
    WHERE state = 'pending';
ALTER TABLE kyodo.ticket_notice ENABLE ROW LEVEL SECURITY;
GRANT INSERT ON kyodo.ticket_notice TO kyodo_partner;
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.ticket_notice TO kyodo_staff, kyodo_loader;
CREATE POLICY new_ticket ON kyodo.ticket_notice FOR INSERT TO kyodo_partner
    WITH CHECK (kind = 'staff-new' AND state = 'pending' AND attempts = 0);
CREATE POLICY all_rows ON kyodo.ticket_notice TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);

-- An erased question says nothing any more, and neither do the notes about it.
UPDATE kyodo.referral SET question = '', answer = NULL WHERE erased_at IS NOT NULL;
ALTER TABLE kyodo.referral DROP CONSTRAINT ck_referral_erased_is_empty;
ALTER TABLE kyodo.referral ADD CONSTRAINT ck_referral_erased_is_empty CHECK (erased_at IS NULL
    OR (customer_name IS NULL AND customer_phone IS NULL AND customer_email IS NULL
        AND question = '' AND answer IS NULL));
GRANT SELECT (municipality_code, ticket_no, note), UPDATE (note) ON kyodo.ticket_event TO kyodo_auth;
CREATE POLICY erased_notes ON kyodo.ticket_event TO kyodo_auth USING (true) WITH CHECK (note IS NULL);
-- Notes and names of the staff are not for the offices.
REVOKE SELECT ON kyodo.ticket_event FROM kyodo_partner;
GRANT SELECT (municipality_code, ticket_no, event_no, at, state) ON kyodo.ticket_event TO kyodo_partner;

-- Wishes to join by week (its Monday, Japan time) and association: counts alone, for readers who may not see the
-- wishes themselves. `last` is included; outcomes are those known today of the wishes received in the week.
CREATE FUNCTION kyodo.join_counts(code text, generation int, first date, last date)
RETURNS TABLE (week date, district_no int, association_id text, wishes int, joined int, declined int, withdrawn int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT date_trunc('week', w.received_at AT TIME ZONE 'Asia/Tokyo')::date, d.district_no, w.association_id,
           count(*)::int, (count(*) FILTER (WHERE w.state = 'joined'))::int,
           (count(*) FILTER (WHERE w.state = 'declined'))::int, (count(*) FILTER (WHERE w.state = 'withdrawn'))::int
    FROM join_wish w
    LEFT JOIN association_districts(code, generation) d ON d.association_id = w.association_id
    WHERE w.municipality_code = code
      AND w.received_at >= first::timestamp AT TIME ZONE 'Asia/Tokyo'
      AND w.received_at < (last + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
    GROUP BY 1, 2, 3
$$;
REVOKE ALL ON FUNCTION kyodo.join_counts(text, int, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.join_counts(text, int, date, date) TO kyodo_auth, kyodo_staff, kyodo_loader;

COMMENT ON CONSTRAINT ck_referral_erased_is_empty ON kyodo.referral IS 'Erasing takes the texts as well';
COMMENT ON TABLE kyodo.ticket_notice IS 'Mail that a ticket calls for: number and kind only; whom it goes to is read when it is sent';
COMMENT ON COLUMN kyodo.ticket_notice.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.ticket_notice.ticket_no IS 'Ticket of referral or join_wish';
COMMENT ON COLUMN kyodo.ticket_notice.kind IS 'staff-new / office-answered / customer-answered';
COMMENT ON COLUMN kyodo.ticket_notice.state IS 'pending / sent / skipped / failed';
COMMENT ON COLUMN kyodo.ticket_notice.attempts IS 'How often sending was tried';
COMMENT ON COLUMN kyodo.ticket_notice.next_try_at IS 'Not before this time';
COMMENT ON COLUMN kyodo.ticket_notice.sent_at IS 'When the mail server took it';
