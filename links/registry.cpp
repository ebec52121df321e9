#include "links/registry.hpp"

#include "links/bitbucket/webhook.hpp"
#include "links/console/console.hpp"
#include "links/slack/slack.hpp"

#include <array>

namespace linkspan
{
namespace
{

constexpr std::array<link_template const*, 4> templates = {
    &bitbucket::cloud_webhook,
    &bitbucket::data_center_webhook,
    &slack::bot_token,
    &console::console_template,
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
