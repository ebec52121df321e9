-- Pull requests that are asked about, each until its last change is old enough (core/watch/schedule.hpp).
CREATE TABLE watch (
    instance TEXT NOT NULL,
    repository TEXT NOT NULL,  -- its id
    pull_request INTEGER NOT NULL,
    full_name TEXT NOT NULL,   -- of the repository
    changed_at INTEGER NOT NULL,
    unseen_since_at INTEGER,   -- the oldest change that no look has followed
    looked_at INTEGER,
    looks_since_tasks INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (instance, repository, pull_request)
) STRICT, WITHOUT ROWID;

-- What is watched of it: comments, and tasks, behind whose window no look has come yet. With the last of them, if
-- it is deleted, the watch ends.
CREATE TABLE watched_comment (
    instance TEXT NOT NULL,
    repository TEXT NOT NULL,
    pull_request INTEGER NOT NULL,
    comment INTEGER NOT NULL,  -- its id; below 0: a task of Cloud, whose ids are no comments'
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (instance, repository, pull_request, comment),
    FOREIGN KEY (instance, repository, pull_request) REFERENCES watch (instance, repository, pull_request) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What each link has spent of each class of resources that Bitbucket counts apart.
CREATE TABLE api_budget (
    link TEXT NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    resource TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (link, resource)
) STRICT, WITHOUT ROWID;

-- Repositories that are asked about: since when, and how far.
CREATE TABLE watched_repository (
    instance TEXT NOT NULL,
    full_name TEXT NOT NULL,
    watched_since_at INTEGER NOT NULL,
    cursor_at INTEGER,  -- by Bitbucket's clock: what changed until then is known
    crawled_at INTEGER, -- when its open pull requests were last read to their end
    fault TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (instance, full_name)
) STRICT, WITHOUT ROWID;
