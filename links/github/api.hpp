#pragma once
#include "links/link.hpp"
#include "links/net/rest.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace linkspan::github
{

// What GitHub's templates share: where the REST API is, and how it is asked.

inline constexpr std::string_view default_base_url = "https://github.com";

inline constexpr link_field base_url_field = optional_setting(
    "base_url",
    "address of the GitHub: https://github.com, https://acme.ghe.com, or that of an Enterprise Server",
    default_base_url
);

inline constexpr link_field api_url_field =
    optional_setting("api_url", "another base URL of the REST API than that which belongs to base_url");

inline constexpr link_field webhook_secret_field = {
    .name = "webhook_secret",
    .help = "the secret of the webhook; GitHub signs each delivery with it",
    .is_required = false};

// What Linkspan does with GitHub: permissions of apps and fine-grained tokens, or scopes of classic tokens.
inline constexpr feature_scopes needs[] = {
    {"read pull requests and comments", "pull_requests:read|pull_requests:write|repo|public_repo"},
    {"answer from chat", "pull_requests:write|repo|public_repo"},
    {"read commits and changed paths", "contents:read|contents:write|repo|public_repo"},
    {"read the states of builds", "statuses:read|statuses:write|repo|repo:status"},
};

// The base URL of the REST API with one slash at its end: the field api_url, else https://api.github.com/,
// https://api.<name>.ghe.com/ or <base_url>/api/v3/. errc::invalid names the field that does not fit.
result<std::string> api_url_of(link_fields const& fields);

// Whether base_url is an Enterprise Server, which has some pages elsewhere than github.com and *.ghe.com.
bool is_enterprise_server(link_fields const& fields);

// api_url and base_url, as far as they are given; webhook_secret without white space at its ends.
result<> check_addresses(link_fields const& fields);

// Authorization: Bearer, with the media type and the version of the API.
std::vector<http_header> headers_with(std::string_view token);

// DELETE {api_url}applications/{client_id}/grant: ends what the person granted, with all of its tokens.
boost::asio::awaitable<result<>> delete_grant(link_services& services, link_fields fields);

// GET {api_url}user, which needs no scope.
boost::asio::awaitable<result<link_identity>> ask_user(
    link_services& services, link_fields fields, std::string_view token, std::string credential
);

}  // namespace linkspan::github
