// The simulated providers, judged by what Atlassian publishes of the real ones, so that tests that pass
// against them mean something.
#include "links/net/sha256.hpp"
#include "tests/support/provider_fixture.hpp"

#include <stdexcept>
#include <thread>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

class oauth_provider_test : public provider_fixture
{
};

TEST_F(oauth_provider_test, a_person_grants_or_cancels)
{
    auto const granted = press_button(provider, asking(), "grant");
    EXPECT_TRUE(granted.starts_with("http://localhost:14470/callback?code=")) << granted;
    EXPECT_TRUE(granted.ends_with("&state=s%261")) << granted;
    auto const cancelled = press_button(provider, asking(), "cancel");
    EXPECT_TRUE(cancelled.starts_with("http://localhost:14470/callback?error=access_denied&error_description="
    ));
    EXPECT_EQ(provider.calls(provider_call::authorize), 2u);
    EXPECT_EQ(provider.calls(provider_call::consent), 2u);
    // A host in front of it changes nothing, and a button that is not there is not pressed.
    EXPECT_TRUE(
        press_button(provider, "https://bitbucket.org" + asking().substr(provider.url().size()), "grant")
            .starts_with(redirect)
    );
    EXPECT_NE(press_button(provider, asking(), "delete").find("Grant access"), std::string::npos);
}

TEST_F(oauth_provider_test, nobody_is_sent_to_a_url_that_is_not_the_consumers)
{
    for (auto const* url :
         {"https%3A%2F%2Fevil.example%2F",
          "http%3A%2F%2Flocalhost%3A14471%2Fcallback",
          "http%3A%2F%2Flocalhost"})
        EXPECT_NE(
            press_button(provider, asking("redirect_uri=" + std::string(url)), "grant")
                .find("Invalid redirect_uri"),
            std::string::npos
        );
    // Bitbucket takes what begins with the callback URL.
    EXPECT_TRUE(press_button(
                    provider, asking("redirect_uri=http%3A%2F%2Flocalhost%3A14470%2Fcallback%2Fmore"), "grant"
    )
                    .starts_with("http://localhost:14470/callback/more?code="));
    auto const wrong = provider.authorize_url() + "?response_type=code&client_id=%3Cscript%3E";
    EXPECT_NE(press_button(provider, wrong, "grant").find("Invalid client_id"), std::string::npos);
    auto const implicit = provider.authorize_url() + "?response_type=token&client_id=linkspan-key";
    EXPECT_NE(
        press_button(provider, implicit, "grant").find("error=unsupported_response_type"), std::string::npos
    );
    EXPECT_NE(
        press_button(provider, asking("scope=account%20root"), "grant").find("error=invalid_scope"),
        std::string::npos
    );
    EXPECT_NE(
        press_button(provider, asking("code_challenge=x&code_challenge_method=plain"), "grant")
            .find("invalid_request"),
        std::string::npos
    );
}

TEST_F(oauth_provider_test, the_page_escapes_what_it_is_given)
{
    auto const page = ask(
        "GET", "/site/oauth2/authorize?response_type=code&client_id=linkspan-key&state=%22%3E%3Cb%3E%26", ""
    );
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find("value=\"&quot;&gt;&lt;b&gt;&amp;\""), std::string::npos) << page.body;
}

