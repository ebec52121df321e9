#include "links/slack/fields.hpp"
#include "links/slack/identity.hpp"
#include "links/slack/sink.hpp"
#include "links/slack/slack.hpp"

#include <array>

namespace linkspan::slack
{
namespace
{

constexpr std::array socket_fields = {
    link_field{
        .name = "app_token",
        .help = "the App-Level Token of the Slack app, with the scope connections:write (xapp-...)"},
    bot_token_field,
    api_url_field,
};

constexpr std::array<feature_scopes, 4> socket_needs = {
    feature_scopes{"hear Slack without a public URL", "connections:write"},
    bot_needs[0],
    bot_needs[1],
    bot_needs[2]};

constexpr std::array<std::string_view, 2> socket_pages = {
    "https://api.slack.com/apps", "https://docs.slack.dev/apis/events-api/using-socket-mode"};

result<> check_socket(link_fields const& given)
{
    auto const app = check_given_token(given, "app_token", "xapp-", "Basic Information > App-Level Tokens");
    if (!app)
        return app;
    auto const bot =
        check_given_token(given, "bot_token", "xoxb-", "OAuth & Permissions > Bot User OAuth Token");
    return bot ? check_rest(given, default_api_url) : bot;
}

boost::asio::awaitable<result<link_identity>> identify_socket(link_services& services, link_fields given)
{
    auto const url = checked_api_url(value_of(given, socket_fields, "api_url"));
    if (!url)
        co_return url.error();
    secret app{std::string(value_of(given, socket_fields, "app_token"))};
    auto const connection = co_await ask_connection(services, *url, std::move(app));
    if (!connection)
        co_return connection.error();
    secret bot{std::string(value_of(given, socket_fields, "bot_token"))};
    auto who = co_await ask_identity(services, *url, std::move(bot));
    if (!who)
        co_return error(who.error().code, "bot_token: " + who.error().message);
    who->credential = "app token and " + who->credential;
    if (who->scopes && !connection->empty())
        *who->scopes += " " + *connection;
    co_return who;
}

}  // namespace

constinit link_template const socket_mode = {
    .name = "slack-socket-mode",
    .title = "Slack app with Socket Mode",
    .purpose = "Posts messages to Slack, and can hear Slack over a WebSocket, where no public URL is wanted.",
    .steps =
        "1. Open https://api.slack.com/apps > Create New App > From scratch; name it Linkspan, choose the "
        "workspace.\n"
        "2. Settings > Socket Mode > Enable Socket Mode; make an App-Level Token with the scope\n"
        "   connections:write and copy it (xapp-...): it is this link's app_token.\n"
        "3. OAuth & Permissions > Scopes > Bot Token Scopes: chat:write (chat:write.public, users:read).\n"
        "4. OAuth & Permissions > Install to Workspace, Allow; copy the Bot User OAuth Token (xoxb-...):\n"
        "   it is this link's bot_token.\n"
        "5. In each channel, type /invite @Linkspan.\n",
    .fields = socket_fields,
    .send = post_to_slack_com,
    .needs_channel = true,
    .has_readers = true,
    .check = check_socket,
    .identify = identify_socket,
    .needs = socket_needs,
    .pages = socket_pages,
    .revoke_page = "https://api.slack.com/apps",
};

}  // namespace linkspan::slack
