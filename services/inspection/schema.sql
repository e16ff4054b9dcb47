-- The desk asks by agency: which open tasks are ours?
CREATE INDEX IF NOT EXISTS views_agencies ON views USING gin ((row -> 'agencies'));
