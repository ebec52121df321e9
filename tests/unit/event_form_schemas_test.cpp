#include "core/event/cdevents.hpp"
#include "core/event/cloudevents.hpp"
#include "core/event/json.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/events.hpp"
#include "tests/support/json_schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>

// The envelopes of docs/reference/cloudevent.schema.json and cdevent.schema.json, which are written by hand.

namespace linkspan
{
namespace
{

namespace fs = std::filesystem;
namespace json = boost::json;

json::object const& cloudevent_schema()
{
    static auto const read =
        json::parse(test::read_file(fs::path(LINKSPAN_SOURCE_DIR) / "docs/reference/cloudevent.schema.json"));
    return read.as_object();
}

json::object const& cdevent_schema()
{
    static auto const read =
        json::parse(test::read_file(fs::path(LINKSPAN_SOURCE_DIR) / "docs/reference/cdevent.schema.json"));
    return read.as_object();
}

std::set<std::string> words_of(json::value const& type)
{
    std::set<std::string> out;
    for (auto const& word : type.at("enum").as_array())
        EXPECT_TRUE(out.emplace(word.as_string()).second) << word;
    return out;
}

// Each kind with all that it may have, of nobody and nowhere, and as one of several that have one cause.
std::vector<event> samples_of(event_kind kind)
{
    auto whole = test::sample_event(kind);
    auto caused = whole;
    caused.cause = "01930000-0000-7000-8000-000000000002";
    if (auto* run = std::get_if<build>(&caused.detail))
        run->pull_requests = {7};
    auto nowhere = whole;
    nowhere.actor.reset();
    nowhere.repository.reset();
    return {whole, caused, nowhere};
}

TEST(cloudevent_schema, takes_every_kind)
{
    for (auto const& row : kind_names)
        for (auto const& happened : samples_of(row.kind))
            EXPECT_EQ(test::schema_fault(cloudevent_schema(), to_cloudevent(happened)), "") << row.name;
    EXPECT_EQ(test::schema_fault(cloudevent_schema(), to_cloudevent(test::detailed_comment())), "");
}

TEST(cloudevent_schema, has_the_types_of_the_model)
{
    std::set<std::string> types;
    for (auto const& row : kind_names)
        types.insert(cloudevent_type(row.kind));
    EXPECT_EQ(words_of(cloudevent_schema().at("properties").at("type")), types);
}

TEST(cloudevent_schema, refuses_what_is_none)
{
    auto const fault = [](std::function<void(json::object&)> const& change)
    {
        auto wrong = to_cloudevent(test::sample_event(event_kind::comment_added));
        change(wrong);
        return test::schema_fault(cloudevent_schema(), wrong);
    };
    EXPECT_EQ(fault([](json::object&) {}), "");
    for (auto const* member : {"specversion", "id", "source", "type", "time", "dataschema", "data"})
        EXPECT_EQ(
            fault([&](json::object& form) { form.erase(member); }), "/" + std::string(member) + ": is missing"
        );
    EXPECT_EQ(fault([](json::object& form) { form["specversion"] = "0.3"; }), "/specversion: is not \"1.0\"");
    EXPECT_EQ(fault([](json::object& form) { form["source"] = "acme/api"; }), "/source: is no uri");
    EXPECT_EQ(fault([](json::object& form) { form["id"] = "7"; }), "/id: is no uuid");
    EXPECT_EQ(fault([](json::object& form) { form["time"] = "today"; }), "/time: is no time");
    EXPECT_EQ(
        fault([](json::object& form) { form["subject"] = "7"; }), "/subject: does not match the pattern"
    );
    EXPECT_EQ(
        fault([](json::object& form) { form["data"].as_object().erase("key"); }), "/data/key: is missing"
    );
}

TEST(cdevent_schema, takes_every_kind_that_has_one)
{
    std::size_t forms = 0;
    for (auto const& row : kind_names)
        for (auto const& happened : samples_of(row.kind))
            if (auto const form = to_cdevent(happened))
            {
                ++forms;
                EXPECT_EQ(test::schema_fault(cdevent_schema(), *form), "") << row.name;
            }
    EXPECT_GT(forms, 40u);
}

TEST(cdevent_schema, has_the_types_of_the_model)
{
    std::set<std::string> types;
    for (auto const& row : kind_names)
        if (auto const type = cdevent_type(row.kind); !type.empty())
            types.emplace(type);
    EXPECT_EQ(words_of(cdevent_schema().at("properties").at("context").at("properties").at("type")), types);
}

TEST(cdevent_schema, refuses_what_is_none)
{
    auto const fault = [](event_kind kind, std::function<void(json::object&)> const& change)
    {
        auto wrong = to_cdevent(test::sample_event(kind)).value();
        change(wrong);
        return test::schema_fault(cdevent_schema(), wrong);
    };
    using enum event_kind;
    auto const in = [](json::object& form, char const* part) -> json::object&
    { return form[part].as_object(); };
    EXPECT_EQ(
        fault(pull_request_opened, [&](json::object& form) { in(form, "context")["version"] = "0.3.0"; }),
        "/context/version: is not \"0.4.1\""
    );
    EXPECT_EQ(
        fault(pull_request_opened, [&](json::object& form) { in(form, "subject").erase("content"); }),
        "/subject/content: is missing"
    );
    EXPECT_EQ(
        fault(
            branch_created,
            [&](json::object& form) { in(in(form, "subject"), "content")["description"] = "x"; }
        ),
        "/subject/content/description: is not in the schema"
    );
    EXPECT_EQ(
        fault(repository_created, [&](json::object& form) { in(form, "subject")["type"] = "branch"; }),
        "/context/type: does not match the pattern"
    );
    EXPECT_EQ(
        fault(
            pipeline_finished,
            [&](json::object& form) { in(in(form, "subject"), "content")["outcome"] = "stopped"; }
        ),
        "/subject/content/outcome: \"stopped\" is no word of the schema"
    );
}

}  // namespace
}  // namespace linkspan
