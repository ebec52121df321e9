#include "cmd/linkspan/start_oauth.hpp"

#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/link_session.hpp"
#include "cmd/linkspan/next_steps.hpp"
#include "cmd/linkspan/running_serve.hpp"
#include "cmd/linkspan/sign_in_report.hpp"
#include "cmd/linkspan/sign_in_wait.hpp"

#include <csignal>
#include <iostream>
#include <memory>

namespace linkspan
{
namespace
{

// "localhost" of a browser leads to what listens there.
bool is_localhost(std::string const& host)
{
    return host == "127.0.0.1" || host == "::1" || host == "0.0.0.0" || host == "::";
}

class sign_in_command
{
public:
    sign_in_command(
        terminal& on,
        start_oauth_options const& options,
        found_link found,
        link_fields fields,
        server_config const& server
    )
        : on_(on),
          options_(options),
          found_(std::move(found)),
          link_(opened(found_, std::move(fields))),
          server_(server),
          loop_(server),
          signals_(loop_.context(), SIGINT, SIGTERM, SIGHUP),
          endpoints_(sign_in::parts{
              loop_.clock(),
              loop_.services(),
              sign_in_store_of(found_.database, options.paths),
              [this](sign_in_news const& news) { tell(news); }})
    {
    }

    result<> run(oauth::client client);

private:
    void tell(sign_in_news const& news);
    result<> find_way();
    result<> listen();
    result<> begin(oauth::client const& client);
    result<> begin_in_browser();
    result<> begin_by_paste(oauth::client const& client);
    void tell_ways(std::string const& service_url);
    std::string redirect_url() const { return base_url_ + "/callback"; }

