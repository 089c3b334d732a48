-- Aliases say how else a town is written; a former name also has days. The lookup reads the aliases alone.
ALTER TABLE kyodo.town
    ADD COLUMN former_names jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT ck_town_former_names_form CHECK (
        jsonb_typeof(former_names) = 'array' AND NOT jsonb_path_exists(former_names,
            '$[*] ? (!exists(@.name) || @.name.type() <> "string")'));
COMMENT ON COLUMN kyodo.town.former_names IS
    'Former names: [{name, valid_from, valid_to}], days as YYYY-MM-DD or null where unknown';
