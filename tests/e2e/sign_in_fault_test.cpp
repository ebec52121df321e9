#include "links/net/base64.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/signing_in.hpp"

#include <signal.h>

// What goes wrong with a sign-in: each fault has its own page, its own message, and spends nothing of others.

namespace linkspan::test
{
namespace
{

class sign_in_faults : public signing_in
{
protected:
    // A flow begun by the browser: the consent page is before it.
    struct begun
    {
        std::string start_url;
        std::unique_ptr<running_program> command;
    };
    begun begin(std::string const& link)
    {
        begun out;
        out.command = std::make_unique<running_program>(
            profile, std::vector<std::string>{"start-oauth", link, "--timeout", "60"}
        );
        out.start_url = start_url_of(*out.command);
        return out;
    }

    // The address of the callback, which the browser does not go to yet.
    std::string answer_of(user_agent& with, std::string const& start_url)
    {
        auto const origin = start_url.substr(0, start_url.find("/start?"));
        with.open(start_url);
        with.cannot_reach(origin + "/callback");
        with.press("grant");
        with.cannot_reach("");
        return with.address();
    }

    static void expect_page(user_agent const& shown, int status, std::string const& text)
    {
        auto const& page = shown.page();
        EXPECT_EQ(page.status, status) << page.body;
        EXPECT_NE(page.body.find(text), std::string::npos) << page.body;
        EXPECT_EQ(find_header(page.headers, "Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(
            find_header(page.headers, "Content-Security-Policy"),
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        EXPECT_EQ(find_header(page.headers, "Cache-Control"), "no-store");
        EXPECT_EQ(find_header(page.headers, "Referrer-Policy"), "no-referrer");
        EXPECT_EQ(find_header(page.headers, "X-Content-Type-Options"), "nosniff");
    }

    static void expect_failed(program_run const& ended, int code, std::string const& says)
    {
        EXPECT_EQ(ended.code, code) << ended.err;
        EXPECT_NE(ended.err.find(says), std::string::npos) << ended.err;
    }

    void expect_nothing_got(std::string const& link)
    {
        EXPECT_EQ(grant_of(link).state, grant_state::none);
        EXPECT_EQ(provider.calls(provider_call::exchange), 0u);
    }
};

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

TEST_F(sign_in_faults, what_belongs_to_a_terminal_is_taken_there_alone)
{
    auto const link = make_link();
    serve();
    running_program first(profile, {"start-oauth", link, "--no-browser"});
    running_program second(profile, {"start-oauth", link, "--no-browser"});
    start_url_of(first);
    start_url_of(second);
    consent(browser, service_url_of(first));
    expect_page(browser, 403, "belongs to the terminal");
    auto const answer = browser.address();
    second.type(answer);
    second.wait_for_err("the answer to another sign-in");
    expect_nothing_got(link);
    first.type(answer);
    EXPECT_EQ(first.wait().code, 0);
    second.signal(SIGINT);
    expect_failed(second.wait(), 9, "ended by a signal");
}

TEST_F(sign_in_faults, wrong_pastes_are_explained_five_times_at_most)
{
    auto const link = make_link();
    running_program command(profile, {"start-oauth", link, "--no-browser"});
    auto const url = start_url_of(command);
    auto const origin = url.substr(0, url.find("/start?"));
    command.type("");
    command.type("yes");
    command.wait_for_err("that is not the address");
    command.type(origin + "/callback?code=1");
    command.wait_for_err("it has no state");
    command.type(origin + "/callback?code=1&state=2");
    command.wait_for_err("the answer to another sign-in");
    command.type(std::string(20'000, 'x'));
    command.wait_for_err("longer than");
    command.type("https://evil.example.com/callback?code=1&state=2");
    expect_failed(command.wait(), 2, "the last of 5 tries");
    expect_nothing_got(link);
}

TEST_F(sign_in_faults, an_ended_command_leaves_nothing_to_use)
{
    auto const link = make_link();
    serve();
    auto flow = begin(link);
    auto const answer = answer_of(browser, flow.start_url);
    flow.command->signal(SIGINT);
    auto const ended = flow.command->wait();
    expect_failed(ended, 9, "ended by a signal");
    browser.open(answer);
    expect_page(browser, 409, "has ended");
    browser.open(flow.start_url);
    expect_page(browser, 409, "has ended");
    expect_nothing_got(link);
}

TEST_F(sign_in_faults, nobody_comes_in_time)
{
    auto const link = make_link();
    auto const waited = profile.run({"start-oauth", link, "--timeout", "1"});
    expect_failed(waited, 7, "nobody has signed in in time");
    EXPECT_EQ(profile.run({"start-oauth", link, "--timeout", "601"}).code, 2);
    EXPECT_EQ(profile.run({"start-oauth", link, "--timeout", "0"}).code, 2);
}

TEST_F(sign_in_faults, a_port_in_use_leaves_pasting)
{
    auto const link = make_link();
    auto const port = std::to_string(provider.port());
    profile.write_config("[server]\nlisten = \"127.0.0.1:" + port + "\"\n");
    profile.variables["BROWSER"] = "one";
    expect_failed(
        profile.run({"start-oauth", link}), 4, "the port is taken by another program; end that program"
    );
    profile.variables.erase("BROWSER");
    expect_failed(
        profile.run({"start-oauth", link, "--no-browser"}), 9, "the input ended, and no answer was pasted"
    );
    running_program command(profile, {"start-oauth", link, "--no-browser"});
    command.wait_for_err("can be pasted only");
    provider.set_callback_url("http://localhost:" + port + "/callback");
    user_agent elsewhere;
    elsewhere.cannot_reach("http://localhost:");
    command.type(consent(elsewhere, service_url_of(command)));
    auto const ended = command.wait();
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(ended.out.find(opening), std::string::npos) << "nobody answers there";
}

TEST_F(sign_in_faults, links_that_cannot_sign_in_say_why)
{
    auto const made = profile.run({"create-link", "--template", "bitbucket-app-oauth", "--name", "bare"});
    ASSERT_EQ(made.code, 0) << made.err;
    expect_failed(
        profile.run({"start-oauth", "bare"}),
        2,
        "lacks client_id, client_secret; give it with linkspan set-creds bare"
    );
    ASSERT_EQ(profile.run({"create-link", "--template", "console", "--name", "here"}).code, 0);
    expect_failed(profile.run({"start-oauth", "here"}), 2, "has no sign-in");
    expect_failed(profile.run({"start-oauth", "bar"}), 3, "did you mean \"bare\"?");
    profile.write_config("[server]\npublic_url = \"http://linkspan.example.com\"\n");
    auto const link = make_link();
    expect_failed(profile.run({"start-oauth", link}), 2, "public_url is plain http");
}

TEST_F(sign_in_faults, a_client_gets_its_token_without_a_person)
{
    auto const made = profile.run(
        {"create-link",
         "--template",
         "bitbucket-client-credentials",
         "--name",
         "robot",
         "--client-id",
         "linkspan-key",
         "--client-secret",
         "linkspan-secret",
         "--kv",
         "token_url=" + provider.token_url(),
         "--kv",
         "api_url=" + provider.api_url()}
    );
    ASSERT_EQ(made.code, 0) << made.err;
    auto const got = profile.run({"start-oauth", "robot"});
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_NE(got.out.find("nobody needs to sign in"), std::string::npos) << got.out;
    EXPECT_EQ(provider.calls(provider_call::client_credentials), 1u);
    provider.set_client_secret("another");
    EXPECT_NE(profile.run({"start-oauth", "robot"}).code, 0);
}

TEST_F(sign_in_faults, while_nobody_serves_webhooks_are_told_to_come_again)
{
    auto const link = make_link();
    auto flow = begin(link);
    auto const origin = flow.start_url.substr(0, flow.start_url.find("/start?"));
    auto const answer = exchange_with(http_request("POST", origin + "/webhook/" + link));
    EXPECT_EQ(answer.status, 503);
    EXPECT_NE(find_header(answer.headers, "Retry-After"), "");
    EXPECT_EQ(get(origin + "/metrics").status, 404);
    user_agent stranger;
    stranger.open(origin + "/callback?state=a&code=b");
    EXPECT_EQ(stranger.page().status, 404);
    flow.command->wait_for_err("no sign-in waits for this answer");
    consent(browser, flow.start_url);
    EXPECT_EQ(flow.command->wait().code, 0);
}

TEST_F(sign_in_faults, no_secret_of_a_sign_in_stands_in_logs_or_files)
{
    auto const link = make_link();
    serve();
    auto flow = begin(link);
    auto const answer = answer_of(browser, flow.start_url);
    auto secrets = provider.handed_out();
    secrets.push_back(query_value(flow.start_url, "ticket"));
    secrets.push_back(query_value(answer, "state"));
    secrets.push_back(query_value(answer, "code"));
    for (auto const& [name, value] : browser.cookies["localhost"])
        secrets.push_back(value);
    ASSERT_EQ(browser.open(answer).status, 200);
    browser.open(answer);
    browser.open(flow.start_url);
    auto const ended = flow.command->wait();
    for (auto const& one : provider.handed_out())
        secrets.push_back(one);
    serve_->signal(SIGTERM);
    EXPECT_EQ(serve_->wait(), 0);
    auto said = served_program::log_of(profile) + ended.err;
    EXPECT_NE(said.find("signed in"), std::string::npos) << "the log was read";
    for (auto const* folder : {"data", "state"})
        for (auto const& file : std::filesystem::recursive_directory_iterator(profile.folder() / folder))
            if (file.is_regular_file())
                said += read_file(file.path());
    for (auto const& one : secrets)
    {
        ASSERT_GE(one.size(), 16u);
        EXPECT_EQ(said.find(one), std::string::npos) << one;
        EXPECT_EQ(said.find(encode_base64(one).substr(0, 20)), std::string::npos) << one;
    }
}

}  // namespace
}  // namespace linkspan::test
