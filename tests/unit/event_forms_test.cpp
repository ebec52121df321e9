#include "core/event/cdevents.hpp"
#include "core/event/cloudevents.hpp"
#include "core/event/json.hpp"
#include "tests/support/events.hpp"
#include "tests/support/golden.hpp"

#include <boost/json/array.hpp>
#include <gtest/gtest.h>

#include <set>

namespace linkspan
{
namespace
{

namespace json = boost::json;
using enum event_kind;

event event_of(event_kind kind)
{
    auto happened = test::sample_event(kind);
    if (auto* run = std::get_if<build>(&happened.detail))
        run->pull_requests = {7};
    return happened;
}

// The data is the event's own form, which has its own golden files.
json::object without(json::object form, std::string_view data)
{
    form[data] = "...";
    return form;
}

TEST(cloudevents, golden_of_every_kind)
{
    json::array all;
    for (auto const& row : kind_names)
        all.push_back(without(to_cloudevent(event_of(row.kind)), "data"));
    test::expect_golden("forms/cloudevents.json", test::pretty(all));
}

TEST(cloudevents, has_what_the_specification_asks)
{
    std::set<std::string> types;
    for (auto const& row : kind_names)
        for (auto const& happened : {event_of(row.kind), test::bare_event(row.kind)})
        {
            auto const form = to_cloudevent(happened);
            EXPECT_EQ(form.at("specversion"), "1.0");
            EXPECT_EQ(form.at("datacontenttype"), "application/json");
            EXPECT_EQ(form.at("data"), json::value(to_json(happened)));
            for (auto const* required : {"id", "source", "type", "time", "dataschema"})
                EXPECT_FALSE(form.at(required).as_string().empty()) << row.name << ": " << required;
            if (auto const* subject = form.if_contains("subject"))
            {
                EXPECT_FALSE(subject->as_string().empty()) << row.name;
            }
            types.insert(std::string(form.at("type").as_string()));
            // CloudEvents' attribute names are lower-case letters and digits alone.
            for (auto const& [name, value] : form)
                EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), name.npos) << name;
        }
    EXPECT_EQ(types.size(), kind_names.size());
}

TEST(cloudevents, sources_are_uris)
{
    auto happened = event_of(pull_request_opened);
    EXPECT_EQ(source_uri(happened), "https://bitbucket.org/acme/api");
    happened.instance = "https://git.example.com/bitbucket/";
    happened.repository->full_name = "~ada/my api%";
    EXPECT_EQ(source_uri(happened), "https://git.example.com/bitbucket/~ada/my%20api%25");
    happened.instance = "link:abc d";
    EXPECT_EQ(instance_uri(happened), "link:abc%20d");
    happened.repository->full_name.clear();
    EXPECT_EQ(source_uri(happened), "link:abc%20d/%7B8c1d%7D");
    happened.repository.reset();
    EXPECT_EQ(source_uri(happened), "link:abc%20d");
}

TEST(cdevents, golden_of_every_kind_that_has_one)
{
    json::array all;
    for (auto const& row : kind_names)
    {
        auto happened = event_of(row.kind);
        happened.cause = "01930000-0000-7000-8000-000000000002";
        auto const form = to_cdevent(happened);
        EXPECT_EQ(form.has_value(), !cdevent_type(row.kind).empty()) << row.name;
        if (form)
            all.push_back(without(*form, "customData"));
    }
    test::expect_golden("forms/cdevents.json", test::pretty(all));
}

// The members that the specification's schemas of 0.4.1 have; they allow no others.
TEST(cdevents, has_what_the_specification_asks)
{
    std::set<std::string> const context = {"version", "id", "source", "type", "timestamp", "chainId"};
    std::set<std::string> const content = {
        "repository", "description", "name", "owner", "url", "viewUrl", "outcome"};
    for (auto const& row : kind_names)
    {
        auto const form = to_cdevent(event_of(row.kind));
        if (!form)
            continue;
        EXPECT_EQ(form->at("context").at("version"), "0.4.1");
        for (auto const& [name, value] : form->at("context").as_object())
            EXPECT_TRUE(context.contains(std::string(name)) && !value.as_string().empty()) << name;
        auto const& subject = form->at("subject").as_object();
        EXPECT_FALSE(subject.at("id").as_string().empty()) << row.name;
        auto const type = std::string(form->at("context").at("type").as_string());
        auto const word = std::string(subject.at("type").as_string());
        EXPECT_TRUE(type.starts_with("dev.cdevents." + (word == "pipelineRun" ? "pipelinerun" : word) + "."));
        for (auto const& [name, value] : subject.at("content").as_object())
            EXPECT_TRUE(content.contains(std::string(name))) << name;
        EXPECT_EQ(form->at("customData"), json::value(to_json(event_of(row.kind))));
    }
}

TEST(cdevents, a_kind_without_one_is_refused_in_a_line)
{
    auto const form = to_cdevent(event_of(comment_added));
    ASSERT_FALSE(form);
    EXPECT_EQ(form.error().code, errc::invalid);
    EXPECT_NE(form.error().message.find("nothing for comment.added"), std::string::npos);
    EXPECT_NE(form.error().message.find("docs/reference/events.md"), std::string::npos);
    EXPECT_LE(form.error().message.size(), 120U) << form.error().message;
}

TEST(cdevents, an_event_without_its_subject_is_refused)
{
    for (auto const kind : {pull_request_opened, branch_created, repository_created, pipeline_finished})
    {
        auto const form = to_cdevent(test::bare_event(kind));
        ASSERT_FALSE(form) << name_of(kind);
        EXPECT_NE(form.error().message.find("does not tell its"), std::string::npos) << form.error().message;
    }
}

TEST(cdevents, outcomes_are_the_specifications)
{
    auto happened = event_of(pipeline_finished);
    auto const outcome = [&](char const* result)
    {
        std::get<pipeline_run>(happened.detail).result = result;
        auto const content = to_cdevent(happened).value().at("subject").at("content").as_object();
        return content.contains("outcome") ? std::string(content.at("outcome").as_string()) : std::string();
    };
    EXPECT_EQ(outcome("SUCCESSFUL"), "success");
    EXPECT_EQ(outcome("FAILED"), "failure");
    EXPECT_EQ(outcome("ERROR"), "error");
    EXPECT_EQ(outcome("STOPPED"), "");
}

}  // namespace
}  // namespace linkspan
