#include "cmd/linkspan/browser.hpp"

#include "cmd/linkspan/sign_in_page.hpp"

#include <gtest/gtest.h>

#include <map>

namespace linkspan
{
namespace
{

environment with(std::map<std::string, std::string> variables)
{
    return [variables = std::move(variables)](char const* name) -> std::optional<std::string>
    {
        auto const found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
}

TEST(why_no_browser, knows_ssh_containers_and_who_says_that_there_is_one)
{
    EXPECT_EQ(
        why_no_browser(with({{"SSH_CONNECTION", "a 1 b 22"}, {"DISPLAY", ":10"}})), "this is an ssh session"
    );
    EXPECT_EQ(why_no_browser(with({{"SSH_TTY", "/dev/pts/1"}})), "this is an ssh session");
    EXPECT_EQ(why_no_browser(with({{"container", "podman"}, {"DISPLAY", ":0"}})), "this is a container");
    EXPECT_NE(why_no_browser(with({})), "");
    EXPECT_EQ(why_no_browser(with({{"BROWSER", "firefox"}})), "");
    EXPECT_EQ(why_no_browser(with({{"BROWSER", "firefox"}, {"SSH_TTY", "x"}, {"container", "oci"}})), "");
}

TEST(ssh_line, names_the_port_and_the_host_as_the_session_reached_it)
{
    auto const line = ssh_line(with({{"SSH_CONNECTION", "192.0.2.7 50000 192.0.2.9 22"}}), 14470);
    EXPECT_TRUE(line.starts_with("ssh -L 14470:localhost:14470 ")) << line;
    EXPECT_TRUE(line.ends_with("@192.0.2.9")) << line;
    for (auto const* strange : {"x", "", " ", "a b"})
        EXPECT_EQ(ssh_line(with({{"SSH_CONNECTION", strange}}), 1).find("@@"), std::string::npos) << strange;
}

TEST(sign_in_page, escapes_all_that_it_is_given)
{
    EXPECT_EQ(escaped_for_html("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
    auto const page = sign_in_page(403, "<h>", "</p><script>");
    EXPECT_EQ(page.status, 403);
    EXPECT_EQ(page.body.find("<h>"), std::string::npos);
    EXPECT_EQ(page.body.find("<script>"), std::string::npos);
    EXPECT_NE(page.body.find("&lt;script&gt;"), std::string::npos);
}

}  // namespace
}  // namespace linkspan
