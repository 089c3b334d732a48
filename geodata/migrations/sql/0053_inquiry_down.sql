DROP TABLE kyodo.plan_mapping, kyodo.indicator_evaluation, kyodo.initiative_evaluation, kyodo.plan_evaluation,
    kyodo.evaluation_grade, kyodo.body_action, kyodo.body_meeting, kyodo.initiative_review, kyodo.inquiry_answer,
    kyodo.inquiry_item, kyodo.inquiry_sheet, kyodo.inquiry, kyodo.responsibility, kyodo.department;
-- The schema before knows no drafts: they would be in force.
DELETE FROM kyodo.indicator i USING kyodo.plan p WHERE p.municipality_code = i.municipality_code AND p.plan_id = i.plan_id
    AND p.state = 'draft';
DELETE FROM kyodo.initiative i USING kyodo.plan p WHERE p.municipality_code = i.municipality_code AND p.plan_id = i.plan_id
    AND p.state = 'draft';
DELETE FROM kyodo.plan_policy i USING kyodo.plan p WHERE p.municipality_code = i.municipality_code AND p.plan_id = i.plan_id
    AND p.state = 'draft';
DELETE FROM kyodo.plan WHERE state = 'draft';
SET CONSTRAINTS ALL IMMEDIATE;
DO $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY ARRAY['plan_policy', 'initiative', 'indicator', 'plan'] LOOP
        EXECUTE format('DROP POLICY in_force ON kyodo.%I', part);
        EXECUTE format('DROP POLICY all_rows ON kyodo.%I', part);
        EXECUTE format('DROP POLICY drafts_in ON kyodo.%I', part);
        EXECUTE format('DROP POLICY drafts_on ON kyodo.%I', part);
        EXECUTE format('DROP POLICY drafts_out ON kyodo.%I', part);
        EXECUTE format('DROP POLICY loads ON kyodo.%I', part);
        EXECUTE format('ALTER TABLE kyodo.%I DISABLE ROW LEVEL SECURITY', part);
    END LOOP;
END $$;
ALTER TABLE kyodo.plan DROP COLUMN state;
