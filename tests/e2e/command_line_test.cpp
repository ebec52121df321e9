#include "cmd/linkspan/exit_code.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/run_program.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <functional>
#include <regex>
#include <set>
#include <sstream>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

std::string reference_page(std::string const& name)
{
    return read_file(std::filesystem::path(LINKSPAN_SOURCE_DIR) / "docs" / "reference" / name);
}

// Calls f with every command that is shown and its path, "" for the program itself.
void for_each_command(
    json::object const& command,
    std::string const& path,
    std::function<void(json::object const&, std::string const&)> const& f
)
{
    f(command, path);
    for (auto const& below : command.at("commands").as_array())
        if (!below.at("hidden").as_bool())
            for_each_command(
                below.as_object(),
                path + (path.empty() ? "" : " ") + std::string(below.at("name").as_string()),
                f
            );
}

json::object tree()
{
    program_profile profile;
    return profile.run({"commands"}).json().as_object();
}

std::set<std::string> long_names(json::object const& command)
{
    std::set<std::string> out;
    for (auto const& option : command.at("options").as_array())
        for (auto const& name : option.at("names").as_array())
            out.emplace(name.as_string());
    return out;
}

TEST(command_line, without_arguments_shows_the_first_steps)
{
    program_profile profile;
    auto const shown = profile.run({});
    EXPECT_EQ(shown.code, 0);
    EXPECT_NE(shown.out.find("First steps:"), std::string::npos);
    EXPECT_EQ(shown.err, "");
    EXPECT_EQ(profile.run({"--help"}).out, shown.out);
    EXPECT_EQ(profile.run({"help"}).out, shown.out);
    for (auto const* served : {"\n  completion ", "\n  man "})
        EXPECT_NE(shown.out.find(served), std::string::npos) << shown.out;
    EXPECT_EQ(profile.run({"--version"}).out, "linkspan " LINKSPAN_VERSION "\n");
}

TEST(command_line, every_command_has_help_with_an_example)
{
    program_profile profile;
    int seen = 0;
    auto const look = [&](json::object const& command, std::string const& path)
    {
        if (path.empty())
            return;
        ++seen;
        std::vector<std::string> words;
        for (std::size_t at = 0; at != std::string::npos; at = path.find(' ', at + 1))
            words.push_back(path.substr(at == 0 ? 0 : at + 1, path.find(' ', at + 1) - (at == 0 ? 0 : at + 1))
            );
        words.emplace_back("--help");
        auto const shown = profile.run(words);
        EXPECT_EQ(shown.code, 0) << path;
        auto first = shown.out.substr(0, shown.out.find("\nUsage:"));
        std::ranges::replace(first, '\n', ' ');
        EXPECT_TRUE(first.starts_with(std::string(command.at("help").as_string()))) << shown.out;
        EXPECT_NE(shown.out.find("Examples:\n  linkspan "), std::string::npos) << shown.out;
        std::istringstream lines(shown.out.substr(0, shown.out.find("Examples:")));
        for (std::string line; std::getline(lines, line);)
            EXPECT_LE(line.size(), 80U) << line;
        for (auto const& option : command.at("options").as_array())
            EXPECT_FALSE(option.at("help").as_string().empty()) << path;
        words.pop_back();
        words.insert(words.begin(), "help");
        auto const again = profile.run(words);
        EXPECT_EQ(again.code, 0) << path << again.err;
        EXPECT_EQ(again.out, shown.out);
    };
    for_each_command(tree(), "", look);
    EXPECT_GE(seen, 12);
}

