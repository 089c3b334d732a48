-- Rows of a dataset that any generation names stay as they were activated. One check per statement, on the datasets
-- that occur among its rows; the row of the dataset is locked first, so that a load and an activation of the same
-- dataset wait for each other (an activation's foreign key holds the row too).
CREATE FUNCTION kyodo.refuse_activated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
DECLARE
    touched record;
    named int;
BEGIN
    FOR touched IN SELECT DISTINCT municipality_code, dataset_id FROM changed LOOP
        PERFORM FROM dataset d
            WHERE d.municipality_code = touched.municipality_code AND d.dataset_id = touched.dataset_id FOR UPDATE;
        SELECT g.generation_no INTO named FROM generation_dataset g
            WHERE g.municipality_code = touched.municipality_code AND g.dataset_id = touched.dataset_id LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'dataset % belongs to generation % of %: its rows cannot be changed',
                touched.dataset_id, named, touched.municipality_code
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION kyodo.refuse_activated() FROM PUBLIC;
CREATE INDEX ix_generation_dataset_dataset ON kyodo.generation_dataset (municipality_code, dataset_id);
