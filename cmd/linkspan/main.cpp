#include "cmd/linkspan/cli.hpp"
#include "cmd/linkspan/exit_code.hpp"
#include "cmd/linkspan/keys.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>

namespace linkspan
{
namespace
{

constexpr char const* first_steps =
    "First steps:\n"
    "  linkspan link-templates                              what can be linked\n"
    "  linkspan create-link --template bitbucket-webhook --name api --kv webhook_secret=@secret.txt\n"
    "  linkspan create-link --template slack-bot-token --name slack --kv bot_token=@token.txt\n"
    "  linkspan check-link slack                            does its service take it?\n"
    "  linkspan check                                       is config.toml right?\n"
    "  linkspan serve                                       receive, route and deliver\n"
    "  linkspan send-sample api                             try it without Bitbucket\n"
    "  linkspan events                                      what has come in\n"
    "\n"
    "linkspan COMMAND --help says more about each.";

// The parser's own texts for a value that is missing or one too many, in our words; others as they are.
std::string said_plainly(CLI::ParseError const& failure)
{
    std::string const text = failure.what();
    if (dynamic_cast<CLI::ArgumentMismatch const*>(&failure) == nullptr)
        return text;
    auto const option = text.substr(0, text.find(": "));
    constexpr std::string_view before = " required ";
    constexpr std::string_view behind = " missing";
    auto const begin = text.find(before);
    if (text.ends_with(behind) && begin != text.npos)
    {
        auto const value = begin + before.size();
        return option + " needs a value: " + option + " " +
               text.substr(value, text.size() - behind.size() - value);
    }
    return text.find("At Most 1") == text.npos ? text : option + " is given once";
}

}  // namespace

void command_line::add_global_options()
{
    named(app_.add_option("--config", overrides_.config, "The configuration file"), "FILE")
        ->envname("LINKSPAN_CONFIG");
    named(app_.add_option("--database", overrides_.database, "The database file"), "FILE")
        ->envname("LINKSPAN_DATABASE");
    named(
        app_.add_option(
            "--key-file", overrides_.master_key, "The file with the master key, which opens credentials"
        ),
        "FILE"
    )
        ->envname("LINKSPAN_KEY_FILE");
    named(
        app_.add_option(
            "--passphrase-file",
            overrides_.passphrase_file,
            "The file with the passphrase of a locked key file"
        ),
        "FILE"
    )
        ->envname("LINKSPAN_PASSPHRASE_FILE");
    app_.add_flag("--json", json_, "Print one JSON document; errors as JSON on standard error");
    app_.add_flag("--no-color", no_color_, "No colours, as with NO_COLOR in the environment");
    app_.set_version_flag("--version", "linkspan " LINKSPAN_VERSION, "Print the version and exit");
    app_.set_help_flag("-h,--help", "Print help and exit");
    app_.footer(first_steps);
    app_.require_subcommand(0, 1);
}

CLI::App const* command_line::deepest() const
{
    for (auto const& one : commands_)
        if (one.app->parsed())
            return one.app;
    return &app_;
}

error command_line::usage_error(CLI::ParseError const& failure) const
{
    // A mistyped option also leaves what is required missing; the typo is the better news.
    auto const rest = app_.remaining(true);
    if (dynamic_cast<CLI::ExtrasError const*>(&failure) != nullptr || !rest.empty())
        return unexpected(rest, *deepest());
    auto const help = "; see " + called(*deepest()) + " --help";
    bool const lacks_config = dynamic_cast<CLI::RequiredError const*>(&failure) != nullptr &&
                              std::string_view(failure.what()).starts_with("--config ");
    if (lacks_config && app_.get_option("--config")->count() != 0)
        return error(
            errc::invalid,
            "plan needs the new configuration as a --config of its own, behind the word plan: linkspan plan "
            "--config NEW --since 7d; the --config before it is the current one" +
                help
        );
    return error(errc::invalid, said_plainly(failure) + help);
}

result<> command_line::find_named_database(command const& asked, bool is_named) const
{
    std::error_code unknown;
    if (!is_named || !asked.only_reads || std::filesystem::exists(paths_.database, unknown) || unknown)
        return {};
    return error(
        errc::not_found,
        "there is no database " + paths_.database.string() +
            "; mend --database, or leave it out for the database of the profile"
    );
}

int command_line::run(int argc, char const* const* argv)
{
    bool const wants_json =
        std::any_of(argv, argv + argc, [](char const* word) { return std::string_view(word) == "--json"; });
    bool const names_database = std::any_of(
        argv, argv + argc, [](char const* word) { return std::string_view(word).starts_with("--database"); }
    );
    auto const fail = [&](terminal& on, error const& failure)
    {
        print_error(on, failure, wants_json);
        return exit_code_of(failure.code);
    };
    try
    {
        app_.parse(argc, argv);
    }
    catch (CLI::Success const& asked)
    {
        return app_.exit(asked);
    }
    catch (CLI::ParseError const& failure)
    {
        auto on = process_terminal(no_color_);
        return fail(on, usage_error(failure));
    }
    // For serve and its console destination, which ask the environment.
    if (no_color_)
        ::setenv("NO_COLOR", "1", 1);
    auto on = process_terminal(no_color_);
    for (auto const& one : commands_)
    {
        if (!one.app->parsed())
            continue;
        if (one.needs_profile)
        {
            auto found = find_profile(overrides_, process_environment);
            if (!found)
                return fail(on, found.error());
            paths_ = std::move(*found);
            paths_.keys = std::make_shared<key_reader>(paths_);
            if (auto const there = find_named_database(one, names_database); !there)
                return fail(on, there.error());
        }
        if (auto const done = one.run(on); !done)
            return fail(on, done.error());
        if (!on.out.flush())
            return fail(on, error(errc::unavailable, "standard output does not take what is printed"));
        return serve_code_;
    }
    on.out << app_.help();
    return 0;
}

}  // namespace linkspan

int main(int argc, char** argv)
{
    try
    {
        return linkspan::command_line().run(argc, argv);
    }
    catch (std::exception const& failure)
    {
        std::cerr << "linkspan: a fault of the program, please report it: " << failure.what() << '\n';
        return linkspan::exit_code_of(linkspan::errc::internal);
    }
}
