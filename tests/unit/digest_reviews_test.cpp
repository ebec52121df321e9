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

TEST(digest_reviews, a_review_is_told_by_whoever_shows_it_first)
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

TEST(digest_reviews, reviews_go_forth_and_back_and_forth)
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

TEST(digest_reviews, an_old_review_does_not_move_a_person_back)
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

TEST(digest_reviews, a_review_by_somebody_who_was_not_asked_counts)
{
    memory of;
    of.take(update(state_of(1), 1));
    auto const told = of.take(reviewed(event_kind::pull_request_approved, ada, 2, state_of(1)));
    EXPECT_EQ(test::kinds_of(told), strings{"pull_request.approved"});
    EXPECT_EQ(of.review_of(ada), review_state::approved);
}

TEST(digest_reviews, a_review_without_any_list_is_told_once)
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
TEST(digest_reviews, people_without_an_id_are_not_compared)
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

// --- who is asked alone
// ---------------------------------------------------------------------------------------

reading asked(std::initializer_list<person> people, std::int64_t second)
{
    auto state = state_of(second);
    state.participants.emplace();
    for (auto const& who : people)
    {
        state.participants->push_back(reviewer(who));
        state.participants->back().state.reset();
    }
    auto out = update(state, second);
    out.is_list_whole = false;
    return out;
}

reading listed(std::vector<participant> people, std::int64_t second)
{
    auto state = state_of(second);
    state.participants = std::move(people);
    return update(state, second);
}

TEST(digest_reviews, lists_of_those_who_are_asked_tell_who_is_asked)
{
    memory of;
    of.take(asked({grace}, 1));
    auto const added = of.take(asked({grace, lin}, 2));
    ASSERT_EQ(test::kinds_of(added), strings{"pull_request.reviewers_changed"});
    EXPECT_EQ(std::get<reviewers_change>(added[0].detail), (reviewers_change{{lin}, {}}));
    auto approval =
        reviewed(event_kind::pull_request_approved, grace, 3, *asked({grace, lin}, 3).pull_request);
    approval.is_list_whole = false;
    EXPECT_EQ(test::kinds_of(of.take(approval)), strings{"pull_request.approved"});
    EXPECT_TRUE(of.take(approval).empty()) << "by a second webhook";
    EXPECT_TRUE(of.take(asked({grace, lin}, 4)).empty()) << "nothing is said of the approval";
    EXPECT_EQ(of.review_of(grace), review_state::approved);
    EXPECT_TRUE(of.take(asked({ada}, 2)).empty()) << "an older one";
    auto const removed = of.take(asked({lin}, 5));
    ASSERT_EQ(test::kinds_of(removed), strings{"pull_request.reviewers_changed"});
    EXPECT_EQ(std::get<reviewers_change>(removed[0].detail), (reviewers_change{{}, {grace}}));
    EXPECT_EQ(of.review_of(grace), review_state::approved);
}

TEST(digest_reviews, who_is_asked_proves_nothing_against_a_list_of_everybody)
{
    memory of;
    std::vector<participant> everybody = {reviewer(grace, review_state::approved), reviewer(lin)};
    of.take(listed(everybody, 1));
    auto const added = of.take(asked({lin, ada}, 2));
    ASSERT_EQ(test::kinds_of(added), strings{"pull_request.reviewers_changed"});
    EXPECT_EQ(std::get<reviewers_change>(added[0].detail), (reviewers_change{{ada}, {}}));
    EXPECT_EQ(of.review_of(grace), review_state::approved);
    everybody.push_back(reviewer(ada));
    EXPECT_TRUE(of.take(listed(everybody, 3)).empty());
}

TEST(digest_reviews, a_list_of_everybody_behind_those_who_are_asked_tells_no_review)
{
    memory of;
    of.take(asked({grace}, 1));
    EXPECT_TRUE(of.take(listed({reviewer(grace, review_state::approved)}, 2)).empty())
        << "nobody knows since when";
    EXPECT_EQ(
        test::kinds_of(of.take(listed({reviewer(grace)}, 3))), strings{"pull_request.approval_withdrawn"}
    );
}

TEST(digest_reviews, a_review_that_is_left_out_has_not_moved)
{
    memory of;
    auto unknown = reviewer(grace);
    unknown.state.reset();
    of.take(listed({reviewer(grace, review_state::approved), reviewer(lin)}, 1));
    EXPECT_TRUE(of.take(listed({unknown, reviewer(lin)}, 2)).empty());
    EXPECT_EQ(of.review_of(grace), review_state::approved);
    EXPECT_TRUE(of.take(listed({reviewer(grace, review_state::approved), reviewer(lin)}, 3)).empty());

    memory first;
    first.take(listed({unknown}, 1));
    EXPECT_TRUE(first.take(listed({reviewer(grace, review_state::approved)}, 2)).empty());
    EXPECT_EQ(
        test::kinds_of(first.take(listed({reviewer(grace)}, 3))), strings{"pull_request.approval_withdrawn"}
    );
}

