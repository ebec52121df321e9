#include "core/oauth/token_errors.hpp"

#include <algorithm>
#include <array>

namespace linkspan
{
namespace
{

struct known_code
{
    std::string_view code;
    token_fate fate;
};

// RFC 6749, 5.2 and 4.1.2.1; RFC 8628, 3.5; then the services' own. In order of the alphabet.
constexpr std::array known_codes = {
    known_code{"account_inactive", token_fate::refused},              // Slack: a deleted user or workspace
    known_code{"application_suspended", token_fate::misused},         // GitHub
    known_code{"bad_client_secret", token_fate::misused},             // Slack
    known_code{"bad_redirect_uri", token_fate::misused},              // Slack
    known_code{"bad_refresh_token", token_fate::refused},             // GitHub
    known_code{"bad_verification_code", token_fate::refused},         // GitHub
    known_code{"code_already_used", token_fate::refused},             // Slack
    known_code{"code_expired", token_fate::refused},                  // Slack
    known_code{"fatal_error", token_fate::unavailable},               // Slack
    known_code{"incorrect_client_credentials", token_fate::misused},  // GitHub
    known_code{"internal_error", token_fate::unavailable},            // Slack
    known_code{"internal_failure", token_fate::unavailable},          // Google
    known_code{"invalid_client", token_fate::misused},
    known_code{"invalid_client_id", token_fate::misused},  // Slack
    known_code{"invalid_code", token_fate::refused},       // Slack
    known_code{"invalid_grant", token_fate::refused},
    known_code{"invalid_grant_type", token_fate::misused},     // Slack
    known_code{"invalid_refresh_token", token_fate::refused},  // Slack
    known_code{"invalid_request", token_fate::misused},
    known_code{"invalid_scope", token_fate::misused},
    known_code{"rate_limited", token_fate::unavailable},
    known_code{"ratelimited", token_fate::unavailable},        // Slack
    known_code{"redirect_uri_mismatch", token_fate::misused},  // GitHub, Google
    known_code{"request_timeout", token_fate::unavailable},    // Slack
    known_code{"server_error", token_fate::unavailable},
    known_code{"service_unavailable", token_fate::unavailable},  // Slack
    known_code{"slow_down", token_fate::unavailable},
    known_code{"team_added_to_org", token_fate::unavailable},  // Slack: for some minutes
    known_code{"temporarily_unavailable", token_fate::unavailable},
    known_code{"token_expired", token_fate::refused},  // Slack
    known_code{"token_revoked", token_fate::refused},  // Slack
    known_code{"unauthorized_client", token_fate::misused},
    known_code{"unsupported_grant_type", token_fate::misused},
};
static_assert(std::ranges::is_sorted(known_codes, {}, &known_code::code));

constexpr int status_request_timeout = 408;
constexpr int status_too_early = 425;
constexpr int status_too_many = 429;

}  // namespace

token_fate fate_of(int status, std::string_view error_code, std::string_view description)
{
    if (status >= 500 || status == status_request_timeout || status == status_too_early ||
        status == status_too_many)
        return token_fate::unavailable;
    // Atlassian says so of a refresh token that it has forgotten.
    if (error_code == "unauthorized_client" &&
        description.find("refresh_token is invalid") != description.npos)
        return token_fate::refused;
    auto const found = std::ranges::lower_bound(known_codes, error_code, {}, &known_code::code);
    return found != known_codes.end() && found->code == error_code ? found->fate : token_fate::misused;
}

std::string words_of_status(int status)
{
    std::string const number = std::to_string(status);
    if (status >= 300 && status < 400)
        return "the token endpoint answers with a redirect, status " + number +
               "; it is not followed: correct the URL of the token endpoint";
    if (status == 404 || status == 405 || status == 410)
        return "there is no token endpoint at this URL: status " + number;
    if (status == 407)
        return "a proxy wants a password: status 407";
    return "the token endpoint answers with status " + number;
}

}  // namespace linkspan
