#include "core/bitbucket/event_memory.hpp"
#include "core/event/json.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/own_deliveries.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <sstream>

// What holds of every delivery of ours, whatever its key.

namespace linkspan
{
namespace
{

namespace json = boost::json;

class delivery_properties : public testing::TestWithParam<edition>
{
protected:
    static digest_context context()
    {
        digest_context out;
        out.edition = GetParam();
        out.instance = "bitbucket.example.com";
        out.received_at = *parse_time("2026-11-20T12:00:00Z");
        return out;
    }

    static std::vector<std::string> keys_of(std::vector<event> const& events)
    {
        std::vector<std::string> out;
        for (auto const& one : events)
            out.push_back(one.key);
        return out;
    }
};

TEST_P(delivery_properties, one_that_comes_twice_is_told_once)
{
    for (auto const& one : test::own_deliveries(GetParam()))
    {
        event_memory memory;
        auto const said = test::read_body(one.edition, one.event_key, one.body);
        ASSERT_TRUE(said) << one.name << ": " << said.error().message;
        memory.take(*said, context());
        auto later = context();
        later.received_at += std::chrono::seconds(90);
        EXPECT_EQ(keys_of(memory.take(*said, later)), std::vector<std::string>()) << one.name;
    }
}

// --- without one member ---

// Calls `visit` once for each member and element below `value`, while that one is away.
void without_each(
    json::value& value, std::string const& path, std::function<void(std::string const&)> const& visit
)
{
    auto const without = [&](json::value& member, std::string const& here)
    {
        json::value kept = std::move(member);
        member = nullptr;
        visit(here);
        member = std::move(kept);
        without_each(member, here, visit);
    };
    if (auto* const object = value.if_object())
        for (auto& member : *object)
            without(member.value(), path + "/" + std::string(member.key()));
    else if (auto* const array = value.if_array())
        for (std::size_t i = 0; i < array->size(); ++i)
            without((*array)[i], path + "/" + std::to_string(i));
}

void collect_texts(json::value const& value, std::set<std::string>& texts)
{
    if (auto const* const object = value.if_object())
        for (auto const& [name, member] : *object)
            collect_texts(member, texts);
    else if (auto const* const array = value.if_array())
        for (auto const& element : *array)
            collect_texts(element, texts);
    else if (auto const* const text = value.if_string(); text != nullptr && !text->empty())
        texts.emplace(*text);
}

// The texts of an event's parts that a delivery tells; `key` and `kind` are ours.
std::set<std::string> texts_of(std::vector<event> const& events)
{
    std::set<std::string> out;
    for (auto const& one : events)
    {
        auto written = to_json(one);
        for (auto const* ours : {"id", "kind", "key", "origin", "edition", "instance", "cause"})
            written.erase(ours);
        collect_texts(written, out);
    }
    return out;
}

bool is_word_of_ours(std::string const& text)
{
    static std::set<std::string> const ours = {
        "user",     "bot",         "unknown",  "somebody",   "2026-11-20T12:00:00.000Z",
        "reviewer", "participant", "pending",  "approved",   "changes_requested",
        "open",     "merged",      "declined", "superseded", "resolved",
        "old",      "new",         "started",  "succeeded",  "failed",
        "stopped"};
    return ours.contains(text);
}

bool has_text(std::string const& body, std::string const& text)
{
    auto const quoted = json::serialize(json::value(text));
    return body.find(quoted.substr(1, quoted.size() - 2)) != std::string::npos;
}

// Whether each part is there: owner and slug, or the commit, path and line of a location.
bool has_parts(std::string const& body, std::string const& text, char between)
{
    if (text.find(between) == text.npos)
        return false;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, between);)
        if (!has_text(body, part))
            return false;
    return true;
}

// Whether the body has it: as it is, in parts, or as a time in another form.
bool is_told_by(std::string const& text, std::string const& body, std::set<std::string> const& texts)
{
    auto const moment = parse_time(text);
    if (!moment)
        return has_text(body, text) || has_parts(body, text, '/') || has_parts(body, text, ':');
    return has_text(body, std::to_string(to_milliseconds(*moment))) ||
           std::ranges::any_of(texts, [&](auto const& one) { return parse_time(one) == moment; });
}

