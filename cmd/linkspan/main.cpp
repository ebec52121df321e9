#include "cmd/linkspan/check.hpp"
#include "cmd/linkspan/command_tree.hpp"
#include "cmd/linkspan/event_commands.hpp"
#include "cmd/linkspan/exit_code.hpp"
#include "cmd/linkspan/link_commands.hpp"
#include "cmd/linkspan/send_sample.hpp"
#include "cmd/linkspan/serve.hpp"
#include "cmd/linkspan/terminal.hpp"
#include "core/base/nearest.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <functional>
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
    "  linkspan check                                       is config.toml right?\n"
    "  linkspan serve                                       receive, route and deliver\n"
    "  linkspan send-sample api                             try it without Bitbucket\n"
    "  linkspan events                                      what has come in\n"
    "\n"
    "linkspan COMMAND --help says more about each.";

constexpr char const* kv_help =
    "A field: key=value; key=@file or key=- (standard input) without the line end at its end; key alone asks "
    "without "
    "showing what is typed. May be given several times.";

// The whole command line: its tree, and where its values land.
class command_line
{
public:
    command_line() : app_("A self-hosted bridge from Bitbucket to chat", "linkspan")
    {
        add_global_options();
        add_link_commands();
        add_credential_commands();
        add_sample_command();
        add_event_commands();
        add_serve_command();
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
    };

    CLI::App* add(CLI::App& to, std::string const& name, std::string const& help, std::string const& examples)
    {
        auto* made = to.add_subcommand(name, help);
        made->fallthrough();
        made->footer("Examples:\n" + examples);
        return made;
    }

    void add_global_options();
    void add_link_commands();
    void add_credential_commands();
    void add_sample_command();
    void add_event_commands();
    void add_serve_command();
    void add_hidden_commands();

    static void add_list_options(CLI::App& to, list_events_options& into);
    void fill(command_options& options) const
    {
        options.paths = paths_;
        options.json = json_;
    }

    error usage_error(CLI::ParseError const& failure) const;
    error unexpected(std::vector<std::string> const& words) const;
    CLI::App const* deepest() const;

    CLI::App app_;
    std::vector<command> commands_;  // those below another one before it
    path_overrides overrides_;
    profile_paths paths_;
    bool json_ = false;
    bool no_color_ = false;

    link_templates_options templates_;
    create_link_options create_;
    get_link_options get_;
    delete_link_options delete_;
    set_creds_options creds_;
    send_sample_options sample_;
    list_events_options list_;
    show_event_options show_;
    serve_options serve_;
    int serve_code_ = 0;
    std::string shell_;
};

CLI::Option* named(CLI::Option* option, char const* value)
{
    return option->type_name(value);
}

void command_line::add_global_options()
{
    named(app_.add_option("--config", overrides_.config, "The configuration file"), "FILE")
        ->envname("LINKSPAN_CONFIG");
    named(app_.add_option("--database", overrides_.database, "The database file"), "FILE")
        ->envname("LINKSPAN_DATABASE");
    named(
        app_.add_option(
            "--master-key", overrides_.master_key, "The file with the key that opens credentials"
        ),
        "FILE"
    )
        ->envname("LINKSPAN_MASTER_KEY");
    app_.add_flag("--json", json_, "Print one JSON document; errors as JSON on standard error");
    app_.add_flag("--no-color", no_color_, "No colours, as with NO_COLOR in the environment");
    app_.set_version_flag("--version", "linkspan " LINKSPAN_VERSION, "Print the version and exit");
    app_.set_help_flag("-h,--help", "Print help and exit");
    app_.footer(first_steps);
    app_.require_subcommand(0, 1);
}

