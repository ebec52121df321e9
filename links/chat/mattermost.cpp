#include "links/chat/chat.hpp"
#include "links/chat/test_post.hpp"
#include "links/chat/webhook_url.hpp"

#include <algorithm>
#include <array>

namespace linkspan::chat
{
namespace
{

constexpr std::array mattermost_fields = {
    link_field{
        .name = "webhook_url",
        .help = "the whole URL of the incoming webhook (https://.../hooks/...); it is a secret"},
};

constexpr std::array<std::string_view, 1> mattermost_pages = {
    "https://developers.mattermost.com/integrate/webhooks/incoming/"};

// On a server that may live below a path.
constexpr std::array<std::string_view, 2> mattermost_shape = {"hooks", "*"};
constexpr std::size_t id_bytes = 26;

result<webhook_url> read_mattermost(link_fields const& given)
{
    auto url = read_webhook_url(given, mattermost_shape);
    if (!url)
        return url;
    auto const is_fine = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (!url->ends_in(mattermost_shape) || !url->query.empty() || url->segments.back().size() != id_bytes ||
        !std::ranges::all_of(url->segments.back(), is_fine))
        return error(
            errc::invalid,
            "webhook_url must end in /hooks/ and the webhook's 26 letters and digits: copy the whole URL"
        );
    return url;
}

result<> check_mattermost(link_fields const& given)
{
    return check_webhook_url(given, read_mattermost);
}

constexpr test_post_judge mattermost_judge = {
    .service = "Mattermost",
    .is_taken = [](http_response const& answer) { return answer.status == 200 && answer.body == "ok"; },
    // A webhook that is not there is a bad request to Mattermost; since 10.4 under the name of any failure.
    .is_refused =
        [](http_response const& answer)
    {
        auto const says = [&](std::string_view id) { return answer.body.find(id) != std::string::npos; };
        return answer.status == 400 &&
               (says("web.incoming_webhook.invalid") || says("web.incoming_webhook.general.app_error"));
    },
};

boost::asio::awaitable<result<link_identity>> post_mattermost_test(link_services& services, link_fields given)
{
    auto url = read_mattermost(given);
    if (!url)
        co_return url.error();
    boost::json::object message{{"text", test_text}};
    std::string target(value_of(given, mattermost_fields, "webhook_url"));
    co_return co_await post_and_judge(
        services, std::move(*url), std::move(target), std::move(message), &mattermost_judge
    );
}

}  // namespace

// No identify: Mattermost tells nothing about a webhook but by posting. It refuses an empty text before it
// looks the webhook up, so that answer says nothing either.
constinit link_template const mattermost_webhook = {
    .name = "mattermost-webhook",
    .title = "Mattermost incoming webhook",
    .purpose = "Keeps the URL of an incoming webhook of Mattermost; only a post shows whether it works.",
    .steps =
        "1. In Mattermost: Product menu > Integrations > Incoming Webhooks > Add Incoming Webhook.\n"
        "2. Title: Linkspan; choose the channel (Lock to this channel keeps it there); Save.\n"
        "3. Copy the URL: it is this link's webhook_url. Whoever has it can post.\n"
        "4. linkspan check-link LINK --post posts a test message.\n",
    .fields = mattermost_fields,
    .check = check_mattermost,
    .post_test = post_mattermost_test,
    .pages = mattermost_pages,
    .revoke_page = mattermost_pages[0],
};

}  // namespace linkspan::chat
