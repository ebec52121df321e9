#include "links/mattermost/mattermost.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <array>

namespace linkspan::mattermost
{
namespace
{

constexpr std::array fields = {
    link_field{
        .name = "webhook_url",
        .help = "the whole URL of the incoming webhook (https://.../hooks/...); it is a secret"},
};

constexpr std::array<std::string_view, 1> pages = {
    "https://developers.mattermost.com/integrate/webhooks/incoming/"};

// ".../hooks/<26 letters and digits>", on a server that may live below a path.
bool is_hook(boost::urls::url_view const& url)
{
    std::string_view const path = url.encoded_path();
    auto const slash = path.rfind('/');
    if (slash == path.npos || url.has_query())
        return false;
    auto const id = path.substr(slash + 1);
    auto const is_fine = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return path.substr(0, slash).ends_with("/hooks") && id.size() == 26 && std::ranges::all_of(id, is_fine);
}

result<> check(link_fields const& given)
{
    auto const url = value_of(given, fields, "webhook_url");
    if (auto const fit = check_secret_url("webhook_url", url); !fit)
        return fit;
    if (!is_hook(*boost::urls::parse_uri(url)))
        return error(
            errc::invalid,
            "webhook_url must end in /hooks/ and the webhook's 26 letters and digits: copy the whole URL"
        );
    return {};
}

}  // namespace

// No identify: Mattermost tells nothing about a webhook but by posting. It refuses an empty text before it
// looks the webhook up, so that answer says nothing either.
constinit link_template const webhook = {
    .name = "mattermost-webhook",
    .title = "Mattermost incoming webhook",
    .purpose =
        "Keeps the URL of an incoming webhook of Mattermost; it cannot be asked who it is without posting.",
    .steps =
        "1. In Mattermost: Product menu > Integrations > Incoming Webhooks > Add Incoming Webhook.\n"
        "2. Title: Linkspan; choose the channel (Lock to this channel keeps it there); Save.\n"
        "3. Copy the URL: it is this link's webhook_url. Whoever has it can post.\n"
        "4. check-link sends nothing to it: the first message shows whether it works.\n",
    .fields = fields,
    .check = check,
    .pages = pages,
    .revoke_page = pages[0],
};

}  // namespace linkspan::mattermost
