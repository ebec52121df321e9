-- Messages that wait for what Bitbucket's API is asked about their event. Such a one is pending (state 0) and holds its
-- place in its lane; decided, it needs nothing any more, or has state 4: by what is known now no rule takes it.
ALTER TABLE delivery ADD COLUMN needs TEXT;  -- "changed_paths commits"; NULL: nothing
ALTER TABLE delivery ADD COLUMN decide_by_at INTEGER;
CREATE INDEX delivery_waiting ON delivery (decide_by_at, id) WHERE state = 0 AND needs IS NOT NULL;

-- What was asked for, by the two commits that it lies between: asked once, known to all events of them.
CREATE TABLE known_fact (
    instance TEXT NOT NULL,
    repository TEXT NOT NULL,  -- its id
    subject TEXT NOT NULL,     -- push_paths, pull_request_paths, commits
    old_commit TEXT NOT NULL,
    new_commit TEXT NOT NULL,
    json TEXT NOT NULL,        -- list of paths, or of commits
    fault TEXT NOT NULL,       -- why there are more; empty: it is the whole list
    created_at INTEGER NOT NULL,
    UNIQUE (instance, repository, subject, old_commit, new_commit)
) STRICT;
CREATE INDEX known_fact_created_at ON known_fact (created_at);  -- to forget the oldest without looking at the others
