#include "core/route/cause.hpp"
#include "store/event_core.hpp"
#include "store/events.hpp"
#include "tests/support/events.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

class store_events : public testing::Test
{
protected:
    event make(int n, event_kind kind = event_kind::comment_added)
    {
        auto out = sample_event(kind);
        out.id = event_id("01930000-0000-7000-8000-00000000000" + std::to_string(n));
        out.key = "key " + std::to_string(n);
        return out;
    }

    result<std::optional<event_row>> insert(event const& happening)
    {
        return store_.tell([&](transaction& tx) { return insert_event(tx, happening); });
    }

    std::vector<std::string> list(event_filter const& filter = {})
    {
        std::vector<std::string> keys;
        for (auto const& one : store_.tell([&](transaction& tx) { return list_events(tx, filter); }).value())
            keys.push_back(one.key);
        return keys;
    }

    result<event> find(std::string_view id)
    {
        return store_.tell([&](transaction& tx) { return find_event(tx, id); });
    }

    // A reading of a pull request, and what was made of it.
    result<> remember_pull_request(pull_request const& state, std::string_view instance = cloud)
    {
        reading said;
        said.repository = sample_event(event_kind::comment_added).repository;
        said.pull_request = state;
        digested made;
        made.snapshot.emplace();
        made.snapshot->state = state;
        made.snapshot->order = 3;
        made.snapshot->revisions = {{"title", 2}};
        return store_.tell([&](transaction& tx) { return remember(tx, instance, said, {}, made); });
    }

    static reading build_reading(build status)
    {
        reading said;
        said.repository = sample_event(event_kind::build_failed).repository;
        claim one;
        one.kind = event_kind::build_failed;
        one.identity = claim_identity::occurrence;
        one.detail = std::move(status);
        said.claims.push_back(std::move(one));
        return said;
    }

    known_state known(reading const& said, std::string_view instance = cloud)
    {
        return store_.tell([&](transaction& tx) { return known_about(tx, instance, said); }).value();
    }

    std::optional<build_state> how_it_ended(build const& status)
    {
        auto const all = known(build_reading(status)).previous_builds;
        auto const found = all.find(status.key);
        return found == all.end() ? std::nullopt : std::optional(found->second);
    }

    result<> remember_build(build status, time_point at)
    {
        digested made;
        if (status.state != build_state::started)
            made.ended_builds.push_back({status.branch.value(), status.key, status.state, at});
        auto const said = build_reading(std::move(status));
        return store_.tell([&](transaction& tx) { return remember(tx, cloud, said, known_state(), made); });
    }

    scratch_store store_;
};

using keys = std::vector<std::string>;

TEST_F(store_events, are_new_once_by_their_key)
{
    auto const first = insert(make(1)).value();
    ASSERT_TRUE(first);
    auto repeated = make(2);
    repeated.key = "key 1";
    EXPECT_EQ(insert(repeated).value(), std::nullopt);
    auto const second = insert(make(2)).value();
    ASSERT_TRUE(second);
    EXPECT_GT(second->value, first->value);
    EXPECT_EQ(list(), (keys{"key 2", "key 1"}));
    EXPECT_EQ(store_.tell([&](transaction& tx) { return read_event(tx, *first); }).value(), make(1));
    auto same_id = make(1);
    same_id.key = "another key";
    EXPECT_EQ(insert(same_id).error().code, errc::conflict);
    auto const missing = store_.tell([](transaction& tx) { return read_event(tx, event_row(99)); });
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, errc::not_found);
}

