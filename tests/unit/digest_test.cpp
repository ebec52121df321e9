#include "tests/support/bridge.hpp"
#include "tests/support/readings.hpp"

#include <gtest/gtest.h>

#include <set>

namespace linkspan
{
namespace
{

using strings = std::vector<std::string>;
using namespace test;

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

// A snapshot that a body without them has made.
TEST(digest, an_update_that_shows_a_member_first_may_have_changed_it)
{
    using clear = void (*)(pull_request&);
    for (clear const lose :
         {+[](pull_request& state) { state.title.reset(); },
          +[](pull_request& state) { state.description.reset(); },
          +[](pull_request& state) { state.target.reset(); },
          +[](pull_request& state) { state.draft.reset(); },
          +[](pull_request& state) { state.source.reset(); },
          +[](pull_request& state) { state.source->commit.clear(); },
          +[](pull_request& state) { state.participants.reset(); }})
    {
        auto bare = state_of(1);
        lose(bare);
        memory of;
        of.take(said(bare, 1));
        EXPECT_TRUE(of.take(update(bare, 2)).empty()) << "it shows nothing new";
        auto const first = of.take(update(state_of(3), 3));
        ASSERT_EQ(test::kinds_of(first), strings{"pull_request.updated"});
        EXPECT_EQ(first[0].key, "bitbucket.org:pull_request.updated:{repository}:7:1700000003000");
        EXPECT_TRUE(of.take(update(state_of(3), 3)).empty());
        EXPECT_TRUE(of.take(update(state_of(4), 4)).empty());
    }
}

TEST(digest, what_an_update_is_known_to_have_changed_is_told_alone)
{
    auto bare = state_of(1);
    bare.description.reset();
    memory of;
    of.take(said(bare, 1));
    auto renamed = state_of(2);
    renamed.title = "Rate limits";
    EXPECT_EQ(test::kinds_of(of.take(update(renamed, 2))), strings{"pull_request.title_changed"});

    memory late;
    late.take(said(bare, 5));
    EXPECT_TRUE(late.take(update(state_of(3), 3)).empty()) << "an older one shows what was, not what changed";

    memory by_comment;
    by_comment.take(said(bare, 1));
    EXPECT_TRUE(by_comment.take(said(state_of(2), 2)).empty()) << "no update";
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

// A comment that was made later may come first, and shows all of it.
TEST(digest, a_push_and_a_title_that_others_showed_first_are_told_by_their_own_deliveries)
{
    auto moved = state_of(2);
    moved.source->commit = "cccccccccccc";
    moved.title = "Rate limits";
    commits_push detail;
    detail.before = "aaaaaaaaaaaa";
    for (auto const second : {1, 2, 3})
    {
        memory of;
        EXPECT_TRUE(of.take(said(moved, 2)).empty());
        auto const push = with_claim(
            said(moved, second), event_kind::pull_request_commits_pushed, claim_identity::source, detail
        );
        auto const pushed = of.take(push);
        ASSERT_EQ(test::kinds_of(pushed), strings{"pull_request.commits_pushed"}) << second;
        EXPECT_EQ(std::get<commits_push>(pushed[0].detail).after, "cccccccccccc");
        EXPECT_TRUE(pushed[0].cause);
        EXPECT_TRUE(of.take(push).empty()) << "by a second webhook";

        auto renaming = update(moved, second);
        renaming.before.emplace();
        renaming.before->title = "Limits";
        auto const renamed = of.take(renaming);
        ASSERT_EQ(test::kinds_of(renamed), strings{"pull_request.title_changed"}) << second;
        EXPECT_EQ(std::get<text_change>(renamed[0].detail), (text_change{"Limits", "Rate limits"}));
        EXPECT_TRUE(of.take(renaming).empty()) << "by a second webhook";
        renaming.pull_request->title = "Between";
        renaming.order = 0;
        EXPECT_TRUE(of.take(renaming).empty()) << "and one that is not what came of it is late for good";
    }
}

TEST(digest, a_merge_that_others_showed_first_is_told_by_its_own_delivery)
{
    auto merged = state_of(2);
    merged.state = pull_request_state::merged;
    closing detail;
    detail.commit = "ffffffffffff";
    for (auto const second : {1, 2, 3})
    {
        memory of;
        EXPECT_TRUE(of.take(said(merged, 2)).empty()) << "a comment shows it, and nobody knows since when";
        auto const own =
            with_claim(said(merged, second), event_kind::pull_request_merged, claim_identity::state, detail);
        auto const told = of.take(own);
        ASSERT_EQ(test::kinds_of(told), strings{"pull_request.merged"}) << second;
        EXPECT_EQ(std::get<closing>(told[0].detail), detail);
        EXPECT_EQ(told[0].actor, ada);
        EXPECT_TRUE(of.take(own).empty()) << "by a second webhook";
        EXPECT_TRUE(of.take(said(merged, 4)).empty());
    }
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

// Whoever comments did not rename, though the comment's delivery is the first to show the new name.
TEST(digest, only_who_did_it_is_its_actor)
{
    auto moved = state_of(2);
    moved.title = "Rate limits";
    moved.state = pull_request_state::merged;
    moved.source->commit = "cccccccccccc";
    moved.participants = {reviewer(grace)};
    auto const actors_of = [&](reading const& what)
    {
        memory of;
        of.take(update(state_of(1), 1));
        strings out;
        for (auto const& happened : of.take(what))
            out.push_back(
                std::string(name_of(happened.kind)) + " " + (happened.actor ? happened.actor->id : "nobody")
            );
        return out;
    };
    EXPECT_EQ(
        actors_of(said(moved, 2)),
        (strings{
            "pull_request.title_changed nobody",
            "pull_request.commits_pushed nobody",
            "pull_request.merged nobody",
            "pull_request.reviewers_changed nobody"})
    );
    EXPECT_EQ(
        actors_of(update(moved, 2)),
        (strings{
            "pull_request.title_changed ada",
            "pull_request.commits_pushed ada",
            "pull_request.merged ada",
            "pull_request.reviewers_changed ada"})
    );
    EXPECT_EQ(
        actors_of(
            with_claim(said(moved, 2), event_kind::pull_request_merged, claim_identity::state, closing())
        ),
        (strings{
            "pull_request.title_changed nobody",
            "pull_request.commits_pushed nobody",
            "pull_request.merged ada",
            "pull_request.reviewers_changed nobody"})
    );
    EXPECT_EQ(
        actors_of(with_claim(
            said(moved, 2), event_kind::pull_request_commits_pushed, claim_identity::source, commits_push()
        )),
        (strings{
            "pull_request.title_changed nobody",
            "pull_request.commits_pushed ada",
            "pull_request.merged nobody",
            "pull_request.reviewers_changed nobody"})
    );
    auto reviewers = said(moved, 2);
    reviewers.reviewers.emplace();
    EXPECT_EQ(actors_of(reviewers).back(), "pull_request.reviewers_changed ada");
    EXPECT_EQ(
        actors_of(reviewed(event_kind::pull_request_approved, lin, 2, moved)).front(),
        "pull_request.title_changed nobody"
    );
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
    of.known.heads = {head_of(state_of(1))};
    auto const one = of.take(build_reading(failed_build(), event_kind::build_failed));
    ASSERT_EQ(one.size(), 1u);
    EXPECT_EQ(std::get<build>(one[0].detail).pull_requests, std::vector<std::int64_t>{7});
    EXPECT_EQ(std::get<build>(one[0].detail).branch, "feature/limits");
    ASSERT_TRUE(one[0].pull_request);
    EXPECT_EQ(one[0].pull_request->id, 7);
    EXPECT_FALSE(of.known.snapshot) << "a build shows no pull request";

    auto second = state_of(1);
    second.id = 8;
    of.known.heads.push_back(head_of(second));
    of.known.previous_builds["unit"] = build_state::failed;
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

TEST(digest, a_build_of_two_repositories_pull_requests_is_an_event_of_each)
{
    linkspan::repository web;
    web.id = "{web}";
    web.full_name = "acme/web";
    memory of;
    auto other = state_of(1);
    other.id = 3;
    of.known.heads = {head_of(state_of(1)), open_head(other, web)};
    auto const told = of.take(build_reading(failed_build(), event_kind::build_failed));
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].repository->full_name, "acme/api");
    EXPECT_EQ(told[0].pull_request->id, 7);
    EXPECT_EQ(std::get<build>(told[0].detail).pull_requests, std::vector<std::int64_t>{7});
    EXPECT_EQ(told[1].repository->full_name, "acme/web");
    EXPECT_EQ(told[1].pull_request->id, 3);
    EXPECT_EQ(std::get<build>(told[1].detail).pull_requests, std::vector<std::int64_t>{3});
    EXPECT_EQ(told[1].key, told[0].key + ":{web}");
    of.known.heads.clear();
    auto const alone = of.take(build_reading(failed_build(), event_kind::build_failed));
    EXPECT_EQ(alone.at(0).key, told[0].key) << "one that came before its pull request is not told again";
}

TEST(digest, a_builds_results_are_compared_within_its_branch)
{
    auto status = failed_build();
    EXPECT_EQ(build_scope(status, {}), status.commit);
    EXPECT_EQ(build_scope(status, {head_of(state_of(1))}), "feature/limits");
    status.branch = "main";
    EXPECT_EQ(build_scope(status, {head_of(state_of(1))}), "main");
    auto const said_build = build_reading(status, event_kind::build_failed);
    auto const builds = builds_of(said_build, "bitbucket.org");
    ASSERT_EQ(builds.size(), 1u);
    EXPECT_EQ(builds.front().status->key, "unit");
    EXPECT_TRUE(builds_of(update(state_of(1), 1), "bitbucket.org").empty());
    EXPECT_TRUE(same_commit("aaaaaaaaaaaa", status.commit));
    EXPECT_FALSE(same_commit("aaaaaa", status.commit)) << "shorter than git's own";
    EXPECT_FALSE(same_commit("", ""));
    EXPECT_FALSE(same_commit("aaaaaaaaaaab", status.commit));
}

}  // namespace
}  // namespace linkspan
