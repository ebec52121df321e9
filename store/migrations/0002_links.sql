-- Which master key seals now. Nothing else may be sealed with: a process that holds an older key reads it again.
CREATE TABLE sealing_key (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    key_id TEXT NOT NULL,
    origin TEXT NOT NULL,  -- where it was read last: "key file /home/...", "systemd credential", ...
    since_at INTEGER NOT NULL
) STRICT;

-- The highest version that any field of the link ever had: a field that is removed and set again gets a new one,
-- and what was sealed for it before does not open in its place.
ALTER TABLE link ADD COLUMN last_version INTEGER NOT NULL DEFAULT 0;
UPDATE link SET last_version = (SELECT coalesce(max(version), 0) FROM link_field WHERE link_field.link = link.id);

-- What is known of a link and is no secret: who it acts as, which team, how the last check went.
CREATE TABLE link_fact (
    link TEXT NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (link, name)
) STRICT, WITHOUT ROWID;

-- The tokens of an OAuth link: what it may do now, and who refreshes it.
CREATE TABLE link_grant (
    link TEXT PRIMARY KEY REFERENCES link (id) ON DELETE CASCADE,
    state INTEGER NOT NULL,       -- 0 none yet, 1 authorized, 2 needs_reauth
    reason TEXT,                  -- why it needs a person; in another state than 2, why the service refuses its client
    since_at INTEGER NOT NULL,    -- of the state
    generation INTEGER NOT NULL,  -- of the token in use; 0: there is none
    last_generation INTEGER NOT NULL,  -- the highest that was ever given: none is used twice
    consent INTEGER NOT NULL,     -- the generation with which a person last consented; 0: no person did
    worked_at INTEGER,            -- when the service first took the token in use
    failures INTEGER NOT NULL DEFAULT 0,  -- refreshes in a row that got no token
    last_failure TEXT,
    retry_at INTEGER,             -- not before
    unheard_since_at INTEGER,     -- when an answer was lost first that may have rotated the refresh token
    lease TEXT,                   -- who refreshes now: a random name of one attempt
    lease_until_at INTEGER
) STRICT, WITHOUT ROWID;

-- Tokens: the one in use, the one before it until the new one has worked, and spares, which came too late to
-- be used but may be the only ones that live.
CREATE TABLE link_token (
    link TEXT NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    consent INTEGER NOT NULL,  -- as of its grant: tokens of different consents may be of different people
    key_id TEXT NOT NULL,
    access_sealed BLOB NOT NULL,
    refresh_sealed BLOB,
    token_type TEXT NOT NULL,
    scopes TEXT NOT NULL,
    obtained_at INTEGER NOT NULL,
    expires_at INTEGER,
    refused_at INTEGER,        -- when its refresh token was refused
    PRIMARY KEY (link, generation)
) STRICT, WITHOUT ROWID;

-- What decisions about a link's tokens are made from (core/oauth/grant.hpp), without anything sealed.
CREATE VIEW link_grant_now AS
SELECT
    g.link, g.state, g.reason, g.generation, g.worked_at, g.failures, g.last_failure, g.retry_at, g.lease_until_at,
    t.obtained_at, t.expires_at, t.scopes,
    EXISTS (
        SELECT 1 FROM link_token r WHERE r.link = g.link AND r.refresh_sealed IS NOT NULL AND r.refused_at IS NULL
    ) AS has_refresh_token,
    (SELECT max(u.last_at) FROM link_use u WHERE u.link = g.link AND u.action <> 'refresh') AS last_used_at,
    g.unheard_since_at
FROM link_grant g LEFT JOIN link_token t ON t.link = g.link AND t.generation = g.generation;

-- One sign-in of a person, from linkspan start-oauth to its end. Tickets, states and cookies are kept as hashes.
CREATE TABLE flow (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    link TEXT NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    is_pasted INTEGER NOT NULL CHECK (is_pasted IN (0, 1)),  -- its callback comes to the waiting command alone
    state INTEGER NOT NULL DEFAULT 0,  -- 0 started, 1 at the service, 2 exchanging, 3 done, 4 failed
    ticket_hash TEXT UNIQUE,
    state_hash TEXT UNIQUE,
    cookie_hash TEXT,
    redirect_url TEXT NOT NULL,
    verifier_key_id TEXT,
    verifier_sealed BLOB,
    detail TEXT,               -- who authorized what, or the service's own words
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX flow_expires ON flow (expires_at);

-- Who used which link when: a row for each link, actor and action of an hour. Rows outlive their link.
CREATE TABLE link_use (
    hour_at INTEGER NOT NULL,
    link TEXT NOT NULL,
    actor TEXT NOT NULL,   -- "serve", or "command NAME by USER"
    action TEXT NOT NULL,  -- "send", "receive", "refresh", "reveal", ...
    is_failure INTEGER NOT NULL CHECK (is_failure IN (0, 1)),
    label TEXT NOT NULL,   -- the link's name at that time
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    detail TEXT,           -- of the last one
    PRIMARY KEY (hour_at, link, actor, action, is_failure)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_use_last ON link_use (link, last_at);
