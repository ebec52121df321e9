#include "core/bitbucket/digest.hpp"

#include "core/event/json.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/bridge.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;

person const ada{"ada", "Ada", person_kind::user};
person const grace{"grace", "Grace", person_kind::user};
person const lin{"lin", "Lin", person_kind::user};

constexpr time_point at(std::int64_t second)
{
    return from_milliseconds(1'700'000'000'000 + second * 1000);
}

participant reviewer(person const& who, review_state state = review_state::pending)
{
    participant out;
    static_cast<person&>(out) = who;
    out.role = participant_role::reviewer;
    out.state = state;
    return out;
}

pull_request state_of(std::int64_t second)
{
    pull_request out;
    out.id = 7;
    out.title = "Limits";
    out.description = "Ten a second.";
    out.state = pull_request_state::open;
    out.draft = false;
    out.source = branch_tip{"acme/api", "feature/limits", "aaaaaaaaaaaa"};
    out.target = branch_tip{"acme/api", "main", "bbbbbbbbbbbb"};
    out.author = ada;
    out.participants = std::vector<participant>{reviewer(grace), reviewer(lin)};
    out.updated_at = at(second);
    return out;
}

reading said(pull_request state, std::int64_t second)
{
    reading out;
    out.actor = ada;
    repository where;
    where.id = "{repository}";
    where.full_name = "acme/api";
    out.repository = where;
    out.pull_request = std::move(state);
    out.occurred_at = at(second);
    out.order = to_milliseconds(at(second));
    return out;
}

reading with_claim(reading base, event_kind kind, claim_identity identity, event_detail detail = {})
{
    claim one;
    one.kind = kind;
    one.identity = identity;
    one.at = base.occurred_at;
    one.detail = std::move(detail);
    base.claims.push_back(std::move(one));
    return base;
}

reading update(pull_request state, std::int64_t second)
{
    state.updated_at = at(second);
    return with_claim(
        said(std::move(state), second), event_kind::pull_request_updated, claim_identity::update
    );
}

reading reviewed(event_kind kind, person const& who, std::int64_t second, pull_request state)
{
    review detail;
    detail.reviewer = who;
    auto out = with_claim(said(std::move(state), second), kind, claim_identity::reviewer, detail);
    out.actor = who;
    return out;
}

// One pull request: readings go in, events come out, the snapshot stays.
struct memory
{
    known_state known;
    digest_context context;

    memory()
    {
        context.instance = "bitbucket.org";
        context.received_at = at(1000);
    }

    std::vector<event> take(reading const& what)
    {
        auto done = digest(what, known, context);
        known.snapshot = std::move(done.snapshot);
        return std::move(done.events);
    }

    review_state review_of(person const& who) const
    {
        for (auto const& one : known.snapshot->state.participants.value())
            if (one.id == who.id)
                return one.state;
        return review_state::pending;
    }
};

TEST(digest, first_sight_of_an_update_says_only_that)
{
    memory of;
    auto const first = of.take(update(state_of(1), 1));
    ASSERT_EQ(test::kinds_of(first), strings{"pull_request.updated"});
    EXPECT_EQ(first[0].key, "bitbucket.org:pull_request.updated:{repository}:7:1700000001000");
    EXPECT_TRUE(of.take(update(state_of(1), 1)).empty());
    EXPECT_TRUE(of.take(update(state_of(2), 2)).empty());
}

