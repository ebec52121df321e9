// The simulated Data Center, and both providers against Atlassian's own descriptions.
#include "tests/support/environment.hpp"
#include "tests/support/provider_fixture.hpp"

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

class data_center_provider_test : public provider_fixture
{
protected:
    data_center_provider_test() : provider_fixture(provider_settings::data_center()) {}

    static constexpr char const* client = "&client_id=linkspan-key&client_secret=linkspan-secret";
    static constexpr char const* back = "redirect_uri=https%3A%2F%2Flinkspan.example.com%2Fcallback";
};

TEST_F(data_center_provider_test, grants_and_rotates_at_once)
{
    auto const with = std::string(back) + "&scope=REPO_READ";
    auto const form = "grant_type=authorization_code&" + std::string(back) + "&code=" + code(with) + client;
    auto const first = tokens(form, "");
    EXPECT_EQ(text(first, "scope"), "REPO_READ");
    EXPECT_EQ(first.at("expires_in").as_int64(), 3600);
    auto const old = "grant_type=refresh_token&refresh_token=" + text(first, "refresh_token") + client;
    tokens(old, "");
    EXPECT_EQ(refusal(old, ""), "invalid_grant");
    EXPECT_EQ(refusal("grant_type=client_credentials" + std::string(client), ""), "unsupported_grant_type");
    // The client's proof is in the form, not in the header.
    EXPECT_EQ(refusal("grant_type=refresh_token&refresh_token=x", key_and_secret), "invalid_client");
    EXPECT_EQ(
        press_button(provider, asking(std::string(back) + "&scope=SYSTEM_ADMIN"), "grant").find("code="),
        std::string::npos
    );
}

TEST_F(data_center_provider_test, plain_http_is_refused_by_default)
{
    provider.set_callback_url(std::string(redirect));
    EXPECT_NE(
        press_button(provider, asking("redirect_uri=http%3A%2F%2Flocalhost%3A14470%2Fcallback"), "grant")
            .find("The redirect URL must use HTTPS"),
        std::string::npos
    );
}

TEST_F(data_center_provider_test, the_api_knows_ada)
{
    auto const form = "grant_type=authorization_code&" + std::string(back) +
                      "&code=" + code(std::string(back) + "&scope=REPO_READ") + client;
    auto const token = text(tokens(form, ""), "access_token");
    EXPECT_EQ(api("/plugins/servlet/applinks/whoami", token).body, "ada");
    EXPECT_EQ(api("/plugins/servlet/applinks/whoami", "").body, "");
    auto const users = api("/rest/api/latest/users?limit=1", token);
    EXPECT_EQ(users.status, 200);
    EXPECT_EQ(find_header(users.headers, "X-AUSERNAME"), "ada");
    EXPECT_EQ(api("/rest/api/latest/users", "").status, 401);
    EXPECT_EQ(api("/rest/api/latest/users", "guessed").status, 401);
    EXPECT_EQ(api("/rest/api/latest/application-properties", "").status, 200);
    EXPECT_EQ(api("/rest/api/latest/application-properties", "guessed").status, 401);
    EXPECT_EQ(api("/rest/api/latest/nothing", token).status, 404);
}

// Against Atlassian's own description of the REST APIs.
class provider_contract_test : public provider_fixture
{
protected:
    json::value spec_of(char const* file)
    {
        auto const folder = specs();
        return folder ? json::parse(read_file(*folder / file)) : json::value();
    }

    void expect_known(json::object const& answer, json::object const& properties)
    {
        for (auto const& [key, value] : answer)
            EXPECT_TRUE(properties.contains(key)) << key;
    }
};

TEST_F(provider_contract_test, the_endpoints_and_scopes_of_cloud)
{
    auto const spec = spec_of("bitbucket-cloud.openapi.json");
    if (spec.is_null())
        GTEST_SKIP() << "LINKSPAN_SPECS is not set";
    auto const& flow =
        spec.at("components").at("securitySchemes").at("oauth2").at("flows").at("authorizationCode");
    auto const path = [](json::value const& url)
    { return std::string(url.as_string()).substr(std::string_view("https://bitbucket.org").size()); };
    EXPECT_EQ(provider.authorize_url(), provider.url(path(flow.at("authorizationUrl"))));
    EXPECT_EQ(provider.token_url(), provider.url(path(flow.at("tokenUrl"))));
    auto const issued = tokens("grant_type=authorization_code&code=" + code());
    std::string const scopes = text(issued, "scope") + " ";
    for (std::size_t at = 0; at < scopes.size(); at = scopes.find(' ', at) + 1)
        EXPECT_TRUE(flow.at("scopes").as_object().contains(scopes.substr(at, scopes.find(' ', at) - at)));
    for (auto const* resource : {"/user", "/user/emails", "/user/workspaces", "/workspaces/{workspace}"})
        EXPECT_TRUE(spec.at("paths").as_object().contains(resource)) << resource;
    EXPECT_EQ(
        spec.at("paths").at("/user").at("get").at("security").at(0).at("oauth2").at(0).as_string(), "account"
    );
    EXPECT_EQ(
        spec.at("paths").at("/user/emails").at("get").at("security").at(0).at("oauth2").at(0).as_string(),
        "email"
    );
    auto const error = json::parse(api("/2.0/user", "guessed").body).as_object();
    auto const& wanted = spec.at("components").at("schemas").at("error").at("properties");
    expect_known(error, wanted.as_object());
    expect_known(error.at("error").as_object(), wanted.at("error").at("properties").as_object());
}

TEST_F(provider_contract_test, the_answers_of_data_center)
{
    auto const spec = spec_of("bitbucket-data-center.openapi.json");
    if (spec.is_null())
        GTEST_SKIP() << "LINKSPAN_SPECS is not set";
    oauth_provider center(provider_settings::data_center());
    auto const& schemas = spec.at("components").at("schemas");
    raw_peer peer(center.port());
    peer.send("GET /rest/api/latest/application-properties HTTP/1.1\r\nHost: x\r\n\r\n");
    auto const properties = json::parse(peer.receive().body).as_object();
    expect_known(properties, schemas.at("RestApplicationProperties").at("properties").as_object());
    peer.send("GET /rest/api/latest/users HTTP/1.1\r\nHost: x\r\n\r\n");
    auto const refused = json::parse(peer.receive().body).as_object();
    expect_known(
        refused.at("errors").at(0).as_object(), schemas.at("RestErrorMessage").at("properties").as_object()
    );
}

}  // namespace
}  // namespace linkspan::test