TEST_P(delivery_properties, a_member_that_is_missing_is_named_or_left_unknown)
{
    int visits = 0;
    std::set<std::string> seen;
    for (auto const& one : test::own_deliveries(GetParam()))
    {
        // One of each key and dialect is enough: the whole takes seconds.
        if (!seen.insert(one.event_key + one.dialect).second)
            continue;
        json::value body = test::object_of(one.body);
        without_each(
            body,
            "",
            [&](std::string const& path)
            {
                ++visits;
                auto const text = json::serialize(body);
                auto const said = test::read_body(one.edition, one.event_key, text);
                if (!said)
                {
                    EXPECT_EQ(said.error().code, errc::invalid) << one.name << " without " << path;
                    EXPECT_TRUE(said.error().message.starts_with("/")) << said.error().message;
                    return;
                }
                std::set<std::string> texts;
                collect_texts(body, texts);
                for (auto const& told : texts_of(digest(*said, known_state(), context()).events))
                    EXPECT_TRUE(is_word_of_ours(told) || is_told_by(told, text, texts))
                        << one.name << " without " << path << " invents " << told;
            }
        );
    }
    EXPECT_TRUE(seen.empty() || visits > 0);
}

// --- in any order ---

struct keyed_body
{
    std::string event_key;
    std::string body;
};

std::string final_state(std::vector<keyed_body> const& deliveries, digest_context context)
{
    event_memory memory;
    std::set<std::pair<std::string, std::int64_t>> about;
    for (auto const& one : deliveries)
    {
        auto const said = test::read_body(context.edition, one.event_key, one.body);
        if (!said)
            return said.error().message;
        memory.take(*said, context);
        context.received_at += std::chrono::seconds(1);
        if (said->pull_request)
            about.emplace(said->repository->id, said->pull_request->id);
    }
    std::string out;
    for (auto const& [repository, id] : about)
    {
        auto state = memory.snapshot_of(context.instance, repository, id)->state;
        if (state.participants)
            std::ranges::sort(*state.participants, {}, &participant::id);
        out += json::serialize(to_json(state)) + "\n";
    }
    return out;
}

void expect_one_end(std::vector<keyed_body> deliveries, digest_context const& context, std::string const& of)
{
    ASSERT_GT(deliveries.size(), 5u) << of;
    auto const expected = final_state(deliveries, context);
    ASSERT_TRUE(expected.starts_with("{")) << of << ": " << expected;
    std::mt19937 order(7);
    for (int i = 0; i < 50; ++i)
    {
        std::ranges::shuffle(deliveries, order);
        ASSERT_EQ(final_state(deliveries, context), expected) << of << ", order " << i;
    }
}

TEST_P(delivery_properties, any_order_of_the_sample_story_ends_in_one_state)
{
    std::vector<keyed_body> story;
    for (auto const& one : test::sample_deliveries(GetParam()))
        if (one.is_story)
            story.push_back({one.event_key, one.body});
    expect_one_end(story, context(), "the story");
}

// All of ours are of pull request 7; it is merged there, and declined only where it stands alone.
TEST(delivery_order, of_cloud_s_deliveries_does_not_decide_the_end)
{
    digest_context context;
    context.instance = "bitbucket.org";
    context.received_at = parse_time("2026-11-20T12:00:00Z").value();
    std::map<std::string, std::vector<keyed_body>> of_dialect;
    for (auto const& one : test::own_deliveries(edition::cloud))
        if (one.event_key.starts_with("pullrequest:") && one.event_key != "pullrequest:rejected")
            of_dialect[one.dialect].push_back({one.event_key, one.body});
    EXPECT_EQ(of_dialect.size(), 3u);
    for (auto const& [dialect, deliveries] : of_dialect)
        expect_one_end(deliveries, context, dialect);
}

INSTANTIATE_TEST_SUITE_P(
    editions,
    delivery_properties,
    testing::Values(edition::cloud, edition::data_center),
    [](auto const& row) { return row.param == edition::cloud ? "cloud" : "data_center"; }
);

}  // namespace
}  // namespace linkspan