TEST(digest, an_update_gives_one_event_for_each_field_that_moved)
{
    memory of;
    of.take(update(state_of(1), 1));
    auto after = state_of(2);
    after.title = "Rate limits";
    after.description = "Twenty.";
    after.target->branch = "release/2";
    after.draft = true;
    after.participants = {reviewer(lin), reviewer(ada)};
    after.source->commit = "cccccccccccc";
    auto const events = of.take(update(after, 2));
    ASSERT_EQ(
        test::kinds_of(events),
        (strings{
            "pull_request.title_changed",
            "pull_request.description_changed",
            "pull_request.retargeted",
            "pull_request.marked_draft",
            "pull_request.commits_pushed",
            "pull_request.reviewers_changed"})
    );
    EXPECT_EQ(std::get<text_change>(events[0].detail), (text_change{"Limits", "Rate limits"}));
    EXPECT_EQ(std::get<text_change>(events[1].detail), (text_change{"Ten a second.", "Twenty."}));
    EXPECT_EQ(std::get<text_change>(events[2].detail), (text_change{"main", "release/2"}));
    EXPECT_EQ(std::get<commits_push>(events[4].detail).before, "aaaaaaaaaaaa");
    EXPECT_EQ(std::get<commits_push>(events[4].detail).after, "cccccccccccc");
    EXPECT_EQ(std::get<reviewers_change>(events[5].detail), (reviewers_change{{ada}, {grace}}));
    for (auto const& happened : events)
    {
        EXPECT_EQ(happened.occurred_at, at(2));
        EXPECT_EQ(happened.actor, ada);
    }
    EXPECT_TRUE(of.take(update(after, 2)).empty());
    after.draft = false;
    EXPECT_EQ(test::kinds_of(of.take(update(after, 3))), strings{"pull_request.marked_ready"});
}

TEST(digest, a_title_that_moves_back_and_forth_has_a_key_for_each_move)
{
    memory of;
    of.take(update(state_of(1), 1));
    std::set<std::string> keys;
    for (int second = 2; second < 8; ++second)
    {
        auto next = state_of(second);
        next.title = second % 2 == 0 ? "B" : "A";
        for (auto const& happened : of.take(update(next, second)))
            keys.insert(happened.key);
    }
    EXPECT_EQ(keys.size(), 6u);
    EXPECT_TRUE(keys.contains("bitbucket.org:pull_request.title_changed:{repository}:7:title:6"));
}

TEST(digest, an_older_delivery_moves_nothing_back_and_hides_nothing)
{
    memory of;
    of.take(update(state_of(1), 1));
    auto newer = state_of(9);
    newer.title = "New";
    newer.source->commit = "cccccccccccc";
    newer.participants = {reviewer(grace, review_state::approved), reviewer(lin)};
    of.take(update(newer, 9));
    auto const before = *of.known.snapshot;
    auto older = state_of(5);
    older.title = "Between";
    older.draft = true;
    older.participants = std::vector<participant>{};
    EXPECT_TRUE(of.take(update(older, 5)).empty());
    EXPECT_EQ(*of.known.snapshot, before);

    newer.title = "Newest";
    EXPECT_EQ(test::kinds_of(of.take(update(newer, 10))), strings{"pull_request.title_changed"});
}

TEST(digest, what_a_delivery_leaves_out_stays_as_it_was)
{
    memory of;
    of.take(update(state_of(1), 1));
    pull_request bare;
    bare.id = 7;
    bare.source = branch_tip{"", "feature/limits", ""};  // a fork that was deleted, a commit that is not told
    EXPECT_TRUE(of.take(update(bare, 2)).empty());
    auto const& state = of.known.snapshot->state;
    EXPECT_EQ(state.title, "Limits");
    EXPECT_EQ(state.source->commit, "aaaaaaaaaaaa");
    EXPECT_EQ(state.participants->size(), 2u);
    EXPECT_TRUE(of.take(update(state_of(3), 3)).empty());
}

