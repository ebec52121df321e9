#pragma once
#include "core/oauth/token.hpp"
#include "links/net/client.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace linkspan::oauth
{

// How a client proves itself to the token endpoint (RFC 6749, 2.3.1).
enum class client_proof
{
    basic,  // Authorization: Basic, both parts form-encoded first
    body,   // client_id and client_secret in the form
};

// One client at one service: a link's fields on its template's profile.
struct client
{
    std::string authorize_url;
    std::string token_url;
    std::string revoke_url;  // RFC 7009; empty: there is none
    std::string client_id;
    secret client_secret;
    client_proof proof = client_proof::basic;
    token_dialect dialect = token_dialect::standard;
    std::string scopes;            // to ask for, as the service separates them; empty: none are named
    std::string authorize_params;  // more of them, as a query: "access_type=offline&prompt=consent"
    bool pkce = true;

    client() = default;
};

// The whole deadline of one call; a lease of the store outlasts it.
inline constexpr milliseconds token_call_timeout{20'000};

// Base64 for URLs, without padding (RFC 4648, 5).
std::string to_base64url(std::string_view bytes);

// SHA-256 as base64url: what the store keeps of states, tickets and cookies, and PKCE's S256 challenge
// (RFC 7636, 4.2).
std::string hash_of(secret const& text);

// A random text of 32 bytes as base64url: a state, a ticket, a cookie, a code verifier.
secret random_text(std::span<std::uint8_t const, 32> random);

// Where the browser goes (RFC 6749, 4.1.1), with code_challenge where the client has PKCE.
std::string authorization_url(
    client const& of, std::string_view redirect_url, secret const& state, secret const& verifier
);

// Each makes one call, never follows a redirect, and never throws. now: the moment before the call.
boost::asio::awaitable<token_answer> exchange_code(
    http_client& http, client of, secret code, std::string redirect_url, secret verifier, time_point now
);
boost::asio::awaitable<token_answer> refresh(
    http_client& http, client of, secret refresh_token, time_point now
);
boost::asio::awaitable<token_answer> grant_client_credentials(http_client& http, client of, time_point now);

// Ends a token at the service (RFC 7009). errc::unavailable, errc::unauthorized with the service's words.
boost::asio::awaitable<result<>> revoke(http_client& http, client of, secret token);

// What any token endpoint's exchange means: for grants that a template makes by itself.
token_answer read_exchange(exchange const& ended, token_dialect dialect, time_point asked_at);

}  // namespace linkspan::oauth
