#include "links/chat/chat.hpp"
#include "links/chat/webhook_url.hpp"

#include <array>

namespace linkspan::chat
{
namespace
{

constexpr std::array rocket_chat_fields = {
    link_field{
        .name = "webhook_url",
        .help = "the whole Webhook URL of the incoming integration (https://.../hooks/...); it is a secret"},
};

constexpr std::array<std::string_view, 1> rocket_chat_pages = {"https://docs.rocket.chat/docs/integrations"};

constexpr std::array<std::string_view, 3> rocket_chat_shape = {"hooks", "*", "*"};

result<webhook_url> read_rocket_chat(link_fields const& given)
{
    auto url = read_webhook_url(given, rocket_chat_shape);
    if (!url)
        return url;
    if (!url->ends_in(rocket_chat_shape) || !url->query.empty())
        return error(
            errc::invalid,
            "webhook_url must end in /hooks/, the integration's id and its token: copy the whole Webhook URL"
        );
    return url;
}

result<> check_rocket_chat(link_fields const& given)
{
    return check_webhook_url(given, read_rocket_chat);
}

// ".../hooks/info/<id>/<token>": Rocket.Chat looks up the integration and posts nothing. (To GET the
// webhook's own URL would run it.)
std::string info_url(webhook_url const& of)
{
    std::string url = of.origin;
    for (std::size_t i = 0; i != of.segments.size(); ++i)
        url += (i + 2 == of.segments.size() ? "/info/" : "/") + of.segments[i];
    return url;
}

// It says 404 with this body where the id or the token is wrong; a server that is none says 404 without.
bool is_refused(exchange const& ended)
{
    return ended.fate == exchange_fate::answered &&
           (ended.response.status == 404 || ended.response.status == 400) &&
           ended.response.body.find("Invalid integration id or token") != std::string::npos;
}

boost::asio::awaitable<result<link_identity>> identify_rocket_chat(link_services& services, link_fields given)
{
    auto const url = read_rocket_chat(given);
    if (!url)
        co_return url.error();
    auto request = request_to(*url, "GET", info_url(*url));
    request.headers.push_back({"Accept", "application/json"});
    auto const asked = request;
    exchange_options options;
    options.timeout = services.request_timeout;
    options.response_bytes_max = rest_answer_bytes_max;
    auto ended = co_await services.http.send(std::move(request), options);
    bool const is_wrong = is_refused(ended);
    auto const said = read_rest(asked, std::move(ended));
    if (!said)
        co_return error(is_wrong ? errc::unauthorized : said.error().code, said.error().message);
    auto const* const body = said->body.if_object();
    auto const* const success = body == nullptr ? nullptr : body->if_contains("success");
    if (success == nullptr || !success->is_bool() || !success->get_bool())
        co_return error(errc::not_found, "an answer that is none of Rocket.Chat's: check webhook_url");
    link_identity who;
    who.account = "an incoming integration at " + url->host;
    who.credential = "webhook URL";
    who.service_time = date_of(said->raw);
    co_return who;
}

}  // namespace

constinit link_template const rocket_chat_webhook = {
    .name = "rocket-chat-webhook",
    .title = "Rocket.Chat incoming webhook",
    .purpose = "Keeps the URL of an incoming integration of Rocket.Chat.",
    .steps =
        "1. In Rocket.Chat: Administration > Workspace > Integrations > New > Incoming.\n"
        "2. Enabled; Name: Linkspan; Post to Channel: #channel; Post as: a user made for Linkspan; Save.\n"
        "3. Copy the Webhook URL: it is this link's webhook_url. Whoever has it can post.\n",
    .fields = rocket_chat_fields,
    .check = check_rocket_chat,
    .identify = identify_rocket_chat,
    .pages = rocket_chat_pages,
    .revoke_page = rocket_chat_pages[0],
};

}  // namespace linkspan::chat
