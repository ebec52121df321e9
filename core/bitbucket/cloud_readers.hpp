#pragma once
#include "core/bitbucket/json_reader.hpp"
#include "core/bitbucket/reading.hpp"

#include <optional>
#include <string>
#include <string_view>

// Inside the reader of Cloud's deliveries; cloud.hpp is the way in.
namespace linkspan::cloud
{

std::optional<person> read_person(json_reader const& in);
std::optional<repository> read_repository(json_reader const& in);
// The identity is the uuid; where only one of both is known, it stands for the other. Nothing for neither.
std::optional<repository> repository_of(
    std::optional<std::string_view> uuid, std::optional<std::string_view> full_name
);
void read_pull_request(json_reader const& in, pull_request& out);
// How a pull request was closed, where it is.
closing read_closed(json_reader const& in);

claim& add_claim(reading& out, event_kind kind, claim_identity identity, std::optional<time_point> at);

// What the body of look_key shows of its comments and tasks.
void read_look(json_reader const& body, reading& out);

// Each reads what the body of its keys holds besides actor, repository and pull request.
void read_push(json_reader const& body, reading& out);
void read_build(json_reader const& body, reading& out);
void read_build_update(json_reader const& body, reading& out);
void read_review(json_reader const& body, std::string_view member, event_kind kind, reading& out);
void read_closing(json_reader const& body, event_kind kind, reading& out);
void read_comment_news(json_reader const& body, comment_news news, reading& out);
void read_commit_comment(json_reader const& body, reading& out);
void read_fork(json_reader const& body, reading& out);
void read_repository_update(json_reader const& body, reading& out);
void read_transfer(json_reader const& body, reading& out);
void read_repository_event(json_reader const& body, event_kind kind, reading& out);
void read_project_update(json_reader const& body, reading& out);
void read_issue(json_reader const& body, event_kind kind, reading& out);
void read_spans(json_reader const& body, reading& out);

}  // namespace linkspan::cloud
