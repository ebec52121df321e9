#include "links/net/base64.hpp"
#include "links/net/hmac.hpp"
#include "store/grants.hpp"
#include "store/uses.hpp"
#include "tests/support/command_profile.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>

#include <algorithm>

// get-creds, unset-creds, set-creds, update-link and audit, by the real program.

namespace linkspan::test
{
namespace
{

constexpr std::string_view canary = "canary-4f9c1d7e";
constexpr char bot_token[] = "xoxb-canary-4f9c1d7e-0123456789";

class credential_command : public testing::Test
{
protected:
    std::string slack()
    {
        return profile.create(
            {"--template", "slack-bot-token", "--name", "slack", "--kv", "bot_token=-"}, bot_token
        );
    }

    std::string oauth(std::vector<std::string> more = {})
    {
        std::vector<std::string> all{
            "--template",
            "bitbucket-app-oauth",
            "--name",
            "cloud",
            "--client-id",
            "key",
            "--client-secret=-"};
        all.insert(all.end(), more.begin(), more.end());
        return profile.create(all, "canary-4f9c1d7e-client-secret");
    }

    command_profile profile;
};

// --- get-creds
// ------------------------------------------------------------------------------------------------

TEST_F(credential_command, secrets_are_masked_until_they_are_revealed)
{
    slack();
    auto const masked = profile.run({"get-creds", "slack"});
    EXPECT_EQ(masked.code, 0) << masked.err;
    EXPECT_TRUE(contains(masked.out, "bot_token  xoxb********6789")) << masked.out;
    EXPECT_FALSE(contains(masked.out + masked.err, canary));
    EXPECT_TRUE(contains(masked.err, "--reveal shows them")) << masked.err;
    auto const one = profile.run({"get-creds", "slack", "bot_token"});
    EXPECT_EQ(one.out, "xoxb********6789\n");
    auto const revealed = profile.run({"get-creds", "slack", "bot_token", "--reveal"});
    EXPECT_EQ(revealed.out, std::string(bot_token) + "\n") << "bare, for scripts";
    EXPECT_EQ(revealed.err, "") << "nobody sits at a terminal";
    auto const all = profile.json({"get-creds", "slack"});
    EXPECT_EQ(all.at("id"), profile.json({"get-link", "slack"}).at("id")) << "as every command calls it";
    auto const document = all.at("fields").at("bot_token");
    EXPECT_TRUE(document.at("masked").as_bool());
    EXPECT_EQ(document.at("value").as_string(), "xoxb********6789");
    EXPECT_EQ(
        profile.json({"get-creds", "slack", "--reveal"}).at("fields").at("bot_token").at("value").as_string(),
        bot_token
    );
    EXPECT_EQ(
        profile.uses("slack"),
        (std::vector<std::string>{"reveal get-creds", "show get-creds", "create create-link"})
    );
}

TEST_F(credential_command, a_person_is_warned_before_secrets_are_shown)
{
    slack();
    auto const revealed = profile.run_on_terminal({"get-creds", "slack", "--reveal"}, {});
    EXPECT_EQ(revealed.code, 0);
    EXPECT_TRUE(contains(revealed.err, "mind who looks at this screen")) << revealed.err;
    EXPECT_TRUE(contains(revealed.out, bot_token)) << revealed.out;
}

TEST_F(credential_command, what_is_not_set_is_not_shown)
{
    slack();
    auto const none = profile.run({"get-creds", "slack", "api_url"});
    EXPECT_EQ(none.code, 3);
    EXPECT_TRUE(contains(none.err, "api_url of link slack is not set")) << none.err;
    auto const near = profile.run({"get-creds", "slack", "bot_tokn"});
    EXPECT_EQ(near.code, 2);
    EXPECT_TRUE(contains(near.err, "did you mean \"bot_token\"?")) << near.err;
    profile.create({"--template", "console", "--name", "here"});
    EXPECT_EQ(profile.run({"get-creds", "here"}).code, 0) << "a link without fields needs no key";
    EXPECT_EQ(profile.run({"get-creds", "nowhere"}).code, 3);
}

TEST_F(credential_command, tokens_stand_among_the_credentials)
{
    auto const id = oauth();
    profile.put_tokens(id, "access-canary-4f9c1d7e-0001", "refresh-canary-4f9c1d7e-0001", seconds(7200));
    auto const fields = profile.json({"get-creds", "cloud", "--reveal"}).at("fields");
    EXPECT_EQ(fields.at("access_token").at("value").as_string(), "access-canary-4f9c1d7e-0001");
    EXPECT_EQ(fields.at("refresh_token").at("value").as_string(), "refresh-canary-4f9c1d7e-0001");
    EXPECT_EQ(fields.at("token_type").at("value").as_string(), "Bearer");
    EXPECT_TRUE(parse_time(std::string(fields.at("expiry").at("value").as_string())));
    EXPECT_EQ(
        profile.run({"get-creds", "cloud", "access_token", "--reveal"}).out, "access-canary-4f9c1d7e-0001\n"
    );
    auto const masked = profile.run({"get-creds", "cloud"});
    EXPECT_FALSE(contains(masked.out, canary)) << masked.out;
    EXPECT_TRUE(contains(masked.out, "acce********0001")) << masked.out;
}

// --- unset-creds
// ----------------------------------------------------------------------------------------------

TEST_F(credential_command, fields_are_unset)
{
    oauth({"--kv", "webhook_secret=w", "--scopes", "account,webhook", "--scopes", "pullrequest"});
    auto const fields = profile.link("cloud").at("fields");
    EXPECT_EQ(fields.at("scopes").at("value").as_string(), "account webhook pullrequest");
    auto const unset = profile.run({"unset-creds", "cloud", "webhook_secret", "scopes"});
    EXPECT_EQ(unset.code, 0) << unset.err;
    EXPECT_EQ(unset.out, "Unset webhook_secret, scopes of link cloud\n");
    EXPECT_EQ(unset.err, "");
    EXPECT_FALSE(profile.link("cloud").at("fields").at("webhook_secret").at("set").as_bool());
    auto const again = profile.run({"unset-creds", "cloud", "webhook_secret"});
    EXPECT_EQ(again.code, 3);
    EXPECT_TRUE(contains(again.err, "nothing of that is set")) << again.err;
    auto const half = profile.json({"unset-creds", "cloud", "client_secret", "scopes"});
    EXPECT_EQ(half.at("fields_unset").as_array().size(), 1U);
    EXPECT_EQ(profile.link("cloud").at("state").as_string(), "missing");
    EXPECT_EQ(profile.uses("cloud").front(), "unset unset-creds");
}

TEST_F(credential_command, what_is_required_is_unset_with_a_warning)
{
    slack();
    auto const unset = profile.run({"unset-creds", "slack", "bot_token"});
    EXPECT_EQ(unset.code, 0);
    EXPECT_TRUE(contains(unset.err, "warning: link slack has no bot_token yet; linkspan set-creds slack"))
        << unset.err;
}

TEST_F(credential_command, what_cannot_be_unset_is_refused)
{
    oauth();
    profile.create(
        {"--template",
         "bitbucket-dc-webhook",
         "--name",
         "dc",
         "--kv",
         "basic_user=bot",
         "--kv",
         "basic_password=-"},
        "p"
    );
    struct
    {
        std::vector<std::string> arguments;
        int code;
        std::string says;
    } const cases[] = {
        {{"cloud"}, 2, "say which field to unset, or --tokens"},
        {{"cloud", "client_secrt"}, 2, "did you mean \"client_secret\"?"},
        {{"cloud", "access_token"}, 2, "--tokens forgets the tokens"},
        {{"cloud", "--tokens"}, 3, "nothing of that is set"},
        {{"dc", "basic_user"}, 2, "basic_user is missing"},
        {{"nowhere", "x"}, 3, "there is no link nowhere"},
    };
    for (auto const& one : cases)
    {
        auto arguments = one.arguments;
        arguments.insert(arguments.begin(), "unset-creds");
        auto const refused = profile.run(arguments);
        EXPECT_EQ(refused.code, one.code) << one.says << refused.err;
        EXPECT_TRUE(contains(refused.err, one.says)) << refused.err;
    }
    EXPECT_TRUE(profile.link("dc").at("fields").at("basic_user").at("set").as_bool());
}

TEST_F(credential_command, a_lost_key_does_not_keep_a_link_from_being_cleared)
{
    slack();
    std::filesystem::remove(profile.master_key());
    EXPECT_EQ(profile.run({"unset-creds", "slack", "bot_token"}).code, 0);
}

TEST_F(credential_command, tokens_are_forgotten)
{
    auto const id = oauth();
    profile.put_tokens(id, "a", "r", seconds(7200));
    EXPECT_EQ(profile.link("cloud").at("state").as_string(), "authorized");
    auto const forgotten = profile.run({"unset-creds", "cloud", "--tokens"});
    EXPECT_EQ(forgotten.code, 0) << forgotten.err;
    EXPECT_TRUE(contains(forgotten.out, "linkspan start-oauth cloud gets new ones")) << forgotten.out;
    EXPECT_EQ(profile.link("cloud").at("state").as_string(), "unauthorized");
    EXPECT_TRUE(profile.link("cloud").at("fields").at("client_secret").at("set").as_bool());
}

// --- set-creds and update-link
// --------------------------------------------------------------------------------

TEST_F(credential_command, set_creds_keeps_tokens)
{
    auto const id = oauth();
    profile.put_tokens(id, "a", "r", seconds(7200));
    EXPECT_EQ(profile.run({"set-creds", "cloud", "--kv", "webhook_secret=-"}, "w").code, 0);
    EXPECT_EQ(profile.link("cloud").at("state").as_string(), "authorized");
    EXPECT_EQ(profile.run({"get-creds", "cloud", "access_token", "--reveal"}).out, "a\n");
    EXPECT_EQ(profile.uses("cloud").at(1), "set set-creds");
}

TEST_F(credential_command, tokens_are_not_pasted)
{
    oauth();
    for (auto const* field : {"access_token=x", "refresh_token=x", "expiry=x"})
    {
        auto const refused = profile.run({"set-creds", "cloud", "--kv", field});
        EXPECT_EQ(refused.code, 2);
        EXPECT_TRUE(contains(refused.err, "linkspan start-oauth gets it from the service")) << refused.err;
    }
}

TEST_F(credential_command, a_link_is_renamed)
{
    auto const id = slack();
    auto const renamed = profile.run({"update-link", "slack", "--name", "team-chat"});
    EXPECT_EQ(renamed.out, "Link slack is now named team-chat\n") << renamed.err;
    EXPECT_EQ(profile.link("team-chat").at("id").as_string(), id);
    EXPECT_EQ(profile.run({"get-link", "slack"}).code, 3);
    EXPECT_EQ(profile.run({"update-link", "team-chat", "--name", "a b"}).code, 2);
    profile.create({"--template", "console", "--name", "here"});
    EXPECT_EQ(profile.run({"update-link", "team-chat", "--name", "here"}).code, 4);
    EXPECT_EQ(profile.run({"update-link", "team-chat"}).code, 2);
    EXPECT_EQ(profile.run({"update-link", "team-chat", "--name", ""}).code, 0);
    EXPECT_TRUE(profile.link(id).at("name").is_null());
}

TEST_F(credential_command, a_change_of_the_consumer_says_what_its_tokens_need)
{
    auto const id = oauth();
    EXPECT_EQ(profile.run({"update-link", "cloud", "--client-id", "other"}).err, "")
        << "there are no tokens yet";
    profile.put_tokens(id, "a", "r", seconds(7200));
    auto const other = profile.run({"update-link", "cloud", "--client-id", "third"});
    EXPECT_EQ(other.code, 0);
    EXPECT_TRUE(
        contains(other.err, "were given to another consumer; sign in again: linkspan start-oauth cloud")
    ) << other.err;
    auto const scopes = profile.run({"update-link", "cloud", "--scopes", "account,webhook"});
    EXPECT_TRUE(contains(scopes.err, "keeps the scopes that it has")) << scopes.err;
    auto const secret_alone = profile.run({"update-link", "cloud", "--client-secret=-"}, "new");
    EXPECT_EQ(secret_alone.code, 0);
    EXPECT_EQ(secret_alone.err, "") << "refresh tokens go on working";
    EXPECT_TRUE(
        profile.json({"update-link", "cloud", "--client-secret", "x"}).at("tokens_stay_valid").as_bool()
    );
    auto const wrong = profile.run({"update-link", "cloud", "--token-url", "http://acme.example/token"});
    EXPECT_EQ(wrong.code, 2) << "plain http leaves this machine";
}

TEST_F(credential_command, a_new_consumer_ends_the_back_off)
{
    auto const id = oauth();
    profile.put_tokens(id, "a", "r", seconds(7200));
    auto const retry = [&]
    {
        std::optional<time_point> at;
        profile.change([&](transaction& tx, vault const&)
                       { at = find_grant(tx, link_id(id)).value().retry_at; });
        return at;
    };
    profile.change(
        [&](transaction& tx, vault const& keys)
        {
            auto const turn = begin_refresh(tx, keys, link_id(id), "lease", true, 0).value();
            token_answer away(token_fate::unavailable, "status 503");
            end_refresh(tx, keys, link_id(id), turn, away, tx.now() + std::chrono::hours(1)).value();
        }
    );
    ASSERT_TRUE(retry());
    EXPECT_EQ(profile.run({"update-link", "cloud", "--client-secret=-"}, "new").code, 0);
    EXPECT_FALSE(retry());
}

// --- audit and get-meta
// ------------------------------------------------------------------------------------

TEST_F(credential_command, the_audit_outlives_the_link)
{
    auto const id = slack();
    EXPECT_EQ(profile.run({"delete-link", "slack", "--yes"}).code, 0);
    EXPECT_EQ(profile.uses("slack"), (std::vector<std::string>{"delete delete-link", "create create-link"}));
    EXPECT_EQ(profile.uses(id).size(), 2U);
    auto const shown = profile.run({"audit"});
    EXPECT_TRUE(contains(shown.out, "create-link by ")) << shown.out;
    EXPECT_FALSE(contains(shown.out, canary));
    auto const none = profile.run({"audit", "slak"});
    EXPECT_EQ(none.code, 3);
    EXPECT_EQ(profile.json({"audit", "--limit", "1"}).at("uses").as_array().size(), 1U);
    EXPECT_EQ(profile.json({"audit", "--since", "1h"}).at("uses").as_array().size(), 2U);
    EXPECT_EQ(profile.json({"audit", "--since", "2999-01-01"}).at("uses").as_array().size(), 0U);
    EXPECT_EQ(profile.json({"audit", "--since", "2026-01-01T00:00:00Z"}).at("uses").as_array().size(), 2U);
    for (auto const* wrong : {"yesterday", "3", "-1d", "99999999d", "1w"})
    {
        auto const refused = profile.run({"audit", std::string("--since=") + wrong});
        EXPECT_EQ(refused.code, 2) << wrong;
        EXPECT_TRUE(contains(refused.err, "--since takes")) << refused.err;
    }
}

TEST_F(credential_command, the_audit_names_links_and_has_their_ids_in_json)
{
    auto const id = slack();
    profile.change(
        [&](transaction& tx, vault const&)
        {
            link_use use;
            use.link = link_id(id);
            use.label = id;  // as of a link that had no name yet
            use.actor = "serve";
            use.action = "send";
            use.detail = std::string(60, 'd') + " end";
            record_use(tx, use).value();
        }
    );
    auto const shown = profile.run({"audit"}).out;
    EXPECT_FALSE(contains(shown, id)) << shown;
    EXPECT_TRUE(contains(shown, "  slack  serve")) << shown;
    EXPECT_TRUE(contains(shown, "d end\n")) << shown;
    auto const uses = profile.json({"audit"}).at("uses").as_array();
    for (auto const& use : uses)
    {
        EXPECT_EQ(use.at("link").as_string(), id);
        EXPECT_EQ(use.at("name").as_string(), "slack");
    }
}

TEST_F(credential_command, the_audit_says_when_there_is_nothing)
{
    EXPECT_EQ(profile.run({"audit"}).err, "Nothing was used yet.\n");
    slack();
    EXPECT_EQ(profile.run({"audit", "--since", "2999-01-01"}).err, "Nothing was used since then.\n");
}

// GitHub's own example: docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
TEST_F(credential_command, a_program_gets_the_secret_of_a_github_webhook_as_it_was_given)
{
    profile.create(
        {"--template", "github-webhook", "--name", "github", "--kv", "webhook_secret=-"},
        "It's a Secret to Everybody\n"
    );
    auto const asked = profile.run({"get-creds", "github", "webhook_secret", "--reveal"});
    ASSERT_EQ(asked.code, 0) << asked.err;
    ASSERT_TRUE(asked.out.ends_with('\n'));
    auto const signature = [](std::string const& key)
    {
        auto const bytes = hmac_sha256(secret(key), "Hello, World!");
        return encode_base64(std::string(bytes.begin(), bytes.end()));
    };
    constexpr char of_github[] = "dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=";
    EXPECT_EQ(signature(asked.out.substr(0, asked.out.size() - 1)), of_github);
    EXPECT_NE(signature(asked.out), of_github);
    EXPECT_EQ(profile.run({"get-creds", "github", "secret", "--reveal"}).code, 2) << "another field";
    EXPECT_EQ(profile.run({"get-creds", "gitlab", "webhook_secret", "--reveal"}).code, 3) << "another link";
    EXPECT_EQ(profile.run({"create-link", "--template", "github-webhook", "--allow-unsigned"}).code, 2)
        << "Linkspan takes no deliveries of GitHub's";
}

TEST_F(credential_command, facts_are_shown)
{
    auto const id = slack();
    auto const none = profile.run({"get-meta", "slack"});
    EXPECT_EQ(none.code, 0);
    EXPECT_TRUE(contains(none.err, "linkspan check-link asks its service")) << none.err;
    profile.change(
        [&](transaction& tx, vault const&) {
            put_facts(tx, link_id(id), {{"account", "linkspan-bot"}, {"team", "acme"}}).value();
        }
    );
    auto const shown = profile.run({"get-meta", "slack"});
    EXPECT_TRUE(contains(shown.out, "account  linkspan-bot")) << shown.out;
    EXPECT_EQ(profile.json({"get-meta", id}).at("facts").at("team").as_string(), "acme");
}

}  // namespace
}  // namespace linkspan::test
