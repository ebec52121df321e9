#include "core/bitbucket/misdelivery.hpp"

#include <algorithm>
#include <array>

namespace linkspan
{
namespace
{

bool starts_with_any(std::string_view key, auto const& starts)
{
    return std::ranges::any_of(starts, [key](std::string_view start) { return key.starts_with(start); });
}

// Keys that Cloud alone has. Those of repositories that are made or deleted may be of either edition.
constexpr std::array cloud_starts = {
    std::string_view("pullrequest:"),
    std::string_view("issue:"),
    std::string_view("pipeline:"),
    std::string_view("project:updated"),
    std::string_view("repo:push"),
    std::string_view("repo:fork"),
    std::string_view("repo:updated"),
    std::string_view("repo:transfer"),
    std::string_view("repo:imported"),
    std::string_view("repo:commit_"),
};

constexpr std::array data_center_starts = {
    std::string_view("pr:"),
    std::string_view("mirror:"),
    std::string_view("diagnostics:"),
    std::string_view("proj:"),
    std::string_view("project:modified"),
    std::string_view("repo:refs_changed"),
    std::string_view("repo:modified"),
    std::string_view("repo:forked"),
    std::string_view("repo:comment:"),
    std::string_view("repo:secret_detected"),
};

// Only Cloud's repositories and accounts have a uuid; the add-on copies the rest of Cloud's form.
bool has_cloud_identities(json_reader const& body)
{
    return body.has("repository/uuid") || body.has("actor/uuid") || body.has("actor/account_id");
}

// The add-on's own keys are Cloud's; an older form has no key at all.
bool is_of_post_webhooks(std::string_view key, json_reader const& body)
{
    bool const has_key_of_cloud = key == "repo:push" || key.starts_with("pullrequest:");
    return body.has("refChanges") || (has_key_of_cloud && !has_cloud_identities(body));
}

std::string name_of_key(std::string_view key)
{
    return key.empty() ? std::string("a delivery without event key") : "event key " + std::string(key);
}

}  // namespace

std::optional<edition> other_edition(edition receiving, std::string_view event_key, json_reader const& body)
{
    if (receiving == edition::cloud)
        return starts_with_any(event_key, data_center_starts) ? std::optional(edition::data_center)
                                                              : std::nullopt;
    bool const is_of_cloud =
        starts_with_any(event_key, cloud_starts) && !is_of_post_webhooks(event_key, body);
    return is_of_cloud ? std::optional(edition::cloud) : std::nullopt;
}

std::string why_unknown(edition receiving, std::string_view event_key, json_reader const& body)
{
    auto const named = name_of_key(event_key);
    if (receiving == edition::data_center && is_of_post_webhooks(event_key, body))
        return named +
               " is of the add-on Post Webhooks, which is not read; create a webhook of Bitbucket's own "
               "instead: Repository settings -> Webhooks";
    auto const other = other_edition(receiving, event_key, body);
    if (other == edition::cloud)
        return named +
               " is Bitbucket Cloud's, but it came to a link for Data Center; give the webhook the URL of a "
               "link of the template bitbucket-webhook, and that link a [[source]] with edition = \"cloud\"";
    if (other == edition::data_center)
        return named +
               " is Bitbucket Data Center's, but it came to a link for Cloud; give the webhook the URL of a "
               "link of the template bitbucket-dc-webhook, and that link a [[source]] with edition = "
               "\"data_center\"";
    if (event_key.empty())
        return "no event key: neither X-Event-Key nor eventKey in the body";
    return named + " is not known to this version";
}

}  // namespace linkspan
