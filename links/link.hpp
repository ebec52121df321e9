#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"
#include "core/delivery/outcome.hpp"
#include "core/event/event.hpp"
#include "core/oauth/token.hpp"
#include "links/net/http.hpp"
#include "links/oauth/client.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

class http_client;

// One credential or setting of a link.
struct link_field
{
    std::string_view name;
    std::string_view help;
    bool is_secret = true;  // never shown; prompted for without echo
    bool is_required = true;
    std::string_view default_value = {};
    bool is_automatic = false;  // found out by Linkspan: nobody is asked for it
};

// A field that is shown, and without which a link does not work.
constexpr link_field required_setting(std::string_view name, std::string_view help)
{
    return {.name = name, .help = help, .is_secret = false};
}

// A field that is shown, and that a link may do without.
constexpr link_field optional_setting(
    std::string_view name, std::string_view help, std::string_view default_value = {}
)
{
    return {
        .name = name, .help = help, .is_secret = false, .is_required = false, .default_value = default_value};
}

// The opened fields of one link, by name.
using link_fields = std::map<std::string, secret, std::less<>>;

// The value of a field, or its template's default.
std::string_view value_of(
    link_fields const& fields, std::span<link_field const> known, std::string_view name
);

// One message to send: an event, for a destination of a link.
struct message_request
{
    linkspan::event event;
    std::vector<linkspan::event> story;  // to be told together with it, and before it; has_readers alone
    link_fields fields;
    std::string channel;
    int attempt = 1;

    message_request() = default;
};

// The system's clock.
time_point system_now();

// What a sink may use. Owned by the app; outlives every send.
struct sink_services
{
    http_client& http;
    std::function<outcome(std::string_view text)> print;  // writes to the program's standard output
    bool colour = false;
    milliseconds request_timeout{30'000};  // of one request to a service
    std::function<time_point()> now;  // for signatures that have a time; the system's where nothing is set

    sink_services(http_client& http, std::function<outcome(std::string_view text)> print, bool colour = false)
        : http(http), print(std::move(print)), colour(colour), now(&system_now)
    {
    }
};

// Renders and sends one message. Never throws and never retries.
using send_function = boost::asio::awaitable<outcome> (*)(sink_services& services, message_request request);

// What calls of a service besides sends may use. Outlives every call.
struct link_services
{
    http_client& http;
    std::function<time_point()> now;
    milliseconds request_timeout{20'000};

    link_services(http_client& http, std::function<time_point()> now) : http(http), now(std::move(now)) {}
};

// What a service says of a credential.
struct link_identity
{
    std::string account;                   // who it acts as: "Ada Example (ada)"
    std::string credential;                // what it is: "repository access token", "bot token"
    std::optional<std::string> scopes;     // granted, separated by blanks; nothing: the service does not say
    std::optional<time_point> expires_at;  // nothing: it has no end, or the service does not say
    std::optional<time_point> service_time;    // of its Date header, to tell a clock that is off
    std::map<std::string, std::string> facts;  // no secrets: linkspan get-meta shows them

    link_identity() = default;

    // Adds what is known; an empty text is no fact.
    void add_fact(std::string name, std::string value)
    {
        if (!value.empty())
            facts[std::move(name)] = std::move(value);
    }
};

// Asks the service who the link is, with a call that changes nothing and needs no scope beyond those that a
// feature needs. The fields of an OAuth link hold access_token. errc::unauthorized: the service refuses the
// credential; errc::not_found: there is no such service at the URL; errc::invalid: the fields do not fit;
// errc::unavailable and errc::timeout: try again; errc::rate_limited: later. The message has the service's
// own words, never a secret.
using identify_function =
    boost::asio::awaitable<result<link_identity>> (*)(link_services& services, link_fields fields);

// Gets a token with the link's fields alone, where no person has to consent.
using obtain_function = boost::asio::awaitable<token_answer> (*)(link_services& services, link_fields fields);

// Ends the link's token at its service, where that has a call of its own for it. The fields hold
// access_token. Errors as identify_function's.
using revoke_function = boost::asio::awaitable<result<>> (*)(link_services& services, link_fields fields);

// Where a Bitbucket's REST API is, and the header that proves who asks: what bitbucket::api_access needs.
struct api_entrance
{
    std::string base_url;  // as checked_base_url() gives it. Cloud: that of 2.0; Data Center: without rest/
    http_header proof;