void command_line::add_link_commands()
{
    auto* templates =
        add(app_,
            "link-templates",
            "Show what can be linked: all templates, or one with its fields and what to do at the service",
            "  linkspan link-templates\n  linkspan link-templates slack-bot-token");
    named(templates->add_option("NAME", templates_.name, "A template"), "");
    commands_.push_back(
        {templates,
         [this](terminal& on)
         {
             fill(templates_);
             return show_link_templates(on, templates_);
         },
         false}
    );

    auto* create =
        add(app_,
            "create-link",
            "Make a link to an outside service; says what to do next",
            "  linkspan create-link --template console --name here\n"
            "  linkspan create-link --template bitbucket-webhook --name api --kv webhook_secret=@secret.txt\n"
            "  linkspan create-link --template slack-bot-token --name slack --kv bot_token");
    named(
        create->add_option("--template", create_.template_name, "What to link (linkspan link-templates)"),
        "NAME"
    )
        ->required();
    named(
        create->add_option("--name", create_.name, "A name that every command takes in place of the id"),
        "NAME"
    );
    named(create->add_option("--kv", create_.fields, kv_help), "KEY=VALUE")->allow_extra_args(false);
    create->add_flag(
        "--allow-unsigned",
        create_.allow_unsigned,
        "Take webhooks without a signature: for tests in a closed network"
    );
    commands_.push_back(
        {create,
         [this](terminal& on)
         {
             fill(create_);
             return create_link(on, create_);
         }}
    );

    auto* list =
        add(app_, "list-links", "List the links", "  linkspan list-links\n  linkspan list-links --json");
    commands_.push_back(
        {list,
         [this](terminal& on)
         {
             command_options plain;
             fill(plain);
             return show_links(on, plain);
         }}
    );

    auto* get =
        add(app_,
            "get-link",
            "Show a link and its fields; of a secret only whether it is set",
            "  linkspan get-link slack\n  linkspan get-link k3v5wq7nyb2dlq4e --json");
    named(get->add_option("LINK", get_.link, "The id or name of a link"), "")->required();
    commands_.push_back(
        {get,
         [this](terminal& on)
         {
             fill(get_);
             return show_link(on, get_);
         }}
    );

    auto* gone =
        add(app_,
            "delete-link",
            "Delete a link with its credentials; refused while the configuration uses it",
            "  linkspan delete-link slack\n  linkspan delete-link slack --yes");
    named(gone->add_option("LINK", delete_.link, "The id or name of a link"), "")->required();
    gone->add_flag("-y,--yes", delete_.yes, "Ask nothing, and delete it even if the configuration uses it");
    commands_.push_back(
        {gone,
         [this](terminal& on)
         {
             fill(delete_);
             return remove_link(on, delete_);
         }}
    );
}

void command_line::add_credential_commands()
{
    auto* creds =
        add(app_,
            "set-creds",
            "Set fields of a link; those that are not given stay. Without --kv at a terminal: asks for what "
            "is missing",
            "  linkspan set-creds slack\n"
            "  linkspan set-creds slack --kv bot_token=@token.txt\n"
            "  pass show slack | linkspan set-creds slack --kv bot_token=-");
    named(creds->add_option("LINK", creds_.link, "The id or name of a link"), "")->required();
    named(creds->add_option("--kv", creds_.fields, kv_help), "KEY=VALUE")->allow_extra_args(false);
    commands_.push_back(
        {creds,
         [this](terminal& on)
         {
             fill(creds_);
             return set_creds(on, creds_);
         }}
    );

    auto* judge =
        add(app_,
            "check",
            "Load the configuration and judge it, with the links and credentials that it needs",
            "  linkspan check\n  linkspan --config new.toml check");
    commands_.push_back(
        {judge,
         [this](terminal& on)
         {
             command_options plain;
             fill(plain);
             return check(on, plain);
         }}
    );
}

void command_line::add_sample_command()
{
    auto* sample =
        add(app_,
            "send-sample",
            "Send a sample delivery to a Linkspan as Bitbucket would, signed with the link's secret",
            "  linkspan send-sample api\n"
            "  linkspan send-sample api --story\n"
            "  linkspan send-sample api --list\n"
            "  linkspan send-sample api --event merged --pull-request 7\n"
            "  linkspan send-sample api --file body.json --event-key pullrequest:created");
    named(sample->add_option("LINK", sample_.link, "The id or name of a link that receives webhooks"), "")
        ->required();
    auto* event = named(
        sample->add_option(
            "--event", sample_.event, "Which sample, by its name or event key; default: opened"
        ),
        "NAME"
    );
    auto* file = named(sample->add_option("--file", sample_.file, "Send this body, as it is"), "FILE")
                     ->excludes(event);
    auto* key =
        named(sample->add_option("--event-key", sample_.event_key, "The event key of that file"), "KEY")
            ->needs(file);
    sample->add_flag("--story", sample_.story, "The life of a pull request, one delivery after the other")
        ->excludes(event)
        ->excludes(file)
        ->excludes(key);
    sample->add_flag("--list", sample_.list, "List the samples for this link, and send nothing");
    named(
        sample->add_option(
            "--url",
            sample_.url,
            "The Linkspan to send to, as in http://127.0.0.1:14470; default: this profile's"
        ),
        "URL"
    );
    named(
        sample->add_option(
            "--pull-request", sample_.pull_request, "The number of the pull request; default: a new one"
        ),
        "N"
    );
    commands_.push_back(
        {sample,
         [this](terminal& on)
         {
             fill(sample_);
             return send_sample(on, sample_);
         }}
    );
}

