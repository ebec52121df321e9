#include "links/net/client.hpp"
#include "tests/simulators/oauth_provider.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/support/tls_proxy.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>

namespace linkspan
{
namespace
{

using hosts = std::map<std::string, std::uint16_t>;

constexpr char const* user_url = "https://api.bitbucket.org/2.0/user";

class http_client_tls_test : public testing::Test
{
protected:
    exchange get(test::tls_proxy const& proxy, std::string url, std::filesystem::path const& ca_file)
    {
        http_client::settings settings;
        settings.proxy = proxy.proxy_url();
        settings.ca_bundle = ca_file.string();
        http_client client(loop, settings);
        http_request request("GET", std::move(url));
        request.headers.push_back({"Authorization", "Bearer canary"});
        return test::run(loop, client.send(std::move(request)));
    }

    void expect_refused(exchange const& ended, std::string_view why)
    {
        EXPECT_EQ(ended.fate, exchange_fate::not_sent);
        EXPECT_NE(ended.reason.find(why), std::string::npos) << ended.reason;
        EXPECT_EQ(ended.reason.find("canary"), std::string::npos) << ended.reason;
        EXPECT_EQ(provider.calls(test::provider_call::api), 0u);
    }

    boost::asio::io_context loop{1};
    test::oauth_provider provider;
    hosts const both = {{"bitbucket.org", provider.port()}, {"api.bitbucket.org", provider.port()}};
};

TEST_F(http_client_tls_test, a_service_of_a_known_authority_is_spoken_to)
{
    test::tls_proxy proxy(both);
    auto const api = get(proxy, user_url, proxy.ca_file());
    ASSERT_EQ(api.fate, exchange_fate::answered) << api.reason;
    EXPECT_EQ(api.response.status, 401);
    EXPECT_NE(api.response.body.find("Token is invalid"), std::string::npos);
    auto const page = get(proxy, "https://bitbucket.org/site/oauth2/authorize", proxy.ca_file());
    EXPECT_EQ(page.response.status, 400);
    EXPECT_EQ(proxy.connected(), (std::vector<std::string>{"api.bitbucket.org", "bitbucket.org"}));
    EXPECT_TRUE(proxy.refused().empty());
}

TEST_F(http_client_tls_test, large_bodies_come_through_whole)
{
    test::tls_proxy proxy(both);
    provider.script(test::provider_call::api, {test::provider_fault::too_large()});
    auto const ended = get(proxy, user_url, proxy.ca_file());
    ASSERT_EQ(ended.fate, exchange_fate::answered) << ended.reason;
    EXPECT_GT(ended.response.body.size(), 1u << 20);
}

TEST_F(http_client_tls_test, an_unknown_authority_is_refused_before_anything_is_sent)
{
    test::tls_proxy proxy(both);
    test::tls_proxy other(both);
    auto const why = "; if that authority is your own, name it as ca_bundle";
    expect_refused(get(proxy, user_url, {}), why);
    expect_refused(get(proxy, user_url, {}), "SSL certificate problem: ");
    expect_refused(get(proxy, user_url, other.ca_file()), why);
}

TEST_F(http_client_tls_test, another_name_and_an_old_certificate_are_refused)
{
    auto const stranger =
        std::make_shared<test::test_authority>(std::vector<std::string>{"bitbucket.example"});
    test::tls_proxy misnamed(both, stranger);
    auto const name = get(misnamed, user_url, misnamed.ca_file());
    expect_refused(name, "api.bitbucket.org");
    EXPECT_EQ(name.reason.find("ca_bundle"), std::string::npos) << name.reason;
    auto const old = std::make_shared<test::test_authority>(std::vector<std::string>{"api.bitbucket.org"}, 0);
    test::tls_proxy expired(both, old);
    auto const age = get(expired, user_url, expired.ca_file());
    expect_refused(age, "certificate has expired");
    EXPECT_EQ(age.reason.find("ca_bundle"), std::string::npos) << age.reason;
}

TEST_F(http_client_tls_test, a_bundle_that_is_none_is_said_to_be_so)
{
    test::tls_proxy proxy(both);
    test::temporary_folder const folder;
    expect_refused(get(proxy, user_url, folder.path() / "missing.pem"), "missing.pem");
}

TEST_F(http_client_tls_test, an_answer_that_is_cut_off_inside_tls_is_unknown)
{
    test::tls_proxy proxy(both);
    provider.script(test::provider_call::api, {test::provider_fault::lost(true)});
    auto const ended = get(proxy, user_url, proxy.ca_file());
    EXPECT_EQ(ended.fate, exchange_fate::unknown) << ended.reason;
    EXPECT_EQ(provider.calls(test::provider_call::api), 1u);
}

TEST_F(http_client_tls_test, the_proxy_takes_no_other_hosts)
{
    test::tls_proxy proxy(both);
    auto const ended = get(proxy, "https://service.example/", proxy.ca_file());
    EXPECT_EQ(ended.fate, exchange_fate::not_sent);
    EXPECT_EQ(proxy.refused(), (std::vector<std::string>{"CONNECT service.example:443 HTTP/1.1"}));
}

}  // namespace
}  // namespace linkspan