TEST(command_line, mistyped_words_are_usage_errors_with_the_nearest_name)
{
    struct
    {
        std::vector<std::string> words;
        std::string says;
    } const cases[] = {
        {{"creat-link"}, "unknown command creat-link; did you mean \"create-link\"?"},
        {{"xyzzyxyzzy"}, "unknown command xyzzyxyzzy; linkspan --help"},
        {{"help", "creat-link"}, "unknown command creat-link; did you mean \"create-link\"?"},
        {{"help", "xyzzyxyzzy"}, "unknown command xyzzyxyzzy; linkspan --help"},
        {{"help", "events", "shw"}, "unknown command shw; did you mean \"show\"?"},
        {{"help", "list-links", "extra"}, "unexpected argument extra; linkspan list-links --help"},
        {{"--jsn", "list-links"}, "did you mean \"--json\"?"},
        {{"list-links", "--databse=x"}, "did you mean \"--database\"?"},
        {{"create-link", "--templat", "console"}, "did you mean \"--template\"?"},
        {{"events", "shw"}, "did you mean \"show\"?"},
        {{"events", "list", "--kid", "x"}, "did you mean \"--kind\"?"},
        {{"list-links", "extra"}, "unexpected argument extra"},
        {{"get-link"}, "LINK is required; see linkspan get-link --help"},
        {{"events", "show"}, "ID is required; see linkspan events show --help"},
        {{"events", "--limit", "x"}, "--limit takes a number from 1 to 10000, as in --limit 20, not \"x\""},
        {{"events", "--limit", "10001"}, "--limit takes a number from 1 to 10000"},
        {{"events", "--limit", "1.5"}, "not \"1.5\""},
        {{"events", "--limit", "99999999999999999999"}, "--limit takes a number"},
        {{"events", "--limit"}, "--limit needs a value: --limit N; see linkspan events --help"},
        {{"events", "--limit", "1", "--limit", "2"}, "--limit is given once"},
        {{"events", "--pull-request", "x"}, "--pull-request takes a number from 1, as in --pull-request 7"},
        {{"audit", "--limit", "0"}, "--limit takes a number from 1 to 100000"},
        {{"plan", "--config", "a", "--since", "7d", "--limit", "x"},
         "--limit takes a number from 1 to 1000000"},
        {{"start-oauth", "api", "--timeout", "601"},
         "--timeout takes a number from 1 to 600, as in --timeout 120"},
        {{"completion", "fish"}, "bash only"},
        {{"create-link", "--template", "console", "--kv", "=x"}, "no field is named before the ="},
        {{"send-sample", "api", "--pull-request", "0"}, "a number from 1"},
    };
    program_profile profile;
    for (auto const& one : cases)
    {
        auto const refused = profile.run(one.words);
        EXPECT_EQ(refused.code, 2) << one.says;
        EXPECT_TRUE(refused.err.starts_with("linkspan: ")) << refused.err;
        EXPECT_NE(refused.err.find(one.says), std::string::npos) << refused.err;
        EXPECT_EQ(refused.out, "");
    }
    EXPECT_FALSE(std::filesystem::exists(profile.folder() / "data"));
}

TEST(command_line, errors_are_json_on_standard_error_when_asked)
{
    program_profile profile;
    for (auto const& words :
         {std::vector<std::string>{"--json", "get-link", "x"}, {"get-link", "x", "--json"}})
    {
        auto const failed = profile.run(words);
        EXPECT_EQ(failed.code, 3);
        EXPECT_EQ(failed.out, "");
        auto const told = json::parse(failed.err);
        EXPECT_EQ(told.at("error").at("code").as_string(), "not_found");
        EXPECT_FALSE(told.at("error").at("message").as_string().empty());
    }
    auto const served = profile.run({"serve", "--listen", "nowhere", "--json"});
    EXPECT_EQ(served.code, 2);
    EXPECT_EQ(json::parse(served.err).at("error").at("code").as_string(), "invalid");
    auto const usage = profile.run({"--json", "nonsense"});
    EXPECT_EQ(usage.code, 2);
    EXPECT_EQ(json::parse(usage.err).at("error").at("code").as_string(), "invalid");
}

TEST(command_line, a_name_of_a_command_may_be_the_name_of_a_link)
{
    program_profile profile;
    EXPECT_EQ(profile.run({"create-link", "--template", "console", "--name", "check"}).code, 0);
    EXPECT_EQ(profile.run({"get-link", "check"}).code, 0);
}

TEST(command_line, colours_only_on_a_terminal_and_not_with_no_color)
{
    program_profile profile;
    EXPECT_EQ(profile.run({"get-link", "x"}).err.find('\x1b'), std::string::npos);
    EXPECT_NE(
        profile.run_on_terminal({"get-link", "x"}, {}).err.find("\x1b[31mlinkspan:"), std::string::npos
    );
    EXPECT_EQ(
        profile.run_on_terminal({"--no-color", "get-link", "x"}, {}).err.find('\x1b'), std::string::npos
    );
    profile.variables["NO_COLOR"] = "1";
    EXPECT_EQ(profile.run_on_terminal({"get-link", "x"}, {}).err.find('\x1b'), std::string::npos);
}

