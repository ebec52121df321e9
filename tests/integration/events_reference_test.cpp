#include "core/bitbucket/event_keys.hpp"
#include "core/event/cdevents.hpp"
#include "core/event/cloudevents.hpp"
#include "core/event/json.hpp"
#include "core/event/schema.hpp"
#include "tests/support/documents.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/events.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/json_schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>

// docs/reference/events.md and event.schema.json: what the model says stands between marks and is printed
// here; the prose around it is written by hand. After a change of the model run with UPDATE_GOLDEN=1.

namespace linkspan
{
namespace
{

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace test;
using enum event_kind;
using kinds = std::vector<event_kind>;

// --- event keys

struct key_row
{
    edition on;
    std::string_view key;
    kinds makes;
    std::string_view told = {};  // instead of the kinds
};

kinds const refs = {branch_created, branch_updated, branch_deleted, tag_created, tag_updated, tag_deleted};
kinds const builds = {build_started, build_succeeded, build_failed, build_stopped};
kinds const compared = {
    pull_request_updated,
    pull_request_title_changed,
    pull_request_description_changed,
    pull_request_retargeted,
    pull_request_reviewers_changed,
    pull_request_commits_pushed,
    pull_request_marked_draft,
    pull_request_marked_ready};
constexpr std::string_view each_change = "one event for each entry of `changes`";
constexpr std::string_view what_changed = "what has changed since the last delivery";

// What each key makes, as far as a delivery of it always or mostly does.
std::vector<key_row> const keys = {
    {edition::cloud, "repo:push", refs, each_change},
    {edition::cloud, "repo:commit_status_created", builds},
    {edition::cloud, "repo:commit_status_updated", builds},
    {edition::cloud, "repo:commit_comment_created", {commit_commented}},
    {edition::cloud, "repo:created", {repository_created}},
    {edition::cloud, "repo:updated", {repository_updated, repository_renamed}},
    {edition::cloud, "repo:transfer", {repository_transferred}},
    {edition::cloud, "repo:fork", {repository_forked}},
    {edition::cloud, "repo:imported", {repository_imported}},
    {edition::cloud, "repo:deleted", {repository_deleted}},
    {edition::cloud, "project:updated", {project_updated}},
    {edition::cloud, "pullrequest:created", {pull_request_opened}},
    {edition::cloud, "pullrequest:updated", compared, what_changed},
    {edition::cloud, "pullrequest:push", compared, what_changed},
    {edition::cloud, "pullrequest:approved", {pull_request_approved}},
    {edition::cloud, "pullrequest:unapproved", {pull_request_approval_withdrawn}},
    {edition::cloud, "pullrequest:changes_request_created", {pull_request_changes_requested}},
    {edition::cloud, "pullrequest:changes_request_removed", {pull_request_changes_request_withdrawn}},
    {edition::cloud, "pullrequest:fulfilled", {pull_request_merged}},
    {edition::cloud, "pullrequest:rejected", {pull_request_declined}},
    {edition::cloud, "pullrequest:comment_created", {comment_added}},
    {edition::cloud, "pullrequest:comment_updated", {comment_edited}},
    {edition::cloud, "pullrequest:comment_deleted", {comment_deleted}},
    {edition::cloud, "pullrequest:comment_resolved", {comment_resolved}},
    {edition::cloud, "pullrequest:comment_reopened", {comment_reopened}},
    {edition::cloud, "issue:created", {issue_opened}},
    {edition::cloud, "issue:updated", {issue_updated}},
    {edition::cloud, "issue:comment_created", {issue_commented}},
    {edition::cloud, "pipeline:span_created", {pipeline_finished}},
    {edition::data_center, "repo:refs_changed", refs, each_change},
    {edition::data_center, "repo:comment:added", {commit_commented}},
    {edition::data_center, "repo:comment:edited", {commit_comment_edited}},
    {edition::data_center, "repo:comment:deleted", {commit_comment_deleted}},
    {edition::data_center, "repo:modified", {repository_updated, repository_renamed, repository_transferred}},
    {edition::data_center, "repo:forked", {repository_forked}},
    {edition::data_center, "repo:secret_detected", {repository_secret_detected}},
    {edition::data_center, "mirror:repo_synchronized", {repository_synchronized}},
    {edition::data_center, "project:modified", {project_updated}},
    {edition::data_center, "proj:modified", {project_updated}},
    {edition::data_center, "pr:opened", {pull_request_opened}},
    {edition::data_center,
     "pr:modified",
     {pull_request_updated,
      pull_request_title_changed,
      pull_request_description_changed,
      pull_request_retargeted,
      pull_request_marked_draft,
      pull_request_marked_ready},
     what_changed},
    {edition::data_center, "pr:from_ref_updated", {pull_request_commits_pushed}},
    {edition::data_center,
     "pr:to_ref_updated",
     {pull_request_retargeted},
     "nothing, unless the target changed"},
    {edition::data_center, "pr:reviewer:updated", {pull_request_reviewers_changed}},
    {edition::data_center, "pr:reviewer:approved", {pull_request_approved}},
    {edition::data_center, "pr:reviewer:needs_work", {pull_request_changes_requested}},
    {edition::data_center, "pr:reviewer:changes_requested", {pull_request_changes_requested}},
    {edition::data_center,
     "pr:reviewer:unapproved",
     {pull_request_approval_withdrawn, pull_request_changes_request_withdrawn}},
    {edition::data_center, "pr:merged", {pull_request_merged}},
    {edition::data_center, "pr:declined", {pull_request_declined}},
    {edition::data_center, "pr:deleted", {pull_request_deleted}},
    {edition::data_center, "pr:comment:added", {comment_added, task_added}},
    {edition::data_center, "pr:comment:edited", {comment_edited, task_edited, task_resolved, task_reopened}},
    {edition::data_center, "pr:comment:deleted", {comment_deleted, task_deleted}},
    {edition::data_center, "diagnostics:ping", {}, "nothing: it is [answered](http.md#proof) and not stored"},
};

std::string code(std::string_view text)
{
    return text.empty() ? "-" : "`" + std::string(text) + "`";
}

std::string listed(std::vector<std::string> const& codes)
{
    std::string out;
    for (auto const& one : codes)
        out += (out.empty() ? "" : ", ") + one;
    return out.empty() ? "-" : out;
}

std::string told_kinds(key_row const& row)
{
    std::vector<std::string> names;
    for (auto const kind : row.makes)
        names.push_back(code(name_of(kind)));
    if (row.told.empty())
        return listed(names);
    return names.empty() ? std::string(row.told) : std::string(row.told) + ": " + listed(names);
}

// One table for each edition.
std::string key_tables()
{
    std::string out;
    for (auto const on : {edition::cloud, edition::data_center})
    {
        std::string rows;
        for (auto const& row : keys)
            if (row.on == on)
                rows += "| " + code(row.key) + " | " + told_kinds(row) + " |\n";
        out += (out.empty() ? "" : "\n") + std::string("| ") +
               (on == edition::cloud ? "Cloud" : "Data Center") + " | makes |\n|---|---|\n" + rows;
    }
    return out;
}

// --- kinds and details

json::object const& schema()
{
    static json::object const made = event_schema();
    return made;
}

// "#/$defs/build" of a kind; empty where it has no detail.
std::string detail_of(std::string_view kind)
{
    for (auto const& rule : schema().at("allOf").as_array())
    {
        auto const& named = rule.at("if").at("properties").at("kind").at("enum").as_array();
        if (std::ranges::find(named, json::value(kind)) == named.end())
            continue;
        auto const& reference = rule.at("then").at("properties").at("detail").at("$ref").as_string();
        return std::string(reference.subview(reference.rfind('/') + 1));
    }
    return {};
}

std::string linked(std::string const& definition)
{
    return definition.empty() ? "-" : "[" + code(definition) + "](#" + definition + ")";
}

std::string keys_for(edition on, event_kind kind)
{
    std::vector<std::string> out;
    for (auto const& row : keys)
        if (row.on == on && std::ranges::find(row.makes, kind) != row.makes.end())
            out.push_back(code(row.key));
    return listed(out);
}

std::string kind_table()
{
    std::string out = "| kind | detail | Cloud | Data Center |\n|---|---|---|---|\n";
    for (auto const& row : kind_names)
        out += "| " + code(row.name) + " | " + linked(detail_of(row.name)) + " | " +
               keys_for(edition::cloud, row.kind) + " | " + keys_for(edition::data_center, row.kind) + " |\n";
    return out;
}

std::string told_type(json::object const& type)
{
    if (auto const* reference = type.if_contains("$ref"))
        return linked(std::string(reference->as_string().subview(reference->as_string().rfind('/') + 1)));
    if (auto const* words = type.if_contains("enum"))
    {
        std::vector<std::string> out;
        for (auto const& word : words->as_array())
            out.push_back(code(word.as_string()));
        return listed(out);
    }
    if (auto const* items = type.if_contains("items"))
        return "list of " + told_type(items->as_object());
    if (type.contains("format"))
        return "time";
    return std::string(type.at("type").as_string());
}

std::string definition_tables()
{
    std::string out;
    for (auto const& [name, definition] : schema().at("$defs").as_object())
    {
        out += (out.empty() ? "" : "\n") + std::string("### `") + std::string(name) +
               "`\n\n| member | type | |\n|---|---|---|\n";
        auto const* required = definition.as_object().if_contains("required");
        for (auto const& [member, type] : definition.at("properties").as_object())
        {
            bool const always =
                required != nullptr &&
                std::ranges::find(required->as_array(), json::value(member)) != required->as_array().end();
            out += "| " + code(member) + " | " + told_type(type.as_object()) + " | " +
                   (always ? "always" : "where known") + " |\n";
        }
    }
    return out;
}

std::string form_table()
{
    std::string out = "| kind | CloudEvents `type` | CDEvents `type` |\n|---|---|---|\n";
    for (auto const& row : kind_names)
        out += "| " + code(row.name) + " | " + code(cloudevent_type(row.kind)) + " | " +
               code(cdevent_type(row.kind)) + " |\n";
    return out;
}

// --- the page

std::string events_page()
{
    return document_text("docs/reference/events.md");
}

// The page with what stands between "<!-- name -->" and "<!-- end of name -->" put anew.
std::string with_block(std::string page, std::string const& name, std::string const& text)
{
    auto const begin_mark = "<!-- " + name + " -->\n";
    auto const begin = page.find(begin_mark);
    auto const end = page.find("<!-- end of " + name + " -->");
    if (begin == page.npos || end == page.npos)
        throw std::runtime_error("docs/reference/events.md has no block " + name);
    auto const from = begin + begin_mark.size();
    return page.replace(from, end - from, "\n" + text + "\n");
}

TEST(events_reference, is_what_the_model_says)
{
    auto page = events_page();
    page = with_block(page, "kinds", kind_table());
    page = with_block(page, "details", definition_tables());
    page = with_block(page, "keys that are read", key_tables());
    page = with_block(page, "forms", form_table());
    expect_golden("../../docs/reference/events.md", page);
}

TEST(events_reference, has_an_example_that_is_read_and_written_alike)
{
    auto const blocks = code_blocks(events_page(), "json");
    ASSERT_FALSE(blocks.empty());
    auto const read = event_from_json(blocks.front());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(to_json_text(*read), json::serialize(json::parse(blocks.front())));
    EXPECT_EQ(schema_fault(schema(), json::parse(blocks.front())), "");
}

TEST(events_reference, has_every_key_that_is_read)
{
    std::size_t read = 0;
    for (auto const on : {edition::cloud, edition::data_center})
        for (auto const key : event_keys(on))
        {
            ++read;
            EXPECT_TRUE(
                std::ranges::any_of(keys, [&](key_row const& row) { return row.on == on && row.key == key; })
            ) << key
              << " has no row in the table of this test";
        }
    EXPECT_EQ(keys.size(), read) << "the table has rows of keys that are not read";
}

// --- the schema

TEST(event_schema, is_the_published_one)
{
    expect_golden("../../docs/reference/event.schema.json", pretty(schema()));
}

TEST(event_schema, takes_every_kind_and_knows_all_its_members)
{
    for (auto const& row : kind_names)
    {
        auto happened = sample_event(row.kind);
        happened.cause = "01930000-0000-7000-8000-000000000002";
        happened.raw = inbox_id(7);
        EXPECT_EQ(schema_fault(schema(), to_json(happened)), "") << row.name;
    }
}

TEST(event_schema, takes_every_golden_event)
{
    auto const folder = fs::path(LINKSPAN_SOURCE_DIR) / "tests" / "golden" / "events";
    std::size_t events = 0;
    for (auto const& entry : fs::recursive_directory_iterator(folder))
    {
        if (entry.path().extension() != ".json")
            continue;
        auto const document = json::parse(read_file(entry.path()));
        auto const* list = document.if_array();
        ASSERT_NE(list, nullptr) << entry.path();
        for (auto event : *list)
        {
            // What only a store gives.
            event.as_object().emplace("id", "01930000-0000-7000-8000-000000000001");
            event.as_object().emplace("received_at", "2026-11-20T09:30:01.004Z");
            EXPECT_EQ(schema_fault(schema(), event), "") << entry.path();
            ++events;
        }
    }
    EXPECT_GT(events, 0u);
}

TEST(event_schema, refuses_what_the_model_does_not_allow)
{
    auto const good = to_json(sample_event(comment_added));
    auto const fault = [&](auto const& change)
    {
        auto wrong = good;
        change(wrong);
        return schema_fault(schema(), wrong);
    };
    EXPECT_EQ(fault([](json::object& e) { e.erase("key"); }), "/key: is missing");
    EXPECT_EQ(fault([](json::object& e) { e["kind"] = "comment.gone"; }).substr(0, 6), "/kind:");
    EXPECT_EQ(fault([](json::object& e) { e["occurred_at"] = "today"; }), "/occurred_at: is no time");
    EXPECT_EQ(fault([](json::object& e) { e.erase("detail"); }), "/detail: is missing");
    EXPECT_EQ(
        fault([](json::object& e) { e["detail"].as_object()["comment"].as_object()["id"] = "42"; }),
        "/detail/comment/id: is no integer"
    );
    EXPECT_EQ(fault([](json::object& e) { e["more"] = 1; }), "/more: is not in the schema");
    EXPECT_EQ(fault([](json::object& e) { e["kind"] = "build.failed"; }).substr(0, 8), "/detail/");
}

}  // namespace
}  // namespace linkspan
