#include "links/mattermost/mattermost.hpp"
#include "links/net/rest.hpp"

#include <array>

namespace linkspan::mattermost
{
namespace
{

constexpr std::array fields = {
    required_setting("base_url", "URL of the Mattermost server, for example https://mattermost.example.com"),
    link_field{.name = "token", .help = "access token of a bot account (or a personal access token)"},
};

constexpr std::array<std::string_view, 2> pages = {
    "https://developers.mattermost.com/integrate/reference/bot-accounts/",
    "https://developers.mattermost.com/api-documentation/#/operations/GetUser"};

result<> check(link_fields const& given)
{
    if (auto const fit = check_base_url("base_url", value_of(given, fields, "base_url")); !fit)
        return fit;
    return check_token("token", value_of(given, fields, "token"));
}

boost::asio::awaitable<result<link_identity>> identify(link_services& services, link_fields given)
{
    auto const base = checked_base_url("base_url", value_of(given, fields, "base_url"));
    if (!base)
        co_return base.error();
    std::vector<http_header> headers;
    headers.push_back(bearer(value_of(given, fields, "token")));
    auto const url = *base + "api/v4/users/me";
    auto const said = co_await rest_get(services.http, url, std::move(headers), services.request_timeout);
    if (!said)
        co_return said.error();
    auto const name = text_at(said->body, "/username");
    if (name.empty())
        co_return error(errc::not_found, "an answer that is none of Mattermost's: check base_url");
    auto const* const is_bot = said->body.as_object().if_contains("is_bot");
    link_identity who;
    who.account = "@" + name;
    who.credential = is_bot != nullptr && is_bot->is_bool() && is_bot->get_bool() ? "bot access token"
                                                                                  : "personal access token";
    who.service_time = date_of(said->raw);
    who.facts["user_id"] = text_at(said->body, "/id");
    who.facts["username"] = name;
    if (auto const version = find_header(said->raw.headers, "X-Version-Id"); !version.empty())
        who.facts["version"] = version.substr(0, 40);
    co_return who;
}

}  // namespace

constinit link_template const bot = {
    .name = "mattermost-bot",
    .title = "Mattermost bot",
    .purpose = "Keeps the access token of a Mattermost bot account.",
    .steps =
        "1. In Mattermost: Product menu > Integrations > Bot Accounts > Add Bot Account\n"
        "   (an administrator allows it in System Console > Integrations > Bot Accounts).\n"
        "2. Username: linkspan; role: Member; tick post:channels where it is to post everywhere.\n"
        "3. Create Bot Account; copy the token: it is this link's token; Mattermost shows it once.\n"
        "4. base_url is the server's address. Add the bot to the team and to its channels.\n",
    .fields = fields,
    .check = check,
    .identify = identify,
    .pages = pages,
    .revoke_page = "{base_url}/_redirect/integrations/bots",
};

}  // namespace linkspan::mattermost
