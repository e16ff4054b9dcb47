-- Beside the entries themselves (in the event store: subject, sequence, bytes, position).

-- The leaf hash of each entry, and its event's id and digest, by which repeats are told from forgeries.
CREATE TABLE IF NOT EXISTS leaves (
    position bigint PRIMARY KEY,
    leaf_hash bytea NOT NULL,
    event_id text NOT NULL UNIQUE,
    event_digest bytea NOT NULL
);

-- Events that wait for an earlier number of their sender.
CREATE TABLE IF NOT EXISTS held_events (
    event_id text PRIMARY KEY,
    topic text NOT NULL,
    raw bytea NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE held_events ADD COLUMN IF NOT EXISTS seal bytea NOT NULL DEFAULT '';
