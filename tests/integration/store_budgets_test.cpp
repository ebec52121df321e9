#include "store/budgets.hpp"
#include "store/links.hpp"
#include "store/watched_repositories.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

// What has been spent of a link, and which repositories are asked about.

namespace linkspan::test
{
namespace
{

class store_budgets : public testing::Test
{
protected:
    store_budgets()
    {
        for (auto const* id : {"aaaa", "bbbb"})
        {
            link_row row;
            row.id = link_id(id);
            row.template_name = "bitbucket-app-oauth";
            EXPECT_TRUE(store_.tell([&](transaction& tx) { return insert_link(tx, row); }));
        }
    }

    result<budget> load(char const* link, resource_class of = resource_class::repositories)
    {
        return store_.tell([&](transaction& tx) { return load_budget(tx, link_id(link), of); });
    }

    void save(char const* link, budget const& state)
    {
        EXPECT_TRUE(store_.tell([&](transaction& tx) { return save_budget(tx, link_id(link), state); }));
    }

    result<std::vector<stored_budget>> listed() { return store_.tell(list_budgets); }

    scratch_store store_;
};

TEST_F(store_budgets, are_fresh_until_something_is_spent)
{
    auto state = load("aaaa").value();
    EXPECT_EQ(left_for(state, priority::person, store_.now), repositories_per_hour);
    EXPECT_TRUE(listed()->empty());
    EXPECT_TRUE(admit(state, priority::person, 3, store_.now).is_granted);
    save("aaaa", state);
    EXPECT_EQ(left_for(*load("aaaa"), priority::person, store_.now), repositories_per_hour - 3);
    store_.now += seconds(60);
    EXPECT_EQ(spent_of(*load("aaaa"), store_.now), 3) << "it is kept with its moment";
}

TEST_F(store_budgets, are_counted_apart_by_link_and_class)
{
    auto hooks = load("bbbb", resource_class::hooks).value();
    spend(hooks, 5, store_.now);
    save("bbbb", hooks);
    auto server = load("aaaa", resource_class::data_center).value();
    spend(server, 7, store_.now);
    save("aaaa", server);
    save("bbbb", fresh_budget(resource_class::repositories, store_.now));
    EXPECT_EQ(spent_of(*load("bbbb"), store_.now), 0);
    EXPECT_EQ(spent_of(*load("aaaa", resource_class::data_center), store_.now), 7);
    auto const all = listed().value();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].link.value, "aaaa");
    EXPECT_EQ(all[1].link.value, "bbbb");
    EXPECT_EQ(all[1].state.resource, resource_class::hooks);
    EXPECT_EQ(spent_of(all[1].state, store_.now), 5);
}

TEST_F(store_budgets, go_with_their_link)
{
    save("aaaa", fresh_budget(resource_class::repositories, store_.now));
    save("bbbb", fresh_budget(resource_class::repositories, store_.now));
    EXPECT_TRUE(store_.tell([](transaction& tx) { return delete_link(tx, link_id("aaaa")); }));
    save("aaaa", fresh_budget(resource_class::repositories, store_.now));
    auto const all = listed().value();
    ASSERT_EQ(all.size(), 1u) << "a request of the deleted one was still on its way";
    EXPECT_EQ(all[0].link.value, "bbbb");
}

TEST_F(store_budgets, what_is_none_is_told_with_its_link)
{
    save("aaaa", fresh_budget(resource_class::repositories, store_.now));
    for (auto const* json : {"replace(json, 'repositories', 'hooks')", "'{}'"})
    {
        store_.change(std::string("UPDATE api_budget SET json = ") + json);
        for (auto const& failed : {load("aaaa").error(), listed().error()})
        {
            EXPECT_EQ(failed.code, errc::invalid);
            EXPECT_NE(failed.message.find("of link aaaa (repositories)"), std::string::npos)
                << failed.message;
        }
    }
}

// --- watched repositories
// -----------------------------------------------------------------------------

class store_watched_repositories : public testing::Test
{
protected:
    watched_repository ensure(char const* name, char const* instance = cloud)
    {
        return store_.tell([&](transaction& tx) { return ensure_watched(tx, instance, name); }).value();
    }

    std::optional<watched_repository> find(char const* name)
    {
        return store_.tell([&](transaction& tx) { return find_watched(tx, cloud, name); }).value();
    }

    void save(watched_repository const& state)
    {
        EXPECT_TRUE(store_.tell([&](transaction& tx) { return save_watched(tx, state); }));
    }

    scratch_store store_;
};

TEST_F(store_watched_repositories, are_watched_since_they_were_named_first)
{
    EXPECT_FALSE(find("acme/api"));
    auto const begun = store_.now;
    EXPECT_EQ(ensure("acme/api").watched_since, begun);
    store_.now += seconds(60);
    auto const again = ensure("acme/api");
    EXPECT_EQ(again.watched_since, begun);
    EXPECT_EQ(again.full_name, "acme/api");
    EXPECT_EQ(again.instance, cloud);
    EXPECT_FALSE(again.cursor || again.crawled_at);
    EXPECT_EQ(again.fault, "");
}

TEST_F(store_watched_repositories, keep_how_far_they_are_known)
{
    auto one = ensure("acme/api");
    ensure("acme/web");
    one.cursor = store_.now - seconds(5);
    one.crawled_at = store_.now;
    one.fault = "the link may not read it";
    one.watched_since += seconds(100);
    save(one);
    auto const again = find("acme/api");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cursor, store_.now - seconds(5));
    EXPECT_EQ(again->crawled_at, store_.now);
    EXPECT_EQ(again->fault, "the link may not read it");
    EXPECT_EQ(again->watched_since, store_.now) << "that stays";
    EXPECT_FALSE(find("acme/web")->cursor);
    one.full_name = "acme/gone";
    save(one);
    EXPECT_FALSE(find("acme/gone"));
}

TEST_F(store_watched_repositories, are_listed_by_instance_and_name)
{
    for (auto const* name : {"acme/web", "acme/api", "beta/app"})
        ensure(name);
    ensure("CORE/api", "https://bitbucket.example.com");
    auto const all = store_.tell([](transaction& tx) { return list_watched(tx); }).value();
    std::vector<std::string> names;
    for (auto const& one : all)
        names.push_back(one.full_name);
    EXPECT_EQ(names, (std::vector<std::string>{"acme/api", "acme/web", "beta/app", "CORE/api"}));
}

}  // namespace
}  // namespace linkspan::test
