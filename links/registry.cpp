#include "links/registry.hpp"

#include "links/ai/ai.hpp"
#include "links/bitbucket/templates.hpp"
#include "links/bitbucket/webhook.hpp"
#include "links/chat/chat.hpp"
#include "links/console/console.hpp"
#include "links/generic_webhook/generic_webhook.hpp"
#include "links/matrix/matrix.hpp"
#include "links/mattermost/mattermost.hpp"
#include "links/port/port.hpp"
#include "links/s3/s3.hpp"
#include "links/slack/slack.hpp"
#include "links/zulip/zulip.hpp"

#include <array>

namespace linkspan
{
namespace
{

// Sorted by name.
constexpr std::array templates = {
    &bitbucket::access_token,
    &bitbucket::app_oauth,
    &bitbucket::client_credentials,
    &bitbucket::data_center_oauth,
    &bitbucket::data_center_token,
    &bitbucket::data_center_webhook,
    &bitbucket::user_token,
    &bitbucket::cloud_webhook,
    &ai::chatgpt,
    &ai::claude,
    &console::console_template,
    &chat::discord_webhook,
    &ai::gemini,
    &generic_webhook::webhook,
    &chat::google_chat_webhook,
    &matrix::account,
    &mattermost::bot,
    &mattermost::webhook,
    &port::client,
    &chat::rocket_chat_webhook,
    &s3::bucket,
    &slack::bot_token,
    &slack::oauth,
    &slack::oauth_gov,
    &slack::socket_mode,
    &chat::teams_workflow,
    &zulip::bot,
};

}  // namespace

std::span<link_template const* const> link_templates()
{
    return templates;
}

link_template const* find_template(std::string_view name)
{
    for (auto const* one : templates)
        if (one->name == name)
            return one;
    return nullptr;
}

}  // namespace linkspan