// Data Center repeats the version while only comments and reviews move; its date then decides.
TEST(digest, among_equal_versions_the_date_decides)
{
    memory of;
    auto first = said(state_of(1), 10);
    first.order = 3;
    first.pull_request->participants = {reviewer(grace, review_state::changes_requested), reviewer(lin)};
    of.take(first);
    auto older = said(state_of(1), 5);
    older.order = 3;
    EXPECT_TRUE(of.take(older).empty());
    EXPECT_EQ(of.review_of(grace), review_state::changes_requested);

    auto newer_list = said(state_of(1), 20);
    newer_list.order = 2;  // an older version, but a later look at the reviews
    newer_list.pull_request->title = "Old title";
    EXPECT_EQ(test::kinds_of(of.take(newer_list)), strings{"pull_request.changes_request_withdrawn"});
    EXPECT_EQ(of.known.snapshot->state.title, "Limits");
}

TEST(digest, the_first_of_two_tellers_of_a_push_tells_it)
{
    auto moved = state_of(2);
    moved.source->commit = "cccccccccccc";
    commits_push detail;
    detail.before = std::string("aaaaaaaaaaaa") + std::string(28, '0');
    detail.after = "cccccccccccc";
    auto const told =
        with_claim(said(moved, 2), event_kind::pull_request_commits_pushed, claim_identity::source, detail);

    memory by_claim;
    auto const unknown = by_claim.take(told);
    ASSERT_EQ(test::kinds_of(unknown), strings{"pull_request.commits_pushed"});
    EXPECT_EQ(std::get<commits_push>(unknown[0].detail).before, detail.before);
    EXPECT_TRUE(by_claim.take(told).empty());

    memory by_update;
    by_update.take(update(state_of(1), 1));
    EXPECT_EQ(test::kinds_of(by_update.take(update(moved, 2))), strings{"pull_request.commits_pushed"});
    EXPECT_TRUE(by_update.take(told).empty());
    // Forty characters of the same commit are no push.
    moved.source->commit += std::string(28, 'd');
    EXPECT_TRUE(by_update.take(update(moved, 3)).empty());
}

TEST(digest, a_source_told_without_a_move_is_no_push)
{
    memory of;
    commits_push detail;
    detail.before = "aaaaaaaaaaaa";
    EXPECT_TRUE(
        of
            .take(with_claim(
                said(state_of(1), 1), event_kind::pull_request_commits_pushed, claim_identity::source, detail
            ))
            .empty()
    );
}

TEST(digest, a_review_is_told_by_whoever_shows_it_first)
{
    auto approved = state_of(2);
    approved.participants = {reviewer(grace), reviewer(lin, review_state::approved)};
    auto const claimed = reviewed(event_kind::pull_request_approved, lin, 2, approved);

    memory list_first;
    list_first.take(update(state_of(1), 1));
    auto const shown = list_first.take(update(approved, 3));
    ASSERT_EQ(test::kinds_of(shown), strings{"pull_request.approved"});
    EXPECT_EQ(shown[0].actor, lin);
    EXPECT_EQ(std::get<review>(shown[0].detail).reviewer.id, "lin");
    EXPECT_TRUE(list_first.take(claimed).empty());

    memory claim_first;
    claim_first.take(update(state_of(1), 1));
    auto const told = claim_first.take(claimed);
    ASSERT_EQ(test::kinds_of(told), strings{"pull_request.approved"});
    EXPECT_EQ(told[0].key, "bitbucket.org:pull_request.approved:{repository}:7:review:lin:1");
    EXPECT_TRUE(claim_first.take(update(approved, 3)).empty());
    EXPECT_TRUE(claim_first.take(claimed).empty());
    EXPECT_EQ(claim_first.review_of(lin), review_state::approved);
}

