#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"
#include "core/delivery/outcome.hpp"
#include "core/event/event.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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
};

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
    link_fields fields;
    std::string channel;
    int attempt = 1;

    message_request() = default;
};

// What a sink may use. Owned by the app; outlives every send.
struct sink_services
{
    http_client& http;
    std::function<outcome(std::string_view text)> print;  // writes to the program's standard output
    bool colour = false;
    milliseconds request_timeout{30'000};  // of one request to a service

    sink_services(http_client& http, std::function<outcome(std::string_view text)> print, bool colour = false)
        : http(http), print(std::move(print)), colour(colour)
    {
    }
};

// Renders and sends one message. Never throws and never retries.
using send_function = boost::asio::awaitable<outcome> (*)(sink_services& services, message_request request);

// Judges a link's fields beyond "required is present"; the message says what to do.
using check_function = result<> (*)(link_fields const& fields);

// One kind of link: data, and small functions. A row of links/registry.cpp.
struct link_template
{
    std::string_view name;     // "slack-bot-token"
    std::string_view title;    // "Slack bot token"
    std::string_view purpose;  // one sentence
    std::string_view steps;    // what to do at the service, numbered lines
    std::span<link_field const> fields;
    std::optional<edition> receives;  // webhooks of this edition of Bitbucket
    send_function send = nullptr;     // where a destination may use it
    bool needs_channel = false;       // its destinations must name a channel
    check_function check = nullptr;
};

}  // namespace linkspan
