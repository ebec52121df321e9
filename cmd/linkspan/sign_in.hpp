#pragma once
#include "cmd/linkspan/link_directory.hpp"
#include "cmd/linkspan/paths.hpp"
#include "core/oauth/token.hpp"
#include "links/link.hpp"
#include "links/net/clock.hpp"
#include "links/net/http.hpp"
#include "store/flows.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// How often the tokens of a sign-in are offered to a store that does not take them: while its browser waits.
inline constexpr int sign_in_store_tries_max = 30;

// What one step of a sign-in works on.
struct sign_in_step
{
    linkspan::flow flow;
    open_link link;
    oauth::client client;
    secret verifier;
    std::int64_t generation = 0;  // of the tokens that it has got

    sign_in_step() = default;
};

// One piece of its work in one transaction. It may run twice.
using sign_in_work = std::function<result<sign_in_step>(transaction& tx, vault const& keys)>;

// The store as a sign-in uses it: the daemon's threads, or a command's own connection.
using sign_in_store = std::function<boost::asio::awaitable<result<sign_in_step>>(sign_in_work work)>;
sign_in_store sign_in_store_of(store& of_daemon, profile_paths paths);
sign_in_store sign_in_store_of(command_store& of_command, profile_paths paths);

// What happened, for the log: never a code, a state or a ticket.
struct sign_in_news
{
    bool is_good = true;
    std::string_view what;  // "sign-in begun", "signed in", "sign-in refused", ...
    std::string link;       // empty: not known
    std::string why;
    bool has_tokens = false;  // the link's tokens, and perhaps its fields, are new
};

// How an answer of the service ended its sign-in.
struct sign_in_end
{
    bool is_done = false;
    int status = 200;     // of the page that tells it
    std::string heading;  // of that page
    std::string text;     // who authorized what; or why not, in the service's own words

    sign_in_end() = default;
    sign_in_end(int status, std::string heading, std::string text)
        : status(status), heading(std::move(heading)), text(std::move(text))
    {
    }
};

// The random texts of one sign-in, and what the store keeps of them.
struct sign_in_secrets
{
    secret state;
    secret cookie;
    flow_secrets kept;
};
sign_in_secrets make_sign_in_secrets(bool for_browser);

// The link of an id with its fields opened. errc::invalid for a template that is not known.
result<open_link> read_link_to_sign_in(transaction& tx, vault const& keys, link_id const& id);

// Where the person goes: the service's authorization page, or the installation page of a GitHub app.
std::string service_url_of(
    open_link const& link,
    oauth::client const& client,
    std::string_view redirect_url,
    secret const& state,
    secret const& verifier
);

// The sign-in of a person (RFC 6749, 4.1; RFC 7636), as linkspan serve and linkspan start-oauth answer it:
//
//   GET /start?id=<link>&ticket=<ticket>   spends the ticket, gives the browser a cookie, sends it to the
//   service GET /callback?code=...&state=...       takes the answer from that browser alone, gets the tokens,
//   tells who
//
// Both have one origin, or the cookie would not come back. A page tells each fault; HEAD does nothing.
class sign_in
{
public:
    struct parts
    {
        linkspan::clock& clock;
        link_services& services;
        sign_in_store write;
        std::function<void(sign_in_news const&)> tell;
    };

    explicit sign_in(parts with) : with_(std::move(with)) {}

    // The program stops: a call that is cut off from now on ends its flow with that as the reason.
    void rest() { is_resting_ = true; }

    boost::asio::awaitable<http_response> start(http_request request);
    boost::asio::awaitable<http_response> callback(http_request request);

    // An answer that was pasted into the terminal of its own sign-in. Errors as take_flow(): nothing was
    // spent, or it is over.
    boost::asio::awaitable<result<sign_in_end>> finish_pasted(linkspan::callback answer);

private:
    boost::asio::awaitable<result<sign_in_end>> finish(
        linkspan::callback answer, std::optional<std::string> cookie_hash
    );
    using step = std::shared_ptr<sign_in_step>;

    boost::asio::awaitable<sign_in_end> settle(step of, linkspan::callback answer);
    boost::asio::awaitable<sign_in_end> install(step of, linkspan::callback answer);
    boost::asio::awaitable<sign_in_end> keep(step of, token_answer got);
    boost::asio::awaitable<sign_in_end> identify(step of, token_set tokens);
    http_response refuse(error const& why);

    parts with_;
    bool is_resting_ = false;
};

}  // namespace linkspan
