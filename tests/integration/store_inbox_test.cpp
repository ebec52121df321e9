#include "store/inbox.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

class store_inbox : public testing::Test
{
protected:
    inbox_entry entry(std::string delivery, std::string link = "link1")
    {
        inbox_entry out;
        out.link = std::move(link);
        out.instance = "bitbucket.org";
        out.delivery = std::move(delivery);
        out.event_key = "repo:push";
        out.headers = "{}";
        out.body = "{\"n\":1}";
        out.received_at = store_.now;
        return out;
    }

    appended keep(inbox_entry const& one)
    {
        return store_.tell([&](transaction& tx) { return append(tx, one); }).value();
    }

    appended keep(std::string delivery, std::string link = "link1")
    {
        return keep(entry(std::move(delivery), std::move(link)));
    }

    inbox_id keep_body(std::string body)
    {
        auto one = entry("");
        one.body = std::move(body);
        return keep(one).id;
    }

    std::vector<std::int64_t> pending(std::size_t rows_max = 10, std::size_t bytes_max = 1000)
    {
        std::vector<std::int64_t> out;
        for (auto const& row :
             store_.tell([&](transaction& tx) { return pending_rows(tx, rows_max, bytes_max); }).value())
            out.push_back(row.id.value);
        return out;
    }

    void set(inbox_id id, inbox_state state, std::string_view reason = {})
    {
        ASSERT_TRUE(store_.tell([&](transaction& tx) { return mark(tx, id, state, reason); }));
    }

    std::int64_t forget(std::int64_t limit)
    {
        return store_.tell([&](transaction& tx) { return forget_delivery_ids(tx, limit); }).value();
    }

    scratch_store store_;
};

using ids = std::vector<std::int64_t>;

TEST_F(store_inbox, keeps_a_delivery_as_it_came)
{
    auto one = entry("d-1");
    one.edition = edition::data_center;
    one.instance = "https://bitbucket.example.com";
    one.headers = R"({"X-Event-Key":"pr:opened"})";
    one.body = std::string("{\0\xff\x80\n'\"}", 8);
    one.received_at -= seconds(3);
    auto const kept = keep(one);
    EXPECT_FALSE(kept.is_repeated);
    auto const found = store_.tell([&](transaction& tx) { return find_inbox(tx, kept.id); }).value();
    EXPECT_EQ(found.headers, one.headers);
    EXPECT_EQ(found.row.body, one.body);
    EXPECT_EQ(found.row.link, "link1");
    EXPECT_EQ(found.row.edition, edition::data_center);
    EXPECT_EQ(found.row.instance, one.instance);
    EXPECT_EQ(found.row.event_key, "repo:push");
    EXPECT_EQ(found.row.received_at, one.received_at);
    EXPECT_EQ(found.row.state, inbox_state::pending);
    EXPECT_EQ(found.row.attempts, 0);
    EXPECT_EQ(found.row.reason, std::nullopt);
    auto const rows = store_.tell([](transaction& tx) { return pending_rows(tx, 1, 1); }).value();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].body, one.body);
    EXPECT_EQ(rows[0].edition, edition::data_center);
    auto const missing = store_.tell([](transaction& tx) { return find_inbox(tx, inbox_id(99)); });
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, errc::not_found);
}

TEST_F(store_inbox, gives_the_time_of_the_event_that_the_headers_tell)
{
    for (auto const* headers :
         {R"({"X-Event-Key":"repo:updated","X-Event-Time":"Tue, 07 Mar 2023 20:35:15 GMT"})",
          R"({"X-Event-Key":"repo:updated"})",
          "no JSON"})
    {
        auto one = entry("");
        one.headers = headers;
        keep(one);
    }
    auto const rows = store_.tell([](transaction& tx) { return pending_rows(tx, 9, 1000); }).value();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].event_time, "Tue, 07 Mar 2023 20:35:15 GMT");
    EXPECT_EQ(rows[1].event_time, "");
    EXPECT_EQ(rows[2].event_time, "");
}

TEST_F(store_inbox, tells_how_a_row_came)
{
    for (auto const origin : {event_origin::webhook, event_origin::poll, event_origin::catch_up})
    {
        auto one = entry("");
        one.origin = origin;
        auto const id = keep(one).id;
        auto const row = store_.tell([&](transaction& tx) { return find_inbox(tx, id); }).value().row;
        EXPECT_EQ(row.origin, origin);
        set(id, inbox_state::unreadable, "why");
        auto const aside =
            store_.tell([](transaction& tx) { return set_aside_rows(tx, std::nullopt, 10, 1000); }).value();
        EXPECT_EQ(aside.back().origin, origin);
        EXPECT_EQ(aside.back().body, one.body);
    }
}

TEST_F(store_inbox, keeps_an_empty_body)
{
    auto const id = keep_body("");
    EXPECT_EQ(store_.tell([&](transaction& tx) { return find_inbox(tx, id); }).value().row.body, "");
    EXPECT_EQ(pending(), ids{id.value});
}