void command_line::add_list_options(CLI::App& to, list_events_options& into)
{
    named(to.add_option("--kind", into.kind, "Only kinds that match, as in \"pull_request.*\""), "GLOB");
    named(
        to.add_option("--repository", into.repository, "Only repositories that match, as in \"acme/*\""),
        "GLOB"
    );
    named(to.add_option("--pull-request", into.pull_request, "Only this pull request's"), "N");
    named(to.add_option("--limit", into.limit, "At most so many, the newest; default: 50"), "N");
}

void command_line::add_event_commands()
{
    auto* events = add(
        app_,
        "events",
        "List what has come in, the newest last: events, and deliveries that were set aside",
        "  linkspan events\n  linkspan events --kind 'comment.*' --limit 10\n  linkspan events show 01932c5e"
    );
    events->require_subcommand(0, 1);
    add_list_options(*events, list_);
    auto* list =
        add(*events,
            "list",
            "The same as events alone",
            "  linkspan events list --repository 'acme/*' --pull-request 7\n  linkspan events list --json");
    add_list_options(*list, list_);
    auto* show =
        add(*events,
            "show",
            "Show an event and where it went, or a delivery that was set aside",
            "  linkspan events show 01932c5e\n  linkspan events show 12");
    named(
        show->add_option(
            "ID", show_.id, "An event's id or its first 8 characters or more, or a delivery's number"
        ),
        ""
    )
        ->required();
    commands_.push_back(
        {show,
         [this](terminal& on)
         {
             fill(show_);
             return show_happening(on, show_);
         }}
    );
    commands_.push_back(
        {list,
         [this](terminal& on)
         {
             fill(list_);
             return list_happenings(on, list_);
         }}
    );
    commands_.push_back(
        {events,
         [this](terminal& on)
         {
             fill(list_);
             return list_happenings(on, list_);
         }}
    );
}

void command_line::add_serve_command()
{
    auto* serve =
        add(app_,
            "serve",
            "Receive webhooks, route their events and deliver messages, until SIGTERM or Ctrl-C",
            "  linkspan serve\n  linkspan serve --listen 0.0.0.0:14470 --log-format json");
    auto const option = [&](char const* name,
                            std::optional<std::string>& into,
                            char const* help,
                            char const* value,
                            char const* variable)
    { named(serve->add_option(name, into, help), value)->envname(variable); };
    option("--listen", serve_.listen, "Where webhooks are received", "HOST:PORT", "LINKSPAN_LISTEN");
    option(
        "--admin-listen",
        serve_.admin_listen,
        "Where health and metrics are told",
        "HOST:PORT",
        "LINKSPAN_ADMIN_LISTEN"
    );
    option(
        "--public-url", serve_.public_url, "How the outside reaches --listen", "URL", "LINKSPAN_PUBLIC_URL"
    );
    option("--log-level", serve_.log_level, "debug, info, warning or error", "LEVEL", "LINKSPAN_LOG_LEVEL");
    option("--log-format", serve_.log_format, "text or json", "FORMAT", "LINKSPAN_LOG_FORMAT");
    commands_.push_back(
        {serve,
         [this](terminal&) -> result<>
         {
             serve_.paths = paths_;
             serve_.json = json_;
             serve_code_ = run_serve(serve_);
             return {};
         }}
    );
}

