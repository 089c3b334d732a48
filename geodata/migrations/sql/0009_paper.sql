-- One table for every optional layer: the kind of the dataset says which one a row belongs to.
CREATE TABLE kyodo.area_layer (
    municipality_code text NOT NULL,
    dataset_id integer NOT NULL,
    area_no integer NOT NULL,
    name text NOT NULL,
    detail text,
    contact text,
    phone text,
    address text,
    CONSTRAINT pk_area_layer PRIMARY KEY (municipality_code, dataset_id, area_no),
    CONSTRAINT fk_area_layer_dataset FOREIGN KEY (municipality_code, dataset_id)
        REFERENCES kyodo.dataset (municipality_code, dataset_id) ON DELETE CASCADE,
    CONSTRAINT ck_area_layer_name_length CHECK (char_length(name) BETWEEN 1 AND 200)
);

GRANT SELECT ON kyodo.area_layer TO kyodo_public, kyodo_staff, kyodo_loader;
-- Written once with its dataset: no UPDATE.
GRANT INSERT, DELETE ON kyodo.area_layer TO kyodo_loader;

COMMENT ON TABLE kyodo.area_layer IS 'Areas and places of optional layers; the dataset''s kind says which layer';
COMMENT ON COLUMN kyodo.area_layer.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.area_layer.dataset_id IS 'Dataset (one load) the row came with';
COMMENT ON COLUMN kyodo.area_layer.area_no IS '1, 2 … in the order of the file';
COMMENT ON COLUMN kyodo.area_layer.name IS 'School, collection area, shelter or depth, as published';
COMMENT ON COLUMN kyodo.area_layer.detail IS 'Note as published, e.g. days of collection';
COMMENT ON COLUMN kyodo.area_layer.contact IS 'Whom to ask';
COMMENT ON COLUMN kyodo.area_layer.phone IS 'Telephone of whom to ask';
COMMENT ON COLUMN kyodo.area_layer.address IS 'Address, for places';

-- Only what associations agreed to publish is loaded, so everybody may read all of it.
CREATE TABLE kyodo.association_profile (
    municipality_code text NOT NULL,
    dataset_id integer NOT NULL,
    association_id text NOT NULL,
    fee text,
    activities text,
    joining text,
    website text,
    CONSTRAINT pk_association_profile PRIMARY KEY (municipality_code, dataset_id, association_id),
    CONSTRAINT fk_association_profile_dataset FOREIGN KEY (municipality_code, dataset_id)
        REFERENCES kyodo.dataset (municipality_code, dataset_id) ON DELETE CASCADE,
    CONSTRAINT fk_association_profile_association FOREIGN KEY (municipality_code, association_id)
        REFERENCES kyodo.association,
    CONSTRAINT ck_association_profile_website_form CHECK (website ~ '^https?://')
);
GRANT SELECT ON kyodo.association_profile TO kyodo_public, kyodo_staff, kyodo_loader;
GRANT INSERT, DELETE ON kyodo.association_profile TO kyodo_loader;

COMMENT ON TABLE kyodo.association_profile IS 'What associations agreed to publish about themselves; rows without consent are never loaded';
COMMENT ON COLUMN kyodo.association_profile.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.association_profile.dataset_id IS 'Dataset (one load) the row came with';
COMMENT ON COLUMN kyodo.association_profile.association_id IS 'Association';
COMMENT ON COLUMN kyodo.association_profile.fee IS 'Membership fee in its own words';
COMMENT ON COLUMN kyodo.association_profile.activities IS 'What it does, in its own words';
COMMENT ON COLUMN kyodo.association_profile.joining IS 'How to join';
COMMENT ON COLUMN kyodo.association_profile.website IS 'Its own page, http or https';