TEST(command_line, help_says_which_options_are_repeated)
{
    program_profile profile;
    auto const parse = profile.run({"parse", "--help"}).out;
    for (auto const* says :
         {"--event-key KEY, may be repeated",
          "--headers FILE, may be repeated",
          "--event-key pullrequest:created --event-key pullrequest:fulfilled a.json b.json",
          "--headers a.txt --headers b.txt a.json b.json"})
        EXPECT_NE(parse.find(says), std::string::npos) << parse;
    EXPECT_NE(
        profile.run({"set-creds", "--help"}).out.find("--kv KEY=VALUE, may be repeated"), std::string::npos
    );
}

// An empty text is no filter that matches everything.
TEST(command_line, empty_values_are_usage_errors)
{
    program_profile profile;
    for (auto const& words : std::vector<std::vector<std::string>>{
             {"routes", "--repository", ""},
             {"routes", "--destination", ""},
             {"routes", "--kind", ""},
             {"routes", "--kind="},
             {"events", "--kind", ""},
             {"events", "--repository", ""},
             {"events", "list", "--repository", ""},
             {"events", "show", ""},
             {"events", "show", "01932c5e", "--format", ""},
             {"events", "reparse", "--state", ""},
             {"parse", "--edition", "", "-"},
             {"parse", "--event-key", "", "-"},
             {"parse", "--headers", "", "-"},
             {"parse", "--instance", "", "-"},
             {"send-sample", "api", "--url", ""},
             {"explain", ""}})
    {
        auto const refused = profile.run(words);
        EXPECT_EQ(refused.code, 2) << words[0] << ' ' << words[1] << refused.err;
        EXPECT_EQ(refused.out, "");
        EXPECT_NE(refused.err.find("value"), std::string::npos) << refused.err;
        EXPECT_NE(refused.err.find("--help"), std::string::npos) << refused.err;
    }
}

TEST(command_line, a_database_that_is_named_must_exist_where_it_is_only_read)
{
    program_profile profile;
    auto const none = (profile.folder() / "none.db").string();
    for (auto const& words : std::vector<std::vector<std::string>>{
             {"list-links"},
             {"get-link", "x"},
             {"audit"},
             {"budget"},
             {"check"},
             {"events"},
             {"events", "show", "12"},
             {"explain", "01932c5e"}})
    {
        auto with_flag = words;
        with_flag.insert(with_flag.end(), {"--database", none});
        auto const refused = profile.run(with_flag);
        EXPECT_EQ(refused.code, 3) << words[0];
        EXPECT_NE(refused.err.find("there is no database " + none + "; mend --database"), std::string::npos)
            << refused.err;
    }
    EXPECT_FALSE(std::filesystem::exists(none));
    profile.variables["LINKSPAN_DATABASE"] = none;
    EXPECT_EQ(profile.run({"events"}).code, 0) << "a variable may be set before the first start";
}

TEST(command_line, flags_and_variables_name_the_profile)
{
    program_profile profile;
    auto const elsewhere = (profile.folder() / "elsewhere.db").string();
    EXPECT_EQ(profile.run({"create-link", "--template", "console", "--database", elsewhere}).code, 0);
    EXPECT_TRUE(std::filesystem::exists(elsewhere));
    EXPECT_FALSE(std::filesystem::exists(profile.database()));
    profile.variables["LINKSPAN_DATABASE"] = elsewhere;
    EXPECT_EQ(profile.run({"list-links", "--json"}).json().at("links").as_array().size(), 1u);
    profile.variables = {};
    EXPECT_EQ(profile.run({"list-links"}).code, 2) << "no HOME, no XDG variables";
    EXPECT_EQ(profile.run({"link-templates"}).code, 0) << "needs no profile";
}