TEST(digest, reviews_go_forth_and_back_and_forth)
{
    memory of;
    of.take(update(state_of(1), 1));
    auto const shown = [](review_state state)
    {
        auto out = state_of(1);
        out.participants = {reviewer(grace), reviewer(lin, state)};
        return out;
    };
    using enum event_kind;
    std::vector<reading> const story = {
        reviewed(pull_request_approved, lin, 2, shown(review_state::approved)),
        reviewed(pull_request_approval_withdrawn, lin, 3, shown(review_state::pending)),
        reviewed(pull_request_changes_requested, lin, 4, shown(review_state::changes_requested)),
        // Asking for changes withdraws an approval; Cloud may say so afterwards.
        reviewed(pull_request_approval_withdrawn, lin, 5, shown(review_state::changes_requested)),
        reviewed(pull_request_changes_request_withdrawn, lin, 6, shown(review_state::pending)),
        reviewed(pull_request_approved, lin, 7, shown(review_state::approved)),
    };
    std::vector<event> all;
    for (auto const& one : story)
        for (auto& happened : of.take(one))
            all.push_back(std::move(happened));
    EXPECT_EQ(
        test::kinds_of(all),
        (strings{
            "pull_request.approved",
            "pull_request.approval_withdrawn",
            "pull_request.changes_requested",
            "pull_request.changes_request_withdrawn",
            "pull_request.approved"})
    );
    EXPECT_EQ(of.review_of(lin), review_state::approved);
    std::set<std::string> keys;
    for (auto const& happened : all)
        EXPECT_TRUE(keys.insert(happened.key).second) << happened.key;
    // All of them once more, late: nothing moves.
    for (auto const& one : story)
        EXPECT_TRUE(of.take(one).empty());
    EXPECT_EQ(of.review_of(lin), review_state::approved);
}

TEST(digest, an_old_review_does_not_move_a_person_back)
{
    memory of;
    auto merged = state_of(9);
    merged.participants = {reviewer(grace), reviewer(lin, review_state::approved)};
    of.take(update(merged, 9));
    auto older = state_of(4);
    older.participants = {reviewer(grace), reviewer(lin, review_state::changes_requested)};
    EXPECT_TRUE(of.take(reviewed(event_kind::pull_request_changes_requested, lin, 4, older)).empty());
    EXPECT_EQ(of.review_of(lin), review_state::approved);
}

TEST(digest, a_review_by_somebody_who_was_not_asked_counts)
{
    memory of;
    of.take(update(state_of(1), 1));
    auto const told = of.take(reviewed(event_kind::pull_request_approved, ada, 2, state_of(1)));
    EXPECT_EQ(test::kinds_of(told), strings{"pull_request.approved"});
    EXPECT_EQ(of.review_of(ada), review_state::approved);
}

TEST(digest, a_review_without_any_list_is_told_once)
{
    memory of;
    auto bare = state_of(1);
    bare.participants.reset();
    auto const told = reviewed(event_kind::pull_request_approved, lin, 2, bare);
    EXPECT_EQ(test::kinds_of(of.take(told)), strings{"pull_request.approved"});
    EXPECT_TRUE(of.take(told).empty());
    EXPECT_FALSE(of.known.snapshot->state.participants);
    auto const withdrawn = reviewed(event_kind::pull_request_approval_withdrawn, lin, 3, bare);
    EXPECT_EQ(test::kinds_of(of.take(withdrawn)), strings{"pull_request.approval_withdrawn"});
}

// A deleted account has a name alone, by which nobody may be matched.
TEST(digest, people_without_an_id_are_not_compared)
{
    memory of;
    auto before = state_of(1);
    before.participants = {reviewer({"", "Former User", person_kind::unknown}, review_state::approved)};
    of.take(update(before, 1));
    auto after = state_of(2);
    after.participants = {
        reviewer({"", "Other Former User", person_kind::unknown}),
        reviewer({"", "Third", person_kind::unknown}, review_state::changes_requested)};
    EXPECT_TRUE(of.take(update(after, 2)).empty());
    EXPECT_EQ(of.known.snapshot->state.participants->size(), 2u);
}

