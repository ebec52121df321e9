#include "store/budgets.hpp"
#include "store/store.hpp"
#include "tests/support/command_profile.hpp"
#include "tests/support/running_app.hpp"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

// linkspan budget, by the real program, and the same in the metrics.

namespace linkspan::test
{
namespace
{

class budget_command : public testing::Test
{
protected:
    std::string cloud_link()
    {
        return profile_.create(
            {"--template",
             "bitbucket-app-oauth",
             "--name",
             "cloud",
             "--client-id",
             "key",
             "--client-secret=-"},
            "secret"
        );
    }

    void put(std::string const& id, std::function<void(budget&, time_point)> const& spend_some)
    {
        put(id, resource_class::repositories, spend_some);
    }

    void put(
        std::string const& id, resource_class of, std::function<void(budget&, time_point)> const& spend_some
    )
    {
        profile_.change(
            [&](transaction& tx, vault const&)
            {
                auto state = load_budget(tx, link_id(id), of).value();
                spend_some(state, tx.now());
                EXPECT_TRUE(save_budget(tx, link_id(id), state));
            }
        );
    }

    boost::json::value first() const { return profile_.json({"budget"}).at("budgets").at(0); }

    command_profile profile_;
};

TEST_F(budget_command, says_what_to_do_where_nothing_was_asked_yet)
{
    auto const none = profile_.run({"budget"});
    EXPECT_EQ(none.code, 0) << none.err;
    EXPECT_EQ(none.out, "");
    EXPECT_TRUE(contains(none.err, "api = \"LINK\"")) << none.err;
    EXPECT_TRUE(contains(none.err, "linkspan check")) << none.err;
    cloud_link();
    EXPECT_EQ(profile_.json({"budget"}).at("budgets").as_array().size(), 0u);
}

TEST_F(budget_command, shows_what_is_spent_and_what_is_left_for_whom)
{
    auto const id = cloud_link();
    put(id, [](budget& of, time_point now) { spend(of, 620, now); });
    put(id, resource_class::hooks, [](budget& of, time_point now) { spend(of, 1, now); });
    auto const shown = profile_.run({"budget"});
    EXPECT_EQ(shown.code, 0) << shown.err;
    EXPECT_EQ(shown.err, "");
    EXPECT_EQ(
        shown.out,
        "LINK   RESOURCE      LIMIT  SPENT  PERSON  WATCHING  CATCH-UP  BACKFILL  BLOCKED UNTIL (UTC)\n"
        "cloud  hooks         1000   1      999     899       799       499       -\n"
        "cloud  repositories  1000   620    380     280       180       0         -\n"
    );
    auto const of = profile_.json({"budget"}).at("budgets").at(1);
    EXPECT_EQ(of.at("link").as_string(), id);
    EXPECT_EQ(of.at("name").as_string(), "cloud");
    EXPECT_EQ(of.at("resource").as_string(), "repositories");
    EXPECT_EQ(of.at("limit").as_int64(), 1'000);
    EXPECT_EQ(of.at("spent").as_int64(), 620);
    EXPECT_EQ(of.at("left").at("person").as_int64(), 380);
    EXPECT_EQ(of.at("left").at("catch_up").as_int64(), 180);
    EXPECT_EQ(of.at("left").at("backfill").as_int64(), 0);
    EXPECT_TRUE(of.at("blocked_until").is_null());
}

TEST_F(budget_command, shows_until_when_nobody_asks)
{
    auto const id = cloud_link();
    time_point until;
    put(id,
        [&](budget& of, time_point now)
        {
            rate_answer refused;
            refused.is_refused = true;
            refused.wait = seconds(600);
            hear(of, refused, now);
            until = now + seconds(600);
        });
    EXPECT_EQ(first().at("blocked_until").as_string(), to_rfc3339(until));
    EXPECT_EQ(first().at("left").at("person").as_int64(), 0) << "there are some, but not now";
    auto const time = to_rfc3339(until).substr(11, 8);
    EXPECT_TRUE(contains(profile_.run({"budget"}).out, time));
    put(id, [](budget& of, time_point now) { of.blocked_until = now - seconds(1); });
    EXPECT_TRUE(first().at("blocked_until").is_null()) << "one request may go and see";
    EXPECT_FALSE(contains(profile_.run({"budget"}).out, time));
}

TEST_F(budget_command, a_count_that_is_none_is_told)
{
    auto const id = cloud_link();
    put(id, [](budget&, time_point) {});
    profile_.change([](transaction& tx, vault const&)
                    { tx.connection().raw().exec("UPDATE api_budget SET json = '[]'"); });
    auto const failed = profile_.run({"budget"});
    EXPECT_EQ(failed.code, 2);
    EXPECT_TRUE(contains(failed.err, id)) << failed.err;
}

TEST(budget_metrics, have_what_is_spent_until_it_is_gone)
{
    test_profile profile;
    auto const id =
        profile.add_link("bitbucket-app-oauth", "cloud", {{"client_id", "key"}, {"client_secret", "secret"}});
    auto const now = parse_time("2026-11-20T10:00:00Z").value();
    profile.write(
        [&](transaction& tx) -> result<bool>
        {
            auto state = fresh_budget(resource_class::repositories, now);
            spend(state, 7, now);
            auto const saved = save_budget(tx, id, state);
            if (!saved)
                return saved.error();
            return true;
        }
    );
    running_app app(profile, quick_config(), now);
    auto const counted = get(app.admin_url() + "/metrics").body;
    constexpr std::string_view labels = R"({link="cloud",resource="repositories"} )";
    EXPECT_TRUE(contains(counted, "linkspan_api_budget_limit" + std::string(labels) + "1000")) << counted;
    EXPECT_TRUE(contains(counted, "linkspan_api_budget_spent" + std::string(labels) + "7")) << counted;
    profile.execute("DELETE FROM api_budget");
    EXPECT_FALSE(contains(get(app.admin_url() + "/metrics").body, "linkspan_api_budget_spent{"));
}

}  // namespace
}  // namespace linkspan::test
