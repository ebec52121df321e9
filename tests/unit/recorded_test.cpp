#include "tests/support/recorded.hpp"

#include "core/bitbucket/event_memory.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

namespace linkspan
{
namespace
{

using test::recording;

// Which kinds the events of a key may have.
std::map<std::string, std::set<event_kind>> const& kinds_of_keys()
{
    using enum event_kind;
    static std::set<event_kind> const refs = {
        branch_created, branch_updated, branch_deleted, tag_created, tag_updated, tag_deleted};
    static std::set<event_kind> const builds = {build_started, build_succeeded, build_failed, build_stopped};
    static std::map<std::string, std::set<event_kind>> const kinds = {
        {"repo:push", refs},
        {"repo:refs_changed", refs},
        {"repo:commit_status_created", builds},
        {"repo:commit_status_updated", builds},
        {"repo:commit_comment_created", {commit_commented}},
        {"repo:fork", {repository_forked}},
        {"repo:updated", {repository_updated, repository_renamed}},
        {"repo:transfer", {repository_transferred}},
        {"repo:created", {repository_created}},
        {"repo:imported", {repository_imported}},
        {"repo:deleted", {repository_deleted}},
        {"project:updated", {project_updated}},
        {"issue:created", {issue_opened}},
        {"issue:updated", {issue_updated}},
        {"issue:comment_created", {issue_commented}},
        {"pipeline:span_created", {pipeline_finished}},
        {"pullrequest:created", {pull_request_opened}},
        {"pullrequest:updated", {pull_request_updated}},
        {"pullrequest:push", {pull_request_updated}},
        {"pullrequest:approved", {pull_request_approved}},
        {"pullrequest:unapproved", {pull_request_approval_withdrawn}},
        {"pullrequest:changes_request_created", {pull_request_changes_requested}},
        {"pullrequest:changes_request_removed", {pull_request_changes_request_withdrawn}},
        {"pullrequest:fulfilled", {pull_request_merged}},
        {"pullrequest:rejected", {pull_request_declined}},
        {"pullrequest:comment_created", {comment_added}},
        {"pullrequest:comment_updated", {comment_edited}},
        {"pullrequest:comment_deleted", {comment_deleted}},
        {"pullrequest:comment_resolved", {comment_resolved}},
        {"pullrequest:comment_reopened", {comment_reopened}},
        {"repo:modified", {repository_updated, repository_renamed, repository_transferred}},
        {"repo:forked", {repository_forked}},
        {"repo:comment:added", {commit_commented}},
        {"repo:comment:edited", {commit_comment_edited}},
        {"repo:comment:deleted", {commit_comment_deleted}},
        {"repo:secret_detected", {repository_secret_detected}},
        {"mirror:repo_synchronized", {repository_synchronized}},
        {"project:modified", {project_updated}},
        {"pr:opened", {pull_request_opened}},
        {"pr:modified",
         {pull_request_updated,
          pull_request_title_changed,
          pull_request_description_changed,
          pull_request_retargeted}},
        {"pr:from_ref_updated", {pull_request_commits_pushed}},
        {"pr:to_ref_updated", {pull_request_retargeted}},
        {"pr:comment:added", {comment_added, task_added}},
        {"pr:comment:edited", {comment_edited, task_edited, task_resolved}},
        {"pr:comment:deleted", {comment_deleted, task_deleted}},
        {"pr:reviewer:updated", {pull_request_reviewers_changed}},
        {"pr:reviewer:approved", {pull_request_approved}},
        {"pr:reviewer:needs_work", {pull_request_changes_requested}},
        {"pr:reviewer:unapproved", {pull_request_approval_withdrawn, pull_request_changes_request_withdrawn}},
        {"pr:merged", {pull_request_merged}},
        {"pr:declined", {pull_request_declined}},
        {"pr:deleted", {pull_request_deleted}},
        {"diagnostics:ping", {}},
    };
    return kinds;
}

// What a recording itself does not have, by the name of its file; everything else must be read.
std::map<std::string, std::set<std::string>> const lacking = {
    // What a mirror sends when it has caught up: nobody pushed to it.
    {"jenkinsci+atlassian-bitbucket-server-integration-plugin/server/"
     "repo.refs_changed__mirrors_synchronized_body.json",
     {"actor"}},
};

result<reading> read(recording const& one, std::string const& body)
{
    inbound delivery;
    delivery.edition = one.edition;
    delivery.event_key = one.event_key;
    delivery.body = body;
    return read_delivery(delivery);
}

// The names of what a reading does not tell though its key promises it.
std::vector<std::string> missing_in(recording const& one, reading const& said)
{
    std::vector<std::string> missing;
    if (one.event_key == "diagnostics:ping")
        return missing;
    auto const need = [&missing](bool there, std::string name)
    {
        if (!there)
            missing.push_back(std::move(name));
    };
    need(said.actor && !said.actor->name.empty(), "actor");
    need(said.repository && said.repository->full_name.find('/') != std::string::npos, "repository");
    digest_context context;
    context.edition = one.edition;
    context.instance = "test";
    auto const events = digest(said, known_state(), context).events;
    need(!events.empty(), "events");
    auto const& kinds = kinds_of_keys().at(one.event_key);
    for (auto const& happening : events)
        need(kinds.contains(happening.kind), "kind, not " + std::string(name_of(happening.kind)));
    if (!one.event_key.starts_with("pullrequest:") && !one.event_key.starts_with("pr:"))
        return missing;
    if (!said.pull_request)
        return {"pull request"};
    auto const& about = *said.pull_request;
    need(about.id > 0, "id");
    need(about.title && !about.title->empty(), "title");
    need(about.source && !about.source->branch.empty(), "source branch");
    need(about.target && !about.target->branch.empty(), "target branch");
    need(about.source && !about.source->commit.empty(), "source commit");
    need(about.target && !about.target->commit.empty(), "target commit");
    return missing;
}

// An empty text where the recording is read as it should be.
std::string fault_of(recording const& one, std::filesystem::path const& folder)
{
    if (!std::filesystem::is_regular_file(folder / one.file))
        return "the file is missing";
    auto const said = read(one, test::read_file(folder / one.file));
    if (!said)
        return said.error().message;
    std::string fault;
    auto const known = lacking.find(one.file);
    for (auto const& name : missing_in(one, *said))
        if (known == lacking.end() || !known->second.contains(name))
            fault += (fault.empty() ? "lacks " : ", ") + name;
    return fault;
}

TEST(recorded, every_delivery_of_a_known_key_is_read)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries";
    struct count
    {
        int listed = 0;
        int read = 0;
    };
    std::map<std::string, count> counts;
    count all;
    for (auto const& one : test::known_recordings_in(*folder))
    {
        auto& of_key = counts[one.event_key];
        ++of_key.listed, ++all.listed;
        auto const fault = fault_of(one, *folder);
        if (fault.empty())
            ++of_key.read, ++all.read;
        else
            ADD_FAILURE() << one.file << ": " << fault;
    }
    for (auto const& [key, of_key] : counts)
        std::cout << "  " << key << ": " << of_key.read << " of " << of_key.listed << '\n';
    std::cout << "report: recorded deliveries: " << all.read << " of " << all.listed << " read\n";
    EXPECT_GE(all.listed, 85) << "INDEX.md lists fewer than it did";
    EXPECT_EQ(all.read, all.listed);
}

// Every genuine one is of a known key.
TEST(recorded, no_genuine_delivery_is_left_out)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries";
    std::map<edition, std::size_t> listed, known;
    for (auto const& one : test::recordings_in(*folder))
    {
        if (!one.is_genuine())
            continue;
        ++listed[one.edition];
        EXPECT_TRUE(kinds_of_keys().contains(one.event_key)) << one.file;
    }
    for (auto const& one : test::known_recordings_in(*folder))
        ++known[one.edition];
    EXPECT_EQ(known, listed);
    EXPECT_GE(listed[edition::cloud], 65u) << "INDEX.md lists fewer than it did";
    EXPECT_GE(listed[edition::data_center], 58u) << "INDEX.md lists fewer than it did";
}

