SELECT 1;
-- The published breaches of the city, without reading every application.
CREATE INDEX IF NOT EXISTS views_breaches ON views (subject) WHERE row -> 'breaches' <> '[]';
