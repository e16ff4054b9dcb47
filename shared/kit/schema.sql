-- What every service keeps beside its own events (the outbox, made by the event store) and its own views.

-- The entries of the ledger that this service has applied, in the city's order.
CREATE TABLE IF NOT EXISTS entries (
    position bigint PRIMARY KEY,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    event_id text NOT NULL,
    refused text NOT NULL,
    raw bytea NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS entries_subject ON entries (subject, sequence);

-- The live view: one row per subject, a pure function of its case.
CREATE TABLE IF NOT EXISTS views (
    subject text PRIMARY KEY,
    sequence bigint NOT NULL,
    digest bytea NOT NULL,
    row jsonb NOT NULL
);

-- From when on an application that has ended may be dropped here.
CREATE TABLE IF NOT EXISTS endings (
    subject text PRIMARY KEY,
    drop_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS endings_drop_at ON endings (drop_at);

CREATE TABLE IF NOT EXISTS idempotency (
    actor text NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    subject text NOT NULL,
    event_id text NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor, key)
);
CREATE INDEX IF NOT EXISTS idempotency_created ON idempotency (created);

CREATE TABLE IF NOT EXISTS dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin text NOT NULL,
    subject text NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    raw bytea NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    solved timestamptz,
    UNIQUE (origin)
);
CREATE INDEX IF NOT EXISTS dead_letters_held ON dead_letters (subject) WHERE solved IS NULL;

-- Personal data: values under a key of their subject, the keys wrapped by the key-encryption key.
CREATE TABLE IF NOT EXISTS vault_keys (
    subject text PRIMARY KEY,
    wrapped bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS vault_values (
    commitment text PRIMARY KEY,
    subject text NOT NULL,
    name text NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS vault_values_subject ON vault_values (subject);

CREATE TABLE IF NOT EXISTS timers (
    subject text PRIMARY KEY,
    due_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due_at);