TEST(command_line, a_file_that_is_no_database_is_told)
{
    program_profile profile;
    auto const wrong = profile.write("no.db", std::string(5000, 'x')).string();
    auto const failed = profile.run({"--database", wrong, "list-links"});
    EXPECT_EQ(failed.code, 2) << failed.err;
    EXPECT_NE(failed.err.find("no.db"), std::string::npos) << failed.err;
}

TEST(command_line, a_full_standard_output_is_an_error)
{
    auto const call = std::string(LINKSPAN_PROGRAM) + " link-templates 2>/dev/null >/dev/full";
    auto const status = std::system(call.c_str());
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 6);
}

TEST(command_line, completion_is_valid_bash_and_completes)
{
    program_profile profile;
    auto const script = profile.write("completion", profile.run({"completion", "bash"}).out);
    auto const complete = [&](std::string const& words, int at)
    {
        std::string variables;
        for (auto const& [name, value] : profile.variables)
            variables += name + "='" + value + "' ";
        auto const call = variables + "PATH=\"" +
                          std::filesystem::path(LINKSPAN_PROGRAM).parent_path().string() +
                          ":$PATH\" bash -c '. " + script.string() + "; COMP_WORDS=(" + words +
                          "); COMP_CWORD=" + std::to_string(at) + "; _linkspan; echo \"${COMPREPLY[*]}\"'";
        auto* pipe = ::popen(call.c_str(), "r");
        std::string out(4096, '\0');
        out.resize(std::fread(out.data(), 1, out.size(), pipe));
        EXPECT_EQ(::pclose(pipe), 0);
        return out;
    };
    EXPECT_EQ(complete("linkspan cre", 1), "create-link\n");
    EXPECT_EQ(complete("linkspan --json cre", 2), "create-link\n");
    EXPECT_EQ(complete("linkspan events sh", 2), "show\n");
    EXPECT_EQ(complete("linkspan hel", 1), "help\n");
    EXPECT_EQ(complete("linkspan help cre", 2), "create-link\n");
    EXPECT_EQ(complete("linkspan help source-n", 2), "\n") << "hidden";
    EXPECT_EQ(complete("linkspan help events sh", 3), "show\n");
    EXPECT_EQ(complete("linkspan help get-link \"\"", 3), "\n") << "it has none below";
    EXPECT_EQ(complete("linkspan send-sample api --st", 3), "--story\n");
    EXPECT_EQ(complete("linkspan get-link --js", 2), "--json\n");
    EXPECT_EQ(complete("linkspan create-link --template slack-b", 3), "slack-bot-token\n");
    EXPECT_EQ(complete("linkspan create-link --template s3", 3), "s3\n");
    auto const id =
        profile.run({"create-link", "--template", "console", "--name", "here"}).out.substr(13, 16);
    EXPECT_EQ(complete("linkspan get-link he", 2), "here\n");
    EXPECT_EQ(complete("linkspan unset-creds " + id.substr(0, 8), 2), id + "\n");
    EXPECT_EQ(complete("linkspan link-templates cons", 2), "console\n");
    EXPECT_EQ(complete("linkspan backfill bit", 2), "\n") << "no configuration";
    profile.write_config(
        "[[source]]\nname = \"bitbucket\"\nedition = \"cloud\"\nwebhook = \"hook\"\n"
        "[[source]]\nname = \"$(echo bitten)\"\nedition = \"cloud\"\nwebhook = \"other\"\n"
    );
    EXPECT_EQ(complete("linkspan backfill bit", 2), "bitbucket\n") << "and runs nothing";
    EXPECT_EQ(complete("linkspan backfill --js", 2), "--json\n");
    auto const other = profile.write(
        "other.toml", "[[source]]\nname = \"bitter\"\nedition = \"cloud\"\nwebhook = \"hook\"\n"
    );
    EXPECT_EQ(complete("linkspan --config " + other.string() + " backfill bit", 4), "bitter\n");
    EXPECT_EQ(complete("linkspan --config = " + other.string() + " backfill bit", 5), "bitter\n");
    EXPECT_EQ(complete("linkspan --config \"\\\"" + other.string() + "\\\"\" backfill bit", 4), "bitter\n")
        << "in quotes, as typed";
    EXPECT_EQ(complete("linkspan --database " + other.string() + " get-link he", 4), "\n") << "not there";
    EXPECT_EQ(complete("linkspan backfill --he", 2), "--help\n") << "once";
    EXPECT_EQ(complete("linkspan commands", 1), "\n") << "hidden";
    EXPECT_EQ(complete("linkspan events show 1 --format c", 5), "cloudevents cdevents\n");
    EXPECT_EQ(complete("linkspan events show 1 --format = cl", 6), "cloudevents\n")
        << "as bash splits --format=cl";
    EXPECT_EQ(complete("linkspan events show 1 --format =", 5), "json cloudevents cdevents\n");
    EXPECT_EQ(complete("linkspan parse --edition d", 3), "data_center\n");
    EXPECT_EQ(complete("linkspan events reparse --state unrec", 4), "unrecognised\n");
    EXPECT_EQ(
        complete("linkspan events --kind branch.", 3), "branch.created branch.updated branch.deleted\n"
    );
    EXPECT_EQ(complete("linkspan routes --kind tag.c", 3), "tag.created\n");
    EXPECT_EQ(complete("linkspan serve --log-level w", 3), "warning\n");
    EXPECT_EQ(complete("linkspan send-sample api --event merg", 4), "merged\n");
}

