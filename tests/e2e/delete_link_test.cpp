#include "tests/support/link_fixture.hpp"

// delete-link against services that behave as the real ones: what ends there, and what is told.

namespace linkspan::test
{
namespace
{

TEST_F(link_service, a_deleted_link_is_revoked_at_its_service)
{
    webhook_recorder service({200});
    generic_with(service.url() + "/revoke");
    auto const deleted = profile.run({"delete-link", "any", "--yes"});
    EXPECT_EQ(deleted.code, 0) << deleted.err;
    EXPECT_TRUE(contains(deleted.out, "its tokens are revoked at the service")) << deleted.out;
    auto const asked = service.requests();
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked[0].target, "/revoke");
    EXPECT_TRUE(contains(asked[0].body, "token=refresh-0001")) << asked[0].body;
    EXPECT_TRUE(contains(asked[1].body, "token=access-0001")) << asked[1].body;
    EXPECT_EQ(profile.run({"get-link", "any"}).code, 3);
}

TEST_F(link_service, tokens_that_are_in_use_no_more_are_revoked_too)
{
    webhook_recorder service({200});
    link_id const id(generic_with(service.url() + "/revoke"));
    profile.change([&](transaction& tx, vault const&)
                   { ASSERT_TRUE(mark_needs_reauth(tx, id, 1, "the service refuses it")); });
    auto const deleted = profile.run({"delete-link", "any", "--yes"});
    EXPECT_EQ(deleted.code, 0) << deleted.err;
    EXPECT_TRUE(contains(deleted.out, "its tokens are revoked at the service")) << deleted.out << deleted.err;
    auto const asked = service.requests();
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_TRUE(contains(asked[0].body, "token=refresh-0001")) << asked[0].body;
}

TEST_F(link_service, services_with_a_call_of_their_own_are_asked_by_it)
{
    webhook_recorder slack({200}, R"({"ok":true,"revoked":true})");
    auto const bot = profile.create(
        {"--template",
         "slack-oauth",
         "--client-id=1.2",
         "--client-secret=-",
         "--kv=api_url=" + slack.url() + "/api/"},
        "0a1b2c3d4e"
    );
    profile.put_tokens(bot, "xoxe.xoxb-1-a", "xoxe-1-r", seconds(7200));
    EXPECT_TRUE(profile.json({"delete-link", bot, "--yes"}).at("revoked").as_bool());
    ASSERT_EQ(slack.requests().size(), 1U);
    EXPECT_EQ(slack.requests()[0].target, "/api/auth.revoke");
    EXPECT_EQ(find_header(slack.requests()[0].headers, "Authorization"), "Bearer xoxe.xoxb-1-a");

    webhook_recorder github({204});
    auto const person = profile.create(
        {"--template",
         "github-app-user",
         "--client-id=Iv23",
         "--client-secret=-",
         "--kv=api_url=" + github.url()},
        "0a1b2c3d4e"
    );
    profile.put_tokens(person, "ghu_canary", "ghr_canary", seconds(7200));
    EXPECT_TRUE(profile.json({"delete-link", person, "--yes"}).at("revoked").as_bool());
    ASSERT_EQ(github.requests().size(), 1U);
    EXPECT_EQ(github.requests()[0].method, "DELETE");
    EXPECT_EQ(github.requests()[0].target, "/applications/Iv23/grant");
    // base64 of Iv23:0a1b2c3d4e
    EXPECT_EQ(find_header(github.requests()[0].headers, "Authorization"), "Basic SXYyMzowYTFiMmMzZDRl");
    EXPECT_EQ(github.requests()[0].body, R"({"access_token":"ghu_canary"})");
}

TEST_F(link_service, a_key_outlives_the_token_that_it_got)
{
    webhook_recorder github({204});
    auto const app = profile.create(
        {"--template",
         "github-app-jwt",
         "--kv=client_id=Iv23",
         "--kv=private_key=-",
         "--kv=app_slug=linkspan",
         "--kv=api_url=" + github.url()},
        rsa_key(key_form::pkcs8)
    );
    profile.put_tokens(app, "ghs_canary", "", seconds(3600));
    auto const deleted = profile.run({"delete-link", app, "--yes"});
    EXPECT_TRUE(contains(deleted.out, "its tokens are revoked at the service")) << deleted.out << deleted.err;
    EXPECT_TRUE(contains(deleted.err, "End it at the service: https://github.com/")) << deleted.err;
    ASSERT_EQ(github.requests().size(), 1U);
    EXPECT_EQ(github.requests()[0].method + github.requests()[0].target, "DELETE/installation/token");
    EXPECT_EQ(find_header(github.requests()[0].headers, "Authorization"), "Bearer ghs_canary");
}

TEST_F(link_service, a_refusal_to_revoke_is_told_in_the_words_of_the_service)
{
    webhook_recorder slack({200}, R"({"ok":false,"error":"token_expired"})");
    auto const bot = profile.create(
        {"--template",
         "slack-oauth",
         "--client-id=1.2",
         "--client-secret=-",
         "--kv=api_url=" + slack.url() + "/api/"},
        "0a1b2c3d4e"
    );
    profile.put_tokens(bot, "xoxe.xoxb-1-a", "xoxe-1-r", seconds(7200));
    auto const deleted = profile.run({"delete-link", bot, "--yes"});
    EXPECT_EQ(deleted.code, 0);
    EXPECT_TRUE(contains(deleted.err, "token_expired")) << deleted.err;
    EXPECT_FALSE(contains(deleted.err, "xoxe.xoxb-1-a"));
}

TEST_F(link_service, a_revocation_that_fails_is_told_and_does_not_keep_the_link)
{
    webhook_recorder service({503});
    generic_with(service.url() + "/revoke");
    auto const deleted = profile.run({"delete-link", "any", "--yes"});
    EXPECT_EQ(deleted.code, 0);
    EXPECT_TRUE(contains(deleted.err, "warning: the credential was not ended at the service: "))
        << deleted.err;
    EXPECT_FALSE(contains(deleted.out + deleted.err, "refresh-0001"));
    EXPECT_EQ(profile.run({"get-link", "any"}).code, 3);
    generic_with(service.url() + "/revoke");
    auto const asked = service.requests().size();
    auto const document = profile.json({"delete-link", "any", "--yes", "--no-revoke"});
    EXPECT_FALSE(document.at("revoked").as_bool());
    EXPECT_EQ(service.requests().size(), asked) << "nobody was called";
}

TEST_F(link_service, where_nothing_can_be_revoked_the_page_is_told)
{
    auto const id = profile.create(
        {"--template",
         "bitbucket-dc-token",
         "--name",
         "dc",
         "--kv",
         "token=-",
         "--kv",
         "base_url=https://bitbucket.acme.example/"},
        "MDM0MjM5NDc2MDxxxxxxxxxxxxxxxxxxxxx"
    );
    auto const deleted = profile.run({"delete-link", "dc", "--yes"});
    EXPECT_EQ(deleted.code, 0) << deleted.err;
    EXPECT_TRUE(contains(
        deleted.err,
        "End it at the service: https://bitbucket.acme.example/plugins/servlet/access-tokens/manage"
    )) << deleted.err;
    EXPECT_EQ(profile.run({"delete-link", id, "--yes"}).code, 3);
    oauth_provider const provider(provider_settings::cloud());
    EXPECT_EQ(profile.run({"delete-link", app_of(provider), "--yes"}).err, "") << "nobody has signed in";
    EXPECT_EQ(profile.run({"delete-link", id, "--yes", "--allow-missing"}).code, 0);
    EXPECT_TRUE(profile.json({"delete-link", id, "--yes", "--allow-missing"}).at("deleted").is_null());
    command_profile empty;
    EXPECT_EQ(empty.run({"delete-link", id, "--yes", "--allow-missing"}).code, 0);
}

TEST_F(link_service, a_link_whose_key_is_lost_can_be_deleted)
{
    slack_simulator slack;
    slack_of(slack);
    std::filesystem::remove(profile.master_key());
    auto const deleted = profile.run({"delete-link", "slack", "--yes"});
    EXPECT_EQ(deleted.code, 0) << deleted.err;
    EXPECT_TRUE(contains(deleted.err, "the credential was not ended at the service: ")) << deleted.err;
}

}  // namespace
}  // namespace linkspan::test
