#pragma once
#include "cmd/linkspan/backfill.hpp"
#include "cmd/linkspan/command_tree.hpp"
#include "cmd/linkspan/credential_commands.hpp"
#include "cmd/linkspan/event_commands.hpp"
#include "cmd/linkspan/gaps.hpp"
#include "cmd/linkspan/key_commands.hpp"
#include "cmd/linkspan/link_commands.hpp"
#include "cmd/linkspan/parse.hpp"
#include "cmd/linkspan/reparse.hpp"
#include "cmd/linkspan/route_commands.hpp"
#include "cmd/linkspan/send_sample.hpp"
#include "cmd/linkspan/serve.hpp"
#include "cmd/linkspan/start_oauth.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// Columns of options and commands that fit a terminal of 80: CLI11 breaks no line.
class narrow_help : public CLI::Formatter
{
public:
    std::string make_option_desc(CLI::Option const* option) const override
    {
        return wrapped(CLI::Formatter::make_option_desc(option), columns_max - column_width_);
    }
    // The parser's "..." says that several values may follow, also of an option that is repeated for each.
    std::string make_option_opts(CLI::Option const* option) const override
    {
        auto out = CLI::Formatter::make_option_opts(option);
        constexpr std::string_view mark = " ...";
        auto const at = out.find(mark);
        if (at != out.npos && !option->get_positional() && !option->get_allow_extra_args())
            out.replace(at, mark.size(), ", may be repeated");
        return out;
    }
    std::string make_description(CLI::App const* app) const override
    {
        return wrapped(CLI::Formatter::make_description(app), columns_max);
    }
    std::string make_subcommand(CLI::App const* below) const override
    {
        std::ostringstream out;
        auto const text = wrapped(below->get_description(), columns_max - column_width_);
        CLI::detail::format_help(out, below->get_name(), text, column_width_);
        return out.str();
    }

private:
    static constexpr std::size_t columns_max = 80;

    // Lines broken at blanks, where there is one.
    static std::string wrapped(std::string text, std::size_t width)
    {
        for (std::size_t begin = 0, end = 0; text.size() - begin > width; begin = end + 1)
        {
            end = std::min(text.find('\n', begin), text.rfind(' ', begin + width));
            if (end == text.npos || end < begin)
                end = text.find(' ', begin);
            if (end == text.npos)
                break;
            text[end] = '\n';
        }
        return text;
    }
};

// What a number on the command line may be, and one that makes sense.
struct number_range
{
    std::int64_t example = 1;
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::int64_t min = 1;
};
// CLI::ValidationError, in our own words, for any other text.
std::int64_t read_number(std::string const& option, std::string const& text, number_range const& within);

// The whole command line: its tree, and where its values land. Included by main.cpp and cli_*.cpp alone:
// CLI11 takes seconds to compile.
class command_line
{
public:
    command_line() : app_("A self-hosted bridge from Bitbucket to chat", "linkspan")
    {
        auto const help = std::make_shared<narrow_help>();
        help->label("SUBCOMMAND", "COMMAND");
        app_.formatter(help);
        add_global_options();
        // As --help lists them.
        add_link_commands();
        add_lookup_commands();
        add_update_command();
        add_credential_commands();
        add_lookup_of_credentials();
        add_audit_command();
        add_oauth_command();
        add_service_commands();
        add_key_command();
        add_bundle_commands();
        add_check_command();
        add_sample_command();
        add_event_commands();
        add_backfill_command();
        add_gaps_command();
        add_explain_command();
        add_routes_command();
        add_plan_command();
        add_budget_command();
        add_parse_command();
        add_serve_command();
        add_help_command();
        add_hidden_commands();
    }

    int run(int argc, char const* const* argv);

private:
    using body = std::function<result<>(terminal&)>;
    struct command
    {
        CLI::App* app = nullptr;
        body run;
        bool needs_profile = true;
        bool only_reads = false;  // of a database that --database names: it has to be there
    };

    static constexpr char const* kv_help =
        "A field: key=value; key=@file or key=- (standard input) without the line end at its end; key alone "
        "asks "
        "without "
        "showing what is typed. May be given several times.";

    static CLI::Option* named(CLI::Option* option, char const* value) { return option->type_name(value); }

