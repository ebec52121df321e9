#include "tests/support/signing_in.hpp"

#include "store/grants.hpp"
#include "store/links.hpp"
#include "store/store.hpp"
#include "store/uses.hpp"
#include "tests/support/test_profile.hpp"

#include <SQLiteCpp/Database.h>

namespace linkspan::test
{
signing_in::signing_in(provider_settings settings) : provider(std::move(settings))
{
    profile.write_config("[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n");
}

std::string signing_in::make_link(std::vector<std::string> more)
{
    std::vector<std::string> arguments = {
        "create-link",
        "--template",
        "bitbucket-app-oauth",
        "--client-id",
        "linkspan-key",
        "--client-secret",
        "linkspan-secret",
        "--kv",
        "auth_url=" + provider.authorize_url(),
        "--kv",
        "token_url=" + provider.token_url(),
        "--kv",
        "api_url=" + provider.api_url()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto const made = profile.run(arguments);
    EXPECT_EQ(made.code, 0) << made.err;
    constexpr std::string_view head = "New link ID: ";
    EXPECT_TRUE(made.out.starts_with(head)) << made.out;
    return made.out.substr(head.size(), 16);
}

std::string signing_in::start_url_of(running_program& command)
{
    auto const url = command.wait_for_out(opening);
    provider.set_callback_url(url.substr(0, url.find("/start?")) + "/callback");
    return url;
}

std::string signing_in::service_url_of(running_program& command)
{
    return provider.authorize_url() + command.wait_for_err(provider.authorize_url());
}

std::string signing_in::consent(user_agent& with, std::string const& url)
{
    EXPECT_EQ(with.open(url).status, 200) << with.address() << '\n' << with.page().body;
    with.press("grant");
    return with.address();
}

signing_in::begun signing_in::begin(std::string const& link)
{
    begun out;
    out.command = std::make_unique<running_program>(
        profile, std::vector<std::string>{"start-oauth", link, "--timeout", "60"}
    );
    out.start_url = start_url_of(*out.command);
    return out;
}

std::string signing_in::answer_of(user_agent& with, std::string const& start_url)
{
    auto const origin = start_url.substr(0, start_url.find("/start?"));
    with.open(start_url);
    with.cannot_reach(origin + "/callback");
    with.press("grant");
    with.cannot_reach("");
    return with.address();
}

void signing_in::expect_page(user_agent const& shown, int status, std::string const& text)
{
    auto const& page = shown.page();
    EXPECT_EQ(page.status, status) << page.body;
    EXPECT_NE(page.body.find(text), std::string::npos) << page.body;
    EXPECT_EQ(find_header(page.headers, "Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(
        find_header(page.headers, "Content-Security-Policy"),
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    EXPECT_EQ(find_header(page.headers, "Cache-Control"), "no-store");
    EXPECT_EQ(find_header(page.headers, "Referrer-Policy"), "no-referrer");
    EXPECT_EQ(find_header(page.headers, "X-Content-Type-Options"), "nosniff");
}

void signing_in::expect_failed(program_run const& ended, int code, std::string const& says)
{
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_NE(ended.err.find(says), std::string::npos) << ended.err;
}

void signing_in::expect_nothing_got(std::string const& link)
{
    EXPECT_EQ(grant_of(link).state, grant_state::none);
    EXPECT_EQ(provider.calls(provider_call::exchange), 0u);
}

linkspan::grant signing_in::grant_of(std::string const& link)
{
    auto opened = command_store::open(profile.database());
    std::function<result<linkspan::grant>(transaction&)> const work = [&](transaction& tx)
    { return find_grant(tx, link_id(link)); };
    return opened.value().read(real_time(), work).value();
}

std::map<std::string, std::string> signing_in::facts_of(std::string const& link)
{
    auto opened = command_store::open(profile.database());
    std::function<result<std::map<std::string, std::string>>(transaction&)> const work = [&](transaction& tx)
    { return list_facts(tx, link_id(link)); };
    return opened.value().read(real_time(), work).value();
}

void signing_in::change_database(std::string const& sql)
{
    SQLite::Database database(profile.database().string(), SQLite::OPEN_READWRITE, 5000);
    database.exec("PRAGMA wal_autocheckpoint=0");
    database.exec(sql);
}

}  // namespace linkspan::test
