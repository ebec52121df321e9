#include "links/chat/chat.hpp"
#include "links/chat/test_post.hpp"
#include "links/chat/webhook_url.hpp"

#include <boost/json/parse.hpp>

#include <array>

namespace linkspan::chat
{
namespace
{

constexpr std::array google_chat_fields = {
    link_field{
        .name = "webhook_url",
        .help = "the whole URL of the webhook (https://chat.googleapis.com/v1/spaces/...); it is a secret"},
};

constexpr std::array<std::string_view, 1> google_chat_pages = {
    "https://developers.google.com/workspace/chat/quickstart/webhooks"};

constexpr std::array<std::string_view, 4> google_chat_shape = {"v1", "spaces", "*", "messages"};

result<webhook_url> read_google_chat(link_fields const& given)
{
    auto url = read_webhook_url(given, google_chat_shape);
    if (!url)
        return url;
    if (!url->is_at("chat.googleapis.com") || !url->ends_in(google_chat_shape))
        return error(
            errc::invalid,
            "webhook_url must be a webhook of Google Chat, as in "
            "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=...&token=..."
        );
    for (std::string_view const part : {"key", "token"})
        if (auto const found = url->query.find(std::string(part));
            found == url->query.end() || found->second.empty())
            return error(
                errc::invalid,
                "webhook_url has no " + std::string(part) +
                    "= at its end: copy the whole URL, and quote it in a shell"
            );
    return url;
}

result<> check_google_chat(link_fields const& given)
{
    return check_webhook_url(given, read_google_chat);
}

constexpr test_post_judge google_chat_judge = {
    .service = "Google Chat",
    .is_taken =
        [](http_response const& answer)
    {
        boost::system::error_code failure;
        auto const body = boost::json::parse(answer.body, failure);
        return answer.status == 200 && !failure && text_at(body, "/name").starts_with("spaces/");
    },
    // Google refuses a wrong key with status 400; the reason stands in the details of the error.
    .is_refused = [](http_response const& answer)
    { return answer.status == 400 && answer.body.find("API_KEY_INVALID") != std::string::npos; },
};

boost::asio::awaitable<result<link_identity>> post_google_chat_test(
    link_services& services, link_fields given
)
{
    auto url = read_google_chat(given);
    if (!url)
        co_return url.error();
    boost::json::object message{{"text", test_text}};
    std::string target(value_of(given, google_chat_fields, "webhook_url"));
    co_return co_await post_and_judge(
        services, std::move(*url), std::move(target), std::move(message), &google_chat_judge
    );
}

}  // namespace

// No identify: Google documents no call with a webhook's key and token but the one that posts.
constinit link_template const google_chat_webhook = {
    .name = "google-chat-webhook",
    .title = "Google Chat webhook",
    .purpose = "Keeps the URL of a webhook of a Google Chat space; only a post shows whether it works.",
    .steps =
        "1. In Google Chat (in a browser), open the space > its name > Apps & integrations > Add webhooks.\n"
        "2. Name: Linkspan; Save.\n"
        "3. Copy the URL with its key and token: it is this link's webhook_url. Whoever has it can post.\n"
        "4. linkspan check-link LINK --post posts a test message.\n",
    .fields = google_chat_fields,
    .check = check_google_chat,
    .post_test = post_google_chat_test,
    .pages = google_chat_pages,
    .revoke_page = google_chat_pages[0],
};

}  // namespace linkspan::chat
