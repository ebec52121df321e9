#include "links/slack/slack.hpp"

#include "links/slack/api.hpp"
#include "links/slack/render.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace linkspan::slack
{
namespace
{

constexpr std::array fields = {
    link_field{
        .name = "bot_token",
        .help = "the Bot User OAuth Token of the Slack app (xoxb-...)",
        .is_secret = true,
        .is_required = true},
    link_field{
        .name = "api_url",
        .help = "base URL of the Web API; another one for GovSlack (https://slack-gov.com/api/)",
        .is_secret = false,
        .is_required = false,
        .default_value = default_api_url},
};

constexpr std::string_view bot_token_begin = "xoxb-";

// Letters, digits, "-" and "." are what Slack's tokens are made of; a line end would be a header of its own.
bool is_token(std::string_view token)
{
    auto const is_fine = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.';
    };
    return token.starts_with(bot_token_begin) && token.size() > bot_token_begin.size() &&
           std::all_of(token.begin(), token.end(), is_fine);
}

result<> check(link_fields const& given)
{
    if (!is_token(value_of(given, fields, "bot_token")))
        return error(
            errc::invalid,
            "bot_token must be a bot token: it begins with xoxb- and has no white space "
            "(OAuth & Permissions > Bot User OAuth Token)"
        );
    if (auto const url = checked_api_url(value_of(given, fields, "api_url")); !url)
        return url.error();
    return {};
}

outcome refuse(std::string detail, std::string advice)
{
    outcome refused(outcome_kind::rejected_destination, std::move(detail));
    refused.advice = std::move(advice);
    return refused;
}

boost::asio::awaitable<outcome> send(sink_services& services, message_request request)
{
    if (auto const judged = check(request.fields); !judged)
        co_return refuse(judged.error().message, "give the link's fields again with linkspan set-creds");
    if (request.channel.empty())
        co_return refuse("the destination names no channel", "give it a channel in the configuration");
    auto const url = checked_api_url(value_of(request.fields, fields, "api_url"));
    auto const token = value_of(request.fields, fields, "bot_token");
    auto post =
        post_message_request(*url, token, boost::json::serialize(render(request.event, request.channel)));
    exchange_options options;
    options.timeout = services.request_timeout;
    options.response_bytes_max = answer_bytes_max;
    auto const ended = co_await services.http.send(std::move(post), options);
    co_return read_answer(ended);
}

}  // namespace

constinit link_template const bot_token = {
    .name = "slack-bot-token",
    .title = "Slack bot token",
    .purpose = "Posts messages to Slack channels as a Slack app of your own.",
    .steps =
        "1. Open https://api.slack.com/apps > Create New App > From scratch; name it Linkspan, choose the "
        "workspace.\n"
        "2. OAuth & Permissions > Scopes > Bot Token Scopes > Add an OAuth Scope: chat:write\n"
        "   (and chat:write.public to post to public channels without an invitation).\n"
        "3. OAuth & Permissions > Install to Workspace, Allow; copy the Bot User OAuth Token (xoxb-...):\n"
        "   it is this link's bot_token.\n"
        "4. In each channel, type /invite @Linkspan.\n"
        "5. Name the channel in a destination, by id (C0123456789: channel details, at the bottom) or "
        "#name.\n",
    .fields = fields,
    .receives = std::nullopt,
    .send = send,
    .needs_channel = true,
    .check = check,
};

}  // namespace linkspan::slack