TEST(command_line, the_man_page_names_every_command_and_option)
{
    program_profile profile;
    auto const page = profile.run({"man"}).out;
    EXPECT_TRUE(page.starts_with(".TH LINKSPAN 1"));
    auto const plain = std::regex_replace(page, std::regex(R"(\\-)"), "-");
    for_each_command(
        tree(),
        "",
        [&](json::object const& command, std::string const& path)
        {
            auto const title = path.empty() ? std::string(".SH OPTIONS") : ".SS \"linkspan " + path + " ";
            EXPECT_NE(plain.find(title), std::string::npos) << path;
            for (auto const& name : long_names(command))
                EXPECT_NE(plain.find(name), std::string::npos) << name;
        }
    );
    EXPECT_EQ(plain.find("linkspan commands"), std::string::npos);
}

// docs/reference/commands.md: "## linkspan events show" is the section of a command; a table row "| `--kind
// GLOB` |" stands for an option.
TEST(command_line, the_reference_has_every_command_and_option_and_no_other)
{
    auto const text = reference_page("commands.md");
    std::map<std::string, std::set<std::string>> sections;
    std::string at;
    std::istringstream lines(text);
    std::regex const heading(R"(^## `linkspan ?(.*)`$)");
    std::regex const row(R"(^\| `([^`]+)`(?:, `([^`]+)`)? \|.*)");
    std::smatch found;
    for (std::string line; std::getline(lines, line);)
        if (std::regex_match(line, found, heading))
        {
            at = found[1];
            sections[at];
        }
        else if (std::regex_match(line, found, row))
            for (auto const& name : {found[1].str(), found[2].str()})
                if (!name.empty())
                    sections[at].insert(name.substr(0, name.find(' ')));
    std::map<std::string, std::set<std::string>> expected;
    for_each_command(
        tree(),
        "",
        [&](json::object const& command, std::string const& path)
        {
            auto names = long_names(command);
            if (!path.empty())
            {
                names.erase("-h");
                names.erase("--help");
            }
            expected[path] = names;
        }
    );
    EXPECT_EQ(sections, expected);
    for (auto const& [path, names] : expected)
        EXPECT_NE(text.find("linkspan " + path), std::string::npos);
}

TEST(command_line, the_reference_has_every_exit_code)
{
    std::map<std::string, int> told;
    auto const text = reference_page("exit-codes.md");
    std::regex const row(R"(\| (\d+) \| `?([a-z_]+)`? \|)");
    for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end; ++it)
        told[(*it)[2]] = std::stoi((*it)[1]);
    std::map<std::string, int> expected;
    for (int code = 0; code <= static_cast<int>(errc::internal); ++code)
    {
        auto const as_code = static_cast<errc>(code);
        expected[as_code == errc::none ? "ok" : std::string(name_of(as_code))] = exit_code_of(as_code);
    }
    EXPECT_EQ(told, expected);
}

}  // namespace
}  // namespace linkspan::test
