-- Every notice that the gateway signed, written before it was answered: what it says, how often it came, and what became of it.
-- `raw` holds only one that could not be read, until somebody has set it aside: nobody can say what else stands in it.
-- `state`: received, confirmed, repeated, suspended, assigned, returned or set-aside; `reason` says why it is or was in suspense,
-- `transfer` by which number its money went back to the payer.
CREATE TABLE IF NOT EXISTS notices (
    id text PRIMARY KEY,
    digest bytea NOT NULL,
    raw bytea NOT NULL DEFAULT '',
    arrived timestamptz NOT NULL,
    times bigint NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'received',
    reason text NOT NULL DEFAULT '',
    subject text NOT NULL DEFAULT '',
    charge text NOT NULL DEFAULT '',
    receipt text NOT NULL DEFAULT '',
    amount_rupiah bigint NOT NULL DEFAULT 0,
    paid_on text NOT NULL DEFAULT '',
    channel text NOT NULL DEFAULT '',
    event_id text NOT NULL DEFAULT '',
    tried_sequence bigint NOT NULL DEFAULT 0,
    transfer text NOT NULL DEFAULT '',
    settled_by text NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS notices_receipt ON notices (receipt);
CREATE INDEX IF NOT EXISTS notices_waiting ON notices (subject) WHERE state IN ('received', 'suspended');

-- The desk asks by agency; the worker asks which charges have no code yet; a comparison asks by the day of payment.
CREATE INDEX IF NOT EXISTS views_agencies ON views USING gin ((row -> 'agencies'));
CREATE INDEX IF NOT EXISTS views_days ON views USING gin ((row -> 'days'));
CREATE INDEX IF NOT EXISTS views_deposits ON views (subject) WHERE row -> 'deposits' <> '[]'::jsonb;
CREATE INDEX IF NOT EXISTS views_uncoded ON views (subject) WHERE row ->> 'uncoded' = 'true';
