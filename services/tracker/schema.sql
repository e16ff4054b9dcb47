SELECT 1;
-- The published breaches of the city, without reading every application.
CREATE INDEX IF NOT EXISTS views_breaches ON views (subject) WHERE row -> 'breaches' <> '[]';
-- The newest decided applications of an SOP, from which a starting tracker estimates.
CREATE INDEX IF NOT EXISTS views_ended ON views ((row ->> 'sop_name'), (row ->> 'ended_at')) WHERE row ->> 'ended_at' <> '';
