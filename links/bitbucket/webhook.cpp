#include "links/bitbucket/webhook.hpp"

#include "links/bitbucket/fields.hpp"

#include <boost/url/parse.hpp>

#include <array>

namespace linkspan::bitbucket
{
namespace
{

constexpr std::array cloud_fields = {webhook_secret_field};

constexpr std::array data_center_fields = {
    webhook_secret_field,
    optional_setting("basic_user", "user name that Bitbucket sends, if the webhook uses authentication"),
    link_field{
        .name = "basic_password",
        .help = "password that Bitbucket sends, if the webhook uses authentication",
        .is_secret = true,
        .is_required = false},
    optional_setting("instance", "base URL of the Bitbucket, for example https://bitbucket.example.com"),
};

result<> check_instance(std::string_view instance)
{
    if (instance.empty())
        return {};
    auto const url = boost::urls::parse_uri(instance);
    // Boost.URL 1.81 takes "10.0.0.1x" for an address and a path that begins with "x".
    bool const whole_host = url && (url->encoded_path().empty() || url->encoded_path().starts_with('/'));
    if (!url || !whole_host || (url->scheme() != "https" && url->scheme() != "http") || url->host().empty())
        return error(
            errc::invalid,
            "instance must be the base URL of the Bitbucket, as in https://bitbucket.example.com"
        );
    if (url->has_userinfo() || url->has_query() || url->has_fragment())
        return error(errc::invalid, "instance must be a plain base URL, without user, ? and #");
    return {};
}

result<> check_dc_webhook(link_fields const& fields)
{
    bool const user = !value_of(fields, data_center_fields, "basic_user").empty();
    bool const password = !value_of(fields, data_center_fields, "basic_password").empty();
    if (user != password)
        return error(
            errc::invalid,
            user ? "basic_user is set, but basic_password is missing: set both, or neither"
                 : "basic_password is set, but basic_user is missing: set both, or neither"
        );
    if (value_of(fields, data_center_fields, "basic_user").find(':') != std::string_view::npos)
        return error(errc::invalid, "basic_user must not contain a colon");
    if (auto const secret = check_webhook_secret(fields); !secret)
        return secret;
    return check_instance(value_of(fields, data_center_fields, "instance"));
}

}  // namespace

bool has_secret(link_fields const& fields)
{
    return !value_of(fields, data_center_fields, "webhook_secret").empty();
}

bool has_basic(link_fields const& fields)
{
    return !value_of(fields, data_center_fields, "basic_user").empty() &&
           !value_of(fields, data_center_fields, "basic_password").empty();
}

constinit link_template const cloud_webhook = {
    .name = "bitbucket-webhook",
    .title = "Bitbucket Cloud webhook",
    .purpose = "Receives the webhooks of a repository or a workspace of bitbucket.org.",
    .steps =
        "1. Open the repository at bitbucket.org, then Repository settings > Webhooks > Add webhook\n"
        "   (for every repository at once: Workspace settings > Webhooks).\n"
        "2. Title: Linkspan. URL: <public_url>/webhook/<link>, with the id or the name of this link.\n"
        "3. Secret: a long random text, the same as this link's webhook_secret\n"
        "   (Bitbucket can generate one: copy it before you save).\n"
        "4. Triggers > Choose from a full list of triggers: all of Pull request; under Repository: Push,\n"
        "   Build status created, Build status updated.\n"
        "5. Save. The link's deliveries appear in linkspan events; the Test button sends no signature.\n",
    .fields = cloud_fields,
    .receives = edition::cloud,
    .send = nullptr,
    .needs_channel = false,
    .check = check_webhook_secret,
};

constinit link_template const data_center_webhook = {
    .name = "bitbucket-dc-webhook",
    .title = "Bitbucket Data Center webhook",
    .purpose = "Receives the webhooks of a repository or a project of a Bitbucket Data Center.",
    .steps =
        "1. Open the repository, then Repository settings > Webhooks > Create webhook\n"
        "   (for every repository of a project: Project settings > Webhooks).\n"
        "2. Name: Linkspan. URL: <public_url>/webhook/<link>, with the id or the name of this link.\n"
        "3. Proof, one of these or both: Secret, the same as this link's webhook_secret; Authentication, "
        "the\n"
        "   user name and password of this link's basic_user and basic_password.\n"
        "4. Events: under Pull request all of them; under Repository: Push.\n"
        "5. Test connection must answer 200, then Create. Where Bitbucket cannot reach the URL, its\n"
        "   administrator may have to allow it (Administration > Webhooks, proxies, firewalls).\n",
    .fields = data_center_fields,
    .receives = edition::data_center,
    .send = nullptr,
    .needs_channel = false,
    .check = check_dc_webhook,
};

}  // namespace linkspan::bitbucket
