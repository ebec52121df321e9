#include "links/net/base64.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/signing_in.hpp"

#include <signal.h>

#include <thread>

// linkspan start-oauth at its edges: pastes, ports, links that cannot sign in, and what it leaves behind.

namespace linkspan::test
{
namespace
{

using sign_in_command = signing_in;

TEST_F(sign_in_command, what_belongs_to_a_terminal_is_taken_there_alone)
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

TEST_F(sign_in_command, wrong_pastes_are_explained_five_times_at_most)
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

TEST_F(sign_in_command, a_person_at_a_terminal_is_told_how_far_it_is)
{
    auto const link = make_link();
    auto const pasting = profile.run_on_terminal(
        {"start-oauth", link, "--no-browser", "--timeout", "1"},
        {{"Address: ", "what?\n"}, {"Paste the whole address", "\x04"}}
    );
    expect_failed(pasting, 7, "that is not the address");
    profile.variables["BROWSER"] = "one";
    profile.variables["PATH"] = "/nonexistent";
    auto const no_opener = profile.run_on_terminal({"start-oauth", link, "--timeout", "1"}, {});
    expect_failed(no_opener, 7, "there is no xdg-open");
    auto const bin = profile.write("xdg-open", "#!/bin/sh\nexit 0\n");
    std::filesystem::permissions(bin, std::filesystem::perms::owner_all);
    profile.variables["PATH"] = profile.folder().string();
    auto const waiting = profile.run_on_terminal({"start-oauth", link, "--timeout", "1"}, {});
    expect_failed(waiting, 7, "Waiting for the sign-in in the browser");
}

TEST_F(sign_in_command, serve_refuses_a_public_url_that_can_be_read_on_the_way)
{
    auto const refused = profile.run({"serve", "--public-url", "http://linkspan.example.com"});
    expect_failed(refused, 2, "public_url is plain http");
    running_program allowed(
        profile,
        {"serve",
         "--listen",
         "127.0.0.1:0",
         "--admin-listen",
         "127.0.0.1:0",
         "--public-url",
         "http://linkspan.example.com",
         "--allow-http-public-url"}
    );
    allowed.wait_for_err("serving");
    allowed.signal(SIGTERM);
    auto const ended = allowed.wait();
    EXPECT_EQ(ended.code, 0) << ended.out << ended.err;
}

TEST_F(sign_in_command, an_ended_command_leaves_nothing_to_use)
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

TEST_F(sign_in_command, nobody_comes_in_time)
{
    auto const link = make_link();
    auto const waited = profile.run({"start-oauth", link, "--timeout", "1"});
    expect_failed(waited, 7, "nobody has signed in in time");
    EXPECT_EQ(profile.run({"start-oauth", link, "--timeout", "601"}).code, 2);
    EXPECT_EQ(profile.run({"start-oauth", link, "--timeout", "0"}).code, 2);
}

TEST_F(sign_in_command, a_port_in_use_leaves_pasting)
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

TEST_F(sign_in_command, links_that_cannot_sign_in_say_why)
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

TEST_F(sign_in_command, a_client_gets_its_token_without_a_person)
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

TEST_F(sign_in_command, while_nobody_serves_webhooks_are_told_to_come_again)
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

TEST_F(sign_in_command, no_secret_of_a_sign_in_stands_in_logs_or_files)
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

// Until then the daemon would act as whoever had consented before.
TEST_F(sign_in_command, the_daemon_takes_the_tokens_before_it_asks_who_that_is)
{
    auto const link = make_link();
    serve();
    auto const flow = begin(link);
    auto const answer = answer_of(browser, flow.start_url);
    provider.script(provider_call::api, {provider_fault::held()});
    std::thread person([&] { browser.open(answer); });
    EXPECT_TRUE(provider.wait_for_held(1));
    auto const is_read_again = [&]
    {
        auto const log = served_program::log_of(profile);
        auto const at = log.find("sign-in has tokens");
        return at != log.npos && log.find("links read again", at) != log.npos;
    };
    EXPECT_TRUE(eventually(is_read_again));
    EXPECT_EQ(grant_of(link).state, grant_state::authorized);
    provider.release();
    person.join();
    EXPECT_EQ(flow.command->wait().code, 0);
}

}  // namespace
}  // namespace linkspan::test
