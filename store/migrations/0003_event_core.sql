-- Every commit that ever was the head of a pull request, its first 12 characters: builds find their pull requests,
-- and those whose commit is no head any more.
CREATE TABLE pull_request_head (
    instance TEXT NOT NULL,
    head TEXT NOT NULL,
    repository TEXT NOT NULL,
    pull_request INTEGER NOT NULL,
    PRIMARY KEY (instance, head, repository, pull_request)
) STRICT, WITHOUT ROWID;
INSERT INTO pull_request_head (instance, head, repository, pull_request)
    SELECT instance, head, repository, pull_request FROM snapshot WHERE head IS NOT NULL;
DROP INDEX snapshot_head;
ALTER TABLE snapshot DROP COLUMN head;

-- The last known state of each comment and task: what an edit changed, and which way a thread or a task moved.
CREATE TABLE comment_state (
    instance TEXT NOT NULL,
    repository TEXT NOT NULL,
    pull_request INTEGER NOT NULL,
    comment INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (instance, repository, pull_request, comment)
) STRICT, WITHOUT ROWID;

-- Events of one push find each other: a destination is told of it once.
ALTER TABLE event ADD COLUMN cause TEXT;
CREATE INDEX event_cause ON event (cause) WHERE cause IS NOT NULL;
