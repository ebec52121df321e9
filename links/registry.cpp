#include "links/registry.hpp"

#include "links/ai/ai.hpp"
#include "links/atlassian/templates.hpp"
#include "links/bitbucket/templates.hpp"
#include "links/bitbucket/webhook.hpp"
#include "links/chat/chat.hpp"
#include "links/console/console.hpp"
#include "links/generic/oauth.hpp"
#include "links/generic_webhook/generic_webhook.hpp"
#include "links/github/templates.hpp"
#include "links/google/templates.hpp"
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
    &atlassian::confluence_app_oauth,
    &atlassian::confluence_user_token,
    &console::console_template,
    &chat::discord_webhook,
    &ai::gemini,
    &generic::oauth,
    &generic_webhook::webhook,
    &github::app_jwt,
    &github::app_user,
    &github::user_pat,
    &github::webhook,
    &chat::google_chat_webhook,
    &google::service_account,
    &google::user_oauth,
    &atlassian::jira_app_oauth,
    &atlassian::jira_user_token,
    &matrix::account,
    &mattermost::bot,
    &chat::mattermost_webhook,
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