std::string joined_help(std::string text)
{
    auto const head = text.find('\n');
    return text.starts_with("Examples:") && head != std::string::npos ? text.substr(head + 1) : text;
}

command_description describe(CLI::App const& app)
{
    command_description out;
    out.name = app.get_name();
    out.help = app.get_description();
    out.examples = joined_help(app.get_footer());
    out.is_hidden = app.get_group().empty();
    for (auto const* option : app.get_options())
    {
        command_option one;
        one.is_argument = option->get_positional();
        if (one.is_argument)
            one.names.push_back(option->get_name(true));
        for (auto const& name : option->get_snames())
            one.names.push_back("-" + name);
        for (auto const& name : option->get_lnames())
            one.names.push_back("--" + name);
        bool const is_flag = option->get_items_expected_max() == 0;
        one.value = is_flag ? "" : option->get_type_name();
        one.help = option->get_description();
        one.variable = option->get_envname();
        one.is_required = option->get_required();
        out.options.push_back(std::move(one));
    }
    for (auto const* below : app.get_subcommands([](CLI::App const*) { return true; }))
        out.commands.push_back(describe(*below));
    return out;
}

void command_line::add_hidden_commands()
{
    auto* completion = add(app_, "completion", "Print a completion script", "  linkspan completion bash");
    completion->group("");
    named(completion->add_option("SHELL", shell_, "bash"), "")->required();
    auto* man = add(app_, "man", "Print the man page", "  linkspan man | man -l -");
    man->group("");
    auto* commands = add(app_, "commands", "Print every command and option as JSON", "  linkspan commands");
    commands->group("");
    commands_.push_back(
        {completion,
         [this](terminal& on) -> result<>
         {
             if (shell_ != "bash")
                 return error(errc::invalid, "there is completion for bash only");
             print_bash_completion(on.out, describe(app_));
             return {};
         },
         false}
    );
    commands_.push_back(
        {man,
         [this](terminal& on) -> result<>
         {
             print_man_page(on.out, describe(app_), LINKSPAN_VERSION);
             return {};
         },
         false}
    );
    commands_.push_back(
        {commands,
         [this](terminal& on) -> result<>
         {
             print_json(on.out, to_json(describe(app_)));
             return {};
         },
         false}
    );
}

CLI::App const* command_line::deepest() const
{
    for (auto const& one : commands_)
        if (one.app->parsed())
            return one.app;
    return &app_;
}

error command_line::unexpected(std::vector<std::string> const& words) const
{
    auto const* at = deepest();
    auto const help = "; " + (at == &app_ ? std::string("linkspan") : at->get_display_name()) +
                      " --help shows what there is";
    auto const word = words.empty() ? std::string() : words.front();
    std::vector<std::string> known;
    bool const is_option = word.size() > 1 && word.front() == '-';
    for (auto const* app = at; app != nullptr; app = app->get_parent())
        for (auto const* option : app->get_options())
            for (auto const& name : option->get_lnames())
                known.push_back("--" + name);
    if (!is_option)
    {
        known.clear();
        for (auto const* below :
             at->get_subcommands([](CLI::App const* one) { return !one->get_group().empty(); }))
            known.push_back(below->get_name());
        if (known.empty())
            return error(errc::invalid, "unexpected argument " + word + help);
    }
    auto const near = did_you_mean(word.substr(0, word.find('=')), known);
    return error(
        errc::invalid,
        std::string("unknown ") + (is_option ? "option " : "command ") + word + (near.empty() ? help : near)
    );
}

error command_line::usage_error(CLI::ParseError const& failure) const
{
    if (dynamic_cast<CLI::ExtrasError const*>(&failure) != nullptr)
        return unexpected(app_.remaining(true));
    auto const* at = deepest();
    return error(
        errc::invalid,
        std::string(failure.what()) + "; see linkspan" + (at == &app_ ? "" : " " + at->get_name()) + " --help"
    );
}

int command_line::run(int argc, char const* const* argv)
{
    bool const wants_json =
        std::any_of(argv, argv + argc, [](char const* word) { return std::string_view(word) == "--json"; });
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
        }
        if (auto const done = one.run(on); !done)
            return fail(on, done.error());
        return serve_code_;
    }
    on.out << app_.help();
    return 0;
}

}  // namespace
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
