#include "links/registry.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/golden.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>

namespace linkspan
{
namespace
{

namespace fs = std::filesystem;
using namespace test;

// Text of the table as Markdown: "<link>" is no HTML, and "|" ends no cell.
std::string escaped(std::string_view text)
{
    std::string out;
    for (char const c : text)
        if (c == '<')
            out += "&lt;";
        else if (c == '|')
            out += "\\|";
        else
            out += c;
    return out;
}

std::string code(std::string_view text)
{
    return "`" + std::string(text) + "`";
}

// Each word of a text by itself.
std::vector<std::string> words_of(std::string_view text, char separator)
{
    std::vector<std::string> out;
    while (!text.empty())
    {
        auto const end = std::min(text.find(separator), text.size());
        if (end != 0)
            out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

// "a|b c" as "`a` or `b`; and `c`".
std::string told_scopes(std::string_view scopes)
{
    std::string out;
    for (auto const& wanted : words_of(scopes, ' '))
    {
        out += out.empty() ? "" : "; and ";
        bool is_first = true;
        for (auto const& one : words_of(wanted, '|'))
        {
            out += (is_first ? "" : " or ") + code(one);
            is_first = false;
        }
    }
    return out;
}

char const* told_grant(grant_kind grant)
{
    switch (grant)
    {
        case grant_kind::authorization_code:
            return "a person consents in the browser (`linkspan start-oauth`), then it is refreshed";
        case grant_kind::client_credentials:
            return "got by the client itself, and anew before it ends";
        case grant_kind::own:
            return "got with the link's fields alone, and anew before it ends";
        case grant_kind::installation:
            return "a person installs the app (`linkspan start-oauth`), then Linkspan gets it, and anew "
                   "before it "
                   "ends";
    }
    return "";
}

std::string told_oauth(oauth_profile const& profile)
{
    std::string out = "Token: " + std::string(told_grant(profile.grant)) + ".\n";
    auto const line = [&](char const* what, std::string_view value)
    {
        if (!value.empty())
            out += "- " + std::string(what) + ": " + code(value) + "\n";
    };
    std::string list;
    line("consent", profile.authorize_url);
    line("token endpoint", profile.token_url);
    line("revocation", profile.revoke_url);
    line("always asked for", profile.scopes);
    line("more parameters", profile.authorize_params);
    if (profile.refresh_life)
        out += "- unused refresh tokens live " + std::to_string(profile.refresh_life->count() / (24 * 3600)) +
               " days\n";
    auto const end = out.find('\n');
    if (end + 1 < out.size())
        out.insert(end + 1, "\n");
    return out;
}

std::string told_field(link_field const& field)
{
    std::string kind = field.is_automatic ? "found out" : field.is_required ? "required" : "optional";
    if (field.is_secret)
        kind += ", secret";
    std::string text = escaped(field.help);
    if (!field.default_value.empty())
        text += "; default " + code(field.default_value);
    return "| " + code(field.name) + " | " + kind + " | " + text + " |\n";
}

std::string use_of(link_template const& kind)
{
    std::vector<std::string> uses;
    if (kind.receives)
        uses.emplace_back(*kind.receives == edition::cloud ? "source (Cloud)" : "source (Data Center)");
    if (kind.send != nullptr)
        uses.emplace_back("destination");
    if (kind.oauth != nullptr || kind.identify != nullptr)
        uses.emplace_back("access");
    std::string out;
    for (auto const& use : uses)
        out += (out.empty() ? "" : ", ") + use;
    return out.empty() ? "keeping a secret" : out;
}

std::string told_template(link_template const& kind)
{
    std::string out = "\n## " + code(kind.name) + "\n\n" + escaped(kind.title) + ". " +
                      escaped(kind.purpose) + " Use: " + use_of(kind) + ".\n\n";
    if (!kind.fields.empty())
    {
        out += "| Field | | What it is |\n|---|---|---|\n";
        for (auto const& field : kind.fields)
            out += told_field(field);
        out += "\n";
    }
    if (kind.oauth != nullptr)
        out += told_oauth(*kind.oauth) + "\n";
    if (!kind.needs.empty())
    {
        out += "| To | it needs |\n|---|---|\n";
        for (auto const& need : kind.needs)
            out += "| " + escaped(need.feature) + " | " + told_scopes(need.scopes) + " |\n";
        out += "\n";
    }
    out += "At the service:\n\n```text\n" + std::string(kind.steps) + "```\n";
    if (!kind.pages.empty())
        out += "\n";
    for (auto const page : kind.pages)
        out += "- <" + std::string(page) + ">\n";
    if (!kind.revoke_page.empty())
        out += "\nTo end the credential: " + code(kind.revoke_page) + "\n";
    return out;
}

std::string page()
{
    std::string out =
        "# Templates\n\n"
        "What can be linked, as `linkspan link-templates` shows it. A test prints this page from the table "
        "of\n"
        "templates; after a change of theirs run the integration tests with `UPDATE_GOLDEN=1`.\n\n"
        "Use: a *source* receives webhooks, a *destination* posts messages, *access* is a credential that\n"
        "Linkspan keeps alive and can check (`linkspan check-link`). `{base_url}` and the like stand for "
        "the\n"
        "link's own field; `<public_url>` is how the outside reaches `linkspan serve`, `<link>` the link's "
        "id or\n"
        "name. Features need the scopes beside them; what a link lacks, `linkspan check-link` tells.\n\n"
        "| Template | What it is | Use |\n|---|---|---|\n";
    for (auto const* kind : link_templates())
        out += "| [" + code(kind->name) + "](#" + std::string(kind->name) + ") | " + escaped(kind->title) +
               " | " + use_of(*kind) + " |\n";
    for (auto const* kind : link_templates())
        out += told_template(*kind);
    return out;
}

TEST(templates_reference, is_what_the_table_says)
{
    expect_golden("../../docs/reference/templates.md", page());
}

// The sources of the tests that run templates against peers.
std::vector<std::string> peer_tests()
{
    std::vector<std::string> out;
    for (auto const& entry : fs::directory_iterator(fs::path(LINKSPAN_SOURCE_DIR) / "tests" / "integration"))
        if (auto text = read_file(entry.path()); text.find("_peer.hpp\"") != std::string::npos)
            out.push_back(std::move(text));
    return out;
}

TEST(templates, have_each_a_test_against_a_peer)
{
    auto const tests = peer_tests();
    ASSERT_GE(tests.size(), 8u);
    for (auto const* kind : link_templates())
    {
        // The console has no service, and what only receives speaks to nobody: tests/e2e/webhook_test.cpp
        // runs every template that receives.
        if (kind->name == "console" || (kind->receives && kind->oauth == nullptr) ||
            kind->name == "github-webhook")
            continue;
        // A case by its name, by the function that makes its like, or one of several alike.
        std::regex const row(
            R"re((\.name = |_case\(\s*|const\* name : \{[^}]*)")re" + std::string(kind->name) + "\""
        );
        auto const is_case = [&](std::string const& text)
        { return text.find("expect_identity(") != std::string::npos && std::regex_search(text, row); };
        EXPECT_TRUE(std::ranges::any_of(tests, is_case)) << kind->name << " has no test against a peer";
    }
}

}  // namespace
}  // namespace linkspan
