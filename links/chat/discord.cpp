#include "links/chat/chat.hpp"
#include "links/chat/webhook_url.hpp"

#include <array>

namespace linkspan::chat
{
namespace
{

constexpr std::array discord_fields = {
    link_field{
        .name = "webhook_url",
        .help = "the whole URL of the webhook (https://discord.com/api/webhooks/...); it is a secret"},
};

constexpr std::array<std::string_view, 2> discord_pages = {
    "https://support.discord.com/hc/en-us/articles/228383668-Intro-to-Webhooks",
    "https://discord.com/developers/docs/resources/webhook#get-webhook-with-token"};

constexpr std::array<std::string_view, 3> discord_shape = {"webhooks", "*", "*"};

result<webhook_url> read_discord(link_fields const& given)
{
    auto url = read_webhook_url(given, discord_shape);
    if (!url)
        return url;
    if (!(url->is_at("discord.com") || url->is_at("discordapp.com")) || !url->ends_in(discord_shape))
        return error(
            errc::invalid,
            "webhook_url must be a webhook of Discord's, as in https://discord.com/api/webhooks/123/abc: "
            "copy it with Copy Webhook URL"
        );
    return url;
}

result<> check_discord(link_fields const& given)
{
    return check_webhook_url(given, read_discord);
}

// To GET the URL tells about the webhook and posts nothing. The answer holds the token and the URL once more:
// nothing but names and ids is taken from it.
boost::asio::awaitable<result<link_identity>> identify_discord(link_services& services, link_fields given)
{
    auto const url = read_discord(given);
    if (!url)
        co_return url.error();
    auto request = request_to(*url, "GET", std::string(value_of(given, discord_fields, "webhook_url")));
    request.headers.push_back({"Accept", "application/json"});
    auto const said = co_await rest_call(services.http, std::move(request), services.request_timeout);
    if (!said)
        co_return said.error();
    auto const id = text_at(said->body, "/id");
    if (id.empty() || id != url->segments[url->segments.size() - 2])
        co_return error(errc::not_found, "an answer that is none of Discord's: check webhook_url");
    link_identity who;
    auto const name = text_at(said->body, "/name");
    who.account = name.empty() ? "webhook " + id : name;
    who.credential = "webhook URL";
    who.service_time = date_of(said->raw);
    who.facts["webhook_id"] = id;
    for (std::string_view const fact : {"channel_id", "guild_id"})
        if (auto text = text_at(said->body, "/" + std::string(fact)); !text.empty())
            who.facts[std::string(fact)] = std::move(text);
    co_return who;
}

}  // namespace

constinit link_template const discord_webhook = {
    .name = "discord-webhook",
    .title = "Discord webhook",
    .purpose = "Keeps the URL of a webhook of a Discord channel.",
    .steps =
        "1. In Discord: Server Settings > Integrations > Webhooks > New Webhook.\n"
        "2. Name it Linkspan, choose the channel, Save Changes.\n"
        "3. Copy Webhook URL: it is this link's webhook_url. Whoever has it can post.\n",
    .fields = discord_fields,
    .check = check_discord,
    .identify = identify_discord,
    .pages = discord_pages,
    .revoke_page = discord_pages[0],
};

}  // namespace linkspan::chat
