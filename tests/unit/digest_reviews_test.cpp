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

}  // namespace
}  // namespace linkspan
