#include "links/oauth/client.hpp"
#include "tests/simulators/oauth_provider.hpp"
#include "tests/support/client_fixture.hpp"
#include "tests/support/scripted_peer.hpp"

#include <array>

namespace linkspan::oauth
{
namespace
{

using test::oauth_provider;
using test::provider_call;
using test::provider_fault;
using test::provider_settings;

constexpr auto now = from_milliseconds(1'795'000'000'000);
constexpr std::string_view redirect = "http://localhost:14470/callback";

secret verifier_of(std::uint8_t seed)
{
    std::array<std::uint8_t, 32> random{};
    random.fill(seed);
    return random_text(random);
}

class oauth_client_test : public test::client_fixture
{
protected:
    static oauth::client client_of(oauth_provider const& provider)
    {
        oauth::client out;
        out.authorize_url = provider.authorize_url();
        out.token_url = provider.token_url();
        out.client_id = "linkspan-key";
        out.client_secret = secret("linkspan-secret");
        return out;
    }

    // The oauth::client of a peer that is told what to answer.
    static oauth::client client_of(test::scripted_peer const& peer)
    {
        oauth::client out;
        out.token_url = peer.url("/token");
        out.client_id = "key/ +1";
        out.client_secret = secret("canary secret:%&");
        return out;
    }

    secret code_of(oauth_provider const& provider, oauth::client const& of, secret const& verifier)
    {
        auto const url = authorization_url(of, redirect, secret("state-1"), verifier);
        auto const back = read_callback(test::press_button(provider, url, "grant"));
        EXPECT_TRUE(back.has_value());
        EXPECT_EQ(back->state.reveal(), "state-1");
        return back->code;
    }

    token_answer consented(oauth_provider const& provider)
    {
        auto const of = client_of(provider);
        auto const verifier = verifier_of(1);
        auto code = code_of(provider, of, verifier);
        return test::run(loop, exchange_code(*client, of, code, std::string(redirect), verifier, now));
    }

    token_answer refreshed(oauth::client const& of, secret const& refresh_token)
    {
        return test::run(loop, refresh(*client, of, refresh_token, now));
    }

