-- Builds find the open pull requests of their own repository alone, be it the target or the source of them.
ALTER TABLE pull_request_head ADD COLUMN source TEXT NOT NULL DEFAULT '';  -- full name; empty: not known
ALTER TABLE snapshot ADD COLUMN is_open INTEGER NOT NULL DEFAULT 0;
UPDATE snapshot SET is_open = 1 WHERE iif(json_valid(json), json ->> '$.state.state', '') = 'open'
    AND json ->> '$.deleted' IS NULL;
UPDATE pull_request_head SET source = coalesce((SELECT iif(json_valid(s.json), s.json ->> '$.state.source.repository', '')
    FROM snapshot s WHERE s.instance = pull_request_head.instance AND s.repository = pull_request_head.repository
    AND s.pull_request = pull_request_head.pull_request), '');
CREATE INDEX pull_request_head_source ON pull_request_head (instance, head, source, pull_request);
-- A branch that goes back and forth makes many events of one cause; those around one moment are asked for.
DROP INDEX event_cause;
CREATE INDEX event_cause ON event (cause, received_at) WHERE cause IS NOT NULL;
