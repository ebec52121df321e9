#include "tests/support/environment.hpp"
#include "tests/support/signing_in.hpp"
#include "tests/support/test_keys.hpp"
#include "tests/support/webhook_recorder.hpp"

#include <algorithm>

// A GitHub app is installed by a person instead of consented to; its callback names the installation.

namespace linkspan::test
{
namespace
{

// One answer that has what each of GitHub's calls looks for.
constexpr char const* github_says =
    R"({"token":"ghs_canary","expires_at":"2099-01-01T00:00:00Z","id":77,"slug":"acme-bridge",)"
    R"("name":"Acme bridge","owner":{"login":"acme"},"account":{"login":"acme"},"suspended_at":null,)"
    R"("repository_selection":"all","permissions":{"contents":"read","pull_requests":"write"}})";

class sign_in_installation : public signing_in
{
protected:
    sign_in_installation()
    {
        auto const key = profile.write("app.pem", rsa_key(key_form::pkcs1));
        auto const made = profile.run(
            {"create-link",
             "--template",
             "github-app-jwt",
             "--kv",
             "client_id=Iv1.canary",
             "--kv",
             "private_key=@" + key.string(),
             "--kv",
             "app_slug=acme-bridge",
             "--kv",
             "base_url=" + github.url(),
             "--kv",
             "api_url=" + github.url() + "/"}
        );
        EXPECT_EQ(made.code, 0) << made.err;
        link = made.out.substr(13, 16);
        serve();
    }

    // The callback as GitHub asks for it, from where the browser is sent to.
    std::string callback_with(std::string const& start_url, std::string const& query)
    {
        browser.cannot_reach(github.url());
        browser.open(start_url);
        auto const page = browser.address();
        EXPECT_TRUE(page.starts_with(github.url() + "/github-apps/acme-bridge/installations/new?state="))
            << page;
        return start_url.substr(0, start_url.find("/start?")) + "/callback?" + query +
               "&state=" + query_value(page, "state");
    }

    std::vector<std::string> asked() const
    {
        std::vector<std::string> out;
        for (auto const& one : github.requests())
            out.push_back(one.method + " " + one.target);
        return out;
    }

    webhook_recorder github{{200}, github_says};
    std::string link;
};

TEST_F(sign_in_installation, keeps_where_the_app_is_installed_and_gets_a_token)
{
    auto flow = begin(link);
    browser.open(callback_with(flow.start_url, "code=unused&installation_id=77&setup_action=install"));
    expect_page(browser, 200, "acme");
    auto const ended = flow.command->wait();
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(grant_of(link).state, grant_state::authorized);
    auto const calls = asked();
    EXPECT_EQ(std::ranges::count(calls, "POST /app/installations/77/access_tokens"), 1) << calls.size();
    auto const shown = profile.run({"get-link", link, "--json"}).json();
    EXPECT_EQ(shown.at("fields").at("install_id").at("value").as_string(), "77");
}

TEST_F(sign_in_installation, without_a_token_leaves_all_as_it_was)
{
    auto first = begin(link);
    browser.open(callback_with(first.start_url, "installation_id=77&setup_action=install"));
    EXPECT_EQ(first.command->wait().code, 0);
    webhook_recorder broken({500}, "{}");
    EXPECT_EQ(profile.run({"update-link", link, "--kv", "api_url=" + broken.url() + "/"}).code, 0);
    auto flow = begin(link);
    browser.open(callback_with(flow.start_url, "installation_id=78&setup_action=install"));
    EXPECT_NE(flow.command->wait().code, 0);
    auto const shown = profile.run({"get-link", link, "--json"}).json();
    EXPECT_EQ(shown.at("fields").at("install_id").at("value").as_string(), "77");
    EXPECT_EQ(grant_of(link).state, grant_state::authorized)
        << "the old tokens stay with the old installation";
}

TEST_F(sign_in_installation, that_waits_for_an_owner_is_told_so)
{
    auto flow = begin(link);
    browser.open(callback_with(flow.start_url, "setup_action=request"));
    expect_page(browser, 202, "waits for an owner");
    expect_failed(flow.command->wait(), 5, "waits for an owner");
    EXPECT_EQ(grant_of(link).state, grant_state::none);
    EXPECT_TRUE(asked().empty());
}

TEST_F(sign_in_installation, is_a_number)
{
    auto flow = begin(link);
    auto const url = callback_with(flow.start_url, "installation_id=77%2F..&setup_action=install");
    browser.open(url);
    expect_page(browser, 400, "is no number");
    EXPECT_TRUE(asked().empty());
    auto const right = url.find("%2F..");
    browser.open(std::string(url).erase(right, 5));
    EXPECT_EQ(browser.page().status, 200) << "what could not be read spends nothing";
    EXPECT_EQ(flow.command->wait().code, 0);
}

TEST_F(sign_in_installation, without_a_number_is_refused)
{
    auto flow = begin(link);
    browser.open(callback_with(flow.start_url, "code=unused"));
    expect_page(browser, 403, "names no installation");
    expect_failed(flow.command->wait(), 5, "names no installation");
}

}  // namespace
}  // namespace linkspan::test