TEST(digest, merged_is_told_once_however_often_it_is_said)
{
    memory of;
    auto merged = state_of(2);
    merged.state = pull_request_state::merged;
    closing detail;
    detail.commit = "ffffffffffff";
    auto const told =
        with_claim(said(merged, 2), event_kind::pull_request_merged, claim_identity::state, detail);
    auto const first = of.take(told);
    ASSERT_EQ(test::kinds_of(first), strings{"pull_request.merged"});
    EXPECT_EQ(std::get<closing>(first[0].detail), detail);
    EXPECT_TRUE(of.take(told).empty());
    EXPECT_TRUE(of.take(update(merged, 3)).empty());
    EXPECT_TRUE(of.take(update(state_of(1), 1)).empty()) << "an update from before it was merged";
    EXPECT_EQ(of.known.snapshot->state.state, pull_request_state::merged);
}

TEST(digest, declined_and_opened_again)
{
    memory of;
    of.take(update(state_of(1), 1));
    auto declined = state_of(2);
    declined.state = pull_request_state::declined;
    closing detail;
    detail.reason = "Not now";
    auto const told =
        with_claim(said(declined, 2), event_kind::pull_request_declined, claim_identity::state, detail);
    EXPECT_EQ(test::kinds_of(of.take(told)), strings{"pull_request.declined"});
    auto const reopened = of.take(update(state_of(3), 3));
    ASSERT_EQ(test::kinds_of(reopened), strings{"pull_request.reopened"});
    EXPECT_TRUE(std::holds_alternative<std::monostate>(reopened[0].detail));
    // Superseded is a state without an event of its own.
    auto superseded = state_of(4);
    superseded.state = pull_request_state::superseded;
    EXPECT_TRUE(of.take(update(superseded, 4)).empty());
    EXPECT_EQ(of.known.snapshot->state.state, pull_request_state::superseded);
}

build failed_build()
{
    build status;
    status.commit = std::string("aaaaaaaaaaaa") + std::string(28, '0');
    status.key = "unit";
    status.state = build_state::failed;
    return status;
}

reading build_reading(build const& status, event_kind kind)
{
    auto out = with_claim(said(state_of(1), 1), kind, claim_identity::occurrence, status);
    out.pull_request.reset();
    out.claims[0].stamp = status.commit + ":" + status.key + ":1";
    return out;
}

TEST(digest, a_build_joins_the_pull_requests_whose_head_it_is)
{
    memory of;
    of.known.heads = {state_of(1)};
    auto const one = of.take(build_reading(failed_build(), event_kind::build_failed));
    ASSERT_EQ(one.size(), 1u);
    EXPECT_EQ(std::get<build>(one[0].detail).pull_requests, std::vector<std::int64_t>{7});
    EXPECT_EQ(std::get<build>(one[0].detail).branch, "feature/limits");
    ASSERT_TRUE(one[0].pull_request);
    EXPECT_EQ(one[0].pull_request->id, 7);
    EXPECT_FALSE(of.known.snapshot) << "a build shows no pull request";

    auto second = state_of(1);
    second.id = 8;
    of.known.heads.push_back(second);
    of.known.previous_build = build_state::failed;
    auto status = failed_build();
    status.state = build_state::succeeded;
    auto const both = of.take(build_reading(status, event_kind::build_succeeded));
    EXPECT_EQ(std::get<build>(both.at(0).detail).pull_requests, (std::vector<std::int64_t>{7, 8}));
    EXPECT_EQ(std::get<build>(both[0].detail).previous, build_state::failed);
    EXPECT_FALSE(both[0].pull_request) << "it belongs to more than one";

    of.known.heads.clear();
    auto const none = of.take(build_reading(failed_build(), event_kind::build_failed));
    EXPECT_TRUE(std::get<build>(none.at(0).detail).pull_requests.empty());
    EXPECT_FALSE(none[0].pull_request);
}

