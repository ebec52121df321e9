#pragma once
#include "core/bitbucket/json_reader.hpp"
#include "core/bitbucket/reading.hpp"

#include <string>

// The parts of which Data Center's reader is made; data_center.cpp alone is its door.
namespace linkspan::data_center
{

// Nobody where nothing names them. Takes the small form {name, emailAddress}, too.
std::optional<person> read_person(json_reader const& in);
std::optional<repository> read_repository(json_reader const& in);
std::optional<branch_tip> read_tip(json_reader const& in);
pull_request read_pull_request(json_reader const& in);

// The delivery's "date" as a part of a key, for happenings that carry no other stamp; it has no fractions.
std::string stamp_of_date(reading const& said);

// Each reads what its event keys add. The actor and the date are read before, and so are the pull request and
// the repository, but for those that say so.
void read_opened(json_reader const& body, reading& out);
void read_modified(json_reader const& body, reading& out);
void read_reviewers(json_reader const& body, reading& out);
void read_approval(json_reader const& body, reading& out);
void read_changes_request(json_reader const& body, reading& out);
void read_withdrawal(json_reader const& body, reading& out);
void read_source_update(json_reader const& body, reading& out);
void read_target_update(json_reader const& body, reading& out);
void read_merge(json_reader const& body, reading& out);
void read_decline(json_reader const& body, reading& out);
void read_deletion(json_reader const& body, reading& out);

void read_comment_added(json_reader const& body, reading& out);
void read_comment_edited(json_reader const& body, reading& out);
void read_comment_deleted(json_reader const& body, reading& out);
void read_commit_comment_added(json_reader const& body, reading& out);
void read_commit_comment_edited(json_reader const& body, reading& out);
void read_commit_comment_deleted(json_reader const& body, reading& out);

// What the body of look_key shows of how it was closed, of its comments and tasks.
void read_look(json_reader const& body, reading& out);

// The body of builds_key.
void read_builds(json_reader const& body, reading& out);

void read_refs_changed(json_reader const& body, reading& out);
void read_repository_modified(json_reader const& body, reading& out);  // finds its repository itself
void read_repository_forked(json_reader const& body, reading& out);    // likewise
void read_secret_detected(json_reader const& body, reading& out);      // likewise
void read_mirror_synchronized(json_reader const& body, reading& out);
void read_project_modified(json_reader const& body, reading& out);  // has none

}  // namespace linkspan::data_center