TEST_F(store_events, are_listed_by_kind_repository_and_pull_request_newest_first)
{
    auto plain = bare_event(event_kind::hook_pinged);
    plain.key = "bare";
    plain.id = event_id("01940000-0000-7000-8000-000000000000");
    auto other = make(3, event_kind::pull_request_opened);
    other.repository->full_name = "acme/web";
    other.pull_request->id = 8;
    for (auto const& one : {make(1), make(2, event_kind::build_failed), other, plain, make(4)})
        ASSERT_TRUE(insert(one));
    EXPECT_EQ(list(), (keys{"key 4", "bare", "key 3", "key 2", "key 1"}));
    event_filter filter;
    filter.limit = 2;
    EXPECT_EQ(list(filter), (keys{"key 4", "bare"}));
    filter = {};
    filter.kind = "comment.*";
    EXPECT_EQ(list(filter), (keys{"key 4", "key 1"}));
    filter.limit = 1;
    EXPECT_EQ(list(filter), keys{"key 4"});
    filter = {};
    filter.repository = "acme/w*";
    EXPECT_EQ(list(filter), keys{"key 3"});
    filter = {};
    filter.pull_request = 7;
    EXPECT_EQ(list(filter), (keys{"key 4", "key 1"}));
    filter.kind = "pull_request.*";
    EXPECT_EQ(list(filter), keys());
    filter = {};
    filter.pull_request = 0;  // not the same as none
    EXPECT_EQ(list(filter), keys());
}

TEST_F(store_events, are_found_by_the_beginning_of_their_id)
{
    ASSERT_TRUE(insert(make(1)));
    ASSERT_TRUE(insert(make(2)));
    auto other = make(3);
    other.id = event_id("01930001-0000-7000-8000-000000000003");
    ASSERT_TRUE(insert(other));
    EXPECT_EQ(find("01930001").value().key, "key 3");
    EXPECT_EQ(find(make(2).id.value).value().key, "key 2");
    EXPECT_EQ(find("01930000-0000").error().code, errc::conflict);
    for (auto const* missing :
         {"", "0193000", "01930002", "01930001-0000-7000-8000-0000000000033", "%%%%%%%%", "~~~~~~~~~"})
    {
        auto const none = find(missing);
        ASSERT_FALSE(none) << missing;
        EXPECT_EQ(none.error().code, errc::not_found) << missing;
    }
}

TEST_F(store_events, leave_the_last_known_state_of_a_pull_request)
{
    auto state = *sample_event(event_kind::comment_added).pull_request;
    reading said;
    said.repository = sample_event(event_kind::comment_added).repository;
    said.pull_request = state;
    EXPECT_EQ(known(said).snapshot, std::nullopt);
    ASSERT_TRUE(remember_pull_request(state));
    auto const first = known(said);
    ASSERT_TRUE(first.snapshot);
    EXPECT_EQ(first.snapshot->state, state);
    EXPECT_EQ(first.snapshot->order, 3);
    EXPECT_EQ(first.snapshot->revisions.at("title"), 2);
    EXPECT_EQ(known(said, "https://bitbucket.example.com").snapshot, std::nullopt);
    said.pull_request->id = 8;
    EXPECT_EQ(known(said).snapshot, std::nullopt);
    said.pull_request->id = state.id;

    state.title = "Another title";
    store_.now += seconds(1);
    ASSERT_TRUE(remember_pull_request(state));
    EXPECT_EQ(known(said).snapshot->state.title, "Another title");
    EXPECT_EQ(store_.count("SELECT count(*) FROM snapshot"), 1);

    // What did not change is not written.
    digested made;
    made.snapshot = known(said).snapshot;
    auto const before = known(said);
    store_.now += seconds(1);
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return remember(tx, cloud, said, before, made); }));
    EXPECT_EQ(store_.count("SELECT updated_at FROM snapshot"), to_milliseconds(store_.now - seconds(1)));

    store_.change("UPDATE snapshot SET json = '{'");
    auto const broken = store_.tell([&](transaction& tx) { return known_about(tx, cloud, said); });
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, errc::invalid);
}

TEST_F(store_events, tell_a_build_its_open_pull_requests)
{
    auto state = *sample_event(event_kind::comment_added).pull_request;
    build status;
    status.commit = "4f1c2a9be07d4f1c2a9be07d4f1c2a9be07d4f1c";
    status.key = "unit";
    status.state = build_state::failed;
    EXPECT_TRUE(known(build_reading(status)).heads.empty());
    ASSERT_TRUE(remember_pull_request(state));
    state.id = 9;
    ASSERT_TRUE(remember_pull_request(state));
    state.id = 3;
    state.state = pull_request_state::merged;
    ASSERT_TRUE(remember_pull_request(state));
    state.id = 4;
    state.state = pull_request_state::open;
    state.source->commit = "000000000000";
    ASSERT_TRUE(remember_pull_request(state));
    auto const heads = known(build_reading(status)).heads;
    ASSERT_EQ(heads.size(), 2U);
    EXPECT_EQ(heads[0].id, 7);
    EXPECT_EQ(heads[1].id, 9);
    EXPECT_TRUE(known(build_reading(status), "elsewhere").heads.empty());
    status.commit = "4f1c2a9";  // too short to tell
    EXPECT_TRUE(known(build_reading(status)).heads.empty());
}

