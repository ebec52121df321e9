#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/signing_in.hpp"

#include <signal.h>

#include <filesystem>
#include <thread>

// What goes wrong with a sign-in: each fault has its own page, its own message, and spends nothing of others.

namespace linkspan::test
{
namespace
{

using sign_in_faults = signing_in;

TEST_F(sign_in_faults, tickets_work_once_and_for_their_link)
{
    auto const link = make_link();
    auto const other = make_link();
    serve();
    auto flow = begin(link);
    auto const base = flow.start_url.substr(0, flow.start_url.find('?'));
    auto const ticket = query_value(flow.start_url, "ticket");
    struct
    {
        std::string query;
        int status;
        std::string says;
    } const cases[] = {
        {"", 400, "has no id"},
        {"?id=" + link, 400, "has no ticket"},
        {"?ticket=" + ticket, 400, "has no id"},
        {"?id=" + link + "&ticket=", 400, "has no ticket"},
        {"?id=" + link + "&ticket=" + ticket + "&ticket=" + ticket, 400, "has no ticket, or more than one"},
        {"?id=" + link + "&ticket=" + ticket.substr(1) + "A", 404, "no such ticket"},
        {"?id=" + other + "&ticket=" + ticket, 404, "no such ticket"},
        {"?id=%3Cscript%3E&ticket=" + ticket, 404, "no such ticket"},
    };
    for (auto const& one : cases)
    {
        browser.open(base + one.query);
        expect_page(browser, one.status, one.says);
        EXPECT_EQ(browser.page().body.find("<script"), std::string::npos);
    }
    EXPECT_TRUE(browser.cookies["localhost"].empty()) << "who is refused gets no cookie";
    EXPECT_EQ(exchange_with(http_request("HEAD", flow.start_url)).status, 200);
    EXPECT_EQ(browser.open(flow.start_url).status, 200) << "HEAD, or a refusal, has spent the ticket";
    ASSERT_EQ(browser.set_cookies().size(), 1u);
    auto const& cookie = browser.set_cookies().front();
    for (auto const* attribute : {"; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=600"})
        EXPECT_NE(cookie.find(attribute), std::string::npos) << cookie;
    EXPECT_EQ(cookie.find("Secure"), std::string::npos) << "plain http would not send it back";
    user_agent again;
    again.open(flow.start_url);
    expect_page(again, 409, "was used already");
    browser.press("grant");
    EXPECT_EQ(browser.page().status, 200);
    EXPECT_EQ(flow.command->wait().code, 0);
}

TEST_F(sign_in_faults, the_redirect_to_the_service_tells_it_nothing_of_the_ticket)
{
    auto const link = make_link();
    serve();
    auto flow = begin(link);
    auto const answer = get(flow.start_url);
    EXPECT_EQ(answer.status, 302);
    EXPECT_EQ(find_header(answer.headers, "Referrer-Policy"), "no-referrer");
    EXPECT_EQ(find_header(answer.headers, "Cache-Control"), "no-store");
    auto const to = std::string(find_header(answer.headers, "Location"));
    EXPECT_TRUE(to.starts_with(provider.authorize_url() + "?")) << to;
    EXPECT_EQ(query_value(to, "code_challenge_method"), "S256");
    EXPECT_EQ(query_value(to, "code_challenge").size(), 43u);
    EXPECT_EQ(query_value(to, "state").size(), 43u);
    EXPECT_EQ(query_value(to, "response_type"), "code");
    EXPECT_EQ(to.find(query_value(flow.start_url, "ticket")), std::string::npos);
}

TEST_F(sign_in_faults, another_browser_cannot_bring_the_answer)
{
    auto const link = make_link();
    serve();
    auto flow = begin(link);
    auto const answer = answer_of(browser, flow.start_url);
    user_agent foreign;
    foreign.open(answer);
    expect_page(foreign, 403, "begun in another browser");
    foreign.cookies["localhost"] = {{browser.cookies["localhost"].begin()->first, "guessed"}};
    foreign.open(answer);
    expect_page(foreign, 403, "begun in another browser");
    EXPECT_EQ(exchange_with(http_request("HEAD", answer)).status, 200);
    expect_nothing_got(link);
    browser.open(answer);
    EXPECT_EQ(browser.page().status, 200) << "a foreign browser has spent the state";
    EXPECT_TRUE(browser.cookies["localhost"].empty()) << "the cookie has done its work";
    EXPECT_EQ(flow.command->wait().code, 0);
}

TEST_F(sign_in_faults, an_answer_works_once)
{
    auto const link = make_link();
    serve();
    auto flow = begin(link);
    auto const answer = answer_of(browser, flow.start_url);
    auto const before = browser.cookies;
    EXPECT_EQ(browser.open(answer).status, 200);
    browser.cookies = before;
    browser.open(answer);
    expect_page(browser, 409, "was used already");
    EXPECT_EQ(provider.calls(provider_call::exchange), 1u);
    EXPECT_EQ(flow.command->wait().code, 0);
    EXPECT_EQ(grant_of(link).state, grant_state::authorized);
}

TEST_F(sign_in_faults, answers_that_nobody_waits_for_are_refused)
{
    make_link();
    serve();
    auto const base = serve_->public_url() + "/callback";
    struct
    {
        std::string query;
        int status;
        std::string says;
    } const cases[] = {
        {"?code=abc", 400, "has no state"},
        {"", 400, "has no state"},
        {"?state=abc", 400, "neither a code nor an error"},
        {"?state=a&state=b&code=c", 400, "state twice"},
        {"?state=abc&code=c", 404, "no sign-in waits"},
        {"?state=abc&error=x&error_description=%3Cb%3E", 404, "no sign-in waits"},
    };
    for (auto const& one : cases)
    {
        browser.open(base + one.query);
        expect_page(browser, one.status, one.says);
    }
    EXPECT_EQ(get(base + "?state=a&code=" + std::string(9'000, 'c')).status, 400);
    EXPECT_EQ(get(base + "?state=a&code=" + std::string(20'000, 'c')).status, 431);
    EXPECT_EQ(exchange_with(http_request("POST", base)).status, 405);
}

TEST_F(sign_in_faults, they_expire)
{
    auto const link = make_link();
    serve();
    auto begun_one = begin(link);
    auto const answer = answer_of(browser, begun_one.start_url);
    auto unbegun = begin(link);
    change_database("UPDATE flow SET expires_at = created_at - 1");
    browser.open(answer);
    expect_page(browser, 410, "has expired");
    browser.open(unbegun.start_url);
    expect_page(browser, 410, "has expired");
    expect_nothing_got(link);
    for (auto* one : {&begun_one, &unbegun})
    {
        one->command->signal(SIGINT);
        expect_failed(one->command->wait(), 9, "ended by a signal");
    }
}

TEST_F(sign_in_faults, what_the_person_refuses_is_told_in_the_services_words)
{
    auto const link = make_link();
    for (bool const is_served : {false, true})
    {
        if (is_served)
            serve();
        auto flow = begin(link);
        user_agent person;
        person.open(flow.start_url);
        person.press("cancel");
        expect_page(person, 403, "access_denied");
        auto const ended = flow.command->wait();
        expect_failed(ended, 5, "access_denied");
        EXPECT_EQ(ended.out.find("authorized"), std::string::npos) << ended.out;
    }
    running_program pasting(profile, {"start-oauth", link, "--no-browser"});
    auto const url = start_url_of(pasting);
    user_agent elsewhere;
    elsewhere.cannot_reach(url.substr(0, url.find("/start?")));
    elsewhere.open(service_url_of(pasting));
    elsewhere.press("cancel");
    pasting.type(elsewhere.address());
    expect_failed(pasting.wait(), 5, "access_denied");
    expect_nothing_got(link);
}

TEST_F(sign_in_faults, html_in_an_error_description_stays_text)
{
    auto const link = make_link();
    serve();
    auto flow = begin(link);
    auto const answer = answer_of(browser, flow.start_url);
    auto const base = answer.substr(0, answer.find('?'));
    browser.open(
        base + "?state=" + query_value(answer, "state") + "&error=access_denied&error_description=" +
        percent_encoded("<script>alert(1)</script><img src=x onerror='a'> & \"so\" \x1b[31mred\nnext")
    );
    expect_page(browser, 403, "&lt;script&gt;alert(1)&lt;/script&gt;");
    EXPECT_EQ(browser.page().body.find("<script"), std::string::npos);
    EXPECT_EQ(browser.page().body.find("<img"), std::string::npos);
    auto const ended = flow.command->wait();
    expect_failed(ended, 5, "<script>alert(1)</script>");
    EXPECT_EQ(ended.err.find('\x1b'), std::string::npos) << "a terminal must not obey it";
    EXPECT_EQ(ended.err.find("\nnext"), std::string::npos);
}

TEST_F(sign_in_faults, each_fault_of_the_token_endpoint_has_its_page)
{
    auto const link = make_link();
    serve();
    struct
    {
        provider_fault fault;
        int status;
        std::string says;
    } const cases[] = {
        {provider_fault::lost(false), 504, "gave no whole answer"},
        {provider_fault::status(500), 503, "does not work now"},
        {provider_fault::rate_limit("7"), 503, "does not work now"},
        {provider_fault::error(400, "invalid_grant", "The <i>code</i> is gone"),
         403,
         "The &lt;i&gt;code&lt;/i&gt; is gone"},
        {provider_fault::error(401, "invalid_client", "Who is that"), 502, "Who is that"},
        {provider_fault::redirect("http://127.0.0.1:1/"), 502, "answers with a redirect"},
        {provider_fault::wrong_json(), 503, "no JSON object"},
        {provider_fault::too_large(), 504, "exceeds 262144 bytes"},
    };
    std::size_t calls = 0;
    for (auto const& one : cases)
    {
        auto flow = begin(link);
        provider.script(provider_call::exchange, {one.fault});
        user_agent person;
        consent(person, flow.start_url);
        EXPECT_EQ(provider.calls(provider_call::exchange), ++calls) << "a code is tried once";
        expect_page(person, one.status, one.says);
        EXPECT_EQ(person.page().body.find("<i>"), std::string::npos);
        expect_failed(flow.command->wait(), 5, "nobody is signed in");
        EXPECT_EQ(grant_of(link).state, grant_state::none) << one.says;
    }
}

TEST_F(sign_in_faults, tokens_that_the_store_does_not_take_at_once_are_kept_until_it_does)
{
    auto const link = make_link();
    serve();
    auto flow = begin(link);
    provider.script(provider_call::exchange, {provider_fault::held()});
    std::thread person([&] { consent(browser, flow.start_url); });
    EXPECT_TRUE(provider.wait_for_held(1));
    auto const aside = profile.master_key().string() + ".aside";
    std::filesystem::rename(profile.master_key(), aside);
    provider.release();
    EXPECT_TRUE(eventually(
        [&] {
            return served_program::log_of(profile).find("tokens of a sign-in not stored") !=
                   std::string::npos;
        }
    )) << served_program::log_of(profile);
    std::filesystem::rename(aside, profile.master_key());
    person.join();
    expect_page(browser, 200, "Signed in");
    EXPECT_EQ(flow.command->wait().code, 0);
    EXPECT_EQ(grant_of(link).state, grant_state::authorized);
    EXPECT_EQ(provider.calls(provider_call::exchange), 1u);
}

TEST_F(sign_in_faults, a_refused_redirect_uri_is_told_by_the_service)
{
    auto const link = make_link();
    serve();
    auto flow = begin(link);
    provider.set_callback_url("https://elsewhere.example.com/callback");
    browser.open(flow.start_url);
    EXPECT_GE(browser.page().status, 400) << browser.page().body;
    EXPECT_EQ(browser.page().body.find("grant"), std::string::npos);
    flow.command->signal(SIGTERM);
    expect_failed(flow.command->wait(), 9, "ended by a signal");
}

TEST_F(sign_in_faults, a_service_that_does_not_say_who_leaves_it_signed_in)
{
    auto const link = make_link();
    serve();
    auto flow = begin(link);
    provider.script(
        provider_call::api,
        {provider_fault::status(500), provider_fault::status(500), provider_fault::status(500)}
    );
    consent(browser, flow.start_url);
    expect_page(browser, 200, "did not say who");
    auto const ended = flow.command->wait();
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(grant_of(link).state, grant_state::authorized);
}

}  // namespace
}  // namespace linkspan::test
