-- Pull requests whose builds are asked for, each until its last push is old enough (core/watch/builds.hpp).
CREATE TABLE build_watch (
    instance TEXT NOT NULL,
    repository TEXT NOT NULL,  -- its id
    pull_request INTEGER NOT NULL,
    full_name TEXT NOT NULL,   -- of the repository
    pushed_at INTEGER NOT NULL,
    asked_at INTEGER,          -- the last question behind that push
    PRIMARY KEY (instance, repository, pull_request)
) STRICT, WITHOUT ROWID;