TEST_F(store_inbox, takes_a_delivery_once_in_seven_days_and_on_its_link)
{
    EXPECT_FALSE(keep("d-1").is_repeated);
    auto const again = keep("d-1");
    EXPECT_TRUE(again.is_repeated);
    EXPECT_EQ(again.id.value, 0);
    EXPECT_FALSE(keep("d-1", "link2").is_repeated);
    EXPECT_FALSE(keep("d-2").is_repeated);
    EXPECT_EQ(pending().size(), 3U);

    auto const first = store_.now;
    store_.now = first + delivery_id_kept;
    EXPECT_TRUE(keep("d-1").is_repeated);
    store_.now += milliseconds(1);
    EXPECT_FALSE(keep("d-1").is_repeated);
    EXPECT_TRUE(keep("d-1").is_repeated);  // the seven days begin anew
    store_.now = first;                    // a clock that was set back
    EXPECT_TRUE(keep("d-1").is_repeated);
    EXPECT_EQ(pending().size(), 4U);
}

TEST_F(store_inbox, takes_every_delivery_without_an_id)
{
    EXPECT_FALSE(keep("").is_repeated);
    EXPECT_FALSE(keep("").is_repeated);
    EXPECT_EQ(store_.count("SELECT count(*) FROM delivery_seen"), 0);
    EXPECT_EQ(pending().size(), 2U);
}

TEST_F(store_inbox, forgets_an_id_with_the_delivery_that_was_not_kept)
{
    auto const failing = [this](transaction& tx) -> result<appended>
    {
        EXPECT_TRUE(append(tx, entry("d-1")));
        return error(errc::unavailable, "no");
    };
    EXPECT_FALSE(store_.tell(failing));
    EXPECT_FALSE(keep("d-1").is_repeated);
}

TEST_F(store_inbox, forgets_ids_after_seven_days)
{
    for (int i = 0; i < 5; ++i)
        keep("old-" + std::to_string(i));
    store_.now += delivery_id_kept;
    keep("young");
    EXPECT_EQ(forget(10), 0);
    store_.now += milliseconds(1);
    EXPECT_EQ(forget(3), 3);
    EXPECT_EQ(forget(3), 2);
    EXPECT_EQ(forget(3), 0);
    EXPECT_EQ(store_.count("SELECT count(*) FROM delivery_seen"), 1);
    EXPECT_TRUE(keep("young").is_repeated);
    EXPECT_FALSE(keep("old-0").is_repeated);
}

TEST_F(store_inbox, gives_rows_in_order_up_to_a_number_and_a_size)
{
    for (int i = 0; i < 4; ++i)
        keep_body(std::string(100, 'b'));
    EXPECT_EQ(pending(), (ids{1, 2, 3, 4}));
    EXPECT_EQ(pending(2), (ids{1, 2}));
    EXPECT_EQ(pending(10, 399), (ids{1, 2, 3}));
    EXPECT_EQ(pending(10, 400), (ids{1, 2, 3, 4}));
    EXPECT_EQ(pending(10, 1), ids{1});  // one at least
    keep_body(std::string(5000, 'b'));
    keep_body("small");
    set(inbox_id(1), inbox_state::digested);
    EXPECT_EQ(pending(10, 1000), (ids{2, 3, 4}));  // the small one does not overtake
}

TEST_F(store_inbox, gives_a_row_that_was_tried_alone)
{
    for (int i = 0; i < 4; ++i)
        keep_body("b");
    ASSERT_TRUE(store_.tell([](transaction& tx) { return count_attempt(tx, {inbox_id(2), inbox_id(3)}); }));
    EXPECT_EQ(pending(), ids{1});
    set(inbox_id(1), inbox_state::digested);
    EXPECT_EQ(pending(), ids{2});
    ASSERT_TRUE(store_.tell([](transaction& tx) { return count_attempt(tx, {inbox_id(2)}); }));
    auto const rows = store_.tell([](transaction& tx) { return pending_rows(tx, 9, 9); }).value();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].attempts, 2);
    set(inbox_id(2), inbox_state::unreadable, "no");
    EXPECT_EQ(pending(), ids{3});
    ASSERT_TRUE(store_.tell([](transaction& tx) { return uncount_attempt(tx, {inbox_id(3), inbox_id(4)}); }));
    EXPECT_EQ(pending(), (ids{3, 4}));
    EXPECT_EQ(store_.count("SELECT min(attempts) FROM inbox"), 0);
}

TEST_F(store_inbox, finds_rows_that_were_tried_behind_others)
{
    for (int i = 0; i < 4; ++i)
        keep_body("b");
    auto const tried = [this](inbox_id after)
    { return store_.tell([&](transaction& tx) { return pending_rows(tx, 9, 9, after, 1); }).value(); };
    EXPECT_TRUE(tried({}).empty());
    ASSERT_TRUE(store_.tell([](transaction& tx) { return count_attempt(tx, {inbox_id(2), inbox_id(3)}); }));
    ASSERT_EQ(tried({}).size(), 1U);
    EXPECT_EQ(tried({})[0].id, inbox_id(2));
    EXPECT_EQ(tried(inbox_id(2)).at(0).id, inbox_id(3));
    EXPECT_TRUE(tried(inbox_id(3)).empty());
}

