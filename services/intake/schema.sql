-- Who saw an applicant's data, for which purpose: written before the data is shown.
CREATE TABLE IF NOT EXISTS disclosures_shown (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    viewer text NOT NULL,
    agency text NOT NULL,
    purpose text NOT NULL,
    shown timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS disclosures_shown_subject ON disclosures_shown (subject);
CREATE INDEX IF NOT EXISTS views_agencies ON views USING gin ((row -> 'agencies'));
-- Applications that are saved and not submitted: their writer's own papers. What stands in them is in the vault, under a key of each.
CREATE TABLE IF NOT EXISTS drafts (
    draft text PRIMARY KEY,
    owner text NOT NULL,
    sop text NOT NULL,
    version bigint NOT NULL,
    changed timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS drafts_owner ON drafts (owner, draft);
CREATE INDEX IF NOT EXISTS drafts_changed ON drafts (changed);
