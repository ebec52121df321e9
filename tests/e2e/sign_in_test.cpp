#include "tests/support/environment.hpp"
#include "tests/support/running_app.hpp"
#include "tests/support/signing_in.hpp"

#include <boost/json/object.hpp>
#include <signal.h>
#include <sys/stat.h>

#include <regex>

// The published steps: create-link, set-creds, start-oauth, with the daemon up, with it down, and by pasting.

namespace linkspan::test
{
namespace
{

class sign_in_steps : public signing_in
{
protected:
    // A program in place of xdg-open that writes its argument into a file, and says that there is a display.
    std::filesystem::path give_browser(std::string const& then = "exit 0")
    {
        auto const folder = profile.folder() / "bin";
        auto const asked = profile.folder() / "asked";
        std::filesystem::create_directories(folder);
        write_file(folder / "xdg-open", "#!/bin/sh\necho \"$1\" > " + asked.string() + "\n" + then + "\n");
        ::chmod((folder / "xdg-open").c_str(), 0755);
        profile.variables["PATH"] = folder.string();
        profile.variables["BROWSER"] = "one";
        return asked;
    }

    void expect_signed_in(std::string const& link, program_run const& ended)
    {
        EXPECT_EQ(ended.code, 0) << ended.err;
        EXPECT_NE(ended.out.find("Ada Example"), std::string::npos) << ended.out;
        EXPECT_NE(ended.out.find("authorized link"), std::string::npos) << ended.out;
        EXPECT_NE(ended.out.find("pullrequest:write"), std::string::npos) << ended.out;
        auto const now = grant_of(link);
        EXPECT_EQ(now.state, grant_state::authorized);
        EXPECT_TRUE(now.has_refresh_token);
        EXPECT_TRUE(now.has_worked) << "it was asked with who authorized";
        EXPECT_NE(facts_of(link)["account"].find("Ada Example"), std::string::npos);
        EXPECT_EQ(provider.calls(provider_call::exchange), 1u);
    }
};

TEST_F(sign_in_steps, work_while_serve_runs)
{
    auto const link = make_link();
    EXPECT_EQ(profile.run({"set-creds", link, "--kv", "webhook_secret=It's a secret"}).code, 0);
    serve();
    running_program command(profile, {"start-oauth", link});
    auto const url = start_url_of(command);
    auto const port = serve_->public_url().substr(serve_->public_url().rfind(':') + 1);
    EXPECT_TRUE(std::regex_match(
        url, std::regex("http://localhost:" + port + "/start\\?id=" + link + "&ticket=[A-Za-z0-9_-]{43}")
    )) << url;
    auto const end = consent(browser, url);
    EXPECT_TRUE(end.starts_with("http://localhost:" + port + "/callback?")) << end;
    EXPECT_EQ(browser.page().status, 200);
    EXPECT_NE(browser.page().body.find("Ada Example"), std::string::npos) << browser.page().body;
    expect_signed_in(link, command.wait());
    EXPECT_TRUE(
        profile.run({"get-link", link, "--json"}).json().at("fields").at("webhook_secret").at("set").as_bool()
    ) << "a sign-in keeps the other credentials";
}

TEST_F(sign_in_steps, work_while_nobody_serves)
{
    auto const asked = give_browser();
    auto const link = make_link();
    running_program command(profile, {"start-oauth", link});
    auto const url = start_url_of(command);
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(asked) && read_file(asked).ends_with("\n"); })
    );
    EXPECT_EQ(read_file(asked), url + "\n") << "the browser is opened with what is printed";
    consent(browser, url);
    EXPECT_EQ(browser.page().status, 200) << browser.page().body;
    auto const ended = command.wait();
    expect_signed_in(link, ended);
    EXPECT_EQ(ended.err.find("No browser"), std::string::npos) << ended.err;
    EXPECT_EQ(ended.out.find(opening), 0u) << ended.out;
    EXPECT_EQ(get(url).status, 0) << "the command has ended, and listens still";
}

TEST_F(sign_in_steps, work_by_pasting)
{
    auto const link = make_link();
    for (bool const is_served : {false, true})
    {
        if (is_served)
            serve();
        running_program command(profile, {"start-oauth", link, "--no-browser"});
        auto const origin = start_url_of(command).substr(0, sizeof "http://localhost:" - 1);
        user_agent elsewhere;
        elsewhere.cannot_reach(origin);
        auto const address = consent(elsewhere, service_url_of(command));
        EXPECT_EQ(elsewhere.page().status, 0) << "nobody is reached from there";
        EXPECT_EQ(provider.calls(provider_call::exchange), is_served ? 1u : 0u);
        command.type("  " + address + "\r");
        auto const ended = command.wait();
        EXPECT_EQ(ended.code, 0) << ended.err;
        EXPECT_NE(ended.out.find("Ada Example"), std::string::npos) << ended.out;
        EXPECT_TRUE(std::regex_search(ended.err, std::regex("ssh -L (\\d+):localhost:\\1 [^ ]+@[^ ]+\n")))
            << ended.err;
        EXPECT_EQ(grant_of(link).state, grant_state::authorized);
    }
}

