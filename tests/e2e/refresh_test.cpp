#include "links/oauth/client.hpp"
#include "store/flows.hpp"
#include "store/uses.hpp"
#include "tests/simulators/slack_simulator.hpp"
#include "tests/support/authorized_link.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/sample_story.hpp"
#include "tests/support/user_agent.hpp"

#include <gtest/gtest.h>

#include <thread>

// The daemon gets the next token in time, and a message is not lost for want of one. Time is virtual.

namespace linkspan::test
{
namespace
{

using std::chrono::hours;
using std::chrono::minutes;

struct refreshing_daemon : testing::Test
{
    time_point begin = system_now();
    oauth_provider provider;
    test_profile profile;

    void note_use(link_id const& id)
    {
        link_use use;
        use.link = id;
        use.label = "x";
        use.actor = "serve";
        use.action = "send";
        profile.write(
            [&](transaction& tx) -> result<bool>
            {
                auto const noted = record_use(tx, use);
                if (!noted)
                    return noted.error();
                return true;
            }
        );
    }

    bool becomes(std::size_t calls) { return provider.wait_for_calls(provider_call::refresh, calls); }

    std::string metric(running_app& app, std::string const& name)
    {
        auto const text = get(app.admin_url() + "/metrics").body;
        auto const at = text.find("\n" + name + " ");
        return at == text.npos
                   ? ""
                   : text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
    }

