#include "links/zulip/zulip.hpp"

#include "links/net/rest.hpp"

#include <array>

namespace linkspan::zulip
{
namespace
{

constexpr std::array fields = {
    required_setting("base_url", "URL of the Zulip organisation, for example https://acme.zulipchat.com"),
    required_setting("email", "the bot's e-mail address (linkspan-bot@...)"),
    link_field{.name = "api_key", .help = "the bot's API key"},
};

constexpr std::array<std::string_view, 2> pages = {
    "https://zulip.com/help/add-a-bot-or-integration", "https://zulip.com/api/get-own-user"};

result<> check(link_fields const& given)
{
    if (auto const fit = check_base_url("base_url", value_of(given, fields, "base_url")); !fit)
        return fit;
    auto const email = value_of(given, fields, "email");
    if (auto const fit = check_token("email", email); !fit)
        return fit;
    if (!email.empty() && (email.find('@') == email.npos || email.find(':') != email.npos))
        return error(
            errc::invalid, "email must be the bot's e-mail address, as in linkspan-bot@acme.zulipchat.com"
        );
    return check_token("api_key", value_of(given, fields, "api_key"));
}

boost::asio::awaitable<result<link_identity>> identify(link_services& services, link_fields given)
{
    auto const base = checked_base_url("base_url", value_of(given, fields, "base_url"));
    if (!base)
        co_return base.error();
    std::vector<http_header> headers;
    headers.push_back(basic(value_of(given, fields, "email"), value_of(given, fields, "api_key")));
    auto const said = co_await rest_get(
        services.http, *base + "api/v1/users/me", std::move(headers), services.request_timeout
    );
    if (!said)
        co_return said.error();
    auto const id = text_at(said->body, "/user_id");
    if (id.empty())
        co_return error(errc::not_found, "an answer that is none of Zulip's: check base_url");
    auto const* const is_bot = said->body.as_object().if_contains("is_bot");
    link_identity who;
    auto const name = text_at(said->body, "/full_name");
    auto const email = text_at(said->body, "/email");
    who.account = name.empty() ? email : name + " (" + email + ")";
    who.credential =
        is_bot != nullptr && is_bot->is_bool() && is_bot->get_bool() ? "bot API key" : "user API key";
    who.service_time = date_of(said->raw);
    who.facts["user_id"] = id;
    co_return who;
}

}  // namespace

constinit link_template const bot = {
    .name = "zulip-bot",
    .title = "Zulip bot",
    .purpose = "Keeps the API key of a Zulip bot.",
    .steps =
        "1. In Zulip: Personal settings > Bots > Add a new bot.\n"
        "2. Bot type: Generic bot; name it Linkspan; Add.\n"
        "3. The bot's e-mail address and API key are this link's email and api_key; its base_url is the\n"
        "   organisation's address.\n"
        "4. Subscribe the bot to the channels where it is to post.\n",
    .fields = fields,
    .check = check,
    .identify = identify,
    .pages = pages,
    .revoke_page = "{base_url}/#settings/your-bots",
};

}  // namespace linkspan::zulip
