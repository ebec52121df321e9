#include "core/bitbucket/event_memory.hpp"
#include "core/event/json.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/delivery_orders.hpp"
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

// Nor is what came before it, when it comes once more.
TEST_P(delivery_properties, a_chain_that_comes_twice_is_told_once)
{
    for (auto const& chain : test::delivery_chains(GetParam()))
    {
        event_memory memory;
        for (auto const& one : chain)
            for (int times = 0; times < 2; ++times)
            {
                auto const told = keys_of(memory.take(one.said, context()));
                EXPECT_TRUE(times == 0 || told.empty()) << chain.back().name << ": " << one.name;
            }
        for (auto const& one : chain)
            EXPECT_EQ(keys_of(memory.take(one.said, context())), std::vector<std::string>())
                << chain.back().name << ": " << one.name;
    }
}

// --- without one member ---

// Calls `visit` once for each member below `value`, while that one is away.
void without_each_member(
    json::value& value, std::string const& path, std::function<void(std::string const&)> const& visit
)
{
    if (auto* const object = value.if_object())
    {
        std::vector<std::string> names;
        for (auto const& member : *object)
            names.emplace_back(member.key());
        for (auto const& name : names)
        {
            auto const here = path + "/" + name;
            json::value kept = std::move(object->at(name));
            object->erase(name);
            visit(here);
            object->emplace(name, std::move(kept));
            without_each_member(object->at(name), here, visit);
        }
    }
    else if (auto* const array = value.if_array())
        for (std::size_t i = 0; i < array->size(); ++i)
            without_each_member((*array)[i], path + "/" + std::to_string(i), visit);
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
        without_each_member(
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

// Members that say by their absence what others say by their presence, or without which something else is
// told.
bool may_change_the_meaning(test::own_delivery const& of, std::string_view path)
{
    static std::set<std::string_view> const members = {
        // Another repository, of which nothing is known.
        "/repository/uuid",
        "/repository/id",
        "/pullRequest/toRef/repository/id",
        // Data Center leaves out a description of nothing, and Cloud what is not pending.
        "/pullRequest/description",
        "/comment/pending",
        // Who was added is told now, and who was taken off when the list is whole again.
        "/pullrequest/participants",
    };
    // A person without any id has a deleted account.
    bool const is_only_id = of.dialect == "2017" && path.ends_with("/uuid");
    // Comments on commits are not remembered: only a version tells one edit by two deliveries.
    bool const is_only_stamp = of.event_key == "repo:comment:edited" && path == "/comment/version";
    return members.contains(path) || is_only_id || is_only_stamp;
}

using counts = std::map<event_kind, int>;

void count_into(counts& of, std::vector<event> const& events)
{
    for (auto const& one : events)
        ++of[one.kind];
}

// What a delivery lacks and the next one has is unknown meanwhile, and has not changed.
TEST_P(delivery_properties, a_member_that_is_missing_for_once_is_no_change)
{
    int visits = 0;
    auto const all = test::own_deliveries(GetParam());
    for (auto const& chain : test::delivery_chains(GetParam()))
    {
        event_memory before;
        for (std::size_t i = 0; i + 1 < chain.size(); ++i)
            before.take(chain[i].said, context());
        auto const& last = *std::ranges::find(all, chain.back().name, &test::own_delivery::name);
        auto whole = before;
        counts expected;
        count_into(expected, whole.take(chain.back().said, context()));
        json::value body = test::object_of(last.body);
        without_each_member(
            body,
            "",
            [&](std::string const& path)
            {
                if (path.find("/links") != path.npos || may_change_the_meaning(last, path))
                    return;
                auto const said = test::read_body(last.edition, last.event_key, json::serialize(body));
                if (!said)
                    return;
                ++visits;
                auto memory = before;
                counts told;
                count_into(told, memory.take(*said, context()));
                count_into(told, memory.take(chain.back().said, context()));
                for (auto const& [kind, times] : told)
                    // That something changed is said where what it was is missing.
                    EXPECT_LE(times, kind == event_kind::pull_request_updated ? 1 : expected[kind])
                        << last.name << " without " << path << " tells " << name_of(kind);
            }
        );
    }
    EXPECT_GT(visits, 3000);
}

// --- in any order ---

void expect_one_end(test::delivery_chain chain, edition of, std::string const& name, int orders)
{
    ASSERT_GT(chain.size(), 1u) << name;
    auto const end_of = [&](test::delivery_chain const& deliveries)
    {
        event_memory memory;
        return test::final_state(memory, deliveries, test::context_of(of, "test"));
    };
    auto const expected = end_of(chain);
    std::mt19937 order(7);
    for (int i = 0; i < orders; ++i)
    {
        std::ranges::shuffle(chain, order);
        std::string names;
        for (auto const& one : chain)
            names += " " + one.name;
        ASSERT_EQ(end_of(chain), expected) << name << ":" << names;
    }
}

TEST_P(delivery_properties, any_order_of_the_sample_story_ends_in_one_state)
{
    auto const story = test::sample_story(GetParam());
    ASSERT_GT(story.size(), 5u);
    expect_one_end(story, GetParam(), "the story", 50);
}

TEST_P(delivery_properties, any_order_of_a_chain_ends_in_one_state)
{
    auto const chains = test::delivery_chains(GetParam());
    ASSERT_GT(chains.size(), 30u);
    for (auto const& chain : chains)
        expect_one_end(chain, GetParam(), chain.back().name, chain.size() == 2 ? 4 : 12);
}

// All of ours are of pull request 7; it is merged there, and declined only where it stands alone.
TEST(delivery_order, of_cloud_s_deliveries_does_not_decide_the_end)
{
    std::map<std::string, test::delivery_chain> of_dialect;
    for (auto const& one : test::own_deliveries(edition::cloud))
        if (one.event_key.starts_with("pullrequest:") && one.event_key != "pullrequest:rejected")
            of_dialect[one.dialect].push_back(
                {one.name, test::read_body(one.edition, one.event_key, one.body).value()}
            );
    EXPECT_EQ(of_dialect.size(), 3u);
    for (auto const& [dialect, deliveries] : of_dialect)
        expect_one_end(deliveries, edition::cloud, dialect, 50);
}

INSTANTIATE_TEST_SUITE_P(
    editions,
    delivery_properties,
    testing::Values(edition::cloud, edition::data_center),
    [](auto const& row) { return row.param == edition::cloud ? "cloud" : "data_center"; }
);

}  // namespace
}  // namespace linkspan
