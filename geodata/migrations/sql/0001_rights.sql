-- Who may do what, below the application. kyodo_public reads what everybody may see; kyodo_staff reads all and
-- writes dated records; kyodo_loader writes datasets and generations; kyodo_auth alone sees accounts and keys.
REVOKE ALL ON SCHEMA kyodo, kyodo_vacant FROM PUBLIC;
GRANT USAGE ON SCHEMA kyodo TO kyodo_public, kyodo_staff, kyodo_loader, kyodo_auth;
GRANT USAGE ON SCHEMA kyodo_vacant TO kyodo_staff, kyodo_loader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA kyodo FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.active_dataset(text, int, text), kyodo.association_districts(text, int),
    kyodo.district_membership(text, int), kyodo.city_membership(text, int)
    TO kyodo_public, kyodo_staff, kyodo_loader;
GRANT EXECUTE ON FUNCTION kyodo.district_membership_full(text, int) TO kyodo_staff, kyodo_loader;

GRANT SELECT ON kyodo.municipality, kyodo.outline, kyodo.small_area, kyodo.register_population, kyodo.district,
    kyodo.district_area, kyodo.district_assignment, kyodo.association, kyodo.association_area, kyodo.address_rule,
    kyodo.association_district, kyodo.town, kyodo.block, kyodo.lot, kyodo.facility, kyodo.facility_site,
    kyodo.building, kyodo.facility_building, kyodo.room, kyodo.facility_year, kyodo.plan, kyodo.initiative,
    kyodo.initiative_year, kyodo.indicator, kyodo.indicator_value, kyodo.district_plan, kyodo.project,
    kyodo.area_figure, kyodo.body, kyodo.generation_dataset, kyodo.association_contact
    TO kyodo_public, kyodo_staff, kyodo_loader;
GRANT SELECT (municipality_code, dataset_id, kind, title, source, source_url, licence, authority, as_of, quality,
    loaded_at, checksum, row_count, derived_from, base_dataset_id) ON kyodo.dataset TO kyodo_public;
GRANT SELECT (municipality_code, generation_no, activated_at, retired_kinds) ON kyodo.generation TO kyodo_public;
GRANT SELECT (municipality_code, officer_id, district_no, kind, office, office_phone, valid_from, valid_to, quality,
    source) ON kyodo.officer TO kyodo_public;

GRANT SELECT ON kyodo.dataset, kyodo.generation, kyodo.officer, kyodo.membership, kyodo.hall, kyodo.named_building,
    kyodo.district_request, kyodo.partner, kyodo.partner_office, kyodo.referral, kyodo.lookup_count
    TO kyodo_staff, kyodo_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA kyodo_vacant TO kyodo_staff, kyodo_loader;

GRANT INSERT, UPDATE, DELETE ON kyodo.association_contact, kyodo.named_building, kyodo.building,
    kyodo.facility_building, kyodo.room, kyodo.facility_year, kyodo.plan, kyodo.initiative, kyodo.initiative_year,
    kyodo.indicator, kyodo.indicator_value, kyodo.district_plan, kyodo.project, kyodo.area_figure, kyodo.body,
    kyodo.officer, kyodo.district_request, kyodo.partner, kyodo.partner_office, kyodo.referral
    TO kyodo_staff, kyodo_loader;

GRANT INSERT, UPDATE, DELETE ON kyodo.municipality, kyodo.district, kyodo.association, kyodo.facility TO kyodo_loader;
-- Datasets and generations are written once: no UPDATE, so that what was activated cannot be altered behind it.
GRANT INSERT, DELETE ON kyodo.dataset, kyodo.outline, kyodo.small_area, kyodo.register_population,
    kyodo.district_area, kyodo.district_assignment, kyodo.association_area, kyodo.address_rule,
    kyodo.association_district, kyodo.membership, kyodo.hall, kyodo.town, kyodo.block, kyodo.lot,
    kyodo.facility_site, kyodo_vacant.vacant_house TO kyodo_loader;
GRANT INSERT ON kyodo.generation, kyodo.generation_dataset TO kyodo_loader;

GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.app_user, kyodo.user_role, kyodo.session, kyodo.sign_in_link,
    kyodo.partner_key, kyodo.lookup_count TO kyodo_auth;
GRANT SELECT ON kyodo.municipality, kyodo.partner, kyodo.partner_office TO kyodo_auth;
GRANT SELECT, INSERT ON kyodo.audit TO kyodo_auth, kyodo_staff, kyodo_loader;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA kyodo TO kyodo_staff, kyodo_loader, kyodo_auth;

-- Rows that everybody may see, of tables that also hold others.
ALTER TABLE kyodo.association_contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY published_only ON kyodo.association_contact FOR SELECT TO kyodo_public USING (published);
CREATE POLICY all_rows ON kyodo.association_contact TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
ALTER TABLE kyodo.dataset ENABLE ROW LEVEL SECURITY;
CREATE POLICY no_vacant_houses ON kyodo.dataset FOR SELECT TO kyodo_public USING (kind <> 'vacant-houses');
CREATE POLICY all_rows ON kyodo.dataset TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
ALTER TABLE kyodo.generation_dataset ENABLE ROW LEVEL SECURITY;
CREATE POLICY no_vacant_houses ON kyodo.generation_dataset FOR SELECT TO kyodo_public USING (kind <> 'vacant-houses');
CREATE POLICY all_rows ON kyodo.generation_dataset TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
ALTER TABLE kyodo.area_figure ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_by_association ON kyodo.area_figure FOR SELECT TO kyodo_public USING (area_kind <> 'association');
CREATE POLICY all_rows ON kyodo.area_figure TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
