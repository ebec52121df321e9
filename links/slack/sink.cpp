#include "links/slack/sink.hpp"

#include "links/slack/api.hpp"
#include "links/slack/fields.hpp"
#include "links/slack/render.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace linkspan::slack
{
namespace
{

outcome refuse(std::string detail, std::string_view advice)
{
    outcome refused(outcome_kind::rejected_destination, std::move(detail));
    refused.advice = advice;
    return refused;
}

}  // namespace

boost::asio::awaitable<outcome> post(
    sink_services& services, message_request request, std::string_view api_url
)
{
    constexpr std::string_view give_again = "give the link's fields again with linkspan set-creds";
    bool const by_oauth = !value_of(request.fields, {}, "access_token").empty();
    std::string_view const field = by_oauth ? "access_token" : "bot_token";
    auto const token = value_of(request.fields, {}, field);
    // User tokens post too, and a rotated one begins with "xoxe.".
    auto const fit = check_slack_token(field, token, by_oauth ? "xox" : "xoxb-", "OAuth & Permissions");
    if (!fit)
        co_return refuse(fit.error().message, give_again);
    auto const own_url = value_of(request.fields, {}, "api_url");
    auto const url = checked_api_url(own_url.empty() ? api_url : own_url);
    if (!url)
        co_return refuse(url.error().message, give_again);
    if (request.channel.empty())
        co_return refuse("the destination names no channel", "give it a channel in the configuration");
    auto const body = render(request.event, request.channel, request.story);
    auto message = post_message_request(*url, token, boost::json::serialize(body));
    exchange_options options;
    options.timeout = services.request_timeout;
    options.response_bytes_max = answer_bytes_max;
    auto const ended = co_await services.http.send(std::move(message), options);
    co_return read_answer(ended);
}

boost::asio::awaitable<outcome> post_to_slack_com(sink_services& services, message_request request)
{
    return post(services, std::move(request), default_api_url);
}

result<> check_slack_token(
    std::string_view field, std::string_view token, std::string_view begin, std::string_view place
)
{
    auto const is_fine = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.';
    };
    if (token.starts_with(begin) && token.size() > begin.size() && std::ranges::all_of(token, is_fine))
        return {};
    return error(
        errc::invalid,
        std::string(field) + " must be one of Slack's tokens: it begins with " + std::string(begin) +
            " and has no white space (" + std::string(place) + ")"
    );
}

result<> check_given_token(
    link_fields const& given, std::string_view field, std::string_view begin, std::string_view place
)
{
    auto const token = value_of(given, {}, field);
    return token.empty() ? result<>() : check_slack_token(field, token, begin, place);
}

result<> check_rest(link_fields const& given, std::string_view api_url)
{
    if (auto const fit = check_token("signing_secret", value_of(given, {}, "signing_secret")); !fit)
        return fit;
    auto const own = value_of(given, {}, "api_url");
    if (auto const url = checked_api_url(own.empty() ? api_url : own); !url)
        return url.error();
    return {};
}

}  // namespace linkspan::slack
