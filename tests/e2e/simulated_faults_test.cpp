#include "tests/support/bridge.hpp"
#include "tests/support/watched_center.hpp"
#include "tests/support/watched_cloud.hpp"

#include <boost/asio/ip/tcp.hpp>

// Each fault of the simulated Bitbuckets bites where its remedy is switched off, and no longer where it is
// on. Here the remedy is mostly that Linkspan asks: the same happens twice, once with an `api` link and once
// without.
//
// both
//   lost                       *_faults.bite/lost; watched_day.*
//   doubled                    deliveries_taken_for_truth.tell_twice_what_is_doubled
//   shuffled                   deliveries_taken_for_truth.end_where_the_last_to_come_was_made
//   nobody answers             *_faults.bite/unanswered
//
// Cloud
//   edit_silence               cloud_faults.bite/edit_within_ten_minutes
//   tells_tasks                cloud_faults.bite/task_*
//   tells_pull_request_push    cloud_deliveries_taken_for_truth.tell_twice_what_has_two_keys
//   hooks.resends_max          cloud_faults.bite/unanswered
//   hooks.patience             cloud_faults.bite/silent_peer
//   hooks.body_bytes_max       cloud_faults.bite/long_body
//   has_short_hashes           cloud_answers.cut_hashes
//   task_count_lag             cloud_faults.bite/task_count_that_lags
//   list_lag                   cloud_answers.that_lag_delete_nothing
//   moves_with_comments        cloud_faults.bite/comment_that_moves_no_date
//   redirects_diffstat         bitbucket_rest.follows_the_redirect_of_a_diffstat_on_its_host
//   requests_per_hour          cloud_limits.that_are_told_are_kept
//   tells_limit                cloud_limits.that_are_told_are_kept
//   retry_after                cloud_limits.that_say_when_to_come_back_are_heeded
//   remove_credentials()       cloud_answers.that_no_longer_take_the_token_take_the_next
//   single faults              answers_that_fail.prove_nothing_and_are_asked_for_again/*
//   foreign_next               cloud_answers.that_go_on_at_another_host_prove_nothing_gone
//   endless                    cloud_answers.without_an_end_show_what_they_show
//   set_before_next_page()     cloud_answers.that_shift_while_they_are_read_are_asked_for_again
//   rename, delete_repository() cloud_answers.of_a_repository_that_is_*_delete_nothing
//   cloud_ahead                watching.goes_on_as_long_where_our_clock_is_ahead
//
// Data Center
//   failures_max, *silence*    center_faults.bite/silenced_hook; watched_day.of_data_center_*
//   never sent again           center_faults.bite/unanswered
//   tells_resolutions          center_faults.bite/thread_resolved*, bite/task_resolved
//   has_iso_dates              watching_data_center.dates_of_10_are_read_as_those_before
//   page_items_max             center_faults.bite/short_pages
//   bucket_size, refill_*      center_answers.that_refuse_are_asked_for_again
//   script()                   center_answers.that_fail_are_asked_for_again
//   is_admin                   gaps_of_data_center.names_the_permission_that_would_tell
//   set_active, remove_hook()  gaps_of_data_center.sees_a_hook_that_is_switched_off_or_gone
//   has_builds                 watching_builds.a_server_that_does_not_show_builds_is_*
//   shows_reactions            watching_data_center.reactions_are_told_where_comments_show_them