TEST_F(sign_in_steps, take_what_comes_first_of_a_browser_and_a_paste)
{
    auto const link = make_link();
    running_program command(profile, {"start-oauth", link, "--no-browser"});
    auto const url = start_url_of(command);
    auto const service_url = service_url_of(command);
    consent(browser, url);
    EXPECT_EQ(browser.page().status, 200);
    expect_signed_in(link, command.wait());
}

TEST_F(sign_in_steps, end_in_one_document_with_json)
{
    auto const link = make_link({"--name", "api"});
    running_program command(profile, {"start-oauth", "api", "--json"});
    auto const url = command.wait_for_err(opening);
    provider.set_callback_url(url.substr(0, url.find("/start?")) + "/callback");
    consent(browser, url);
    auto const ended = command.wait();
    EXPECT_EQ(ended.code, 0) << ended.err;
    auto const document = ended.json().as_object();
    EXPECT_EQ(document.at("id").as_string(), link);
    EXPECT_EQ(document.at("name").as_string(), "api");
    EXPECT_EQ(document.at("state").as_string(), "authorized");
    EXPECT_NE(document.at("account").as_string().find("Ada Example"), std::string::npos);
    EXPECT_EQ(document.at("lacking").as_array().size(), 0u);
    EXPECT_GE(document.at("scopes").as_array().size(), 5u);
    EXPECT_TRUE(document.at("expires_at").is_string());
}

TEST_F(sign_in_steps, keep_running_two_at_once_of_one_link_and_one_browser)
{
    auto const link = make_link();
    serve();
    running_program first(profile, {"start-oauth", link});
    running_program second(profile, {"start-oauth", link});
    auto const first_url = start_url_of(first);
    auto const second_url = start_url_of(second);
    EXPECT_EQ(browser.open(first_url).status, 200);
    auto const first_page = browser;
    EXPECT_EQ(browser.open(second_url).status, 200);
    browser.press("grant");
    EXPECT_EQ(browser.page().status, 200) << browser.page().body;
    EXPECT_EQ(second.wait().code, 0);
    auto tab = first_page;
    tab.cookies = browser.cookies;
    tab.press("grant");
    EXPECT_EQ(tab.page().status, 200) << tab.page().body;
    EXPECT_EQ(first.wait().code, 0);
    EXPECT_EQ(grant_of(link).state, grant_state::authorized);
}

TEST_F(sign_in_steps, go_on_when_serve_was_killed_between)
{
    auto const link = make_link();
    serve();
    // The same port again: the browser comes back to it.
    profile.write_config(
        "[server]\nlisten = \"" + serve_->public_url().substr(7) + "\"\nadmin_listen = \"127.0.0.1:0\"\n"
    );
    running_program command(profile, {"start-oauth", link});
    EXPECT_EQ(browser.open(start_url_of(command)).status, 200);
    serve_->kill_hard();
    serve_.reset();
    serve();
    browser.press("grant");
    EXPECT_EQ(browser.page().status, 200) << browser.page().body;
    expect_signed_in(link, command.wait());
}

TEST_F(sign_in_steps, hand_no_socket_to_the_browser)
{
    auto const files = profile.folder() / "files";
    give_browser(
        "/bin/ls -l /proc/$$/fd > " + files.string() + ".new; /bin/mv " + files.string() + ".new " +
        files.string()
    );
    running_program command(profile, {"start-oauth", make_link()});
    auto const url = start_url_of(command);
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(files); }));
    EXPECT_NE(read_file(files).find("/dev/null"), std::string::npos) << read_file(files);
    EXPECT_EQ(read_file(files).find("socket:"), std::string::npos) << read_file(files);
    consent(browser, url);
    EXPECT_EQ(command.wait().code, 0);
}

TEST_F(sign_in_steps, say_when_the_browser_does_not_open)
{
    give_browser("exit 3");
    running_program command(profile, {"start-oauth", make_link()});
    auto const url = start_url_of(command);
    command.wait_for_err("the browser could not be opened");
    consent(browser, url);
    EXPECT_EQ(command.wait().code, 0);
}

TEST_F(sign_in_steps, print_the_public_url_where_there_is_one)
{
    profile.write_config(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n"
        "public_url = \"https://linkspan.example.com\"\n"
    );
    auto const link = make_link();
    running_program command(profile, {"start-oauth", link, "--no-browser"});
    EXPECT_TRUE(start_url_of(command).starts_with("https://linkspan.example.com/start?id=" + link));
    auto const service_url = service_url_of(command);
    EXPECT_EQ(query_value(service_url, "redirect_uri"), "https://linkspan.example.com/callback");
    user_agent elsewhere;
    elsewhere.cannot_reach("https://linkspan.example.com/");
    command.type(consent(elsewhere, service_url));
    auto const ended = command.wait();
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(ended.err.find("ssh -L"), std::string::npos) << "no tunnel is needed";
}

TEST_F(sign_in_steps, warn_of_scopes_that_were_not_granted)
{
    auto const link = make_link();
    running_program command(profile, {"start-oauth", link});
    auto const url = start_url_of(command);
    provider.script(
        provider_call::exchange,
        {provider_fault::status(
            200,
            R"({"access_token":"a","refresh_token":"r","token_type":"bearer","expires_in":7200,"scopes":"account"})"
        )}
    );
    consent(browser, url);
    auto const ended = command.wait();
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_NE(ended.err.find("which was not granted"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace linkspan::test
