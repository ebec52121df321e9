#include "store/links.hpp"
#include "store/uses.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace linkspan::test
{
namespace
{

class store_uses : public testing::Test
{
protected:
    void use(
        std::string link,
        std::string action,
        std::string actor = "serve",
        std::string detail = {},
        bool fails = false
    )
    {
        link_use one;
        one.link = link_id(link);
        one.label = link + " by name";
        one.actor = std::move(actor);
        one.action = std::move(action);
        one.detail = std::move(detail);
        one.is_failure = fails;
        ASSERT_TRUE(store_.tell([&](transaction& tx) { return record_use(tx, one); }));
    }

    std::vector<link_use> list(use_filter const& filter = {})
    {
        return store_.tell([&](transaction& tx) { return list_uses(tx, filter); }).value();
    }

    scratch_store store_;  // at 09:30
};

TEST_F(store_uses, of_an_hour_are_one_row)
{
    auto const first_at = store_.now;
    use("aaaa", "send", "serve", "first");
    store_.now += std::chrono::minutes(10);
    use("aaaa", "send", "serve", "second");
    use("aaaa", "send", "serve", "refused", true);
    use("aaaa", "reveal", "get-creds by ada");
    auto const all = list();
    ASSERT_EQ(all.size(), 3U);
    auto const sent =
        std::ranges::find_if(all, [](auto const& one) { return one.action == "send" && !one.is_failure; });
    ASSERT_NE(sent, all.end());
    EXPECT_EQ(sent->count, 2);
    EXPECT_EQ(sent->first_at, first_at);
    EXPECT_EQ(sent->last_at, store_.now);
    EXPECT_EQ(sent->detail, "second");
    EXPECT_EQ(sent->label, "aaaa by name");
    EXPECT_EQ(sent->actor, "serve");
    store_.now += std::chrono::minutes(20);  // 10:00
    use("aaaa", "send");
    ASSERT_EQ(list().size(), 4U);
    EXPECT_EQ(list().front().last_at, store_.now) << "the newest first";
    EXPECT_EQ(list().front().detail, "");
}

TEST_F(store_uses, of_many_at_once_are_counted)
{
    link_use many;
    many.link = link_id("aaaa");
    many.actor = "serve";
    many.action = "send";
    many.count = 40;
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return record_use(tx, many); }));
    use("aaaa", "send");
    EXPECT_EQ(list().at(0).count, 41);
}

TEST_F(store_uses, are_filtered_by_link_time_and_number)
{
    use("aaaa", "send");
    use("bbbb", "send");
    store_.now += std::chrono::minutes(5);
    auto const later = store_.now;
    use("aaaa", "refresh");
    store_.now += std::chrono::hours(3);
    use("bbbb", "receive");
    use_filter of_one;
    of_one.link = link_id("aaaa");
    ASSERT_EQ(list(of_one).size(), 2U);
    EXPECT_EQ(list(of_one)[0].action, "refresh");
    use_filter since;
    since.since = later;
    ASSERT_EQ(list(since).size(), 2U) << "of the hour that `since` lies in, only what came behind it";
    since.link = link_id("aaaa");
    EXPECT_EQ(list(since).size(), 1U);
    use_filter few;
    few.limit = 1;
    ASSERT_EQ(list(few).size(), 1U);
    EXPECT_EQ(list(few)[0].action, "receive");
}

TEST_F(store_uses, outlive_their_link_and_are_forgotten_after_a_year)
{
    link_row row;
    row.id = link_id("aaaa");
    row.template_name = "console";
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return insert_link(tx, row); }));
    for (auto const* action : {"send", "receive", "refresh"})
        use("aaaa", action);
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return delete_link(tx, row.id); }));
    EXPECT_EQ(list().size(), 3U);
    auto const forget = [&](std::int64_t at_most)
    { return store_.tell([&](transaction& tx) { return forget_uses(tx, at_most); }).value(); };
    store_.now += use_kept + std::chrono::minutes(29);
    EXPECT_EQ(forget(10), 0) << "their hour is not over that long ago";
    store_.now += std::chrono::minutes(1);
    EXPECT_EQ(forget(10), 3);
    EXPECT_TRUE(list().empty());
}

TEST_F(store_uses, are_forgotten_a_few_at_a_time)
{
    for (auto const* action : {"send", "receive", "refresh"})
        use("aaaa", action);
    store_.now += use_kept + std::chrono::hours(1);
    auto const forget = [&](std::int64_t at_most)
    { return store_.tell([&](transaction& tx) { return forget_uses(tx, at_most); }).value(); };
    EXPECT_EQ(forget(2), 2);
    EXPECT_EQ(forget(2), 1);
    EXPECT_EQ(forget(2), 0);
}

TEST_F(store_uses, come_with_facts_that_are_merged)
{
    link_row row;
    row.id = link_id("aaaa");
    row.template_name = "console";
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return insert_link(tx, row); }));
    auto const put = [&](std::string id, std::map<std::string, std::string> const& facts)
    { return store_.tell([&](transaction& tx) { return put_facts(tx, link_id(id), facts); }); };
    auto const facts = [&]
    { return store_.tell([&](transaction& tx) { return list_facts(tx, row.id); }).value(); };
    EXPECT_TRUE(facts().empty());
    ASSERT_TRUE(put("aaaa", {{"account", "Ada Example"}, {"team", "acme"}}));
    ASSERT_TRUE(put("aaaa", {{"account", "Grace Example"}, {"team", ""}, {"site", "acme.example"}}));
    EXPECT_EQ(
        facts(), (std::map<std::string, std::string>{{"account", "Grace Example"}, {"site", "acme.example"}})
    );
    EXPECT_FALSE(put("none", {{"account", "x"}})) << "there is no such link";
    ASSERT_TRUE(store_.tell([&](transaction& tx) { return delete_link(tx, row.id); }));
    EXPECT_TRUE(facts().empty());
}

}  // namespace
}  // namespace linkspan::test
