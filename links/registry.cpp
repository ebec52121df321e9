#include "links/registry.hpp"

#include "links/atlassian/templates.hpp"
#include "links/bitbucket/templates.hpp"
#include "links/bitbucket/webhook.hpp"
#include "links/console/console.hpp"
#include "links/generic/oauth.hpp"
#include "links/github/templates.hpp"
#include "links/google/templates.hpp"
#include "links/slack/slack.hpp"

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
    &atlassian::confluence_app_oauth,
    &atlassian::confluence_user_token,
    &console::console_template,
    &generic::oauth,
    &github::app_jwt,
    &github::app_user,
    &github::user_pat,
    &github::webhook,
    &google::service_account,
    &google::user_oauth,
    &atlassian::jira_app_oauth,
    &atlassian::jira_user_token,
    &slack::bot_token,
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