TEST_F(store_events, are_visited_since_a_moment_the_newest_in_their_order)
{
    for (int n = 1; n <= 5; ++n)
    {
        auto one = make(n);
        one.received_at = store_.now + seconds(n);
        ASSERT_TRUE(insert(one));
    }
    std::vector<std::string> keys;
    auto const visit = [&](int since, std::size_t limit)
    {
        keys.clear();
        return store_.tell(
            [&](transaction& tx)
            {
                return visit_events(
                    tx,
                    store_.now + seconds(since),
                    limit,
                    [&](event const& one) -> result<>
                    {
                        keys.push_back(one.key);
                        if (one.key == "key 5" && limit == 9)
                            return error(errc::conflict, "enough");
                        return {};
                    }
                );
            }
        );
    };
    using names = std::vector<std::string>;
    auto all = visit(0, 5).value();
    EXPECT_EQ(keys, (names{"key 1", "key 2", "key 3", "key 4", "key 5"}));
    EXPECT_EQ(all.count, 5u);
    EXPECT_FALSE(all.has_more);
    all = visit(2, 3).value();
    EXPECT_EQ(keys, (names{"key 3", "key 4", "key 5"}));
    EXPECT_TRUE(all.has_more) << "the second is of that time too";
    all = visit(3, 3).value();
    EXPECT_EQ(keys.size(), 3u);
    EXPECT_FALSE(all.has_more);
    EXPECT_EQ(visit(6, 3).value().count, 0u);
    EXPECT_EQ(visit(0, 9).error().code, errc::conflict);
}

TEST_F(store_events, of_one_cause_are_found_in_their_order)
{
    auto first = make(1), other = make(2), second = make(3);
    first.cause = second.cause = "push 1";
    other.cause = "push 2";
    for (auto const& one : {first, other, second})
        ASSERT_TRUE(insert(one));
    auto const found = store_.tell([&](transaction& tx) { return events_of_cause(tx, first); }).value();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].key, "key 1");
    EXPECT_EQ(found[1].key, "key 3");
    first.received_at += cause_window + seconds(1);
    EXPECT_TRUE(store_.tell([&](transaction& tx) { return events_of_cause(tx, first); }).value().empty())
        << "a branch may come back to a commit";
    first.cause.reset();
    EXPECT_TRUE(store_.tell([&](transaction& tx) { return events_of_cause(tx, first); }).value().empty());
}

TEST_F(store_events, remember_how_a_build_last_ended_on_its_branch)
{
    build status;
    status.commit = "4f1c2a9be07d4f1c2a9be07d4f1c2a9be07d4f1c";
    status.key = "unit";
    status.branch = "main";
    status.state = build_state::failed;
    EXPECT_EQ(how_it_ended(status), std::nullopt);
    ASSERT_TRUE(remember_build(status, store_.now));
    EXPECT_EQ(how_it_ended(status), build_state::failed);
    status.state = build_state::started;  // no end
    ASSERT_TRUE(remember_build(status, store_.now + seconds(1)));
    EXPECT_EQ(how_it_ended(status), build_state::failed);
    status.state = build_state::succeeded;
    ASSERT_TRUE(remember_build(status, store_.now - seconds(1)));  // came late
    EXPECT_EQ(how_it_ended(status), build_state::failed);
    ASSERT_TRUE(remember_build(status, store_.now + seconds(2)));
    EXPECT_EQ(how_it_ended(status), build_state::succeeded);
    status.branch = "other";
    EXPECT_EQ(how_it_ended(status), std::nullopt);
    status.branch = "main";
    status.key = "lint";
    EXPECT_EQ(how_it_ended(status), std::nullopt);
}

}  // namespace
}  // namespace linkspan::test
