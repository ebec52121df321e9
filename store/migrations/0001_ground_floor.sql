-- Times are integer milliseconds since 1970, UTC, and named ..._at.

-- A configured connection to one outside service.
CREATE TABLE link (
    id TEXT PRIMARY KEY,
    name TEXT UNIQUE,
    template TEXT NOT NULL,
    allow_unsigned INTEGER NOT NULL DEFAULT 0 CHECK (allow_unsigned IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Its fields, each sealed on its own. The seal is bound to link, field and version.
CREATE TABLE link_field (
    link TEXT NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (link, name)
) STRICT, WITHOUT ROWID;

-- Every verified delivery, in the order of arrival. Its bytes stand in inbox_body, so that a change of state here
-- does not rewrite them.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    link TEXT NOT NULL,
    edition TEXT NOT NULL,   -- cloud or data_center: the link may be gone when the row is digested
    instance TEXT NOT NULL,  -- which Bitbucket
    event_key TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,  -- 0 pending, 1 digested, 2 unrecognised, 3 unreadable
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT
) STRICT;
CREATE INDEX inbox_pending ON inbox (id) WHERE state = 0;
CREATE INDEX inbox_set_aside ON inbox (id) WHERE state > 1;
CREATE INDEX inbox_aside_by_state ON inbox (state) WHERE state > 1;  -- counted by each scrape of /metrics

CREATE TABLE inbox_body (
    id INTEGER PRIMARY KEY REFERENCES inbox (id) ON DELETE CASCADE,
    headers TEXT NOT NULL,  -- JSON object of the headers on the allow-list
    body BLOB NOT NULL
) STRICT;

-- Delivery ids seen, for seven days: the first guard against a delivery that comes twice.
CREATE TABLE delivery_seen (
    link TEXT NOT NULL,
    delivery TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (link, delivery)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    repository TEXT NOT NULL,  -- full name, for listing; empty where there is none
    pull_request INTEGER,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    inbox INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;

-- The last known state of each pull request.
CREATE TABLE snapshot (
    instance TEXT NOT NULL,
    repository TEXT NOT NULL,
    pull_request INTEGER NOT NULL,
    head TEXT,  -- the first 12 characters of the source's commit while it is open: builds find their pull requests
    json TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (instance, repository, pull_request)
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_head ON snapshot (instance, repository, head) WHERE head IS NOT NULL;

-- How each build last ended on each branch: "fixed" is a success behind a failure.
CREATE TABLE build_result (
    instance TEXT NOT NULL,
    repository TEXT NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    ended_at INTEGER NOT NULL,
    PRIMARY KEY (instance, repository, scope, key)
) STRICT, WITHOUT ROWID;

-- One message to one destination.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event INTEGER NOT NULL REFERENCES event (seq),
    destination TEXT NOT NULL,
    conversation TEXT NOT NULL,
    why TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,  -- 0 pending, 1 done, 2 dead
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    planned_at INTEGER NOT NULL,
    settled_at INTEGER,
    reference TEXT,  -- the service's name for the message
    reason TEXT,     -- why it is dead, or what went wrong last
    UNIQUE (event, destination, conversation)
) STRICT;
CREATE INDEX delivery_lane ON delivery (destination, conversation, id) WHERE state = 0;
CREATE INDEX delivery_dead ON delivery (id) WHERE state = 2;  -- counted by each scrape of /metrics

-- What was tried. A row without an outcome is an attempt that nobody saw the end of.
CREATE TABLE delivery_attempt (
    delivery INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    detail TEXT,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

-- Destinations that wait for a person: a token or a channel is at fault.
CREATE TABLE destination_hold (
    destination TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    advice TEXT NOT NULL,
    since_at INTEGER NOT NULL,
    look_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
