#include "links/registry.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/template_peer.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using test::expected_call;

link_fields fields_at(std::string const& url)
{
    link_fields fields;
    fields["client_id"] = secret("client-1");
    fields["client_secret"] = secret("canary-client-secret");
    fields["base_url"] = secret(url);
    return fields;
}

expected_call port_token_call()
{
    return {
        .method = "POST",
        .target = "/v1/auth/access_token",
        .headers = {{"Content-Type", "application/json"}},
        .is_proven = [](http_request const& seen)
        { return seen.body == R"({"clientId":"client-1","clientSecret":"canary-client-secret"})"; },
        .answer = R"({"ok":true,"accessToken":"eyJ.canary.token","expiresIn":10800,"tokenType":"Bearer"})"};
}

class port_template_test : public testing::Test
{
protected:
    token_answer obtain(link_fields fields)
    {
        return test::run(loop, find_template("port")->oauth->obtain(services, std::move(fields)));
    }

    token_answer obtain_from(expected_call call)
    {
        test::template_peer peer(loop, {std::move(call)}, {401, R"({"ok":false,"error":"unauthorized"})"});
        return obtain(fields_at(peer.url()));
    }

    boost::asio::io_context loop{1};
    http_client client{loop};
    link_services services{client, [] { return test::template_test_now; }};
};

TEST_F(port_template_test, says_which_organisation_it_is)
{
    test::expect_identity(
        {.name = "port",
         .fields =
             {{"client_id", "client-1"},
              {"client_secret", "canary-client-secret"},
              {"access_token", "eyJ.canary.token"},
              {"base_url", "{peer}"}},
         .credential = "access_token",
         .calls =
             {{.target = "/v1/organization",
               .credential = {{"Authorization", "Bearer eyJ.canary.token"}},
               .answer = R"({"ok":true,"organization":{"id":"org_acme","name":"Acme"}})"}},
         .account = "Acme (org_acme)",
         .kind = "client credentials",
         .facts = {{"organization", "Acme"}, {"organization_id", "org_acme"}},
         .refusal = {401, R"({"ok":false,"error":"unauthorized","message":"Invalid token"})"}}
    );
}

TEST_F(port_template_test, gets_a_token_that_lives_three_hours)
{
    auto const said = obtain_from(port_token_call());
    ASSERT_EQ(said.fate, token_fate::granted) << said.words;
    EXPECT_EQ(said.tokens.access_token.reveal(), "eyJ.canary.token");
    EXPECT_TRUE(said.tokens.refresh_token.empty());
    EXPECT_TRUE(said.tokens.obtained_at == test::template_test_now);
    EXPECT_TRUE(said.tokens.expires_at == test::template_test_now + seconds(10800));
}

TEST_F(port_template_test, believes_no_endless_life_and_no_odd_one)
{
    auto call = port_token_call();
    call.answer = R"({"ok":true,"accessToken":"t","expiresIn":1e300})";
    EXPECT_TRUE(obtain_from(call).tokens.expires_at == test::template_test_now + token_life_max);
    for (auto const* life : {"-1", "0", "\"soon\"", "null"})
    {
        call.answer = std::string(R"({"ok":true,"accessToken":"t","expiresIn":)") + life + "}";
        auto const said = obtain_from(call);
        EXPECT_EQ(said.fate, token_fate::granted) << life;
        EXPECT_FALSE(said.tokens.expires_at.has_value()) << life;
    }
}

TEST_F(port_template_test, says_why_there_is_no_token)
{
    test::template_peer peer(loop, {port_token_call()}, {401, R"({"ok":false,"error":"unauthorized"})"});
    auto wrong = fields_at(peer.url());
    wrong["client_secret"] = secret("canary-other-secret");
    auto const refused = obtain(std::move(wrong));
    EXPECT_EQ(refused.fate, token_fate::misused);
    EXPECT_EQ(refused.error_code, "invalid_client");
    EXPECT_EQ(refused.words.find("canary"), std::string::npos) << refused.words;
    EXPECT_EQ(obtain(fields_at(peer.url("/elsewhere"))).fate, token_fate::misused);
    EXPECT_EQ(obtain(fields_at("ftp://port.example")).fate, token_fate::misused);
    auto call = port_token_call();
    for (auto const* odd : {"{}", "[]", R"({"accessToken":""})", R"({"accessToken":7})"})
    {
        call.answer = odd;
        EXPECT_EQ(obtain_from(call).fate, token_fate::unavailable) << odd;
    }
    call.status = 503;
    EXPECT_EQ(obtain_from(call).fate, token_fate::unavailable);
    auto const nobody = "http://127.0.0.1:" + std::to_string(test::closed_port(loop));
    EXPECT_EQ(obtain(fields_at(nobody)).fate, token_fate::unavailable);
}

}  // namespace
}  // namespace linkspan
