#include "links/slack/slack.hpp"

#include "links/slack/fields.hpp"
#include "links/slack/identity.hpp"
#include "links/slack/sink.hpp"

#include <array>

namespace linkspan::slack
{
namespace
{

constexpr std::array bot_fields = {bot_token_field, signing_secret_field, api_url_field};

constexpr std::array<std::string_view, 3> bot_pages = {
    "https://api.slack.com/apps",
    "https://docs.slack.dev/authentication/tokens",
    "https://docs.slack.dev/reference/methods/chat.postMessage"};

result<> check_bot(link_fields const& given)
{
    auto const fit =
        check_given_token(given, "bot_token", "xoxb-", "OAuth & Permissions > Bot User OAuth Token");
    return fit ? check_rest(given, default_api_url) : fit;
}

boost::asio::awaitable<result<link_identity>> identify_bot(link_services& services, link_fields given)
{
    auto const url = checked_api_url(value_of(given, bot_fields, "api_url"));
    if (!url)
        co_return url.error();
    secret token{std::string(value_of(given, bot_fields, "bot_token"))};
    co_return co_await ask_identity(services, *url, std::move(token));
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
        "   (chat:write.public to post to public channels without an invitation; users:read to see the app "
        "in check-link).\n"
        "3. OAuth & Permissions > Install to Workspace, Allow; copy the Bot User OAuth Token (xoxb-...):\n"
        "   it is this link's bot_token.\n"
        "4. In each channel, type /invite @Linkspan.\n"
        "5. Name the channel in a destination, by id (C0123456789: channel details, at the bottom) or "
        "#name.\n",
    .fields = bot_fields,
    .receives = std::nullopt,
    .send = post_to_slack_com,
    .needs_channel = true,
    .has_readers = true,
    .check = check_bot,
    .identify = identify_bot,
    .needs = bot_needs,
    .pages = bot_pages,
    .revoke_page = "https://api.slack.com/apps",
};

}  // namespace linkspan::slack
