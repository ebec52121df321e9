#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"
#include "core/oauth/token.hpp"
#include "links/link.hpp"

#include <string>
#include <string_view>

namespace linkspan::google
{

// Keys have 2.5 kB.
inline constexpr std::size_t service_key_bytes_max = 64 * 1024;

// Google grants an hour, whatever is asked for.
inline constexpr seconds assertion_life{3600};

// The JSON key file of a service account.
struct service_key
{
    std::string client_email;
    std::string project_id;
    std::string key_id;
    std::string token_uri;
    secret private_key;

    service_key() = default;
};

// Reads a key file. errc::invalid says what is wrong, without repeating any of it: no JSON, another type of
// key, a member that is missing, a private key that cannot sign, a token_uri that is not https (or http to
// loopback).
result<service_key> read_service_key(std::string_view text);

// The grant of RFC 7523 at the key's token_uri, for the scopes of the link and, with domain-wide delegation,
// for the person in its field subject. Nothing rotates: what was not heard is `unavailable`; `misused` where
// Google refuses the key, the scopes or the person.
boost::asio::awaitable<token_answer> obtain_service_token(link_services& services, link_fields fields);

// The scopes that a link asks for, separated by blanks; the one that userinfo needs is always there.
std::string scopes_asked(link_fields const& fields);

}  // namespace linkspan::google
