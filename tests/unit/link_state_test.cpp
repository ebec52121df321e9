#include "cmd/linkspan/link_state.hpp"

#include "cmd/linkspan/credential_commands.hpp"
#include "links/registry.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using std::chrono::hours;
using std::chrono::minutes;

auto const looked_at = from_milliseconds(1'795'167'000'000);

link_row row_of(std::string kind, std::vector<std::string> fields = {})
{
    link_row row;
    row.id = link_id("k3v5wq7nyb2dlq4e");
    row.name = "one";
    row.template_name = std::move(kind);
    row.field_names = std::move(fields);
    return row;
}

std::string state_text(link_row const& row, grant const& of = {})
{
    return text_of(state_of(row, find_template(row.template_name), of, looked_at));
}

TEST(link_state, follows_from_fields_and_grant)
{
    EXPECT_EQ(state_text(row_of("slack-bot-token")), "missing: bot_token");
    EXPECT_EQ(state_text(row_of("slack-bot-token", {"bot_token"})), "ready");
    EXPECT_EQ(state_text(row_of("console")), "ready");
    EXPECT_EQ(state_text(row_of("no-such-template")), "unknown template");
    EXPECT_EQ(state_text(row_of("bitbucket-webhook")), "takes nothing until webhook_secret is set");
    EXPECT_EQ(state_text(row_of("bitbucket-webhook", {"webhook_secret"})), "ready");
    auto open = row_of("bitbucket-webhook");
    open.allow_unsigned = true;
    EXPECT_EQ(state_text(open), "ready");
    EXPECT_EQ(state_text(row_of("bitbucket-dc-webhook", {"basic_password", "basic_user"})), "ready");
}

TEST(link_state, of_an_oauth_link_says_what_a_person_has_to_do)
{
    auto const row = row_of("bitbucket-app-oauth", {"client_id", "client_secret"});
    EXPECT_EQ(state_text(row), "not authorized yet: linkspan start-oauth one");
    grant of;
    of.state = grant_state::authorized;
    of.generation = 1;
    EXPECT_EQ(state_text(row, of), "authorized");
    of.failures = 1;
    of.last_failure = "status 503";
    EXPECT_EQ(state_text(row, of), "authorized: the last refresh failed: status 503");
    of.state = grant_state::needs_reauth;
    of.reason = "revoked";
    EXPECT_EQ(state_text(row, of), "needs_reauth: revoked");
    EXPECT_TRUE(state_of(row, find_template(row.template_name), of, looked_at).needs_person());
    EXPECT_EQ(state_text(row_of("bitbucket-app-oauth", {"client_id"}), of), "missing: client_secret");
    EXPECT_EQ(state_text(row_of("bitbucket-client-credentials", {"client_id", "client_secret"})), "ready")
        << "it gets its token by itself";
}

TEST(link_state, a_token_that_has_ended_for_good_is_not_called_authorized)
{
    auto const row = row_of("bitbucket-app-oauth", {"client_id", "client_secret"});
    auto const& kind = *find_template(row.template_name);
    grant of;
    of.state = grant_state::authorized;
    of.generation = 1;
    of.obtained_at = looked_at - hours(3);
    of.expires_at = looked_at - hours(1);
    EXPECT_EQ(
        state_text(row, of), "needs_reauth: its token has ended, and the service gave no refresh token"
    );
    EXPECT_EQ(remedy_of(grant_fault::ended, kind, "one"), "linkspan start-oauth one");
    of.has_refresh_token = true;
    EXPECT_EQ(state_text(row, of), "authorized") << "whoever needs it gets the next one";
    of.failures = 7;
    of.last_failure = "invalid_client";
    of.reason = "invalid_client";
    EXPECT_EQ(
        state_text(row, of), "needs_reauth: the service refuses the link's client or settings: invalid_client"
    );
    EXPECT_EQ(remedy_of(grant_fault::misused, kind, "one"), "linkspan update-link one");
    auto const& robot = *find_template("bitbucket-client-credentials");
    EXPECT_EQ(remedy_of(grant_fault::misused, robot, "one"), "linkspan set-creds one");
}

TEST(link_state, times_are_told_as_people_tell_them)
{
    auto const told = [&](auto distance) { return relative_time(looked_at + distance, looked_at); };
    EXPECT_EQ(told(milliseconds(999)), "now");
    EXPECT_EQ(told(seconds(1)), "in 1 s");
    EXPECT_EQ(told(seconds(59)), "in 59 s");
    EXPECT_EQ(told(minutes(1)), "in 1 min");
    EXPECT_EQ(told(minutes(100)), "in 1 h 40 min");
    EXPECT_EQ(told(hours(2)), "in 2 h");
    EXPECT_EQ(told(hours(24)), "in 1 day");
    EXPECT_EQ(told(hours(47)), "in 1 day");
    EXPECT_EQ(told(hours(48)), "in 2 days");
    EXPECT_EQ(told(-minutes(3)), "3 min ago");
    EXPECT_EQ(told(-hours(24 * 400)), "400 days ago");
}

TEST(link_state, of_a_secret_only_the_ends_of_a_long_one_are_shown)
{
    EXPECT_EQ(masked(""), "********");
    EXPECT_EQ(masked("short"), "********");
    EXPECT_EQ(masked(std::string(23, 'x')), "********");
    EXPECT_EQ(masked("xoxb-0123456789-abcdefgh"), "xoxb********efgh");
    EXPECT_EQ(masked("xoxb-" + std::string(500, '1') + "efgh"), "xoxb********efgh") << "not how long it is";
    EXPECT_EQ(masked("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"), "********");
    EXPECT_EQ(masked("p\xc3\xa4ssword p\xc3\xa4ssword p\xc3\xa4ssword"), "********");
}

}  // namespace
}  // namespace linkspan
