#include "links/chat/chat.hpp"
#include "links/chat/test_post.hpp"
#include "links/chat/webhook_url.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace linkspan::chat
{
namespace
{

constexpr std::array teams_fields = {
    link_field{
        .name = "webhook_url",
        .help = "the whole URL of the workflow's trigger (https://....api.powerplatform.com/...); it is a "
                "secret"},
};

constexpr std::array<std::string_view, 2> teams_pages = {
    "https://support.microsoft.com/office/create-incoming-webhooks-with-workflows-for-microsoft-teams-"
    "8ae491c7-0394-4861-ba59-055e33f75498",
    "https://learn.microsoft.com/troubleshoot/power-platform/power-automate/flow-run-issues/"
    "triggers-troubleshoot"};

// Power Automate's, and Azure Logic Apps' of one's own; those of governments.
constexpr std::array<std::string_view, 5> domains = {
    "api.powerplatform.com", "api.powerplatform.us", "logic.azure.com", "logic.azure.us", "logic.azure.cn"};

constexpr std::array<std::string_view, 6> teams_shape = {
    "workflows", "*", "triggers", "*", "paths", "invoke"};

result<webhook_url> read_teams(link_fields const& given)
{
    auto url = read_webhook_url(given, teams_shape);
    if (!url)
        return url;
    if (!url->is_loopback && (url->is_at("webhook.office.com") || url->is_at("outlook.office.com")))
        return error(
            errc::invalid,
            "webhook_url is one of an Office 365 connector, which Microsoft withdraws: make a workflow in "
            "its "
            "place (linkspan link-templates teams-workflow)"
        );
    auto const is_there = [&url](std::string_view domain) { return url->is_at(domain); };
    if (std::ranges::none_of(domains, is_there) || !url->ends_in(teams_shape))
        return error(
            errc::invalid,
            "webhook_url must be the URL of a workflow's trigger, as in "
            "https://....api.powerplatform.com/.../workflows/.../triggers/manual/paths/invoke?...&sig=..."
        );
    if (auto const signature = url->query.find("sig");
        signature == url->query.end() || signature->second.empty())
        return error(
            errc::invalid, "webhook_url has no sig= at its end: copy the whole URL, and quote it in a shell"
        );
    return url;
}

result<> check_teams(link_fields const& given)
{
    return check_webhook_url(given, read_teams);
}

// A run is accepted with 202; a workflow that ends in a Response says what it likes. What another server says
// is HTML.
constexpr test_post_judge teams_judge = {
    .service = "Power Automate",
    .account = "a workflow that took a message: see whether it came into the channel",
    .is_taken =
        [](http_response const& answer)
    {
        bool const is_page = answer.body.starts_with('<');
        return answer.status >= 200 && answer.status < 300 && !is_page;
    },
};

// The message that the workflow "Send webhook alerts to a channel" expects: adaptive cards.
boost::json::object test_card()
{
    boost::json::object const text{{"type", "TextBlock"}, {"text", test_text}, {"wrap", true}};
    boost::json::object card{
        {"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
        {"type", "AdaptiveCard"},
        {"version", "1.4"}};
    card["body"] = boost::json::array{text};
    boost::json::object const attachment{
        {"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", std::move(card)}};
    boost::json::object message{{"type", "message"}};
    message["attachments"] = boost::json::array{attachment};
    return message;
}

boost::asio::awaitable<result<link_identity>> post_teams_test(link_services& services, link_fields given)
{
    auto url = read_teams(given);
    if (!url)
        co_return url.error();
    auto message = test_card();
    std::string target(value_of(given, teams_fields, "webhook_url"));
    co_return co_await post_and_judge(
        services, std::move(*url), std::move(target), std::move(message), &teams_judge
    );
}

}  // namespace

// No identify: every POST starts the workflow, and other methods are refused without a look at the signature.
constinit link_template const teams_workflow = {
    .name = "teams-workflow",
    .title = "Microsoft Teams workflow",
    .purpose = "Keeps the URL that starts a workflow of Teams; only a run shows whether it works.",
    .steps =
        "1. In Teams, open the channel's ... > Workflows > Send webhook alerts to a channel.\n"
        "2. Name: Linkspan; sign in; choose team and channel; Add workflow.\n"
        "3. Copy the URL: it is this link's webhook_url. Whoever has it can post.\n"
        "   (Workflows older than December 2025 have a new URL: those at logic.azure.com have ended, except\n"
        "   for Logic Apps of your own in Azure.)\n"
        "4. A workflow belongs to a person and ends with the account: give it a second owner.\n"
        "5. linkspan check-link LINK --post posts a test message.\n",
    .fields = teams_fields,
    .check = check_teams,
    .post_test = post_teams_test,
    .pages = teams_pages,
    .revoke_page = "https://make.powerautomate.com",
};

}  // namespace linkspan::chat
