#include "links/generic_webhook/generic_webhook.hpp"

#include "core/event/json.hpp"
#include "links/generic_webhook/standard_webhook.hpp"
#include "links/net/client.hpp"
#include "links/net/rest.hpp"
#include "links/net/retry_after.hpp"

#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>

#include <array>

namespace linkspan::generic_webhook
{
namespace
{

// What a receiver has to say is its status: a body is read to its end and not looked at.
constexpr std::size_t answer_bytes_max = 64 * 1024;

constexpr std::array fields = {
    link_field{.name = "url", .help = "where to POST to; it may hold a token, and is never shown"},
    link_field{
        .name = "secret", .help = "the key of the signatures: whsec_ and 24 to 64 random bytes in base64"},
};

constexpr std::array<std::string_view, 2> pages = {
    "https://www.standardwebhooks.com",
    "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"};

result<> check(link_fields const& given)
{
    if (auto const fit = check_secret_url("url", value_of(given, fields, "url")); !fit)
        return fit;
    if (auto const text = value_of(given, fields, "secret"); !text.empty())
        if (auto const key = read_key(text); !key)
            return key.error();
    return {};
}

// What a message needs is there too.
result<> check_whole(link_fields const& given)
{
    for (std::string_view const field : {"url", "secret"})
        if (value_of(given, fields, field).empty())
            return error(errc::invalid, std::string(field) + " is missing");
    return check(given);
}

outcome make(outcome_kind kind, std::string detail, std::string_view advice = {})
{
    outcome made(kind, std::move(detail));
    made.advice = advice;
    return made;
}

outcome read_status(http_response const& answer)
{
    int const status = answer.status;
    auto said = "the receiver answers with status " + std::to_string(status);
    if (status >= 200 && status < 300)
        return make(outcome_kind::accepted, std::move(said));
    if (status == 408 || status == 425 || status == 429 || status == 503)
    {
        auto busy = make(outcome_kind::retry_after, std::move(said));
        busy.wait = retry_after_of(answer);
        return busy;
    }
    if (status >= 500)
        return make(outcome_kind::unknown, std::move(said));
    if (status == 401 || status == 403)
        return make(
            outcome_kind::rejected_destination,
            std::move(said),
            "give the receiver and this link the same secret, and see that both clocks are right"
        );
    if (status == 400 || status == 413 || status == 422)
        return make(outcome_kind::rejected_message, std::move(said), "look into the receiver's own log");
    return make(
        outcome_kind::rejected_destination,
        std::move(said),
        status == 410 ? "the receiver wants no more: take the destination out of the configuration"
                      : "check the link's url: nobody takes webhooks there"
    );
}

outcome read_exchange(exchange const& ended)
{
    switch (ended.fate)
    {
        case exchange_fate::answered:
            return read_status(ended.response);
        case exchange_fate::not_sent:
            return make(outcome_kind::retry_after, "not sent: " + ended.reason);
        case exchange_fate::cancelled:
            return make(outcome_kind::retry_after, "not sent: linkspan is stopping");
        case exchange_fate::unknown:
            break;
    }
    return make(outcome_kind::unknown, "sent, but no answer: " + ended.reason);
}

// The form that Standard Webhooks recommends, around the published form of the event.
std::string body_of(event const& happened)
{
    boost::json::object body;
    body["type"] = name_of(happened.kind);
    body["timestamp"] = to_rfc3339(happened.occurred_at);
    body["data"] = to_json(happened);
    return boost::json::serialize(body);
}

boost::asio::awaitable<outcome> send(sink_services& services, message_request request)
{
    constexpr std::string_view advice = "give the link's fields again with linkspan set-creds";
    if (auto const fit = check_whole(request.fields); !fit)
        co_return make(outcome_kind::rejected_destination, fit.error().message, advice);
    auto const key = read_key(value_of(request.fields, fields, "secret"));
    http_request post("POST", std::string(value_of(request.fields, fields, "url")));
    post.body = body_of(request.event);
    // The event's id, so that a receiver knows a second attempt for what it is.
    post.headers = sign(*key, request.event.id.value, post.body, services.now());
    post.headers.push_back({"Content-Type", "application/json"});
    exchange_options options;
    options.timeout = services.request_timeout;
    options.response_bytes_max = answer_bytes_max;
    auto const ended = co_await services.http.send(std::move(post), options);
    co_return read_exchange(ended);
}

// A receiver's own words may repeat its URL, and who has that may know the secret too.
std::vector<std::string> parts_of(std::string_view url)
{
    std::vector<std::string> out;
    auto const read = boost::urls::parse_uri(url);
    if (!read)
        return out;
    for (auto const& part : {std::string(read->encoded_query()), std::string(read->encoded_path())})
        if (part.size() > 1)
            out.push_back(part);
    return out;
}

// A message of the kind "linkspan.test", signed as every other: a receiver that does not know it passes it
// by.
boost::asio::awaitable<result<link_identity>> post_test(link_services& services, link_fields given)
{
    if (auto const fit = check_whole(given); !fit)
        co_return fit.error();
    auto const key = read_key(value_of(given, fields, "secret"));
    auto const now = services.now();
    boost::json::object body{{"type", "linkspan.test"}, {"timestamp", to_rfc3339(now)}};
    body["data"] = boost::json::object();
    http_request post("POST", std::string(value_of(given, fields, "url")));
    post.secrets = parts_of(post.target);
    post.body = boost::json::serialize(body);
    post.headers = sign(*key, "test-" + std::to_string(to_milliseconds(now)), post.body, now);
    post.headers.push_back({"Content-Type", "application/json"});
    auto const asked = post;
    exchange_options options;
    options.timeout = services.request_timeout;
    options.response_bytes_max = rest_answer_bytes_max;
    auto ended = co_await services.http.send(std::move(post), options);
    int const status = ended.fate == exchange_fate::answered ? ended.response.status : 0;
    link_identity who;
    who.account = "a receiver of signed webhooks";
    who.credential = "signing key";
    who.service_time = date_of(ended.response);
    if (status >= 200 && status < 300)
        co_return who;
    // Never an identity: what is no success is an error.
    co_return read_rest(asked, std::move(ended)).error();
}

}  // namespace

// No identify: Standard Webhooks has no call that a receiver would not take for a message.
constinit link_template const webhook = {
    .name = "generic-webhook",
    .title = "Generic webhook",
    .purpose = "Posts events as signed JSON (Standard Webhooks) to a receiver of your own.",
    .steps =
        "1. Make a key: echo whsec_$(openssl rand -base64 32). It is this link's secret.\n"
        "2. Give the same key to the receiver, with any library of https://www.standardwebhooks.com.\n"
        "3. url is where the receiver listens, with https (http:// only on this machine).\n"
        "4. Each POST has webhook-id (the event's id, the same on every attempt), webhook-timestamp and\n"
        "   webhook-signature (v1), and the body {\"type\", \"timestamp\", \"data\"} with the event as in "
        "linkspan events.\n"
        "5. linkspan check-link LINK --post sends a signed test message of the type linkspan.test.\n",
    .fields = fields,
    .send = send,
    .check = check,
    .post_test = post_test,
    .pages = pages,
};

}  // namespace linkspan::generic_webhook
