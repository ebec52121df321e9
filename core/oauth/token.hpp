#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"
#include "core/base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// What a token endpoint grants (RFC 6749, 5.1).
struct token_set
{
    secret access_token;
    secret refresh_token;    // empty: none was given
    std::string token_type;  // as said; "Bearer" where nothing was
    std::string scopes;      // granted, separated by blanks; empty: the service does not say
    time_point obtained_at;  // when it was asked for: a life is counted from then, never too long
    std::optional<time_point> expires_at;      // nothing: it has no end, or none was said
    std::map<std::string, std::string> facts;  // what else was said and is no secret: "team.name"

    token_set() = default;
};

// How a call of a token endpoint ended, as far as a caller can act on it.
enum class token_fate
{
    granted,
    refused,  // this code or refresh token is worth nothing any more (invalid_grant and its like)
    misused,  // the link is at fault (invalid_client, invalid_scope, redirect_uri_mismatch): a person mends
              // it
    unavailable,  // it gave none, or said "later": try again with the same token
    unknown,      // it may have rotated the token, and nobody heard the answer
};
std::string_view name_of(token_fate fate) noexcept;

struct token_answer
{
    token_fate fate = token_fate::unknown;
    token_set tokens;        // when granted
    std::string error_code;  // the service's own: "invalid_grant"
    std::string words;       // what to tell: the service's own words as one safe line, or what went wrong
    std::optional<milliseconds> wait;  // unavailable: as long as the service asked for

    token_answer() = default;
    token_answer(token_fate fate, std::string words) : fate(fate), words(std::move(words)) {}
};

// Whose manners the answer has.
enum class token_dialect
{
    standard,  // RFC 6749; errors also with status 200, as GitHub gives them
    slack,     // {"ok": true, ...}; the user's token in "authed_user"
};

// Tokens of 10 kB and what stands beside them; a longer body is none of a token endpoint.
inline constexpr std::size_t token_answer_bytes_max = 256 * 1024;

// A life is not believed beyond this: a number with three zeros too many would never refresh.
inline constexpr seconds token_life_max{366 * 24 * 3600};

// Reads an answer: JSON, or a form as GitHub's without Accept. Takes `scope` and `scopes`, text or list;
// numbers also as text; of members that are there twice the last. A 2xx without access_token is
// `unavailable`: it must not replace a token that works. Neither words nor error_code repeat a token.
token_answer read_token_answer(int status, std::string_view body, token_dialect dialect, time_point asked_at);

// What comes back from an authorization endpoint (RFC 6749, 4.1.2), or from the installation of a GitHub app.
struct callback
{
    secret state;
    secret code;                  // empty where refused
    std::string error_code;       // "access_denied"
    std::string words;            // error_description, as one safe line; not escaped for HTML
    std::string installation_id;  // GitHub
    std::string setup_action;     // GitHub: install, update, request
};

// The longest callback that is taken: codes and states are far shorter.
inline constexpr std::size_t callback_bytes_max = 8 * 1024;

// Reads "/callback?code=...&state=..." or the whole URL as it is pasted from a browser's address line. For a
// pasted one: errc::invalid unless it begins with redirect_url. errc::invalid where state is missing, given
// twice, or neither code, error, installation_id nor setup_action=request is there.
result<callback> read_callback(std::string_view target);
result<callback> read_pasted_callback(std::string_view text, std::string_view redirect_url);

}  // namespace linkspan