TEST(digest, a_builds_results_are_compared_within_its_branch)
{
    auto status = failed_build();
    EXPECT_EQ(build_scope(status, {}), status.commit);
    EXPECT_EQ(build_scope(status, {state_of(1)}), "feature/limits");
    status.branch = "main";
    EXPECT_EQ(build_scope(status, {state_of(1)}), "main");
    auto const said_build = build_reading(status, event_kind::build_failed);
    ASSERT_NE(build_of(said_build), nullptr);
    EXPECT_EQ(build_of(said_build)->key, "unit");
    EXPECT_EQ(build_of(update(state_of(1), 1)), nullptr);
    EXPECT_TRUE(same_commit("aaaaaaaaaaaa", status.commit));
    EXPECT_FALSE(same_commit("aaaaaa", status.commit)) << "shorter than git's own";
    EXPECT_FALSE(same_commit("", ""));
    EXPECT_FALSE(same_commit("aaaaaaaaaaab", status.commit));
}

TEST(digest, two_instances_share_no_key_and_no_cause)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        test::bridge one(edition, "https://one.example");
        test::bridge two(edition, "https://two.example");
        std::set<std::string> keys, causes;
        for (auto const& sample : test::sample_deliveries(edition))
        {
            for (auto const& happened : one.receive(sample.event_key, sample.body, sample.at))
            {
                EXPECT_TRUE(happened.key.starts_with(
                    "https://one.example:" + std::string(name_of(happened.kind)) + ":"
                )) << happened.key;
                keys.insert(happened.key);
                causes.insert(happened.cause.value_or("none here"));
            }
            for (auto const& happened : two.receive(sample.event_key, sample.body, sample.at))
            {
                EXPECT_FALSE(keys.contains(happened.key)) << happened.key;
                EXPECT_FALSE(causes.contains(happened.cause.value_or("none there")));
            }
        }
    }
}

// Twelve characters in the pull request, forty in the push: one cause all the same.
TEST(digest, a_push_and_its_pull_request_have_one_cause)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        test::bridge between(edition);
        std::optional<std::string> branch, pull_request;
        for (auto const& sample : test::sample_deliveries(edition))
            for (auto const& happened : between.receive(sample.event_key, sample.body, sample.at))
                if (happened.kind == event_kind::branch_updated)
                    branch = happened.cause.value();
                else if (happened.kind == event_kind::pull_request_commits_pushed)
                {
                    pull_request = happened.cause.value();
                    EXPECT_EQ(branch, pull_request) << sample.name;
                }
        EXPECT_TRUE(pull_request);
    }
    EXPECT_NE(cause_of_push("i", "acme/api", "main", "a"), cause_of_push("i", "acme/api", "main", "b"));
    EXPECT_NE(cause_of_push("i", "acme/api", "main", "a"), cause_of_push("i", "acme/web", "main", "a"));
}

TEST(digest, every_kind_carries_its_own_detail)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        test::bridge between(edition);
        for (auto const& sample : test::sample_deliveries(edition))
            for (auto const& happened : between.receive(sample.event_key, sample.body, sample.at))
            {
                auto copy = happened;
                copy.id = event_id("x");
                auto const again = event_from_json(to_json_text(copy));
                ASSERT_TRUE(again) << sample.name << ": " << again.error().message;
                EXPECT_EQ(*again, copy) << sample.name;
            }
    }
}

// --- the story of the samples, in any order
// ------------------------------------------------------------------------

struct ending
{
    std::optional<std::string> title;
    std::optional<pull_request_state> state;
    std::string commit;
    std::map<std::string, review_state> reviews;

    bool operator==(ending const&) const = default;
};

ending ending_of(test::bridge const& between)
{
    auto const& state = between.snapshot().value().state;
    ending out;
    out.title = state.title;
    out.state = state.state;
    out.commit = state.source.value().commit;
    for (auto const& one : state.participants.value())
        out.reviews[one.name] = one.state;
    return out;
}