    // What a refresh makes of one answer.
    token_answer answered(test::peer_action action)
    {
        test::scripted_peer peer(loop, [action](auto const&) { return action; });
        return refreshed(client_of(peer), secret("canary-refresh"));
    }
};

TEST(oauth_texts, are_those_of_the_rfcs)
{
    EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
    // RFC 7636, appendix B.
    std::array<std::uint8_t, 32> const random = {116, 24,  223, 180, 151, 153, 224, 37,  79,  250, 96,
                                                 125, 216, 173, 187, 186, 22,  212, 37,  77,  105, 214,
                                                 191, 240, 91,  88,  5,   88,  83,  132, 141, 121};
    auto const verifier = random_text(random);
    EXPECT_EQ(verifier.reveal(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    EXPECT_EQ(hash_of(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(oauth_texts, the_authorization_url_has_all_that_it_needs)
{
    oauth::client of;
    of.authorize_url = "https://service.example/authorize";
    of.client_id = "key&1";
    of.client_secret = secret("canary");
    of.scopes = "a b:c";
    auto const url = authorization_url(of, redirect, secret("s+1"), verifier_of(1));
    EXPECT_EQ(
        url,
        "https://service.example/authorize?client_id=key%261&response_type=code"
        "&redirect_uri=http%3A%2F%2Flocalhost%3A14470%2Fcallback&state=s%2B1&scope=a%20b%3Ac&code_"
        "challenge=" +
            hash_of(verifier_of(1)) + "&code_challenge_method=S256"
    );
    of.authorize_url = "https://service.example/authorize?tenant=1";
    of.authorize_params = "access_type=offline&prompt=consent";
    of.scopes.clear();
    of.pkce = false;
    EXPECT_EQ(
        authorization_url(of, redirect, secret("s"), secret()),
        "https://service.example/authorize?tenant=1&client_id=key%261&response_type=code"
        "&redirect_uri=http%3A%2F%2Flocalhost%3A14470%2Fcallback&state=s&access_type=offline&prompt=consent"
    );
}

TEST_F(oauth_client_test, a_code_becomes_tokens_at_cloud)
{
    oauth_provider provider;
    auto const answer = consented(provider);
    ASSERT_EQ(answer.fate, token_fate::granted) << answer.words;
    EXPECT_EQ(answer.tokens.scopes, "account team repository pullrequest:write webhook pipeline");
    EXPECT_EQ(answer.tokens.obtained_at, now);
    EXPECT_EQ(answer.tokens.expires_at, now + seconds(7200));
    auto const next = refreshed(client_of(provider), answer.tokens.refresh_token);
    ASSERT_EQ(next.fate, token_fate::granted) << next.words;
    EXPECT_NE(next.tokens.refresh_token.reveal(), answer.tokens.refresh_token.reveal());
    auto const own = test::run(loop, grant_client_credentials(*client, client_of(provider), now));
    ASSERT_EQ(own.fate, token_fate::granted) << own.words;
    EXPECT_TRUE(own.tokens.refresh_token.empty());
}

TEST_F(oauth_client_test, a_code_becomes_tokens_at_data_center)
{
    auto settings = provider_settings::data_center();
    settings.callback_url = redirect;
    settings.allows_http_redirect = true;
    oauth_provider provider(settings);
    auto of = client_of(provider);
    of.proof = client_proof::body;
    of.scopes = "REPO_READ";
    auto const verifier = verifier_of(2);
    auto const code = code_of(provider, of, verifier);
    auto const answer =
        test::run(loop, exchange_code(*client, of, code, std::string(redirect), verifier, now));
    ASSERT_EQ(answer.fate, token_fate::granted) << answer.words;
    EXPECT_EQ(answer.tokens.scopes, "REPO_READ");
    EXPECT_EQ(answer.tokens.expires_at, now + seconds(3600));
    of.proof = client_proof::basic;
    EXPECT_EQ(refreshed(of, answer.tokens.refresh_token).fate, token_fate::misused);
}

TEST_F(oauth_client_test, what_is_sent)
{
    std::vector<http_request> seen;
    test::scripted_peer peer(
        loop,
        [&](test::peer_request const& one)
        {
            seen.push_back(one.request);
            return test::answer_with(200, R"({"access_token":"a"})");
        }
    );
    auto of = client_of(peer);
    EXPECT_EQ(refreshed(of, secret("r&1")).fate, token_fate::granted);
    EXPECT_EQ(seen.at(0).method, "POST");
    EXPECT_EQ(seen[0].target, "/token");
    EXPECT_EQ(seen[0].body, "grant_type=refresh_token&refresh_token=r%261");
    EXPECT_EQ(find_header(seen[0].headers, "Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(find_header(seen[0].headers, "Accept"), "application/json");
    // "key%2F%20%2B1:canary%20secret%3A%25%26", as RFC 6749, 2.3.1 wants it.
    EXPECT_EQ(
        find_header(seen[0].headers, "Authorization"),
        "Basic a2V5JTJGJTIwJTJCMTpjYW5hcnklMjBzZWNyZXQlM0ElMjUlMjY="
    );
    of.proof = client_proof::body;
    test::run(loop, exchange_code(*client, of, secret("c"), "http://x/", secret("v"), now));
    EXPECT_EQ(
        seen.at(1).body,
        "grant_type=authorization_code&code=c&redirect_uri=http%3A%2F%2Fx%2F&code_verifier=v"
        "&client_id=key%2F%20%2B1&client_secret=canary%20secret%3A%25%26"
    );
    EXPECT_EQ(find_header(seen[1].headers, "Authorization"), "");
    of.pkce = false;
    of.scopes = "a b";
    test::run(loop, exchange_code(*client, of, secret("c"), "http://x/", secret("v"), now));
    EXPECT_EQ(seen.at(2).body.find("verifier"), std::string::npos);
    test::run(loop, grant_client_credentials(*client, of, now));
    EXPECT_TRUE(seen.at(3).body.starts_with("grant_type=client_credentials&scope=a%20b&client_id="));
    // A public client.
    of.proof = client_proof::basic;
    of.client_secret = secret();
    test::run(loop, grant_client_credentials(*client, of, now));
    EXPECT_EQ(seen.at(4).body, "grant_type=client_credentials&scope=a%20b&client_id=key%2F%20%2B1");
    EXPECT_EQ(find_header(seen[4].headers, "Authorization"), "");
}

TEST_F(oauth_client_test, a_redirect_is_never_followed)
{
    oauth_provider elsewhere;
    oauth_provider provider;
    provider.script(provider_call::refresh, {provider_fault::redirect(elsewhere.token_url() + "?x=canary")});
    auto const answer = refreshed(client_of(provider), secret("r"));
    EXPECT_EQ(answer.fate, token_fate::misused);
    EXPECT_EQ(
        answer.words,
        "the token endpoint answers with a redirect to 127.0.0.1 (status 302); it is not followed: correct "
        "the "
        "URL of the token endpoint"
    );
    EXPECT_EQ(elsewhere.calls(provider_call::refresh) + elsewhere.calls(provider_call::bad_grant), 0u);
    EXPECT_EQ(elsewhere.calls(provider_call::other), 0u);
    for (auto const* location : {"", "/login", "//evil", "canary\x01", "mailto:canary"})
        EXPECT_NE(
            answered(test::peer_action(
                         "HTTP/1.1 308 Moved\r\nLocation: " + std::string(location) +
                             "\r\nContent-Length: 0\r\n\r\n",
                         test::peer_action::ending::close
                     ))
                .words.find("redirect to another path (status 308)"),
            std::string::npos
        ) << location;
}

TEST_F(oauth_client_test, an_answer_that_is_lost_may_have_rotated)
{
    oauth_provider provider;
    auto const first = consented(provider);
    provider.script(provider_call::refresh, {provider_fault::lost(true)});
    auto const lost = refreshed(client_of(provider), first.tokens.refresh_token);
    EXPECT_EQ(lost.fate, token_fate::unknown);
    EXPECT_NE(lost.words.find("sent, but no answer: POST to http://127.0.0.1:"), std::string::npos)
        << lost.words;
    EXPECT_EQ(provider.calls(provider_call::refresh), 1u);
    // Ten minutes of grace: the old one still works.
    EXPECT_EQ(refreshed(client_of(provider), first.tokens.refresh_token).fate, token_fate::granted);
    provider.advance(milliseconds(600'001));
    auto const late = refreshed(client_of(provider), first.tokens.refresh_token);
    EXPECT_EQ(late.fate, token_fate::refused);
    EXPECT_EQ(late.words, "invalid_grant: The specified refresh_token has expired.");
}

TEST_F(oauth_client_test, a_service_that_cannot_be_reached_did_nothing)
{
    oauth::client of;
    of.token_url = "http://127.0.0.1:" + std::to_string(test::closed_port(loop)) + "/canary?canary=1";
    of.client_id = "k";
    auto const answer = refreshed(of, secret("canary-refresh"));
    EXPECT_EQ(answer.fate, token_fate::unavailable);
    EXPECT_TRUE(answer.words.starts_with("not sent: POST to http://127.0.0.1:")) << answer.words;
    EXPECT_EQ(answer.words.find("canary"), std::string::npos);
    auto const stopped = read_exchange(
        []
        {
            exchange ended;
            ended.fate = exchange_fate::cancelled;
            return ended;
        }(),
        token_dialect::standard,
        now
    );
    EXPECT_EQ(stopped.fate, token_fate::unavailable);
    EXPECT_EQ(stopped.words, "not sent: linkspan is stopping");
}

TEST_F(oauth_client_test, faults_of_the_provider)
{
    oauth_provider provider;
    auto const first = consented(provider);
    provider.script(
        provider_call::refresh,
        {provider_fault::status(500),
         provider_fault::rate_limit("7"),
         provider_fault::wrong_json(),
         provider_fault::too_large(),
         provider_fault::error(400, "invalid_request", "<script>alert(1)</script>\n")}
    );
    auto const next = [&] { return refreshed(client_of(provider), first.tokens.refresh_token); };
    auto const broken = next();
    EXPECT_EQ(broken.fate, token_fate::unavailable);
    EXPECT_EQ(broken.words, "the token endpoint answers with status 500");
    EXPECT_EQ(broken.wait, std::nullopt);
    auto const busy = next();
    EXPECT_EQ(busy.fate, token_fate::unavailable);
    EXPECT_EQ(busy.wait, milliseconds(7000));
    EXPECT_EQ(next().fate, token_fate::unavailable);
    auto const large = next();
    EXPECT_EQ(large.fate, token_fate::unknown);
    EXPECT_NE(large.words.find("exceeds 262144 bytes"), std::string::npos) << large.words;
    auto const rude = next();
    EXPECT_EQ(rude.fate, token_fate::misused);
    EXPECT_EQ(rude.words, "invalid_request: <script>alert(1)</script>");
    EXPECT_EQ(next().fate, token_fate::granted);
    provider.set_client_secret("another");
    auto const wrong = next();
    EXPECT_EQ(wrong.fate, token_fate::misused);
    EXPECT_EQ(wrong.error_code, "unauthorized_client");
}

TEST_F(oauth_client_test, waits_are_read_from_retry_after)
{
    auto const wait = [this](std::string const& value)
    {
        return answered(test::peer_action(
                            "HTTP/1.1 503 Busy\r\nRetry-After: " + value + "\r\nContent-Length: 0\r\n\r\n",
                            test::peer_action::ending::close
                        ))
            .wait;
    };
    EXPECT_EQ(wait("0"), milliseconds(0));
    EXPECT_EQ(wait("120"), milliseconds(120'000));
    EXPECT_EQ(wait("999999999"), milliseconds(86'400'000));
    EXPECT_EQ(wait("99999999999999999999"), milliseconds(86'400'000));
    for (auto const* none :
         {"", "-1", "-99999999999999999999", "1.5", "soon", "Fri, 31 Dec 1999 23:59:59 GMT"})
        EXPECT_EQ(wait(none), std::nullopt) << none;
}

TEST_F(oauth_client_test, words_never_repeat_what_was_sent)
{
    std::string const body =
        R"({"error":"canary-refresh","error_description":"no canary-refresh, no canary secret:%&, )"
        R"(no canary%20secret%3A%25%26"})";
    auto const answer = answered(test::answer_with(400, body));
    EXPECT_EQ(answer.words, "...: no [...], no [...], no [...]");
    EXPECT_EQ(answer.error_code, "[...]");
}

TEST_F(oauth_client_test, words_are_cut_behind_what_is_hidden)
{
    // Longer than the words that are repeated; some write the slash with a backslash before it.
    std::string const token = "canary/" + std::string(9000, 'x') + "/canary";
    std::string const escaped = R"(canary\/)" + std::string(9000, 'x') + R"(\/canary)";
    for (auto const& repeated : {token, escaped})
        for (auto const dialect : {token_dialect::standard, token_dialect::slack})
        {
            auto const body =
                R"({"ok":false,"error":"invalid_grant","error_description":"no )" + repeated + "\"}";
            test::scripted_peer peer(loop, [&](auto const&) { return test::answer_with(400, body); });
            auto of = client_of(peer);
            of.dialect = dialect;
            of.revoke_url = peer.url("/revoke");
            auto const refusal = refreshed(of, secret(token));
            EXPECT_EQ(refusal.fate, token_fate::refused);
            EXPECT_EQ(refusal.words.find("canary"), std::string::npos) << refusal.words;
            EXPECT_EQ(refusal.words.find("xxx"), std::string::npos) << refusal.words;
            auto const said = test::run(loop, revoke(*client, of, secret(token))).error().message;
            EXPECT_EQ(said.find("xxx"), std::string::npos) << said;
        }
}

TEST_F(oauth_client_test, slack_refuses_with_status_200)
{
    test::scripted_peer peer(
        loop,
        [](auto const&) { return test::answer_with(200, R"({"ok":false,"error":"invalid_refresh_token"})"); }
    );
    auto of = client_of(peer);
    of.dialect = token_dialect::slack;
    EXPECT_EQ(refreshed(of, secret("r")).fate, token_fate::refused);
    of.revoke_url = peer.url("/revoke");
    EXPECT_FALSE(test::run(loop, revoke(*client, of, secret("r"))).has_value());
}

TEST_F(oauth_client_test, a_token_is_revoked)
{
    std::vector<http_request> seen;
    test::peer_action action = test::answer_with(200, "");
    test::scripted_peer peer(
        loop,
        [&](test::peer_request const& one)
        {
            seen.push_back(one.request);
            return action;
        }
    );
    auto of = client_of(peer);
    auto const end = [&] { return test::run(loop, revoke(*client, of, secret("canary-token"))); };
    EXPECT_EQ(end().error().code, errc::invalid);
    of.revoke_url = peer.url("/revoke");
    EXPECT_TRUE(end().has_value());
    EXPECT_EQ(seen.at(0).target, "/revoke");
    EXPECT_EQ(seen[0].body, "token=canary-token");
    EXPECT_NE(find_header(seen[0].headers, "Authorization"), "");
    action = test::answer_with(200, R"({"ok":true})");
    of.dialect = token_dialect::slack;
    EXPECT_TRUE(end().has_value());
    of.dialect = token_dialect::standard;
    action =
        test::answer_with(400, R"({"error":"unsupported_token_type","error_description":"canary-token"})");
    EXPECT_EQ(end().error().code, errc::unauthorized);
    EXPECT_EQ(end().error().message, "the token is not revoked: unsupported_token_type: [...]");
    action = test::answer_with(503, "");
    EXPECT_EQ(end().error().code, errc::unavailable);
    action = test::close_without_answer();
    EXPECT_EQ(end().error().code, errc::unavailable);
    of.revoke_url = "http://127.0.0.1:" + std::to_string(test::closed_port(loop)) + "/";
    EXPECT_EQ(end().error().code, errc::unavailable);
}

}  // namespace
}  // namespace linkspan::oauth
