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
#include "tests/support/key_kinds.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

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

// --- event keys

std::string code_or_dash(std::string_view text)
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

std::string told_kinds(key_kinds const& row)
{
    std::vector<std::string> names;
    for (auto const kind : row.makes)
        names.push_back(code_or_dash(name_of(kind)));
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
        for (auto const& row : kinds_of_keys())
            if (row.on == on)
                rows += "| " + code_or_dash(row.key) + " | " + told_kinds(row) + " |\n";
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
    return definition.empty() ? "-" : "[" + code_or_dash(definition) + "](#" + definition + ")";
}

std::string keys_for(edition on, event_kind kind)
{
    std::vector<std::string> out;
    for (auto const& row : kinds_of_keys())
        if (row.on == on && std::ranges::find(row.makes, kind) != row.makes.end())
            out.push_back(code_or_dash(row.key));
    return listed(out);
}

std::string kind_table()
{
    std::string out = "| kind | detail | Cloud | Data Center |\n|---|---|---|---|\n";
    for (auto const& row : kind_names)
        out += "| " + code_or_dash(row.name) + " | " + linked(detail_of(row.name)) + " | " +
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
            out.push_back(code_or_dash(word.as_string()));
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
            out += "| " + code_or_dash(member) + " | " + told_type(type.as_object()) + " | " +
                   (always ? "always" : "where known") + " |\n";
        }
    }
    return out;
}

std::string form_table()
{
    std::string out = "| kind | CloudEvents `type` | CDEvents `type` |\n|---|---|---|\n";
    for (auto const& row : kind_names)
        out += "| " + code_or_dash(row.name) + " | " + code_or_dash(cloudevent_type(row.kind)) + " | " +
               code_or_dash(cdevent_type(row.kind)) + " |\n";
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

// With the hash and the numbers of the sample as the page writes them.
TEST(events_reference, has_the_subjects_of_builds)
{
    auto happened = sample_event(build_failed);
    auto const shape = [&]
    {
        auto const commit = std::get<build>(happened.detail).commit;
        std::string subject(to_cloudevent(happened).at("subject").as_string());
        return code_or_dash(subject.replace(subject.find(commit), commit.size(), "<hash>"));
    };
    auto const with_pull_request = sample_event(pull_request_opened).pull_request;
    for (auto const& about : {std::optional<pull_request>(), with_pull_request})
    {
        happened.pull_request = about;
        EXPECT_NE(events_page().find(shape()), std::string::npos) << shape();
    }
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
            EXPECT_NE(kinds_of_key(on, key), nullptr) << key << " has no row in tests/support/key_kinds.cpp";
        }
    EXPECT_EQ(kinds_of_keys().size(), read) << "the table has rows of keys that are not read";
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

// "comment.inline" and "person.kind: bot" of what an object of a definition has.
void collect_seen(std::string const& definition, json::value const& value, std::set<std::string>& seen)
{
    auto const& properties = schema().at("$defs").at(definition).at("properties").as_object();
    for (auto const& [member, inner] : value.as_object())
    {
        auto const here = definition + "." + std::string(member);
        seen.insert(here);
        auto const& type = properties.at(member).as_object();
        if (type.contains("enum"))
            seen.insert(here + ": " + std::string(inner.as_string()));
        auto const* items = type.if_contains("items");
        auto const* reference = (items == nullptr ? type : items->as_object()).if_contains("$ref");
        if (reference == nullptr)
            continue;
        auto const name = std::string(reference->as_string().subview(reference->as_string().rfind('/') + 1));
        if (items == nullptr)
            collect_seen(name, inner, seen);
        else
            for (auto const& element : inner.as_array())
                collect_seen(name, element, seen);
    }
}

std::string definition_of(std::string_view part, json::value const& event)
{
    if (part == "detail")
        return detail_of(event.at("kind").as_string());
    return part == "actor" ? "person" : std::string(part);
}

std::set<std::string> seen_in_golden_events()
{
    std::set<std::string> seen;
    auto const folder = fs::path(LINKSPAN_SOURCE_DIR) / "tests" / "golden" / "events";
    for (auto const& entry : fs::recursive_directory_iterator(folder))
    {
        if (entry.path().extension() != ".json")
            continue;
        auto const document = json::parse(read_file(entry.path()));
        for (auto const& event : document.as_array())
            for (auto const* part : {"actor", "repository", "pull_request", "detail"})
                if (auto const* found = event.as_object().if_contains(part))
                    collect_seen(definition_of(part, event), *found, seen);
    }
    return seen;
}

// What no delivery tells today, and words that stand for others of their kind.
std::set<std::string> const untold = {
    "commits_push.forced",
    "commits_push.truncated",
    "comment_detail.reaction",
    "pull_request.state: superseded",
    "participant.kind: bot",
    "participant.kind: unknown",
    "build.previous: started",
    "build.previous: failed",
    "build.previous: stopped",
};

TEST(event_schema, has_no_member_or_word_that_no_golden_event_shows)
{
    auto const seen = seen_in_golden_events();
    for (auto const& [name, definition] : schema().at("$defs").as_object())
        for (auto const& [member, type] : definition.at("properties").as_object())
        {
            auto const here = std::string(name) + "." + std::string(member);
            EXPECT_TRUE(seen.contains(here) || untold.contains(here)) << here;
            if (auto const* words = type.as_object().if_contains("enum"))
                for (auto const& word : words->as_array())
                {
                    auto const told = here + ": " + std::string(word.as_string());
                    EXPECT_TRUE(seen.contains(told) || untold.contains(told)) << told;
                }
        }
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
