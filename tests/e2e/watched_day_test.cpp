#include "core/event/collapse.hpp"
#include "core/event/json.hpp"
#include "core/watch/beat.hpp"
#include "tests/support/office_day.hpp"
#include "tests/support/watched_center.hpp"
#include "tests/support/watched_cloud.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>

// A day of a team with lost, doubled and unordered webhooks and an outage of Linkspan's ends as a perfect day
// does: in the same states, and after collapse() in the same events. On Data Center the outage also silences
// the webhook, for longer than it lasts itself.

namespace linkspan::test
{
namespace
{

constexpr milliseconds delivery_beat{90'000};  // of a disturbed day: webhooks come so late, and in any order

struct day_end
{
    std::vector<event> log;
    std::map<std::string, std::string> states;  // of pull requests and comments
    std::map<std::string, int> by_origin;
    std::map<std::string, int> webhooks;  // by what became of them
    std::size_t requests = 0;
    std::int64_t refused = 0;  // of these: 429
};

std::string name_of(hook_fate fate)
{
    switch (fate)
    {
        case hook_fate::pending:
            return "pending";
        case hook_fate::accepted:
            return "accepted";
        case hook_fate::refused:
            return "refused";
        case hook_fate::failed:
            return "failed";
        case hook_fate::oversized:
            return "oversized";
        case hook_fate::skipped:
            return "silenced";
        case hook_fate::lost:
            return "lost";
    }
    return {};
}

std::int64_t refused_by(bitbucket_cloud const& service)
{
    return service.usage_of("a-token").refused;
}

std::int64_t refused_by(bitbucket_data_center const& service)
{
    return service.refused_requests();
}

// What REST asks for; pushes and builds of branches that were lost are not (docs/explanation/watching.md).
bool is_asked_for(event const& one)
{
    auto const name = name_of(one.kind);
    return name.starts_with("pull_request.") || name.starts_with("comment.") || name.starts_with("task.");
}

void read_log(app_world& world, day_end& into)
{
    auto const rows =
        world.profile.query("SELECT json_group_array(json) FROM (SELECT json FROM event ORDER BY seq)");
    auto const log = boost::json::parse(rows);
    for (auto const& one : log.as_array())
    {
        auto read = event_from_json(std::string_view(one.as_string()));
        ASSERT_TRUE(read) << read.error().message;
        if (!is_asked_for(*read))
            continue;
        ++into.by_origin
              [read->origin == event_origin::webhook ? "webhook"
               : read->origin == event_origin::poll  ? "poll"
                                                     : "catch_up"];
        into.log.push_back(std::move(*read));
    }
}

// Without what counts moves: how often somebody was heard of differs.
void read_states(app_world& world, day_end& into)
{
    auto const pull_requests = world.profile.query(
        "SELECT json_group_array(json_object('id', pull_request, 'state', json_extract(json, '$.state'))) "
        "FROM snapshot"
    );
    auto const states = boost::json::parse(pull_requests);
    for (auto const& one : states.as_array())
    {
        auto state =
            one.at("state").is_string() ? boost::json::parse(one.at("state").as_string()) : one.at("state");
        auto& members = state.as_object();
        for (auto const* counter : {"updated_at", "comments", "tasks"})
            members.erase(counter);
        into.states["pull request " + boost::json::serialize(one.at("id"))] = boost::json::serialize(state);
    }
    auto const comments = world.profile.query(
        "SELECT json_group_array(json_object('id', comment, 'state', json(json))) FROM comment_state"
    );
    auto const said = boost::json::parse(comments);
    for (auto const& one : said.as_array())
    {
        auto const& state = one.at("state").as_object();
        std::string shown;
        auto const* is_deleted = state.if_contains("deleted");
        if (is_deleted != nullptr && is_deleted->is_bool() && is_deleted->as_bool())
        {
            // Nobody is shown the last text of what is gone.
            into.states["comment " + boost::json::serialize(one.at("id"))] = "deleted";
            continue;
        }
        for (auto const* member : {"text", "task", "resolved"})
            if (auto const* found = state.if_contains(member))
                shown += std::string(member) + "=" + boost::json::serialize(*found) + " ";
        into.states["comment " + boost::json::serialize(one.at("id"))] = shown;
    }
}

template <class World>
void deliver(World& world, day_end& into)
{
    for (auto const& one : world.service().deliver_pending())
        ++into.webhooks[name_of(one.fate) + (one.fate == hook_fate::skipped && world.app ? " while up" : "")];
}

template <class World>
day_end live(office_day const& day, bool is_disturbed)
{
    World world;
    auto& service = world.service();
    world.settings.sources.front().repositories = {World::repository};
    if (is_disturbed)
    {
        auto rules = service.rules();
        rules.disorder.lost_percent = 30;
        rules.disorder.doubled_percent = 20;
        rules.disorder.is_shuffled = true;
        service.set_rules(rules);
    }
    world.start();
    world.settle();
    day_end out;
    auto const begin = world.now();
    auto const outage_begin = day.length / 2;
    auto const outage_end = outage_begin + seconds(40 * 60);
    auto last_sent = begin;
    for (auto const& step : day.steps<std::remove_reference_t<decltype(service)>>())
    {
        auto const at = begin + step.at;
        bool const is_away = is_disturbed && step.at >= outage_begin && step.at < outage_end;
        if (is_away && world.app)
            world.stop();
        if (!is_away && !world.app)
            world.start();
        if (world.app)
            world.pass_until(at);
        else
            world.now_ = to_milliseconds(at);
        step.happens(service);
        if (is_disturbed && world.now() - last_sent < delivery_beat)
            continue;
        deliver(world, out);
        last_sent = world.now();
        if (world.app)
            world.settle();
    }
    deliver(world, out);
    world.settle();
    world.pass_until(world.now() + sweep_beat + seconds(3'600 + 60));
    read_log(world, out);
    read_states(world, out);
    out.requests = service.targets().size();
    out.refused = refused_by(service);
    world.stop();
    return out;
}

std::vector<std::string> happenings(std::vector<event> const& log)
{
    std::vector<std::string> out;
    for (auto const& one : log)
        out.push_back(happening_of(one));
    std::ranges::sort(out);
    return out;
}

std::vector<std::string> without(std::vector<std::string> const& all, std::vector<std::string> const& others)
{
    std::vector<std::string> out;
    std::ranges::set_difference(all, others, std::back_inserter(out));
    return out;
}

std::string told(std::map<std::string, int> const& counts)
{
    std::string out;
    for (auto const& [name, count] : counts)
        out += name + " " + std::to_string(count) + ", ";
    return out;
}

// A fifth of it where each step takes five times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_whole_day = false;
constexpr int day_pull_requests = 10;
#else
constexpr bool is_whole_day = true;
constexpr int day_pull_requests = 50;
#endif
// As many changes in less time: so many deliveries fail within the outage that it silences the webhook long.
constexpr milliseconds center_day{8 * 3'600'000};

void report(char const* name, day_end const& day, std::size_t kept)
{
    std::printf(
        "  report: %s: %zu events (%s%zu dropped by collapse), webhooks: %s%zu requests, %lld refused\n",
        name,
        day.log.size(),
        told(day.by_origin).c_str(),
        day.log.size() - kept,
        told(day.webhooks).c_str(),
        day.requests,
        static_cast<long long>(day.refused)
    );
}

// How the disturbed day ended.
template <class World>
day_end expect_the_same_end(office_day day)
{
    day.pull_requests = day_pull_requests;
    auto const perfect = live<World>(day, false);
    auto disturbed = live<World>(day, true);
    auto const expected = collapse(perfect.log);
    auto const found = collapse(disturbed.log);
    report("a perfect day", perfect, expected.size());
    report("a disturbed day", disturbed, found.size());
    for (auto const& [name, state] : perfect.states)
        EXPECT_EQ(disturbed.states.contains(name) ? disturbed.states.at(name) : "missing", state) << name;
    EXPECT_EQ(disturbed.states.size(), perfect.states.size());
    auto const wanted = happenings(expected);
    auto const had = happenings(found);
    EXPECT_EQ(without(wanted, had), std::vector<std::string>()) << "missing";
    EXPECT_EQ(without(had, wanted), std::vector<std::string>()) << "too many";
    EXPECT_EQ(perfect.refused + disturbed.refused, 0);
    return disturbed;
}

TEST(watched_day, ends_as_a_perfect_day_does)
{
    expect_the_same_end<cloud_world>({});
}

TEST(watched_day, of_data_center_ends_as_a_perfect_day_does)
{
    office_day shape;
    shape.length = center_day;
    auto const day = expect_the_same_end<center_world>(shape);
    EXPECT_TRUE(!is_whole_day || day.webhooks.contains("silenced while up")) << "it outlasts the outage";
}

}  // namespace
}  // namespace linkspan::test
