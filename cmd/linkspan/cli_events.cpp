#include "cmd/linkspan/cli.hpp"
#include "cmd/linkspan/sample_bodies.hpp"

namespace linkspan
{
namespace
{

std::vector<std::string> sample_names()
{
    std::vector<std::string> out;
    for (auto const on : {edition::cloud, edition::data_center})
        if (auto const samples = samples_of(on))
            for (auto const& one : *samples)
                out.push_back(one.name);
    std::ranges::sort(out);
    auto const [first, last] = std::ranges::unique(out);
    out.erase(first, last);
    return out;
}

}  // namespace

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
    auto* event = offers(
        named(
            sample->add_option(
                "--event", sample_.event, "Which sample, by its name or event key; default: opened"
            ),
            "NAME"
        ),
        sample_names
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
    filled(named(
        sample->add_option(
            "--url",
            sample_.url,
            "The Linkspan to send to, as in http://127.0.0.1:14470; default: this profile's"
        ),
        "URL"
    ));
    add_number(
        *sample,
        "--pull-request",
        sample_.pull_request,
        {7},
        "The number of the pull request; default: a new one"
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
    offers(
        filled(named(
            to.add_option("--kind", into.kind, "Only kinds that match, as in \"pull_request.*\""), "GLOB"
        )),
        kind_words
    );
    filled(named(
        to.add_option("--repository", into.repository, "Only repositories that match, as in \"acme/*\""),
        "GLOB"
    ));
    add_number(to, "--pull-request", into.pull_request, {7}, "Only this pull request's");
    add_number(
        to, "--limit", into.limit, {20, events_listed_max}, "At most so many, the newest; default: 50"
    );
}

void command_line::add_event_commands()
{
    auto* events =
        add(app_,
            "events",
            "List what has come in, the newest last: events, and deliveries that were set aside",
            "  linkspan events\n  linkspan events --kind 'comment.*' --limit 10\n  linkspan events show "
            "01932c5e-7b1d");
    events->require_subcommand(0, 1);
    add_list_options(*events, list_);
    auto* list =
        add(*events,
            "list",
            "The same as events alone",
            "  linkspan events list --repository 'acme/*' --pull-request 7\n  linkspan events list --json");
    add_list_options(*list, list_);
    add_show_command(*events);
    add_reparse_command(*events);
    commands_.push_back(
        {list,
         [this](terminal& on)
         {
             fill(list_);
             return list_happenings(on, list_);
         },
         true,
         true}
    );
    commands_.push_back(
        {events,
         [this](terminal& on)
         {
             fill(list_);
             return list_happenings(on, list_);
         },
         true,
         true}
    );
}

void command_line::add_show_command(CLI::App& events)
{
    auto* show =
        add(events,
            "show",
            "Show an event and where it went, or a delivery that was set aside",
            "  linkspan events show 01932c5e-7b1d\n  linkspan events show delivery 12\n"
            "  linkspan events show 01932c5e-7b1d --format cloudevents");
    // Two words where the delivery is called as the table calls it: delivery 12.
    filled(named(
               show->add_option(
                   "ID",
                   shown_words_,
                   "An event's id, or as much of it as linkspan events shows, or a delivery's number"
               ),
               ""
           ))
        ->required()
        ->expected(1, 2);
    offers_words(
        filled(named(
            show->add_option(
                "--format",
                show_.format,
                "The event alone, as json (its own form), cloudevents (1.0) or cdevents (0.4.1)"
            ),
            "FORMAT"
        )),
        {"json", "cloudevents", "cdevents"}
    );
    commands_.push_back(
        {show,
         [this](terminal& on)
         {
             fill(show_);
             for (auto const& word : shown_words_)
                 show_.id += (show_.id.empty() ? "" : " ") + word;
             return show_happening(on, show_);
         },
         true,
         true}
    );
}

void command_line::add_reparse_command(CLI::App& events)
{
    auto* reparse =
        add(events,
            "reparse",
            "After an upgrade: queue the deliveries that were set aside and can be read now",
            "  linkspan events reparse\n  linkspan events reparse --state unrecognised --json");
    offers_words(
        filled(named(
            reparse->add_option(
                "--state",
                reparse_.state,
                "Only those that are unrecognised, or only those that are unreadable"
            ),
            "STATE"
        )),
        {"unrecognised", "unreadable"}
    );
    commands_.push_back(
        {reparse,
         [this](terminal& on)
         {
             fill(reparse_);
             return reparse_set_aside(on, reparse_);
         }}
    );
}

void command_line::add_parse_command()
{
    auto* parse = add(
        app_,
        "parse",
        "Print the events of deliveries in files, as JSON lines; nothing is stored or sent",
        "  linkspan parse --event-key pullrequest:created opened.json\n"
        "  linkspan parse --headers headers.txt body.json\n"
        "  linkspan events show 12 --json | linkspan parse -\n"
        "  linkspan parse --event-key pullrequest:created --event-key pullrequest:fulfilled a.json b.json\n"
        "  linkspan parse --headers a.txt --headers b.txt a.json b.json"
    );
    named(
        parse->add_option(
            "FILE",
            parse_.files,
            "Bodies, or what events show --json prints of a delivery; - is standard input"
        ),
        ""
    )
        ->required();
    offers_words(
        filled(named(
            parse->add_option(
                "--edition",
                parse_.edition,
                "cloud or data_center; default: what the event key or the body shows"
            ),
            "EDITION"
        )),
        {"cloud", "data_center"}
    );
    filled(named(
               parse->add_option(
                   "--event-key",
                   parse_.event_keys,
                   "X-Event-Key of all files; or repeat the flag, once for each file in order"
               ),
               "KEY"
           ))
        ->allow_extra_args(false);
    filled(
        named(
            parse->add_option(
                "--headers",
                parse_.headers,
                "The headers of all requests, as JSON or as curl prints them; or repeat the flag, once for "
                "each file in order"
            ),
            "FILE"
        )
    )
        ->allow_extra_args(false);
    filled(named(
        parse->add_option(
            "--instance",
            parse_.instance,
            "The base URL of a Data Center; default: https://bitbucket.example.com; Cloud is bitbucket.org"
        ),
        "URL"
    ));
    command made{parse, {}, false};
    made.run = [this](terminal& on)
    {
        parse_.json = json_;
        return parse_deliveries(on, parse_);
    };
    commands_.push_back(std::move(made));
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
    { return named(serve->add_option(name, into, help), value)->envname(variable); };
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
    serve->add_flag(
        "--allow-http-public-url",
        serve_.allow_http_public_url,
        "Take a --public-url of plain http: for tests in a closed network"
    );
    offers_words(
        option(
            "--log-level", serve_.log_level, "debug, info, warning or error", "LEVEL", "LINKSPAN_LOG_LEVEL"
        ),
        {"debug", "info", "warning", "error"}
    );
    offers_words(
        option("--log-format", serve_.log_format, "text or json", "FORMAT", "LINKSPAN_LOG_FORMAT"),
        {"text", "json"}
    );
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

}  // namespace linkspan