TEST_F(store_inbox, lists_what_was_set_aside_and_measures_itself)
{
    auto const depth = [this] { return store_.tell(depth_of_inbox).value(); };
    EXPECT_EQ(depth().pending, 0);
    EXPECT_EQ(depth().oldest, std::nullopt);
    auto const first = store_.now;
    for (int i = 0; i < 5; ++i, store_.now += seconds(1))
        keep("d-" + std::to_string(i));
    set(inbox_id(1), inbox_state::digested);
    set(inbox_id(2), inbox_state::unrecognised, "no such key");
    set(inbox_id(3), inbox_state::unreadable, "not JSON");
    set(inbox_id(4), inbox_state::unreadable);
    auto const now = depth();
    EXPECT_EQ(now.pending, 1);
    EXPECT_EQ(now.oldest, first + seconds(4));
    EXPECT_EQ(now.unrecognised, 1);
    EXPECT_EQ(now.unreadable, 2);

    auto const listed = store_.tell([](transaction& tx) { return list_set_aside(tx, 2); }).value();
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].id.value, 4);
    EXPECT_EQ(listed[0].reason, std::nullopt);
    EXPECT_EQ(listed[1].id.value, 3);
    EXPECT_EQ(listed[1].state, inbox_state::unreadable);
    EXPECT_EQ(listed[1].reason, "not JSON");
    EXPECT_EQ(listed[1].body, "");
    EXPECT_EQ(name_of(inbox_state::unrecognised), "unrecognised");

    set(inbox_id(2), inbox_state::pending);  // an upgrade knows it
    EXPECT_EQ(pending(), (ids{2, 5}));
    EXPECT_EQ(depth().oldest, first + seconds(1));
}

std::vector<std::int64_t> numbers(result<std::vector<inbox_row>> const& rows)
{
    std::vector<std::int64_t> out;
    for (auto const& row : rows.value())
        out.push_back(row.id.value);
    return out;
}

TEST_F(store_inbox, gives_set_aside_rows_in_order_with_their_bodies)
{
    auto const first = keep_body("first");
    auto const second = keep_body("second");
    keep_body("waits");
    auto const done = keep_body("done");
    set(first, inbox_state::unreadable, "no JSON");
    set(second, inbox_state::unrecognised, "not known");
    set(done, inbox_state::digested);
    auto const rows =
        [&](std::optional<inbox_state> state, std::size_t most, std::size_t bytes, inbox_id after)
    { return store_.tell([&](transaction& tx) { return set_aside_rows(tx, state, most, bytes, after); }); };
    using ids = std::vector<std::int64_t>;
    auto const all = rows(std::nullopt, 10, 1000, {});
    EXPECT_EQ(numbers(all), (ids{first.value, second.value}));
    EXPECT_EQ(all->front().body, "first");
    EXPECT_EQ(all->front().reason, "no JSON");
    EXPECT_EQ(numbers(rows(inbox_state::unrecognised, 10, 1000, {})), ids{second.value});
    EXPECT_EQ(numbers(rows(inbox_state::unreadable, 10, 1000, {})), ids{first.value});
    EXPECT_EQ(numbers(rows(std::nullopt, 10, 1000, first)), ids{second.value});
    EXPECT_EQ(numbers(rows(std::nullopt, 1, 1000, {})), ids{first.value});
    EXPECT_EQ(numbers(rows(std::nullopt, 10, 1, {})), ids{first.value}) << "one at least";
}

TEST_F(store_inbox, queues_set_aside_rows_again_at_their_old_place)
{
    auto const first = keep_body("first");
    auto const second = keep_body("second");
    auto const done = keep_body("done");
    set(first, inbox_state::unreadable, "no JSON");
    set(done, inbox_state::digested);
    store_
        .tell(
            [&](transaction& tx) -> result<int>
            {
                count_attempt(tx, {first}).value();
                return 0;
            }
        )
        .value();
    EXPECT_EQ(pending(), std::vector<std::int64_t>{second.value});
    auto const queued = store_.tell([&](transaction& tx) { return requeue(tx, {first, second, done}); });
    EXPECT_EQ(queued.value(), 1u) << "only what was set aside";
    EXPECT_EQ(pending(), (std::vector<std::int64_t>{first.value, second.value}));
    auto const row = store_.tell([&](transaction& tx) { return find_inbox(tx, first); }).value().row;
    EXPECT_EQ(row.attempts, 0);
    EXPECT_EQ(row.reason, std::nullopt);
    auto const depth = store_.tell([](transaction& tx) { return depth_of_inbox(tx); }).value();
    EXPECT_EQ(depth.pending, 2);
    EXPECT_EQ(depth.unreadable, 0);
}

}  // namespace
}  // namespace linkspan::test
