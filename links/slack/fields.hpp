#pragma once
#include "links/link.hpp"
#include "links/slack/api.hpp"

namespace linkspan::slack
{

// Fields that several of Slack's templates have.

inline constexpr link_field bot_token_field = {
    .name = "bot_token",
    .help = "the Bot User OAuth Token of the Slack app (xoxb-...)",
    .is_secret = true,
    .is_required = true};

inline constexpr link_field signing_secret_field = {
    .name = "signing_secret",
    .help =
        "the Signing Secret of the Slack app, to verify what Slack sends (Basic Information > App "
        "Credentials)",
    .is_secret = true,
    .is_required = false};

inline constexpr link_field api_url_field = optional_setting(
    "api_url",
    "base URL of the Web API; another one for GovSlack (https://slack-gov.com/api/)",
    default_api_url
);

// What Linkspan does with a bot's token.
inline constexpr feature_scopes bot_needs[] = {
    {"post messages", "chat:write"},
    {"post to public channels without an invitation", "chat:write.public"},
    {"tell the app's name in check-link", "users:read"},
};

// Judges one of Slack's tokens; `begin` is "xoxb-", "xapp-" or the like. Letters, digits, "-" and "." are
// what they are made of. errc::invalid says where in the app's settings the right one stands.
result<> check_slack_token(
    std::string_view field, std::string_view token, std::string_view begin, std::string_view place
);

// The same of a link's field in a check: what is not given is no fault.
result<> check_given_token(
    link_fields const& given, std::string_view field, std::string_view begin, std::string_view place
);

// signing_secret and api_url, as far as they are given.
result<> check_rest(link_fields const& given, std::string_view api_url);

}  // namespace linkspan::slack
