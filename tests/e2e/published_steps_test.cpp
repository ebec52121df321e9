#include "tests/simulators/oauth_provider.hpp"
#include "tests/support/chromium.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/running_program.hpp"
#include "tests/support/served_program.hpp"

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include <ostream>

// The three steps as the guide publishes them, with nothing added: the program believes that it speaks to
// https://bitbucket.org. By a person who reads HTTP, and by one with a real browser.

namespace linkspan::test
{
namespace
{

enum class visitor
{
    by_hand,
    with_chromium,
};

void PrintTo(visitor one, std::ostream* out)
{
    *out << (one == visitor::by_hand ? "by hand" : "in Chromium");
}

std::string name_of_visitor(testing::TestParamInfo<visitor> const& info)
{
    return info.param == visitor::by_hand ? "by_hand" : "in_chromium";
}

class published_steps : public testing::TestWithParam<visitor>
{
protected:
    void SetUp() override
    {
        if (GetParam() == visitor::with_chromium && !has_chromium())
            GTEST_SKIP() << "no browser for tests: ./dev test --browser installs one";
        profile_.write_config(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nproxy = \"" +
            proxy_.proxy_url() + "\"\nca_bundle = \"" + proxy_.ca_file().string() + "\"\n"
        );
    }

    // The first two steps; the link's id.
    std::string make_link()
    {
        auto const made = profile_.run(
            {"create-link",
             "--template",
             "bitbucket-app-oauth",
             "--client-id",
             "linkspan-key",
             "--client-secret",
             "linkspan-secret"}
        );
        EXPECT_EQ(made.code, 0) << made.err;
        EXPECT_TRUE(made.out.starts_with("New link ID: ")) << made.out;
        EXPECT_NE(made.err.find("--client-secret=@"), std::string::npos) << "warns and names a safer form";
        auto const id = made.out.substr(13, 16);
        EXPECT_EQ(profile_.run({"set-creds", id, "--kv", "webhook_secret=s3cret, or so"}).code, 0);
        return id;
    }

    // The provider takes the callback of the origin that is printed.
    std::string start_url_of(running_program& command, std::string const& id)
    {
        auto const url = command.wait_for_out("Opening a browser with this URL: ");
        EXPECT_NE(url.find("/start?id=" + id + "&ticket="), std::string::npos) << url;
        provider_.set_callback_url(url.substr(0, url.find("/start?")) + "/callback");
        return url;
    }

    // Grants access; the address at which that ends, and what stands there.
    seen_page grant(std::string const& url)
    {
        return GetParam() == visitor::by_hand ? grant_by_hand(url) : grant_in_chromium(url, proxy_);
    }

    seen_page grant_by_hand(std::string url)
    {
        http_request back;
        if (url.starts_with("http://localhost"))
        {
            auto const started = get(url);
            EXPECT_EQ(started.status, 302) << started.body;
            url = find_header(started.headers, "Location");
            auto const cookie = std::string(find_header(started.headers, "Set-Cookie"));
            back.headers.push_back({"Cookie", cookie.substr(0, cookie.find(';'))});
        }
        EXPECT_TRUE(url.starts_with("https://bitbucket.org/site/oauth2/authorize?")) << url;
        seen_page seen;
        seen.address = press_button(provider_, url, "grant");
        back.method = "GET";
        back.target = seen.address;
        seen.text = exchange_with(std::move(back)).body;
        return seen;
    }

    void expect_authorized(std::string const& id, program_run const& ended)
    {
        EXPECT_EQ(ended.code, 0) << ended.err;
        EXPECT_NE(ended.out.find("Ada Example"), std::string::npos) << ended.out;
        auto const link = profile_.run({"get-link", id, "--json"}).json().as_object();
        EXPECT_EQ(link.at("state").as_string(), "authorized") << link;
        auto const checked = profile_.run({"check-link", id});
        EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
        EXPECT_EQ(provider_.calls(provider_call::exchange), 1u);
    }

    oauth_provider provider_;
    tls_proxy proxy_{{{"bitbucket.org", provider_.port()}, {"api.bitbucket.org", provider_.port()}}};
    program_profile profile_;
};

TEST_P(published_steps, with_the_daemon_up)
{
    served_program const serve(profile_);
    auto const id = make_link();
    running_program command(profile_, {"start-oauth", id});
    auto const seen = grant(start_url_of(command, id));
    EXPECT_NE(seen.text.find("Ada Example"), std::string::npos) << seen.text;
    EXPECT_TRUE(seen.problems.empty()) << seen.problems.front();
    expect_authorized(id, command.wait());
}

TEST_P(published_steps, with_the_daemon_down)
{
    auto const id = make_link();
    running_program command(profile_, {"start-oauth", id});
    auto const seen = grant(start_url_of(command, id));
    EXPECT_NE(seen.text.find("Ada Example"), std::string::npos) << seen.text;
    expect_authorized(id, command.wait());
}

TEST_P(published_steps, by_pasting)
{
    auto const id = make_link();
    running_program command(profile_, {"start-oauth", id, "--no-browser"});
    start_url_of(command, id);
    constexpr char const* service = "https://bitbucket.org/site/oauth2/authorize?";
    auto const seen = grant(service + command.wait_for_err(service));
    EXPECT_NE(seen.address.find("/callback?"), std::string::npos) << seen.address;
    EXPECT_EQ(provider_.calls(provider_call::exchange), 0u)
        << "a callback of a terminal is not taken over HTTP";
    command.type(seen.address);
    expect_authorized(id, command.wait());
}

INSTANTIATE_TEST_SUITE_P(
    person, published_steps, testing::Values(visitor::by_hand, visitor::with_chromium), name_of_visitor
);

}  // namespace
}  // namespace linkspan::test