// Twice and by two webhooks: each happening is told once.
TEST(recorded, a_delivery_that_comes_again_says_nothing_new)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries";
    for (auto const& one : test::known_recordings_in(*folder))
    {
        event_memory memory;
        digest_context context;
        context.edition = one.edition;
        context.instance = "test";
        auto const body = test::read_file(*folder / one.file);
        auto const first = read(one, body);
        ASSERT_TRUE(first) << one.file << ": " << first.error().message;
        memory.take(*first, context);
        context.received_at += std::chrono::minutes(1);
        for (auto const& again : memory.take(*read(one, body), context))
            ADD_FAILURE() << one.file << ": " << again.key;
    }
}

// Bodies of other keys, templates and hand-written ones: some are no good, none may do harm.
TEST(recorded, no_body_at_all_does_harm)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries";
    int bodies = 0;
    std::map<std::string, std::string> keys;
    for (auto const& one : test::recordings_in(*folder))
        keys[one.file] = one.event_key;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(*folder))
    {
        auto const file = std::filesystem::relative(entry.path(), *folder).string();
        if (entry.path().extension() != ".json" || file.find("/rest/") != std::string::npos ||
            file.ends_with(".headers.json") || file.find('/') == std::string::npos)
            continue;
        ++bodies;
        auto const body = test::read_file(entry.path());
        for (auto const edition : {edition::cloud, edition::data_center})
        {
            recording one{file, keys[file], "", edition};
            auto const said = read(one, body);
            if (said)
            {
                digest_context context;
                context.edition = edition;
                context.instance = "test";
                auto const done = digest(*said, known_state(), context);
                EXPECT_LE(done.events.size(), said->claims.size() + 5) << file;
                continue;
            }
            EXPECT_TRUE(said.error().code == errc::not_found || said.error().code == errc::invalid) << file;
            EXPECT_FALSE(said.error().message.empty()) << file;
            bool const own_edition =
                (edition == edition::data_center) == (file.find("/server/") != std::string::npos);
            bool const known = own_edition && kinds_of_keys().contains(one.event_key);
            EXPECT_FALSE(known && said.error().code == errc::not_found) << file;
        }
    }
    EXPECT_GE(bodies, 100);
}

}  // namespace
}  // namespace linkspan