    terminal& on_;
    start_oauth_options const& options_;
    found_link found_;
    open_link link_;
    server_config server_;
    command_loop loop_;
    boost::asio::signal_set signals_;
    sign_in endpoints_;
    std::unique_ptr<callback_listener> listener_;  // where no serve answers
    opened_browser browser_;
    std::unique_ptr<sign_in_wait> wait_;
    std::string base_url_;  // the one origin of /start and /callback
    std::string start_url_;
    std::string why_no_browser_;
    bool is_answered_ = true;  // somebody answers at base_url_
    std::vector<flow_id> flows_;
    std::optional<pasted_flow> pasted_;
};

void sign_in_command::tell(sign_in_news const& news)
{
    // A browser that was refused shows why; here it explains why nothing goes on.
    if (!news.is_good && news.link.empty() && listener_)
        print_warning(on_, std::string(news.what) + ": " + safe_line(news.why));
    if (wait_)
        wait_->look();
}

// Who answers /start and /callback, and at which URL.
result<> sign_in_command::find_way()
{
    if (is_served(options_.paths))
    {
        auto const serve = find_serve(options_.paths);
        if (!serve)
            return serve.error();
        server_.listen = serve->listen;
        server_.public_url = serve->public_url;
        is_answered_ = !server_.public_url.empty() || is_localhost(server_.listen.host);
        if (!is_answered_)
            print_warning(
                on_,
                "linkspan serve listens on " + to_text(server_.listen) +
                    ", which no browser reaches as localhost, and [server] public_url is not set; the answer "
                    "can be pasted only"
            );
    }
    else if (auto const bound = listen(); !bound)
        return bound;
    if (!is_answered_ && why_no_browser_.empty())
        why_no_browser_ = "nobody answers it";
    base_url_ = public_url_of(server_);
    if (base_url_.empty())
        base_url_ = "http://localhost:" + std::to_string(server_.listen.port);
    return {};
}

result<> sign_in_command::listen()
{
    auto where = server_.listen;
    if (server_.public_url.empty() && !is_localhost(where.host))
        where.host = "127.0.0.1";
    listener_ = std::make_unique<callback_listener>(loop_.context(), endpoints_);
    auto const bound = listener_->listen(where);
    if (bound)
    {
        server_.listen.port = listener_->port();
        return {};
    }
    listener_.reset();
    if (why_no_browser_.empty())
        return error(
            bound.error().code,
            bound.error().message +
                "; end that program, or give [server] listen another port and register its callback URL at "
                "the "
                "service, or say --no-browser and paste the answer"
        );
    print_warning(on_, bound.error().message + "; the answer can be pasted only");
    is_answered_ = false;
    return {};
}

result<> sign_in_command::begin_in_browser()
{
    auto const ticket = make_sign_in_secrets(false).state;
    auto const made = found_.database.write<flow_id>(
        system_now(),
        [&](transaction& tx) { return start_flow(tx, link_.id, oauth::hash_of(ticket), redirect_url()); }
    );
    if (!made)
        return made.error();
    flows_.push_back(*made);
    start_url_ = base_url_ + "/start?id=" + link_.id.value + "&ticket=" + std::string(ticket.reveal());
    (options_.json ? on_.err : on_.out) << "Opening a browser with this URL: " << start_url_ << std::endl;
    if (why_no_browser_.empty() && !browser_.open(start_url_))
        why_no_browser_ = "there is no xdg-open";
    return {};
}

result<> sign_in_command::begin_by_paste(oauth::client const& client)
{
    auto const made = make_sign_in_secrets(false);
    auto const begun = write_sealed<flow>(
        found_.database,
        options_.paths,
        [&](transaction& tx, vault const& keys)
        { return start_pasted_flow(tx, keys, link_.id, redirect_url(), made.kept); }
    );
    if (!begun)
        return begun.error();
    flows_.push_back(begun->id);
    pasted_flow pasted;
    pasted.id = begun->id;
    pasted.redirect_url = begun->redirect_url;
    pasted.state_hash = made.kept.state_hash;
    pasted_ = std::move(pasted);
    tell_ways(service_url_of(link_, client, begun->redirect_url, made.state, made.kept.verifier));
    return {};
}

void sign_in_command::tell_ways(std::string const& service_url)
{
    on_.err << "No browser is opened here (" << why_no_browser_ << ").\n";
    if (is_answered_ && server_.public_url.empty())
        on_.err
            << "Open the URL above in a browser of this machine. In one of another machine it works while\n  "
            << ssh_line(process_environment, server_.listen.port) << "\nruns there.\n";
    else if (is_answered_)
        on_.err << "Open the URL above in any browser.\n";
    on_.err
        << (is_answered_ ? "Or open" : "Open")
        << " this URL in any browser, and paste the address at which it ends, even where no page loads:\n  "
        << service_url << "\nAddress: " << std::flush;
}

result<> sign_in_command::begin(oauth::client const& client)
{
    why_no_browser_ = options_.no_browser ? "--no-browser" : why_no_browser(process_environment);
    if (auto const found = find_way(); !found)
        return found;
    if (is_answered_)
        if (auto const begun = begin_in_browser(); !begun)
            return begun;
    if (!why_no_browser_.empty())
        return begin_by_paste(client);
    if (on_.is_terminal)
        on_.err << "Waiting for the sign-in in the browser; ctrl-c ends it." << std::endl;
    return {};
}

result<> sign_in_command::run(oauth::client client)
{
    if (auto const begun = begin(client); !begun)
        return begun;
    sign_in_wait::parts waiting{
        on_, loop_, found_.database, endpoints_, listener_.get(), browser_, signals_, {}, {}};
    waiting.flows = flows_;
    waiting.pasted = pasted_;
    waiting.is_answered = is_answered_;
    waiting.timeout = seconds(options_.timeout_seconds);
    wait_ = std::make_unique<sign_in_wait>(std::move(waiting));
    auto const ended = loop_.run(wait_->run());
    if (wait_->is_asking() && on_.is_terminal)
        on_.err << std::endl;
    if (ended && ended->state == flow_state::done)
    {
        record_sign_in(on_, found_, ended->detail, false);
        return report_sign_in(on_, found_, ended->detail, options_.json);
    }
    auto const why =
        ended ? error(errc::unauthorized, "nobody is signed in: " + ended->detail) : ended.error();
    record_sign_in(on_, found_, why.message, true);
    return why;
}

// Where the fields alone are enough.
result<> get_token(
    terminal& on,
    start_oauth_options const& options,
    found_link found,
    link_fields fields,
    server_config const& server
)
{
    link_session session(on, found, options.paths, server);
    auto const link = opened(found, std::move(fields));
    auto const got = session.refresh(link);
    auto const detail =
        got ? "link " + name_of(found.row) + " has got a token; nobody needs to sign in for it"
            : got.error().message;
    record_sign_in(on, found, detail, !got);
    if (!got)
        return got.error();
    return report_sign_in(on, found, detail, options.json);
}

}  // namespace

result<> start_oauth(terminal& on, start_oauth_options const& options)
{
    auto found = find_link_of(options.paths, options.link);
    if (!found)
        return found.error();
    auto const& kind = *found->kind;
    auto const name = name_of(found->row);
    if (kind.oauth == nullptr)
        return error(
            errc::invalid,
            "link " + name + " is of the template " + std::string(kind.name) +
                ", which has no sign-in: its credentials are fields (linkspan set-creds " + name + ")"
        );
    std::string missing;
    for (auto const& field : missing_fields(kind, found->row))
        missing += (missing.empty() ? "" : ", ") + field;
    if (!missing.empty())
        return error(
            errc::invalid, "link " + name + " lacks " + missing + "; give it with linkspan set-creds " + name
        );
    auto fields = open_fields_of(*found, options.paths);
    if (!fields)
        return fields.error();
    auto client = oauth_client_of(kind, *fields);
    if (!client)
        return client.error();
    auto const server = load_config(options.paths.config).config.server;
    if (auto const safe = check_public_url(server); !safe)
        return safe;
    if (!needs_sign_in(kind))
        return get_token(on, options, std::move(*found), std::move(*fields), server);
    sign_in_command command(on, options, std::move(*found), std::move(*fields), server);
    return command.run(std::move(*client));
}

}  // namespace linkspan