    api_entrance() = default;
    api_entrance(std::string base_url, http_header proof)
        : base_url(std::move(base_url)), proof(std::move(proof))
    {
    }
};

// The entrance that a link's fields give. The fields of an OAuth link hold access_token. errc::invalid names
// the field that is missing or does not fit, never its value.
using api_entrance_function = result<api_entrance> (*)(link_fields const& fields);

// How the links of a template come to their tokens.
enum class grant_kind
{
    authorization_code,  // a person consents in a browser (linkspan start-oauth), then refresh tokens
    client_credentials,  // RFC 6749, 4.4: a new grant in place of each refresh
    own,                 // obtain() knows
    installation,        // a GitHub app: a person installs it (linkspan start-oauth), then obtain()
};

// URLs may hold a field in braces: "{base_url}/login/oauth/authorize". The fields auth_url and token_url of a
// link, where its template has them, go before the profile's, and so do client_proof (basic, body) and pkce
// (yes, no); `scopes` adds to its scopes.
struct oauth_profile
{
    grant_kind grant = grant_kind::authorization_code;
    std::string_view authorize_url;
    std::string_view token_url;
    std::string_view revoke_url = {};  // RFC 7009; empty: there is none, see `revoke` and revoke_page
    std::string_view scopes = {};      // always asked for, separated by blanks
    char scope_separator = ' ';
    std::string_view authorize_params = {};
    oauth::client_proof proof = oauth::client_proof::basic;
    token_dialect dialect = token_dialect::standard;
    bool pkce = true;
    obtain_function obtain = nullptr;
    // How long a refresh token lives unused, where that is known: list-links warns before it is over.
    std::optional<seconds> refresh_life = std::nullopt;
    // Gives another authorize_url, with fields in braces too, where these fields need one; null: there is
    // none.
    std::string_view (*authorize_url_for)(link_fields const& fields) = nullptr;
    revoke_function revoke = nullptr;  // in place of revoke_url, where the service has another call
};

// One thing that Linkspan does with a link, and what it needs for it.
struct feature_scopes
{
    std::string_view feature;  // "read pull requests and comments"
    std::string_view scopes;   // all of these, separated by blanks; "a|b" where one of two will do
};

// Judges the fields that a link has, each alone and what does not go together. Required ones that are not
// there yet are no fault: links are made in steps. errc::invalid; the message names the field and says what
// to do.
using check_function = result<> (*)(link_fields const& fields);

// One kind of link: data, and small functions. A row of links/registry.cpp.
struct link_template
{
    std::string_view name;     // "slack-bot-token"
    std::string_view title;    // "Slack bot token"
    std::string_view purpose;  // one sentence
    std::string_view steps;    // what to do at the service, numbered lines
    std::span<link_field const> fields;
    std::optional<edition> receives = std::nullopt;  // webhooks of this edition of Bitbucket
    send_function send = nullptr;                    // where a destination may use it
    bool needs_channel = false;                      // its destinations must name a channel
    bool has_readers = false;  // people read what it sends: a long story comes in one message
    check_function check = nullptr;
    oauth_profile const* oauth = nullptr;  // where its credential is a token that Linkspan gets
    identify_function identify = nullptr;  // null: nothing can be asked without a side effect
    // Where identify is null and a message can be posted: posts one that says that it is a test.
    identify_function post_test = nullptr;
    std::span<feature_scopes const> needs = {};
    std::span<std::string_view const> pages = {};  // links to the service's own pages
    std::string_view revoke_page = {};  // where a person ends the credential; fields in braces as above
    std::optional<edition> asks = std::nullopt;  // the REST API of this edition of Bitbucket, with open_api
    api_entrance_function open_api = nullptr;    // null: its links call no Bitbucket
};

// Replaces each "{field}" by the link's value or its default; the slash at the end of a value goes.
std::string filled_in(std::string_view text, link_fields const& fields, std::span<link_field const> known);

// The client of an OAuth link. errc::invalid names the field that is missing or does not fit: URLs must be
// https, or http to loopback.
result<oauth::client> oauth_client_of(link_template const& kind, link_fields const& fields);

// A base URL of a service as people type it, with one slash at its end. errc::invalid unless it is https, or
// http to this machine ("localhost", 127.0.0.0/8, ::1), without user, query and fragment; the message names
// the field and does not repeat the value.
result<std::string> checked_base_url(std::string_view field, std::string_view url);

// The same in a check: what is not given is no fault.
result<> check_base_url(std::string_view field, std::string_view url);

// The same for a URL that is a secret itself, as those of incoming webhooks are: it may have a query.
result<> check_secret_url(std::string_view field, std::string_view url);

// What goes into a header must be visible ASCII without white space: a line end that was copied along would
// make every call fail. errc::invalid where it is not, or where it does not begin with `begin`; the message
// names the field and does not repeat the value. What is not given is no fault.
result<> check_token(std::string_view field, std::string_view value, std::string_view begin = {});

// What is given of an OAuth client fits: client_id and client_secret into a header, the link's own endpoints
// and manners into a request.
result<> check_client(link_template const& kind, link_fields const& fields);

// webhook_secret, where there is one, is free of white space at its ends: a line end that was copied along
// would make every signature wrong.
result<> check_webhook_secret(link_fields const& fields);

}  // namespace linkspan