    bool eventually_metric(running_app& app, std::string const& name, std::string const& value)
    {
        return eventually([&] { return metric(app, name) == value; });
    }
};

TEST_F(refreshing_daemon, gets_the_next_token_before_the_one_in_use_ends)
{
    auto const id = add_authorized_link(profile, provider, begin);
    note_use(id);
    running_app app(profile, quick_config(), begin);
    app->advance(minutes(100));
    EXPECT_EQ(get(app.admin_url() + "/readyz").status, 200);
    EXPECT_EQ(provider.calls(provider_call::refresh), 0u) << "not yet";
    provider.advance(minutes(106));
    app->advance(minutes(6));
    EXPECT_TRUE(becomes(1));
    EXPECT_TRUE(eventually([&] { return grant_of(profile.paths(), id).generation == 2; }));
    EXPECT_TRUE(eventually_metric(app, "linkspan_token_refreshes_total{result=\"refreshed\"}", "1"));
    EXPECT_EQ(profile.query("SELECT count FROM link_use WHERE action = 'refresh' AND actor = 'serve'"), "1");
}

TEST_F(refreshing_daemon, keeps_an_idle_link_alive_once_a_day)
{
    auto const id = add_authorized_link(profile, provider, begin);
    running_app app(profile, quick_config(), begin);
    app->advance(hours(23));
    EXPECT_EQ(get(app.admin_url() + "/readyz").status, 200);
    EXPECT_EQ(provider.calls(provider_call::refresh), 0u);
    provider.advance(hours(25));
    app->advance(hours(2));
    EXPECT_TRUE(becomes(1));
    EXPECT_TRUE(eventually([&] { return grant_of(profile.paths(), id).generation == 2; }));
}

TEST_F(refreshing_daemon, says_that_a_token_does_not_open_and_does_not_ask_the_store_without_end)
{
    auto const id = add_authorized_link(profile, provider, begin);
    note_use(id);
    profile.execute("UPDATE link_token SET access_sealed = zeroblob(80)");
    running_app app(profile, quick_config(), begin);
    auto const failed = "linkspan_token_refreshes_total{result=\"failed\"}";
    app->advance(minutes(106));
    EXPECT_TRUE(eventually_metric(app, failed, "1"));
    app->advance(seconds(59));
    EXPECT_EQ(get(app.admin_url() + "/readyz").status, 200);
    EXPECT_EQ(metric(app, failed), "1");
    app->advance(seconds(1));
    EXPECT_TRUE(eventually_metric(app, failed, "2"));
    EXPECT_EQ(provider.calls(provider_call::refresh), 0u);
}

TEST_F(refreshing_daemon, says_loudly_that_a_link_needs_a_person)
{
    auto const id = add_authorized_link(profile, provider, begin);
    note_use(id);
    running_app app(profile, quick_config(), begin);
    EXPECT_EQ(metric(app, "linkspan_links_needing_reauth"), "0");
    provider.revoke_all();
    app->advance(minutes(106));
    EXPECT_TRUE(becomes(1));
    EXPECT_TRUE(eventually_metric(app, "linkspan_links_needing_reauth", "1"));
    EXPECT_EQ(grant_of(profile.paths(), id).state, grant_state::needs_reauth);
    app->advance(hours(30));
    EXPECT_EQ(metric(app, "linkspan_token_refreshes_total{result=\"needs_reauth\"}"), "1");
    EXPECT_EQ(provider.calls(provider_call::refresh), 1u) << "nothing is asked again";
}

TEST_F(refreshing_daemon, counts_a_token_that_ended_without_a_refresh_token)
{
    auto const id = add_authorized_link(profile, provider, begin);
    note_use(id);
    profile.execute("UPDATE link_token SET refresh_sealed = NULL");
    testing::internal::CaptureStderr();
    {
        running_app app(profile, quick_config(), begin);
        app->advance(minutes(110));
        EXPECT_EQ(metric(app, "linkspan_links_needing_reauth"), "0") << "it lives";
        for (int step = 0; step < 30; ++step)
        {
            app->advance(minutes(1));
            (void)get(app.admin_url() + "/readyz");
        }
        EXPECT_EQ(metric(app, "linkspan_links_needing_reauth"), "1");
    }
    auto const told = testing::internal::GetCapturedStderr();
    auto const line = told.find("link needs to be authorized again");
    ASSERT_NE(line, std::string::npos) << told;
    EXPECT_EQ(told.find("link needs to be authorized again", line + 1), std::string::npos)
        << "once: " << told;
    EXPECT_NE(told.find("linkspan start-oauth " + id.value), std::string::npos) << told;
    EXPECT_EQ(grant_of(profile.paths(), id).state, grant_state::authorized) << "no refresh was refused";
}

TEST_F(refreshing_daemon, counts_a_link_whose_client_is_refused_once_its_token_has_ended)
{
    auto const id = add_authorized_link(profile, provider, begin);
    note_use(id);
    provider.set_client_secret("another");
    testing::internal::CaptureStderr();
    {
        running_app app(profile, quick_config(), begin);
        auto const failed = "linkspan_token_refreshes_total{result=\"failed\"}";
        app->advance(minutes(106));
        EXPECT_TRUE(eventually_metric(app, failed, "1"));
        EXPECT_EQ(metric(app, "linkspan_links_needing_reauth"), "0") << "what lives is used";
        app->advance(minutes(14));
        EXPECT_TRUE(eventually_metric(app, "linkspan_links_needing_reauth", "1"));
        provider.set_client_secret(provider_settings::cloud().client_secret);
        EXPECT_TRUE(eventually(
            [&]
            {
                app->advance(minutes(2));
                return metric(app, "linkspan_links_needing_reauth") == "0";
            }
        )) << "it was tried on";
    }
    auto const told = testing::internal::GetCapturedStderr();
    EXPECT_NE(told.find("link needs to be corrected"), std::string::npos) << told;
    EXPECT_NE(told.find("linkspan update-link " + id.value), std::string::npos) << told;
}

TEST_F(refreshing_daemon, tries_again_with_back_off_while_the_service_fails)
{
    auto const id = add_authorized_link(profile, provider, begin);
    note_use(id);
    running_app app(profile, quick_config(), begin);
    provider.script(provider_call::refresh, {provider_fault::status(503), provider_fault::lost(false)});
    // The counter, not the store: it is told when the loop has begun its pause.
    auto const failed = "linkspan_token_refreshes_total{result=\"failed\"}";
    app->advance(minutes(106));
    EXPECT_TRUE(eventually_metric(app, failed, "1"));
    EXPECT_EQ(grant_of(profile.paths(), id).failures, 1);
    app->advance(minutes(2));
    EXPECT_TRUE(eventually_metric(app, failed, "2"));
    EXPECT_EQ(grant_of(profile.paths(), id).failures, 2);
    app->advance(minutes(2));
    EXPECT_TRUE(eventually([&] { return grant_of(profile.paths(), id).generation == 2; }));
    EXPECT_EQ(grant_of(profile.paths(), id).failures, 0);
}

TEST_F(refreshing_daemon, stops_behind_the_answer_that_may_hold_the_only_token_that_lives)
{
    auto const id = add_authorized_link(profile, provider, begin);
    note_use(id);
    auto settings = quick_config();
    settings.server.grace_seconds = 0;
    running_app app(profile, settings, begin);
    provider.script(provider_call::refresh, {provider_fault::held()});
    app->advance(minutes(106));
    ASSERT_TRUE(provider.wait_for_held(1));
    app->stop();
    for (int look = 0; look < 20; ++look)
        (void)get(app.admin_url() + "/readyz");  // the stop has come to what it waits for
    provider.release();
    EXPECT_TRUE(app.stop());
    EXPECT_EQ(grant_of(profile.paths(), id).generation, 2);
}

TEST_F(refreshing_daemon, a_sign_in_that_a_stop_cuts_off_ends_with_that_as_its_reason)
{
    auto const id = add_authorized_link(profile, provider, begin);
    auto settings = quick_config();
    settings.server.grace_seconds = 0;
    running_app app(profile, settings, std::nullopt, milliseconds(0));
    auto const back = app.public_url() + "/callback";
    provider.set_callback_url(back);
    profile.write(
        [&](transaction& tx) -> result<bool>
        {
            auto const made = start_flow(tx, id, oauth::hash_of(secret("ticket")), back);
            if (!made)
                return made.error();
            return true;
        }
    );
    provider.script(provider_call::exchange, {provider_fault::held()});
    std::thread person(
        [&]
        {
            user_agent browser;
            browser.open(app.public_url() + "/start?id=" + id.value + "&ticket=ticket");
            browser.press("grant");
        }
    );
    EXPECT_TRUE(provider.wait_for_held(1));
    EXPECT_TRUE(app.stop());
    person.join();
    EXPECT_EQ(profile.query("SELECT state FROM flow"), "4");
    auto const why = profile.query("SELECT detail FROM flow");
    EXPECT_NE(why.find("linkspan was stopped before the service had answered"), std::string::npos) << why;
    provider.release();
}

struct slack_by_oauth : refreshing_daemon
{
    slack_simulator slack;
    link_id id;
    std::unique_ptr<running_app> app;

