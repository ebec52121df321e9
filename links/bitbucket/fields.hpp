#pragma once
#include "links/link.hpp"

namespace linkspan::bitbucket
{

// Fields, needs and judgements that several of Bitbucket's templates share.

inline constexpr std::string_view cloud_api_url = "https://api.bitbucket.org/2.0/";
inline constexpr std::string_view cloud_authorize_url = "https://bitbucket.org/site/oauth2/authorize";
inline constexpr std::string_view cloud_token_url = "https://bitbucket.org/site/oauth2/access_token";

inline constexpr link_field webhook_secret_field = {
    .name = "webhook_secret",
    .help = "the secret of the webhook; Bitbucket signs each delivery with it",
    .is_secret = true,
    .is_required = false};  // a link without webhooks, or with allow_unsigned, has none

inline constexpr link_field cloud_api_url_field =
    optional_setting("api_url", "base URL of the REST API", cloud_api_url);

inline constexpr link_field base_url_field =
    required_setting("base_url", "base URL of the Bitbucket, for example https://bitbucket.example.com");

// What Linkspan does with Bitbucket Cloud, in the scopes of OAuth consumers and access tokens. A scope to
// write holds the one to read; repository:admin holds neither.
inline constexpr feature_scopes cloud_needs[] = {
    {"tell who the link is, and who is who", "account|account:write"},
    {"read pull requests, comments, changed paths and the states of builds", "pullrequest|pullrequest:write"},
    {"read commits", "repository|repository:write|pullrequest|pullrequest:write"},
    {"answer, approve and resolve from chat", "pullrequest:write"},
    {"look after webhooks", "webhook"},
    {"read the steps of pipelines", "pipeline|pipeline:write"},
};

// An access token is no account: it cannot ask who is who.
inline constexpr std::span<feature_scopes const> access_needs = std::span(cloud_needs).subspan(1);

// The same in the scopes of API tokens, of which none holds another.
inline constexpr feature_scopes api_token_needs[] = {
    {"tell who the link is, and who is who", "read:user:bitbucket|account"},
    {"list the members of a workspace", "read:workspace:bitbucket|account"},
    {"read pull requests, comments, changed paths and the states of builds",
     "read:pullrequest:bitbucket|pullrequest"},
    {"read commits", "read:repository:bitbucket|repository"},
    {"answer, approve and resolve from chat",
     "read:pullrequest:bitbucket|pullrequest:write write:pullrequest:bitbucket|pullrequest:write"},
    {"look after webhooks", "read:webhook:bitbucket|webhook write:webhook:bitbucket|webhook"},
    {"read the steps of pipelines", "read:pipeline:bitbucket|pipeline"},
};

// The same for Data Center, whose tokens have permissions and whose OAuth has these scopes. Each holds those
// below it.
inline constexpr feature_scopes data_center_needs[] = {
    {"read pull requests, comments and commits",
     "REPO_READ|REPO_WRITE|REPO_ADMIN|PROJECT_ADMIN|ADMIN_WRITE|SYSTEM_ADMIN"},
    {"answer, approve and resolve from chat",
     "REPO_READ|REPO_WRITE|REPO_ADMIN|PROJECT_ADMIN|ADMIN_WRITE|SYSTEM_ADMIN"},
    {"look after webhooks", "REPO_ADMIN|PROJECT_ADMIN|ADMIN_WRITE|SYSTEM_ADMIN"},
};

// errc::invalid with the day they ended and what to use, where the value looks like an app password.
result<> refuse_app_password(std::string_view field, std::string_view value);

}  // namespace linkspan::bitbucket
