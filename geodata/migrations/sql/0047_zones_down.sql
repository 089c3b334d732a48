DROP FUNCTION kyodo.district_membership(text, int), kyodo.city_membership(text, int), kyodo.event_participants(text),
    kyodo.event_participant_totals(text);
ALTER FUNCTION kyodo.worked_out_district_membership(text, int) RENAME TO district_membership;
ALTER FUNCTION kyodo.worked_out_city_membership(text, int) RENAME TO city_membership;
ALTER FUNCTION kyodo.worked_out_event_participants(text) RENAME TO event_participants;
ALTER FUNCTION kyodo.worked_out_event_participant_totals(text) RENAME TO event_participant_totals;
GRANT EXECUTE ON FUNCTION kyodo.district_membership, kyodo.city_membership, kyodo.event_participants,
    kyodo.event_participant_totals TO kyodo_public, kyodo_staff, kyodo_loader;
DROP TABLE kyodo.published_district_membership, kyodo.published_city_membership, kyodo.published_participants,
    kyodo.published_participant_total, kyodo.published_house, kyodo.publication, kyodo.ticket_transfer;