namespace linkspan::test
{
namespace
{

using std::chrono::minutes;

constexpr milliseconds behind_watching = minutes(15);
constexpr milliseconds behind_catching_up = sweep_beat + minutes(61);
constexpr char const* first_words = "first words";

// Of a pull request with one comment, of which all is told.
template <class World>
std::int64_t begin_story(World& world)
{
    world.start();
    EXPECT_TRUE(world.settle());
    world.advance(seconds(1));
    auto const pull_request = world.service().open_pull_request("api", "Mend the gate");
    auto const comment = world.service().add_comment("api", pull_request, first_words);
    (void)world.service().deliver_pending();
    EXPECT_TRUE(world.becomes("event WHERE kind = 'comment.added'", 1));
    world.settle();
    world.pass_until(world.now() + seconds(30));
    return comment;
}

template <class World>
struct fault_case
{
    std::string name;
    std::function<void(World& world, std::int64_t comment)> happens;
    std::string kind;  // of the event that nobody must miss
    int count = 1;
    milliseconds within = behind_catching_up;
};

template <class World>
std::string name_of_case(testing::TestParamInfo<fault_case<World>> const& of)
{
    return of.param.name;
}

template <class World>
std::int64_t count_found(fault_case<World> const& one, bool is_asked)
{
    World world;
    auto& source = world.settings.sources.front();
    source.repositories = {World::repository};
    if (!is_asked)
        source.api.clear();
    auto const comment = begin_story(world);
    one.happens(world, comment);
    if (!world.app)
        world.start();
    (void)world.service().deliver_pending();
    world.settle();
    world.pass_until(world.now() + one.within);
    auto const found = world.events(one.kind);
    world.stop();
    return found;
}

template <class World>
void expect_a_bite(fault_case<World> const& one)
{
    EXPECT_LT(count_found(one, false), one.count) << "it does not bite";
    EXPECT_EQ(count_found(one, true), one.count);
}

// --- what befalls the webhooks of either

template <class World>
void lose_webhooks(World& world, std::int64_t)
{
    auto rules = world.service().rules();
    rules.disorder.lost_percent = 100;
    world.service().set_rules(rules);
    world.service().add_comment("api", 1, "lost on the way");
}

// All that is queued ends so.
template <class World>
void deliver_in_vain(World& world, int attempts)
{
    auto const ended = world.service().deliver_pending();
    ASSERT_FALSE(ended.empty());
    for (auto const& one : ended)
    {
        EXPECT_EQ(one.fate, hook_fate::failed);
        EXPECT_EQ(one.status, 0);
        if constexpr (requires { one.attempts; })
        {
            EXPECT_EQ(one.attempts, attempts);
        }
    }
}

template <class World>
void send_to_nobody(World& world, std::int64_t)
{
    world.stop();
    world.service().add_comment("api", 1, "lost on the way");
    deliver_in_vain(world, 3);
}

// Somebody takes the connection, and does not answer.
void send_to_silence(cloud_world& world, std::int64_t)
{
    using boost::asio::ip::tcp;
    boost::asio::io_context loop;
    tcp::acceptor const silent(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    auto rules = world.cloud.rules();
    rules.hooks.patience = milliseconds(20);
    world.cloud.set_rules(rules);
    world.cloud.move_hooks("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()));
    world.cloud.add_comment("api", 1, "lost on the way");
    deliver_in_vain(world, 3);
}

// --- Cloud

struct cloud_faults : testing::TestWithParam<fault_case<cloud_world>>
{
};

TEST_P(cloud_faults, bite)
{
    expect_a_bite(GetParam());
}

std::vector<fault_case<cloud_world>> cases_of_cloud()
{
    auto const wait = [](cloud_world& world) { world.pass_until(world.now() + behind_watching); };
    return {
        {"lost", lose_webhooks<cloud_world>, "comment.added", 2},
        {"unanswered", send_to_nobody<cloud_world>, "comment.added", 2},
        {"silent_peer", send_to_silence, "comment.added", 2},
        {"long_body",
         [](cloud_world& world, std::int64_t)
         {
             world.cloud.add_comment("api", 1, std::string(200'000, 'x'));
             EXPECT_EQ(world.cloud.deliver_pending().at(0).fate, hook_fate::oversized);
         },
         "comment.added",
         2},
        {"edit_within_ten_minutes",
         [](cloud_world& world, std::int64_t comment) { world.cloud.edit_comment(comment, "second words"); },
         "comment.edited",
         1,
         minutes(2)},
        {"task_added",
         [](cloud_world& world, std::int64_t) { world.cloud.add_task("api", 1, "mend it"); },
         "task.added",
         1,
         behind_watching},
        {"task_added_later",
         [wait](cloud_world& world, std::int64_t)
         {
             wait(world);
             world.cloud.add_task("api", 1, "mend it");
         },
         "task.added"},
        {"task_resolved_later",
         [wait](cloud_world& world, std::int64_t)
         {
             auto const task = world.cloud.add_task("api", 1, "mend it");
             wait(world);
             world.cloud.resolve_task(task);
         },
         "task.resolved"},
        {"task_deleted_later",
         [wait](cloud_world& world, std::int64_t)
         {
             auto const task = world.cloud.add_task("api", 1, "mend it");
             wait(world);
             world.cloud.delete_task(task);
         },
         "task.deleted",
         1,
         2 * behind_catching_up},
        {"task_resolved_before_the_end",
         [wait](cloud_world& world, std::int64_t)
         {
             auto const task = world.cloud.add_task("api", 1, "mend it");
             wait(world);
             world.cloud.resolve_task(task);
             world.cloud.merge("api", 1);
         },
         "task.resolved"},
        {"task_count_that_lags",
         [wait](cloud_world& world, std::int64_t)
         {
             auto rules = world.cloud.rules();
             rules.task_count_lag = minutes(40);
             world.cloud.set_rules(rules);
             wait(world);
             world.cloud.add_task("api", 1, "mend it");
         },
         "task.added"},
        {"comment_that_moves_no_date",
         [wait](cloud_world& world, std::int64_t)
         {
             auto rules = world.cloud.rules();
             rules.moves_with_comments = false;
             world.cloud.set_rules(rules);
             wait(world);
             world.cloud.add_comment("api", 1, "lost on the way");
             world.cloud.drop_pending();
         },
         "comment.added",
         2},
    };
}

INSTANTIATE_TEST_SUITE_P(all, cloud_faults, testing::ValuesIn(cases_of_cloud()), name_of_case<cloud_world>);

// --- Data Center

struct center_faults : testing::TestWithParam<fault_case<center_world>>
{
};

TEST_P(center_faults, bite)
{
    expect_a_bite(GetParam());
}

void silence_the_hook(center_world& world, std::int64_t)
{
    world.stop();
    for (int failure = 0; failure < 5; ++failure)
        world.center.add_comment("api", 1, "lost on the way");
    deliver_in_vain(world, 1);
    ASSERT_TRUE(world.center.silent_until(world.hook));
    world.start();
    world.center.add_comment("api", 1, "nobody was sent this");
    EXPECT_EQ(world.center.deliver_pending().at(0).fate, hook_fate::skipped);
}

std::vector<fault_case<center_world>> cases_of_center()
{
    auto const wait = [](center_world& world) { world.pass_until(world.now() + behind_watching); };
    return {
        {"lost", lose_webhooks<center_world>, "comment.added", 2},
        {"unanswered", send_to_nobody<center_world>, "comment.added", 2},
        {"silenced_hook", silence_the_hook, "comment.added", 7},
        {"thread_resolved",
         [](center_world& world, std::int64_t comment) { world.center.resolve_thread(comment); },
         "comment.resolved",
         1,
         minutes(2)},
        {"thread_resolved_later",
         [wait](center_world& world, std::int64_t comment)
         {
             wait(world);
             world.center.resolve_thread(comment);
         },
         "comment.resolved"},
        {"task_resolved",
         [](center_world& world, std::int64_t)
         {
             auto const task = world.center.add_task("api", 1, "mend it");
             (void)world.center.deliver_pending();
             world.settle();
             world.pass_until(world.now() + seconds(30));
             world.center.resolve_task(task);
         },
         "task.resolved",
         1,
         behind_watching},
        {"short_pages",
         [](center_world& world, std::int64_t)
         {
             auto rules = world.center.rules();
             rules.page_items_max = 1;
             world.center.set_rules(rules);
             for (int number = 0; number < 4; ++number)
                 world.center.add_comment("api", 1, "lost on the way");
             world.center.drop_pending();
         },
         "comment.added",
         5},
    };
}

INSTANTIATE_TEST_SUITE_P(all, center_faults, testing::ValuesIn(cases_of_center()), name_of_case<center_world>);

// --- deliveries that are doubled or shuffled: what each would tell if it was taken for the truth

template <class World>
struct deliveries_taken_for_truth : testing::Test
{
    World world;

    auto deliver()
    {
        auto out = world.service().deliver_pending();
        EXPECT_TRUE(world.becomes("inbox WHERE state = 0", 0));
        return out;
    }

    void misbehave(std::function<void(hook_disorder&)> const& change)
    {
        auto rules = world.service().rules();
        change(rules.disorder);
        world.service().set_rules(rules);
    }

    // Each of them read by itself, by somebody who remembers nothing.
    int told_by(std::vector<typename World::delivery> const& all, std::string const& kind_begin)
    {
        int out = 0;
        for (auto const& one : all)
        {
            bridge forgetful(World::kind);
            for (auto const& kind : kinds_of(forgetful.receive(one.event_key, one.body, world.now())))
                out += kind.starts_with(kind_begin) ? 1 : 0;
        }
        return out;
    }
};

using both_worlds = testing::Types<cloud_world, center_world>;
TYPED_TEST_SUITE(deliveries_taken_for_truth, both_worlds);

TYPED_TEST(deliveries_taken_for_truth, tell_twice_what_is_doubled)
{
    begin_story(this->world);
    this->misbehave([](hook_disorder& by) { by.doubled_percent = 100; });
    this->world.service().add_comment("api", 1, "once");
    auto const sent = this->deliver();
    EXPECT_EQ(this->told_by(sent, "comment.added"), 2);
    EXPECT_EQ(this->world.events("comment.added"), 2) << "this one, and the first words";
}

TYPED_TEST(deliveries_taken_for_truth, end_where_the_last_to_come_was_made)
{
    begin_story(this->world);
    bool bites = false;  // the last one made did not come last
    for (std::uint64_t seed = 1; seed <= 5 && !bites; ++seed)
    {
        this->misbehave(
            [seed](hook_disorder& by)
            {
                by.is_shuffled = true;
                by.seed = seed;
            }
        );
        std::string title;
        for (int number = 0; number < 6; ++number)
        {
            this->world.advance(seconds(2));
            title = "Title " + std::to_string(seed) + "." + std::to_string(number);
            this->world.service().set_title("api", 1, title);
        }
        bites = this->deliver().back().body.find('"' + title + '"') == std::string::npos;
        EXPECT_EQ(
            this->world.profile.query("SELECT json_extract(json, '$.state.title') FROM snapshot"), title
        );
    }
    EXPECT_TRUE(bites);
}

struct cloud_deliveries_taken_for_truth : deliveries_taken_for_truth<cloud_world>
{
};

TEST_F(cloud_deliveries_taken_for_truth, tell_twice_what_has_two_keys)
{
    begin_story(world);
    auto rules = world.cloud.rules();
    rules.tells_pull_request_push = true;
    world.cloud.set_rules(rules);
    world.cloud.push_to("api", 1);
    EXPECT_EQ(told_by(deliver(), "pull_request."), 2);
    EXPECT_EQ(world.events("pull_request.commits_pushed"), 1);
    EXPECT_EQ(world.events("pull_request.updated"), 0);
}

}  // namespace
}  // namespace linkspan::test