// --- a list that shows more than one delivery tells

pull_request reviewed_by(std::size_t people, review_state state, std::int64_t second)
{
    auto out = state_of(second);
    out.participants.emplace();
    for (std::size_t i = 0; i < people; ++i)
        out.participants->push_back(
            reviewer({"reviewer-" + std::to_string(i), "Somebody", person_kind::user}, state)
        );
    return out;
}

TEST(digest_reviews, a_list_tells_fifty_reviews_and_keeps_all)
{
    memory of;
    of.take(update(reviewed_by(60, review_state::pending, 1), 1));
    auto const told = of.take(update(reviewed_by(60, review_state::approved, 2), 2));
    EXPECT_EQ(told.size(), 50u);
    for (auto const& happened : told)
        EXPECT_EQ(happened.kind, event_kind::pull_request_approved);
    EXPECT_EQ(of.review_of({"reviewer-59", "Somebody", person_kind::user}), review_state::approved);
    EXPECT_TRUE(of.take(update(reviewed_by(60, review_state::approved, 3), 3)).empty())
        << "what was left out moved all the same";
}

// Each event repeats the pull request, so that a long description makes fewer of them.
TEST(digest_reviews, what_they_repeat_is_bounded)
{
    auto const told_with = [](std::size_t description)
    {
        memory of;
        auto before = reviewed_by(20, review_state::pending, 1);
        auto after = reviewed_by(20, review_state::approved, 2);
        before.description = after.description = std::string(description, 'x');
        of.take(update(before, 1));
        return of.take(update(after, 2)).size();
    };
    EXPECT_EQ(told_with(100'000), 20u);
    EXPECT_EQ(told_with(996'000), 4u) << "and 20 people of 200 bytes: four times a million bytes";
    EXPECT_EQ(told_with(10'000'000), 1u) << "one is told always";
}

TEST(digest_reviews, reviewers_that_are_told_without_a_list_are_told_once)
{
    auto const told = [](person const& added, std::int64_t second)
    {
        auto state = state_of(second);
        state.participants.reset();
        auto out = said(std::move(state), second);
        out.reviewers = reviewers_change{{added}, {}};
        return out;
    };
    auto const key = [](reading const& what)
    {
        memory of;
        of.take(what);
        auto const again = of.take(what);  // by a second webhook
        EXPECT_EQ(again.size(), 1u);
        return again.at(0).key;
    };
    memory of;
    EXPECT_EQ(of.take(told(lin, 1)).at(0).key, key(told(lin, 1)));
    EXPECT_NE(key(told(lin, 1)), key(told(grace, 1)));
    EXPECT_NE(key(told(lin, 1)), key(told(lin, 2)));
}

TEST(digest_reviews, who_was_taken_off_before_a_later_review_is_taken_off_once)
{
    memory of;
    of.take(update(state_of(1), 1));
    auto without_list = state_of(1);
    without_list.participants.reset();
    of.take(reviewed(event_kind::pull_request_approved, lin, 5, without_list));
    auto alone = state_of(1);
    alone.participants = {reviewer(grace)};
    EXPECT_EQ(test::kinds_of(of.take(update(alone, 3))), strings{"pull_request.reviewers_changed"});
    EXPECT_EQ(test::kinds_of(of.take(update(alone, 3))), strings{}) << "the same again";
    EXPECT_EQ(of.review_of(lin), review_state::approved);
}

// A body may say with its claim that somebody asks for changes, and with its list that they said nothing.
TEST(digest_reviews, a_claim_against_its_own_list_is_told_once)
{
    memory of;
    auto shown = state_of(1);
    shown.participants = {reviewer(grace, review_state::changes_requested)};
    of.take(update(shown, 1));
    auto denied = state_of(2);
    denied.participants = {reviewer(grace)};
    auto const claimed = reviewed(event_kind::pull_request_changes_requested, grace, 2, denied);
    EXPECT_EQ(test::kinds_of(of.take(claimed)), strings{"pull_request.changes_requested"});
    EXPECT_EQ(test::kinds_of(of.take(claimed)), strings{});
    EXPECT_EQ(of.review_of(grace), review_state::changes_requested);
}

TEST(digest_reviews, a_review_that_claims_an_earlier_moment_is_told_by_the_list_beside_it)
{
    memory of;
    of.take(update(state_of(10), 10));
    auto state = state_of(20);
    state.participants =
        std::vector<participant>{reviewer(grace, review_state::changes_requested), reviewer(lin)};
    auto claimed = reviewed(event_kind::pull_request_changes_requested, grace, 20, state);
    claimed.claims.front().at = at(1);
    EXPECT_EQ(test::kinds_of(of.take(claimed)), strings{"pull_request.changes_requested"});
    EXPECT_TRUE(of.take(claimed).empty());
}

}  // namespace
}  // namespace linkspan