TEST(digest, any_order_of_the_story_has_one_ending)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        auto story = test::sample_deliveries(edition);
        std::erase_if(story, [](test::sample_delivery const& one) { return !one.is_story; });
        test::bridge in_order(edition);
        std::set<std::string> kinds;
        for (auto const& one : story)
            for (auto const& kind : test::kinds_of(in_order.receive_new(one.event_key, one.body, one.at)))
                kinds.insert(kind);
        auto const expected = ending_of(in_order);
        EXPECT_EQ(expected.state, pull_request_state::merged);

        for (unsigned seed = 0; seed < 60; ++seed)
        {
            auto shuffled = story;
            shuffled.insert(shuffled.end(), story.begin(), story.end());  // and everything twice
            std::ranges::shuffle(shuffled, std::mt19937(seed));
            test::bridge between(edition);
            std::map<std::string, int> keys;
            std::map<std::string, int> told;
            for (auto const& one : shuffled)
            {
                for (auto const& happened : between.receive(one.event_key, one.body, one.at))
                    ++keys[happened.key];
                auto const events = between.receive(one.event_key, one.body, one.at);
                for (auto const& kind : test::kinds_of(events))
                    ++told[kind];
            }
            EXPECT_EQ(ending_of(between), expected) << "seed " << seed;
            // Transitions have no second delivery that could repeat their key: the snapshot alone guards
            // them.
            for (auto const& [key, times] : keys)
                EXPECT_TRUE(times == 1 || (times == 2 && key.find(":7:review:") == key.npos)) << key;
            EXPECT_EQ(told.count("pull_request.merged"), 0u);
            EXPECT_EQ(told.count("pull_request.approved"), 0u);
            EXPECT_EQ(told.count("pull_request.commits_pushed"), 0u);
        }
    }
}

TEST(digest, each_event_of_a_shuffled_story_is_new_once)
{
    for (auto const edition : {edition::cloud, edition::data_center})
    {
        auto story = test::sample_deliveries(edition);
        std::erase_if(story, [](test::sample_delivery const& one) { return !one.is_story; });
        for (unsigned seed = 0; seed < 100; ++seed)
        {
            std::ranges::shuffle(story, std::mt19937(seed));
            test::bridge between(edition);
            std::map<std::string, int> told;
            for (int round = 0; round < 2; ++round)
                for (auto const& one : story)
                    for (auto const& kind :
                         test::kinds_of(between.receive_new(one.event_key, one.body, one.at)))
                        ++told[kind];
            EXPECT_EQ(told["pull_request.opened"], 1) << seed;
            EXPECT_EQ(told["comment.added"], 3) << seed;
            EXPECT_EQ(told["branch.created"], 1) << seed;
            EXPECT_LE(told["pull_request.merged"], 1) << seed;
            EXPECT_LE(told["pull_request.approved"], 1) << seed;
            EXPECT_LE(told["pull_request.changes_requested"], 1) << seed;
            EXPECT_EQ(told["pull_request.reopened"], 0) << seed;
            EXPECT_EQ(told["pull_request.approval_withdrawn"], 0) << seed;
        }
    }
}

TEST(snapshot, keeps_everything_in_its_stored_form)
{
    pull_request_snapshot full;
    full.state = state_of(1);
    full.order = 12;
    full.fields_at = 13;
    full.participants_at = 14;
    full.revisions = {{"title", 2}, {"review:{lin}", 3}};
    full.reviewed_at = {{"557058:lin", 1'700'000'000'000}};
    auto const again = snapshot_from_json(to_json_text(full));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, full);
    auto const bare = snapshot_from_json(R"({"state":{"id":7}})");
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->state.id, 7);
    EXPECT_FALSE(bare->order || bare->fields_at || bare->participants_at);
    for (auto const* broken : {"", "[]", "{}", R"({"state":1})", R"({"state":{"id":"seven"}})"})
    {
        auto const failed = snapshot_from_json(broken);
        ASSERT_FALSE(failed) << broken;
        EXPECT_EQ(failed.error().code, errc::invalid);
    }
}

}  // namespace
}  // namespace linkspan
