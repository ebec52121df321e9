#include "links/registry.hpp"

#include "links/bitbucket/templates.hpp"
#include "links/bitbucket/webhook.hpp"
#include "links/console/console.hpp"
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
    &console::console_template,
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
