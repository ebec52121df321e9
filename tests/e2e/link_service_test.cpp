#include "tests/support/link_fixture.hpp"
#include "tests/support/running_program.hpp"

#include <filesystem>

// check-link and refresh-link against services that behave as the real ones.

namespace linkspan::test
{
namespace
{

// --- check-link
// -----------------------------------------------------------------------------------------------

// As Google does where the machine's clock is off, and as any service whose token is refused at once.
TEST_F(link_service, a_link_that_renews_itself_leaves_needs_reauth_without_a_sign_in)
{
    oauth_provider provider;
    link_id const id(consumer_of(provider));
    auto const give_up = [&](transaction& tx, vault const&)
    {
        auto const state = find_grant(tx, id);
        ASSERT_TRUE(state && mark_needs_reauth(tx, id, state->generation, "invalid_grant"));
    };
    EXPECT_EQ(profile.run({"refresh-link", "cloud"}).code, 0);
    profile.change(give_up);
    EXPECT_NE(profile.run({"check-link", "cloud"}).code, 0);
    auto const calls = provider.calls(provider_call::client_credentials);
    provider.script(
        provider_call::client_credentials, {provider_fault::error(400, "invalid_grant", "not yet")}
    );
    auto const refused = profile.run({"refresh-link", "cloud"});
    EXPECT_NE(refused.code, 0);
    EXPECT_TRUE(contains(refused.err, "not yet")) << refused.err;
    EXPECT_EQ(provider.calls(provider_call::client_credentials), calls + 1) << "asked once";
    auto const forced = profile.run({"refresh-link", "cloud"});
    EXPECT_EQ(forced.code, 0) << forced.err;
    profile.change(give_up);
    auto const set = profile.run({"set-creds", "cloud", "--kv", "client_secret=-"}, "linkspan-secret");
    EXPECT_EQ(set.code, 0) << set.err;
    EXPECT_EQ(profile.link("cloud").at("grant").at("state").as_string(), "none");
    auto const checked = profile.run({"check-link", "cloud"});
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
}

TEST_F(link_service, a_link_that_works_is_told_with_all_that_was_heard)
{
    auto settings = provider_settings::cloud();
    settings.scopes = "account team repository pullrequest:write webhook pipeline";
    oauth_provider provider(settings);
    consumer_of(provider);
    auto const checked = profile.run({"check-link", "cloud"});
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
    for (auto const* part :
         {"ok       fields      all that is required is set, and opens",
          "ok       master key  lives in key file ",
          "ok       grant       authorized; the token ends in 1 h 59 min",
          "ok       service     answered in ",
          "ok       credential  OAuth token of the consumer itself",
          "ok       scopes      answer, approve and resolve from chat: yes",
          "ok       expiry      renewed by itself before its end",
          "Link cloud works."})
        EXPECT_TRUE(contains(checked.out, part)) << part << '\n' << checked.out;
    EXPECT_FALSE(contains(checked.out, "warning")) << checked.out;
    EXPECT_TRUE(contains(checked.out, "acts as Linkspan")) << checked.out;
    auto const facts = profile.json({"get-meta", "cloud"}).at("facts");
    EXPECT_TRUE(contains(std::string(facts.at("account").as_string()), "Linkspan"));
    EXPECT_EQ(facts.at("check").as_string(), "ok");
    EXPECT_EQ(profile.uses("cloud").front(), "check check-link");
    EXPECT_EQ(provider.calls(provider_call::client_credentials), 1U);
    auto const again = profile.json({"check-link", "cloud"});
    EXPECT_TRUE(again.at("ok").as_bool());
    EXPECT_TRUE(lines(again, "warning").empty());
    EXPECT_EQ(provider.calls(provider_call::client_credentials), 1U) << "the token that is there is used";
    for (auto const& secret : provider.handed_out())
        EXPECT_FALSE(contains(checked.out + checked.err, secret));
}

TEST_F(link_service, missing_scopes_are_named_for_each_feature)
{
    auto settings = provider_settings::cloud();
    settings.scopes = "account repository";
    oauth_provider provider(settings);
    consumer_of(provider);
    auto const checked = profile.run({"check-link", "cloud"});
    EXPECT_EQ(checked.code, 0) << checked.err;
    EXPECT_TRUE(contains(
        checked.out,
        "warning  scopes      answer, approve and resolve from chat: no, it needs pullrequest:write"
    )) << checked.out;
    EXPECT_TRUE(contains(checked.out, "tell who the link is, and who is who: yes")) << checked.out;
}

TEST_F(link_service, a_new_token_that_is_not_stored_yet_is_no_silent_wait)
{
    oauth_provider provider;
    consumer_of(provider);
    provider.script(provider_call::client_credentials, {provider_fault::held()});
    running_program refresh(profile, {"refresh-link", "cloud"});
    ASSERT_TRUE(provider.wait_for_held(1));
    auto const aside = profile.master_key().string() + ".aside";
    std::filesystem::rename(profile.master_key(), aside);
    provider.release();
    auto const said = refresh.wait_for_err("the new token of link cloud is not stored yet");
    EXPECT_TRUE(contains(said, "do not interrupt it, or the token is lost")) << said;
    std::filesystem::rename(aside, profile.master_key());
    auto const ended = refresh.wait();
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(ended.err.find("is not stored yet"), ended.err.rfind("is not stored yet")) << ended.err;
    EXPECT_EQ(profile.run({"check-link", "cloud"}).code, 0);
}

TEST_F(link_service, a_refused_token_is_replaced_once)
{
    oauth_provider provider;
    consumer_of(provider);
    EXPECT_EQ(profile.run({"check-link", "cloud"}).code, 0);
    provider.spoil_access_tokens();
    auto const checked = profile.run({"check-link", "cloud"});
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
    EXPECT_EQ(provider.calls(provider_call::client_credentials), 2U);
}

TEST_F(link_service, a_second_refusal_moves_the_links_state)
{
    oauth_provider provider;
    consumer_of(provider);
    EXPECT_EQ(profile.run({"check-link", "cloud"}).code, 0);
    auto const refusal = provider_fault::error(401, "invalid_token", "not this one");
    provider.script(provider_call::api, {refusal, refusal});
    auto const checked = profile.run({"check-link", "cloud"});
    EXPECT_EQ(checked.code, 5) << checked.out << checked.err;
    EXPECT_TRUE(contains(checked.out, "fault    grant       needs_reauth: ")) << checked.out;
    EXPECT_EQ(profile.link("cloud").at("grant").at("state").as_string(), "needs_reauth");
    EXPECT_EQ(provider.calls(provider_call::client_credentials), 2U) << "one refresh, as anywhere";
}

TEST_F(link_service, tokens_that_are_worth_nothing_are_loud)
{
    oauth_provider provider;
    auto const id = app_of(provider);
    auto const nobody = profile.run({"check-link", "cloud"});
    EXPECT_EQ(nobody.code, 5);
    EXPECT_TRUE(
        contains(nobody.out, "fault    grant       nobody has signed in yet; linkspan start-oauth cloud")
    ) << nobody.out;
    profile.put_tokens(id, "of-nobody", "of-nobody", seconds(7200));
    auto const refused = profile.run({"check-link", "cloud"});
    EXPECT_EQ(refused.code, 5) << refused.out << refused.err;
    EXPECT_TRUE(contains(refused.out, "fault    grant       needs_reauth: ")) << refused.out;
    EXPECT_EQ(provider.calls(provider_call::refresh), 1U);
    auto const list = profile.run({"list-links"});
    EXPECT_TRUE(contains(list.out, "needs_reauth: ")) << list.out;
    EXPECT_TRUE(contains(list.out, "link cloud needs a person: ")) << list.out;
    EXPECT_TRUE(contains(list.out, "sign in again: linkspan start-oauth cloud")) << list.out;
    EXPECT_EQ(profile.link("cloud").at("grant").at("state").as_string(), "needs_reauth");
    EXPECT_TRUE(contains(
        std::string(profile.json({"get-meta", "cloud"}).at("facts").at("check").as_string()), "fault: "
    ));
}

TEST_F(link_service, a_plain_token_is_checked)
{
    slack_simulator slack;
    slack_of(slack);
    auto const checked = profile.run({"check-link", "slack"});
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
    EXPECT_TRUE(contains(checked.out, "acts as ")) << checked.out;
    slack.spoil_token("xoxb-test-1", "token_revoked");
    auto const refused = profile.run({"check-link", "slack"});
    EXPECT_EQ(refused.code, 5) << refused.out << refused.err;
    EXPECT_TRUE(contains(refused.out, "fault    credential  ")) << refused.out;
    EXPECT_TRUE(contains(refused.out, "token_revoked")) << refused.out;
    EXPECT_TRUE(contains(refused.out, "linkspan set-creds slack")) << refused.out;
    EXPECT_EQ(slack.calls(), 0U) << "nothing was posted";
}

TEST_F(link_service, a_service_that_is_away_is_told)
{
    boost::asio::io_context loop;
    auto const url = "http://127.0.0.1:" + std::to_string(closed_port(loop)) + "/api/";
    profile.create(
        {"--template", "slack-bot-token", "--name", "slack", "--kv", "bot_token=-", "--kv", "api_url=" + url},
        "xoxb-1"
    );
    auto const checked = profile.run({"check-link", "slack", "--json"});
    EXPECT_EQ(checked.code, 6) << checked.out << checked.err;
    EXPECT_FALSE(checked.json().at("ok").as_bool());
    EXPECT_EQ(lines(checked.json(), "fault").size(), 1U);
    EXPECT_TRUE(contains(checked.err, "\"code\": \"unavailable\"")) << checked.err;
}

TEST_F(link_service, what_is_missing_is_told_without_a_call)
{
    oauth_provider provider;
    profile.create(
        {"--template",
         "bitbucket-client-credentials",
         "--name",
         "cloud",
         "--client-id",
         "k",
         "--token-url",
         provider.token_url()}
    );
    auto const checked = profile.run({"check-link", "cloud"});
    EXPECT_EQ(checked.code, 2);
    EXPECT_TRUE(contains(checked.out, "fault    fields      missing: client_secret; linkspan set-creds cloud")
    ) << checked.out;
    EXPECT_EQ(provider.calls(provider_call::client_credentials), 0U);
    profile.create({"--template", "bitbucket-webhook", "--name", "hook"});
    auto const hook = profile.run({"check-link", "hook"});
    EXPECT_EQ(hook.code, 0);
    EXPECT_TRUE(contains(hook.out, "warning  webhook     takes nothing until webhook_secret is set"))
        << hook.out;
    EXPECT_EQ(profile.run({"check-link", "nowhere"}).code, 3);
}

TEST_F(link_service, a_lost_key_is_told)
{
    slack_simulator slack;
    slack_of(slack);
    std::filesystem::remove(profile.master_key());
    auto const checked = profile.run({"check-link", "slack"});
    EXPECT_EQ(checked.code, 3);
    EXPECT_TRUE(contains(checked.out, "fault    fields      the master key")) << checked.out;
    EXPECT_FALSE(contains(checked.out, "ok       master key")) << checked.out;
}

// --- refresh-link
// ---------------------------------------------------------------------------------------------

TEST_F(link_service, a_token_is_refreshed_whatever_its_age)
{
    oauth_provider provider;
    consumer_of(provider);
    auto const first = profile.run({"refresh-link", "cloud"});
    EXPECT_EQ(first.code, 0) << first.err;
    EXPECT_TRUE(contains(first.out, "Link cloud has a new token; it ends in 1 h 59 min")) << first.out;
    auto const before = profile.run({"get-creds", "cloud", "access_token", "--reveal"}).out;
    auto const again = profile.json({"refresh-link", "cloud"});
    EXPECT_TRUE(again.at("expires_at").is_string());
    EXPECT_NE(profile.run({"get-creds", "cloud", "access_token", "--reveal"}).out, before);
    EXPECT_EQ(provider.calls(provider_call::client_credentials), 2U);
    auto const uses = profile.json({"audit", "cloud"}).at("uses").as_array();
    auto const refreshes =
        std::ranges::find_if(uses, [](auto const& use) { return use.at("action").as_string() == "refresh"; });
    ASSERT_NE(refreshes, uses.end());
    EXPECT_EQ(refreshes->at("count").as_int64(), 2);
    EXPECT_FALSE(refreshes->at("failed").as_bool());
}

TEST_F(link_service, a_refresh_that_fails_says_the_services_words)
{
    oauth_provider provider;
    consumer_of(provider);
    provider.script(
        provider_call::client_credentials,
        {provider_fault::error(401, "invalid_client", "Ada closed this consumer")}
    );
    auto const failed = profile.run({"refresh-link", "cloud"});
    EXPECT_NE(failed.code, 0);
    EXPECT_TRUE(contains(failed.err, "Ada closed this consumer")) << failed.err;
    EXPECT_EQ(failed.out, "");
    auto const last = profile.json({"audit", "cloud", "--limit", "1"}).at("uses").at(0);
    EXPECT_TRUE(last.at("failed").as_bool());
    profile.create({"--template", "console", "--name", "here"});
    auto const none = profile.run({"refresh-link", "here"});
    EXPECT_EQ(none.code, 2);
    EXPECT_TRUE(contains(none.err, "has no token that could be refreshed")) << none.err;
    EXPECT_EQ(profile.run({"update-link", "cloud", "--name", "other"}).code, 0);
    auto const id = app_of(provider);
    auto const nobody = profile.run({"refresh-link", id});
    EXPECT_EQ(nobody.code, 5);
    EXPECT_TRUE(contains(nobody.err, "linkspan start-oauth")) << nobody.err;
}

// --- list-links
// ----------------------------------------------------------------------------------------------

TEST_F(link_service, a_refresh_token_that_nobody_uses_is_told_before_it_ends)
{
    oauth_provider const provider(provider_settings::cloud());
    auto const id = app_of(provider);
    profile.put_tokens(id, "access-0001", "refresh-0001", seconds(7200));
    EXPECT_FALSE(contains(profile.run({"list-links"}).out, "refresh token ends"));
    EXPECT_TRUE(profile.link("cloud").at("refresh_ends_at").is_string());
    token_set idle;
    idle.access_token = secret("access-0002");
    idle.refresh_token = secret("refresh-0002");
    idle.obtained_at = system_now() - seconds(80L * 24 * 3600);
    idle.expires_at = idle.obtained_at + seconds(7200);
    profile.change([&](transaction& tx, vault const& keys)
                   { put_consent(tx, keys, link_id(id), idle).value(); });
    auto const listed = profile.run({"list-links"});
    EXPECT_TRUE(contains(listed.out, "link cloud was not refreshed for 80 days")) << listed.out;
    EXPECT_TRUE(contains(listed.out, "linkspan refresh-link cloud")) << listed.out;
    EXPECT_TRUE(contains(profile.run({"get-link", "cloud"}).out, "unused, it ends ")) << listed.out;
}

}  // namespace
}  // namespace linkspan::test
