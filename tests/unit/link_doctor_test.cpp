#include "cmd/linkspan/link_doctor.hpp"

#include "cmd/linkspan/granted_scopes.hpp"
#include "links/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace linkspan
{
namespace
{

using std::chrono::hours;

constexpr time_point examined_at = from_milliseconds(1'795'167'000'000);

// A link whose service answered at once, by the same clock.
link_evidence healthy(std::string const& kind, std::map<std::string, std::string> const& fields)
{
    link_evidence out;
    out.row.id = link_id("k3v5wq7nyb2dlq4e");
    out.row.name = "one";
    out.row.template_name = kind;
    out.kind = find_template(kind);
    for (auto const& [name, value] : fields)
    {
        out.row.field_names.push_back(name);
        out.fields.emplace(name, secret(value));
    }
    out.key = sealing_key{"0123", "key file /home/ada/master.key"};
    out.identity.emplace();
    out.identity->account = "Ada Example (ada)";
    out.identity->credential = "a token";
    out.identity->service_time = examined_at - milliseconds(500);
    out.heard_at = examined_at;
    return out;
}

link_evidence oauth_evidence()
{
    auto out = healthy(
        "bitbucket-app-oauth", {{"client_id", "key"}, {"client_secret", "s"}, {"webhook_secret", "w"}}
    );
    out.grant.state = grant_state::authorized;
    out.grant.generation = 1;
    out.grant.has_refresh_token = true;
    out.grant.obtained_at = examined_at - hours(1);
    out.grant.expires_at = examined_at + hours(1);
    out.identity->scopes = "account pullrequest repository team webhook pipeline";
    return out;
}

link_evidence token()
{
    return healthy("bitbucket-user-token", {{"email", "ada@acme.example"}, {"api_token", "ATATT3xFfGF0"}});
}

// The line about a subject, the worst one first.
diagnosis about(link_evidence const& of, std::string_view subject)
{
    auto lines = diagnose(of, examined_at);
    std::ranges::stable_sort(lines, std::ranges::greater(), &diagnosis::kind);
    for (auto& line : lines)
        if (line.subject == subject)
            return line;
    return {diagnosis_kind::ok, "none", "no line about it"};
}

bool is_all_well(link_evidence const& of)
{
    return std::ranges::all_of(
        diagnose(of, examined_at), [](auto const& line) { return line.kind == diagnosis_kind::ok; }
    );
}

TEST(link_doctor, finds_nothing_where_nothing_is_wrong)
{
    EXPECT_TRUE(is_all_well(token()));
    auto const who = about(token(), "account");
    EXPECT_EQ(who.message, "acts as Ada Example (ada)");
    EXPECT_EQ(about(token(), "credential").message, "a token");
    EXPECT_EQ(about(token(), "master key").message, "lives in key file /home/ada/master.key");
    EXPECT_EQ(about(oauth_evidence(), "grant").kind, diagnosis_kind::ok);
    EXPECT_NE(about(oauth_evidence(), "grant").message.find("in 1 h"), std::string::npos);
}

TEST(link_doctor, names_fields_that_are_missing_wrong_or_closed)
{
    auto missing = token();
    missing.row.field_names = {"email"};
    EXPECT_EQ(about(missing, "fields").kind, diagnosis_kind::fault);
    EXPECT_EQ(about(missing, "fields").message, "missing: api_token");
    EXPECT_EQ(about(missing, "fields").code, errc::invalid);
    auto wrong = token();
    wrong.fields.insert_or_assign("api_token", secret("two words"));
    EXPECT_EQ(about(wrong, "fields").kind, diagnosis_kind::fault);
    EXPECT_EQ(about(wrong, "fields").message.find("two words"), std::string::npos);
    auto closed = token();
    closed.fields_failure = error(errc::unauthorized, "field api_token does not open");
    EXPECT_EQ(about(closed, "fields").code, errc::unauthorized);
    EXPECT_NE(about(closed, "fields").advice.find("restore the master key"), std::string::npos);
}

TEST(link_doctor, says_what_a_webhook_takes)
{
    auto bare = healthy("bitbucket-webhook", {});
    bare.identity.reset();
    EXPECT_EQ(about(bare, "webhook").kind, diagnosis_kind::warning);
    EXPECT_EQ(about(bare, "service").message, "cannot be asked anything without a side effect: not tried");
    auto open = bare;
    open.row.allow_unsigned = true;
    EXPECT_EQ(about(open, "webhook").message, "takes deliveries without a signature");
    auto proven = healthy("bitbucket-webhook", {{"webhook_secret", "w"}});
    proven.public_url = "https://linkspan.acme.example";
    EXPECT_EQ(
        about(proven, "webhook").message,
        "signed deliveries are taken at https://linkspan.acme.example/webhook/k3v5wq7nyb2dlq4e"
    );
}

TEST(link_doctor, tells_what_a_grant_needs)
{
    auto nobody = oauth_evidence();
    nobody.grant = grant();
    nobody.identity.reset();
    EXPECT_EQ(about(nobody, "grant").message, "nobody has signed in yet");
    EXPECT_EQ(about(nobody, "grant").advice, "linkspan start-oauth one");
    EXPECT_EQ(about(nobody, "grant").code, errc::unauthorized);
    auto dead = oauth_evidence();
    dead.grant.state = grant_state::needs_reauth;
    dead.grant.reason = "invalid_grant: the token was revoked";
    EXPECT_EQ(about(dead, "grant").message, "needs_reauth: invalid_grant: the token was revoked");
    auto failing = oauth_evidence();
    failing.grant.failures = 3;
    failing.grant.last_failure = "status 503";
    failing.grant.retry_at = examined_at + hours(1);
    EXPECT_EQ(about(failing, "grant").kind, diagnosis_kind::warning);
    EXPECT_EQ(about(failing, "grant").message, "the last refresh failed, 3 in a row: status 503");
    EXPECT_EQ(about(failing, "grant").advice, "tried again in 1 h");
    auto refused = oauth_evidence();
    refused.token_failure = error(errc::unavailable, "the token endpoint is away");
    EXPECT_EQ(about(refused, "grant").code, errc::unavailable);
}

TEST(link_doctor, tells_a_refused_credential_from_a_service_that_is_away)
{
    auto refused = token();
    refused.identity.reset();
    refused.identity_failure = error(errc::unauthorized, "bitbucket says: token is invalid");
    EXPECT_EQ(about(refused, "credential").kind, diagnosis_kind::fault);
    EXPECT_NE(about(refused, "credential").advice.find("linkspan set-creds one"), std::string::npos);
    auto away = token();
    away.identity.reset();
    away.identity_failure = error(errc::unavailable, "no connection");
    EXPECT_EQ(about(away, "service").code, errc::unavailable);
    EXPECT_NE(about(away, "service").advice.find("linkspan get-link one"), std::string::npos);
    away.identity_failure = error(errc::rate_limited, "asks to wait");
    EXPECT_EQ(about(away, "service").advice, "it wants to be asked less: try again later");
    away.identity_failure = error(errc::not_found, "no such workspace");
    EXPECT_EQ(about(away, "service").advice, "look at the fields of the link: linkspan get-link one");
}

TEST(link_doctor, compares_scopes_for_each_feature)
{
    auto const lines = diagnose(oauth_evidence(), examined_at);
    std::vector<std::string> yes, no;
    for (auto const& line : lines)
        if (line.subject == "scopes")
            (line.kind == diagnosis_kind::ok ? yes : no).push_back(line.message);
    EXPECT_EQ(yes.size() + no.size(), find_template("bitbucket-app-oauth")->needs.size());
    ASSERT_EQ(no.size(), 1U);
    EXPECT_NE(no[0].find("pullrequest:write"), std::string::npos) << no[0];
    EXPECT_NE(no[0].find(": no, it needs "), std::string::npos) << no[0];
    EXPECT_EQ(about(oauth_evidence(), "scopes").advice.find("update-link"), std::string::npos)
        << "all of the consumer's";
    auto naming = oauth_evidence();
    naming.fields.emplace("scopes", secret("account pullrequest"));
    EXPECT_NE(about(naming, "scopes").advice.find("linkspan update-link one --scopes"), std::string::npos)
        << "else the consumer would be changed in vain";
    auto silent = oauth_evidence();
    silent.identity->scopes.reset();
    silent.grant.scopes = "account";
    EXPECT_EQ(about(silent, "scopes").kind, diagnosis_kind::warning)
        << "the token endpoint's word counts then";
    silent.grant.scopes.clear();
    EXPECT_EQ(about(silent, "scopes").kind, diagnosis_kind::ok);
    EXPECT_NE(about(silent, "scopes").message.find("not compared"), std::string::npos);
}

TEST(link_doctor, knows_which_scopes_hold_others)
{
    auto const lacking = [](char const* kind, std::string_view granted)
    {
        std::string out;
        for (auto const& one : lacking_features(*find_template(kind), granted))
            out += (out.empty() ? "" : "; ") + one.feature;
        return out;
    };
    EXPECT_EQ(lacking("bitbucket-dc-oauth", "REPO_READ"), "look after webhooks");
    for (auto const* all : {"REPO_ADMIN", "PROJECT_ADMIN", "ADMIN_WRITE", "SYSTEM_ADMIN"})
        EXPECT_EQ(lacking("bitbucket-dc-oauth", all), "") << all;
    EXPECT_EQ(lacking("bitbucket-app-oauth", "account pullrequest:write webhook pipeline"), "");
    EXPECT_NE(
        lacking("bitbucket-app-oauth", "account repository:admin webhook").find("read commits"),
        std::string::npos
    ) << "to administer holds neither to read nor to write";
}

TEST(link_doctor, warns_two_weeks_before_a_person_must_act)
{
    auto ending = token();
    EXPECT_NE(about(ending, "expiry").message.find("at most a year"), std::string::npos);
    ending.identity->expires_at = examined_at + hours(24 * 14) + hours(1);
    EXPECT_EQ(about(ending, "expiry").kind, diagnosis_kind::ok);
    ending.identity->expires_at = examined_at + hours(24 * 14) - hours(1);
    EXPECT_EQ(about(ending, "expiry").kind, diagnosis_kind::warning);
    EXPECT_EQ(about(ending, "expiry").message, "the credential ends in 13 days");
    ending.identity->expires_at = examined_at - hours(1);
    EXPECT_EQ(about(ending, "expiry").kind, diagnosis_kind::fault);
    EXPECT_EQ(about(ending, "expiry").code, errc::unauthorized);
    EXPECT_EQ(about(oauth_evidence(), "expiry").kind, diagnosis_kind::ok) << "refreshed by itself";
    auto last = oauth_evidence();
    last.grant.has_refresh_token = false;
    EXPECT_EQ(about(last, "expiry").kind, diagnosis_kind::warning);
    EXPECT_EQ(about(last, "expiry").advice, "linkspan start-oauth one");
}

TEST(link_doctor, tells_a_clock_that_is_off)
{
    auto off = token();
    off.took = milliseconds(2'000);
    off.identity->service_time = examined_at - milliseconds(31'000);
    EXPECT_EQ(about(off, "clock").kind, diagnosis_kind::ok)
        << "half of the call and of a second are taken off";
    off.identity->service_time = examined_at - milliseconds(33'000);
    EXPECT_EQ(about(off, "clock").kind, diagnosis_kind::warning);
    EXPECT_EQ(about(off, "clock").message, "this machine's clock is 31 s ahead of the service's");
    off.identity->service_time = examined_at + hours(2);
    EXPECT_NE(about(off, "clock").message.find("2 h behind the service's"), std::string::npos);
    off.identity->service_time.reset();
    EXPECT_EQ(about(off, "clock").subject, "none");
}

}  // namespace
}  // namespace linkspan