    // An option or argument that takes no empty text: behind one stands a variable that is not set more often
    // than the wish for no filter.
    static CLI::Option* filled(CLI::Option* option)
    {
        char const* const fault = option->get_positional() ? "the value is empty; give one"
                                                           : "the value is empty; give one, or leave it out";
        return option->check([fault](std::string const& text)
                             { return std::string(text.empty() ? fault : ""); });
    }

    // An option whose value is one of these: completion offers them; the command judges what is typed.
    using word_list = std::vector<std::string>;
    CLI::Option* offers(CLI::Option* option, std::function<word_list()> values)
    {
        values_[option] = std::move(values);
        return option;
    }
    CLI::Option* offers_words(CLI::Option* option, word_list values)
    {
        return offers(option, [values = std::move(values)] { return values; });
    }
    static word_list kind_words();

    template <class Number>
    static CLI::Option* add_number(
        CLI::App& to, std::string const& name, Number& into, number_range within, std::string const& help
    )
    {
        auto const take = [&into, name, within](std::string const& text)
        { into = Number(read_number(name, text, within)); };
        return named(to.add_option_function<std::string>(name, take, help), "N");
    }

    // Where the options of a consumer land; which of them were given, CLI11 counts.
    struct consumer_input
    {
        std::string client_id, client_secret, auth_url, token_url;
        CLI::Option* has_client_id = nullptr;
        CLI::Option* has_client_secret = nullptr;
        CLI::Option* has_auth_url = nullptr;
        CLI::Option* has_token_url = nullptr;
        std::vector<std::string> scopes;

        consumer_options read() const;
    };

    CLI::App* add(CLI::App& to, std::string const& name, std::string const& help, std::string const& examples)
    {
        auto* made = to.add_subcommand(name, help);
        made->group("Commands");
        made->fallthrough();
        made->footer("Examples:\n" + examples);
        return made;
    }

    void add_global_options();
    void add_link_commands();
    void add_lookup_commands();
    void add_update_command();
    void add_credential_commands();
    void add_check_command();
    void add_oauth_command();
    void add_key_command();
    void add_bundle_commands();
    void add_lookup_of_credentials();
    void add_audit_command();
    void add_service_commands();
    void add_sample_command();
    void add_event_commands();
    void add_show_command(CLI::App& events);
    void add_reparse_command(CLI::App& events);
    void add_backfill_command();
    void add_gaps_command();
    void add_explain_command();
    void add_routes_command();
    void add_plan_command();
    void add_budget_command();
    void add_parse_command();
    void add_serve_command();
    void add_help_command();
    void add_hidden_commands();

    void add_consumer_options(CLI::App& to, consumer_input& into, std::vector<std::string>& fields);
    void add_list_options(CLI::App& to, list_events_options& into);
    command_description describe(CLI::App const& app) const;
    void fill(command_options& options) const
    {
        options.paths = paths_;
        options.json = json_;
    }

    // errc::not_found where a command that only reads is given --database with a file that is not there.
    result<> find_named_database(command const& asked, bool is_named) const;
    error usage_error(CLI::ParseError const& failure) const;
    error unexpected(std::vector<std::string> const& words, CLI::App const& below) const;
    result<> print_help(terminal& on) const;
    CLI::App const* deepest() const;
    static std::string called(CLI::App const& app);  // "linkspan events show"

    CLI::App app_;
    std::map<CLI::Option const*, std::function<word_list()>> values_;
    std::vector<command> commands_;  // those below another one before it
    path_overrides overrides_;
    profile_paths paths_;
    bool json_ = false;
    bool no_color_ = false;

    link_templates_options templates_;
    create_link_options create_;
    consumer_input create_consumer_;
    update_link_options update_;
    consumer_input update_consumer_;
    std::string new_name_;
    get_link_options get_;
    delete_link_options delete_;
    set_creds_options creds_;
    start_oauth_options oauth_;
    rotate_key_options rotate_;
    export_links_options export_;
    import_links_options import_;
    get_creds_options get_creds_;
    unset_creds_options unset_;
    one_link_options facts_;
    one_link_options refresh_;
    check_link_options doctor_;
    audit_options audit_;
    send_sample_options sample_;
    list_events_options list_;
    show_event_options show_;
    std::vector<std::string> shown_words_;
    explain_options explain_;
    routes_options routes_;
    plan_options plan_;
    reparse_options reparse_;
    backfill_options backfill_;
    gaps_options gaps_;
    parse_options parse_;
    serve_options serve_;
    std::vector<std::string> helped_words_;
    int serve_code_ = 0;
    std::string shell_;
};

}  // namespace linkspan