TEST_F(oauth_provider_test, a_code_is_good_once_for_ten_minutes_and_for_one_url)
{
    auto const once = "grant_type=authorization_code&code=" + code();
    auto const first = tokens(once);
    EXPECT_EQ(text(first, "token_type"), "bearer");
    EXPECT_EQ(first.at("expires_in").as_int64(), 7200);
    EXPECT_EQ(text(first, "scope"), "account team repository pullrequest:write webhook pipeline");
    EXPECT_FALSE(first.contains("scopes"));
    EXPECT_EQ(refusal(once), "invalid_grant");
    auto const late = "grant_type=authorization_code&code=" + code();
    provider.advance(milliseconds(600'000));
    EXPECT_EQ(refusal(late), "invalid_grant");
    auto const other = code("redirect_uri=http%3A%2F%2Flocalhost%3A14470%2Fcallback");
    EXPECT_EQ(refusal("grant_type=authorization_code&code=" + other), "invalid_grant");
    auto const same = code("redirect_uri=http%3A%2F%2Flocalhost%3A14470%2Fcallback");
    tokens(
        "grant_type=authorization_code&code=" + same +
        "&redirect_uri=http%3A%2F%2Flocalhost%3A14470%2Fcallback"
    );
    EXPECT_EQ(refusal("grant_type=authorization_code&code=guessed"), "invalid_grant");
}

TEST_F(oauth_provider_test, a_challenge_wants_its_verifier)
{
    auto const digest = sha256("the-verifier");
    auto const challenge = encode_base64url({reinterpret_cast<char const*>(digest.data()), digest.size()});
    auto const with = "code_challenge_method=S256&code_challenge=" + challenge;
    EXPECT_EQ(refusal("grant_type=authorization_code&code=" + code(with)), "invalid_grant");
    EXPECT_EQ(refusal("grant_type=authorization_code&code_verifier=x&code=" + code(with)), "invalid_grant");
    tokens("grant_type=authorization_code&code_verifier=the-verifier&code=" + code(with));
}

TEST_F(oauth_provider_test, only_the_client_gets_tokens_and_only_by_its_header)
{
    std::string const form = "grant_type=client_credentials";
    tokens(form);
    for (auto const* proof : {"", "linkspan-key:wrong", "other:linkspan-secret", "linkspan-key"})
        EXPECT_EQ(refusal(form, proof), "unauthorized_client") << proof;
    EXPECT_EQ(
        refusal(form + "&client_id=linkspan-key&client_secret=linkspan-secret", ""), "unauthorized_client"
    );
    tokens(form, "linkspan%2Dkey:linkspan%2Dsecret");
    provider.set_client_secret("new");
    EXPECT_EQ(refusal(form), "unauthorized_client");
    EXPECT_EQ(refusal("grant_type=password", "linkspan-key:new"), "unsupported_grant_type");
    EXPECT_EQ(provider.calls(provider_call::bad_grant), 1u);
    EXPECT_EQ(ask("GET", "/site/oauth2/access_token", "").status, 405);
}

TEST_F(oauth_provider_test, refresh_tokens_rotate_with_ten_minutes_of_grace)
{
    auto const first = tokens("grant_type=authorization_code&code=" + code());
    auto const old = "grant_type=refresh_token&refresh_token=" + text(first, "refresh_token");
    auto const second = tokens(old);
    EXPECT_NE(text(second, "refresh_token"), text(first, "refresh_token"));
    EXPECT_NE(text(second, "access_token"), text(first, "access_token"));
    provider.advance(milliseconds(599'000));
    auto const third = tokens(old);
    EXPECT_NE(text(third, "refresh_token"), text(second, "refresh_token"));
    provider.advance(milliseconds(1'001));
    EXPECT_EQ(refusal(old), "invalid_grant");
    // Each pair that was given goes on.
    tokens("grant_type=refresh_token&refresh_token=" + text(second, "refresh_token"));
    tokens("grant_type=refresh_token&refresh_token=" + text(third, "refresh_token"));
    EXPECT_EQ(provider.calls(provider_call::refresh), 5u);
}

TEST_F(oauth_provider_test, an_unused_refresh_token_dies_after_three_months)
{
    auto const first = tokens("grant_type=authorization_code&code=" + code());
    auto const form = "grant_type=refresh_token&refresh_token=" + text(first, "refresh_token");
    provider.advance(milliseconds(89LL * 24 * 3600 * 1000));
    auto const second = tokens(form);
    provider.advance(milliseconds(90LL * 24 * 3600 * 1000));
    EXPECT_EQ(
        refusal("grant_type=refresh_token&refresh_token=" + text(second, "refresh_token")), "invalid_grant"
    );
}

TEST_F(oauth_provider_test, a_client_of_its_own_has_no_refresh_token)
{
    auto const own = tokens("grant_type=client_credentials");
    EXPECT_FALSE(own.contains("refresh_token"));
    auto const user = json::parse(api("/2.0/user", text(own, "access_token")).body);
    EXPECT_EQ(user.at("type").as_string(), "app_user");
}

TEST_F(oauth_provider_test, the_api_takes_a_token_in_the_header_alone)
{
    auto const token = text(tokens("grant_type=authorization_code&code=" + code()), "access_token");
    auto const good = api("/2.0/user", token);
    EXPECT_EQ(good.status, 200);
    EXPECT_EQ(json::parse(good.body).at("nickname").as_string(), "ada");
    EXPECT_EQ(
        find_header(good.headers, "X-OAuth-Scopes"),
        "account, team, repository, pullrequest:write, webhook, pipeline"
    );
    EXPECT_EQ(find_header(good.headers, "X-Accepted-OAuth-Scopes"), "account");
    for (auto const& wrong :
         {ask("GET", "/2.0/user?access_token=" + token, ""),
          ask("POST",
              "/2.0/user",
              "Content-Type: application/x-www-form-urlencoded\r\n",
              "access_token=" + token),
          ask("GET", "/2.0/user", "Authorization: Basic " + encode_base64("x-token-auth:" + token) + "\r\n"),
          api("/2.0/user", ""),
          api("/2.0/user", "guessed")})
    {
        EXPECT_EQ(wrong.status, 401);
        EXPECT_EQ(json::parse(wrong.body).at("type").as_string(), "error");
    }
    provider.advance(milliseconds(7'200'000));
    EXPECT_NE(api("/2.0/user", token).body.find("Access token expired"), std::string::npos);
}

TEST_F(oauth_provider_test, scopes_gates_and_ends_of_the_api)
{
    auto settings = provider_settings::cloud();
    settings.scopes = "pullrequest webhook";
    oauth_provider narrow(settings);
    auto const back = press_button(
        narrow, narrow.authorize_url() + "?response_type=code&client_id=linkspan-key&state=s", "grant"
    );
    raw_peer peer(narrow.port());
    std::string const form =
        "grant_type=authorization_code&code=" + std::string(read_callback(back).value().code.reveal());
    peer.send(
        "POST /site/oauth2/access_token HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\n"
        "Authorization: Basic " +
        encode_base64(key_and_secret) + "\r\nContent-Length: " + std::to_string(form.size()) + "\r\n\r\n" +
        form
    );
    auto const token = text(json::parse(peer.receive().body).as_object(), "access_token");
    auto const get = [&](std::string const& path)
    {
        raw_peer asking(narrow.port());
        asking.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n\r\n");
        return asking.receive();
    };
    auto const refused = get("/2.0/user");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(json::parse(refused.body).at("error").at("detail").at("required").at(0).as_string(), "account");
    EXPECT_EQ(get("/2.0/repositories/acme").status, 200);  // pullrequest implies repository
    auto const all = text(tokens("grant_type=authorization_code&code=" + code()), "access_token");
    for (auto const* path :
         {"/2.0/user/emails",
          "/2.0/user/workspaces",
          "/2.0/workspaces/acme",
          "/2.0/repositories/acme/widgets"})
        EXPECT_EQ(api(path, all).status, 200) << path;
    EXPECT_EQ(api("/2.0/workspaces", all).status, 410);
    EXPECT_EQ(api("/2.0/nothing", all).status, 404);
    EXPECT_EQ(api("/nothing", all).status, 404);
}

TEST_F(oauth_provider_test, tokens_end_when_consent_is_taken_back)
{
    auto const first = tokens("grant_type=authorization_code&code=" + code());
    provider.spoil_access_tokens();
    EXPECT_EQ(api("/2.0/user", text(first, "access_token")).status, 401);
    auto const second = tokens("grant_type=refresh_token&refresh_token=" + text(first, "refresh_token"));
    provider.revoke_all();
    EXPECT_EQ(api("/2.0/user", text(second, "access_token")).status, 401);
    EXPECT_EQ(
        refusal("grant_type=refresh_token&refresh_token=" + text(second, "refresh_token")), "invalid_grant"
    );
    EXPECT_GE(provider.handed_out().size(), 5u);
}

TEST_F(oauth_provider_test, faults_come_in_order_and_act_as_they_say)
{
    auto const refresh = "grant_type=refresh_token&refresh_token=" +
                         text(tokens("grant_type=authorization_code&code=" + code()), "refresh_token");
    provider.script(
        provider_call::refresh,
        {provider_fault::status(500),
         provider_fault::rate_limit("3"),
         provider_fault::none(),
         provider_fault::wrong_json()}
    );
    auto const before = provider.handed_out().size();
    EXPECT_EQ(token(refresh).status, 500);
    auto const busy = token(refresh);
    EXPECT_EQ(busy.status, 429);
    EXPECT_EQ(find_header(busy.headers, "Retry-After"), "3");
    EXPECT_EQ(provider.handed_out().size(), before);  // neither has rotated
    tokens(refresh);
    EXPECT_EQ(provider.handed_out().size(), before + 2);
    EXPECT_EQ(token(refresh).body, R"({"access_token":"half)");
    EXPECT_EQ(provider.handed_out().size(), before + 4);  // this one has
    provider.script(provider_call::refresh, {provider_fault::lost(true), provider_fault::lost(false)});
    EXPECT_THROW(token(refresh), std::runtime_error);
    EXPECT_EQ(provider.handed_out().size(), before + 6);
    EXPECT_THROW(token(refresh), std::runtime_error);
    EXPECT_EQ(provider.handed_out().size(), before + 6);
    provider.script(provider_call::api, {provider_fault::redirect("https://elsewhere.example/")});
    EXPECT_EQ(find_header(api("/2.0/user", "x").headers, "Location"), "https://elsewhere.example/");
}

TEST_F(oauth_provider_test, a_held_answer_comes_when_it_is_released)
{
    auto const refresh = "grant_type=refresh_token&refresh_token=" +
                         text(tokens("grant_type=authorization_code&code=" + code()), "refresh_token");
    provider.script(provider_call::refresh, {provider_fault::held()});
    auto const before = provider.handed_out().size();
    std::thread asking([&] { tokens(refresh); });
    EXPECT_TRUE(provider.wait_for_held(1));
    EXPECT_TRUE(provider.wait_for_calls(provider_call::refresh, 1));
    EXPECT_EQ(provider.handed_out().size(), before + 2);
    provider.release();
    asking.join();
}

TEST(oauth_provider_options, tokens_of_2500_characters)
{
    auto settings = provider_settings::cloud();
    settings.rules.access_token_bytes = 2600;
    oauth_provider provider(settings);
    press_button(provider, provider.authorize_url() + "?response_type=code&client_id=linkspan-key", "grant");
    raw_peer peer(provider.port());
    std::string const form = "grant_type=client_credentials";
    peer.send(
        "POST /site/oauth2/access_token HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\n"
        "Authorization: Basic " +
        encode_base64(key_and_secret) + "\r\nContent-Length: 29\r\n\r\n" + form
    );
    EXPECT_EQ(text(json::parse(peer.receive().body).as_object(), "access_token").size(), 2600u);
}

}  // namespace
}  // namespace linkspan::test