    void start(std::string const& access, std::string const& refresh)
    {
        profile.add_link("bitbucket-webhook", "hook", {{"webhook_secret", webhook_key}});
        id = profile.add_link(
            "slack-oauth",
            "slack",
            {{"client_id", "12.34"}, {"client_secret", "a client's secret"}, {"api_url", slack.api_url()}}
        );
        token_set tokens;
        tokens.access_token = secret(access);
        tokens.refresh_token = secret(refresh);
        tokens.token_type = "bot";
        tokens.obtained_at = begin;
        tokens.expires_at = begin + hours(12);
        auto const keys = vault::open(profile.paths().master_key).value();
        profile.write(
            [&](transaction& tx) -> result<bool>
            {
                auto const kept = put_consent(tx, keys, id, tokens);
                if (!kept)
                    return kept.error();
                return true;
            }
        );
        auto settings = quick_config();
        settings.server.retry_seconds = {1};
        settings.server.attempts_max = 2;
        add_source(settings, "hook", edition::cloud, "bitbucket.org");
        add_destination(settings, "builds", "slack", "C0000000001");
        add_rule(settings, "builds");
        app = std::make_unique<running_app>(profile, settings, begin);
    }

    void open_pull_request(int number)
    {
        auto const step = step_of(edition::cloud, "opened", number, begin);
        auto const sent = exchange_with(
            delivery_to(app->public_url(), "hook", edition::cloud, step.event_key, step.body, webhook_key)
        );
        ASSERT_EQ(sent.status, 202);
    }
};

TEST_F(slack_by_oauth, a_token_that_slack_refuses_is_refreshed_once_and_the_message_sent)
{
    slack.add_token("xoxe.xoxb-first");
    slack.spoil_token("xoxe.xoxb-first", "token_expired");
    slack.add_refresh_token("xoxe-1-first");
    start("xoxe.xoxb-first", "xoxe-1-first");
    open_pull_request(1);
    ASSERT_TRUE(slack.wait_for_messages(1));
    EXPECT_EQ(slack.messages()[0].token, "xoxe.xoxb-rotated-1");
    EXPECT_EQ(slack.calls(), 2u);
    open_pull_request(2);
    ASSERT_TRUE(slack.wait_for_messages(2));
    EXPECT_EQ(slack.rotations(), 1u);
    EXPECT_EQ(slack.calls(), 3u) << "the new token is used at once";
    EXPECT_TRUE(eventually([&] { return grant_of(profile.paths(), id).has_worked; }));
    EXPECT_TRUE(eventually(
        [&] {
            return profile.query("SELECT sum(count) FROM link_use WHERE action = 'send' AND is_failure = 0"
                   ) == "2";
        }
    ));
    EXPECT_EQ(profile.query("SELECT sum(count) FROM link_use WHERE action = 'receive'"), "2");
    EXPECT_EQ(profile.query("SELECT DISTINCT label FROM link_use WHERE action = 'receive'"), "hook");
}

TEST_F(slack_by_oauth, a_token_endpoint_that_is_down_costs_no_message_its_attempts)
{
    slack.add_refresh_token("xoxe-1-first");
    slack.break_rotations(500);
    start("xoxe.xoxb-unknown", "xoxe-1-first");
    open_pull_request(1);
    // Ten times as long as its own attempts would take.
    EXPECT_TRUE(eventually(
        [&]
        {
            (*app)->advance(seconds(30));
            (void)get(app->admin_url() + "/readyz");
            return grant_of(profile.paths(), id).failures >= 5;
        }
    ));
    EXPECT_EQ(profile.count("delivery WHERE state <> 0"), 0) << "it waits";
    EXPECT_LE(profile.query("SELECT max(attempts) FROM delivery"), "1");
    EXPECT_EQ(profile.count("destination_hold"), 0) << "nobody needs to act";
    auto const tried = "linkspan_delivery_attempts_total{destination=\"builds\",outcome=\"retry_after\"}";
    EXPECT_GE(std::stoi("0" + metric(*app, tried)), 3)
        << "each look is one try too many for a counted message";
    slack.break_rotations(0);
    EXPECT_TRUE(eventually(
        [&]
        {
            (*app)->advance(seconds(30));
            (void)get(app->admin_url() + "/readyz");
            return slack.messages().size() == 1;
        }
    ));
}

TEST_F(slack_by_oauth, without_a_token_the_destination_is_held_until_somebody_consents)
{
    start("xoxe.xoxb-unknown", "xoxe-1-unknown");
    open_pull_request(1);
    EXPECT_TRUE(eventually([&] { return profile.count("destination_hold") == 1; }));
    EXPECT_NE(
        profile.query("SELECT reason FROM destination_hold").find("linkspan start-oauth slack"),
        std::string::npos
    );
    EXPECT_EQ(slack.messages().size(), 0u);

    token_set tokens;
    tokens.access_token = secret("xoxb-test-1");
    tokens.obtained_at = begin;
    auto const keys = vault::open(profile.paths().master_key).value();
    (*app)->advance(seconds(1));
    profile.write(
        [&](transaction& tx) -> result<bool>
        {
            auto const kept = put_consent(tx, keys, id, tokens);
            if (!kept)
                return kept.error();
            return true;
        }
    );
    EXPECT_TRUE(slack.wait_for_messages(1)) << "the message was kept";
}

}  // namespace
}  // namespace linkspan::test
